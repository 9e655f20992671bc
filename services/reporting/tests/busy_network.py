"""A busy network: facts pour in while they are read, computed, rebuilt, sealed and asked about, all at once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import rfc8785
from lotse_reporting import building
from lotse_reporting.main import executor
from lotse_reporting.report import By, NoReport, read_trend, report_on, settle, stream_entries
from lotse_reporting.seals.requests import ask, look, read_requests
from lotse_reporting.store import snapshot
from lotse_shared.commands import Request
from lotse_shared.contracts.intake import CharacteristicsCorrected
from lotse_shared.database import to_be_repeated, transaction
from lotse_shared.envelope import Cause, Event
from lotse_shared.security import Caller
from reporting_world import (
    BEGAN,
    NOW,
    Topic,
    advised,
    attended,
    enrolled,
    gathered,
    joined,
    merged,
    network,
    number,
    placed,
    receiver,
    registered,
    relay,
    retracted,
    separated,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

PEOPLE = 12
BEHIND = 40
"""Facts that may be unread before more are told."""
DAYS = ("2012-02-29", "2012-06-15", "2012-12-31", "2014-09-30")
PARTS = tuple(map(str, By))
FIGURES = ("young-people-trained", "health-attendances", "placed-first-market", "small-businesses-advised")

TAKEN_BY_ERASURE: Mapping[str, Any] = {"events": [], "settled": None}
"""What an erasure takes away from an entry, and what says so."""

Question = tuple[str, date, int]
"""What is asked for, as of which day, known at which moment."""


def at(known: int) -> datetime:
    """A knowledge time as an instant."""
    return datetime.fromtimestamp(known / 1000, UTC)


@dataclass
class Load:
    """One network under load. `served`: every answer that was once called final, byte for byte."""

    engine: AsyncEngine
    random: Random
    topic: Topic = field(default_factory=network)
    name: str = "topic"
    next: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0, 2: 0})
    told: list[tuple[str, str]] = field(default_factory=list)
    """Ids of facts and whom they are about."""
    served: dict[Question, bytes] = field(default_factory=dict)
    pouring: bool = True

    async def apply(self, definition: dict[str, Any]) -> None:
        """Bring a definition into force as reporting does."""
        body = {"id": "mehrlin", "programme": definition["programme"], "definition": definition}
        caller = Caller("somebody", "coordinator", "*")
        [answer] = await executor(self.engine).run(
            caller, [Request("apply-programme", None, body)], Cause(correlation=number(1))
        )
        assert answer.status == 200, answer
        await relay(self.engine, self.topic)

    async def work(self, facts: int, *beside: Callable[["Load"], Awaitable[None]]) -> None:
        """Tell so many facts while two readers read, editions are computed, reports sealed and questions asked."""
        self.pouring = True
        beings = [self._read((0,)), self._read((1, 2)), self._build(), self._seal(), self._ask(), self._ask()]
        running = [asyncio.create_task(being) for being in beings]
        besides = [asyncio.create_task(act(self)) for act in beside]
        try:
            for count in range(facts):
                self._tell()
                if count % 10 == 9:
                    self.topic.tick()
                    self.topic.tick("intake")
                while sum(map(len, self.topic.partitions)) - sum(self.next.values()) > BEHIND:
                    _raise(running + besides)
                    await asyncio.sleep(0)
            await asyncio.gather(*besides)
            for _ in range(2):
                self.topic.tick()
        finally:
            self.pouring = False
            await asyncio.gather(*running)
        await self.everything()

    async def everything(self) -> None:
        """Everything is heard and computed, what is merged as well."""
        for _ in range(2):
            await relay(self.engine, self.topic)
            self.topic.tick()
            while await self._batch((0, 1, 2), 500):
                pass
            for one in await building.unfinished(self.engine):
                await building.finish(self.engine, one)
        await building.keep_what_ended(self.engine)

    async def again(self) -> None:
        """Whatever was once served as final is served again, byte for byte."""
        for question, answer in self.served.items():
            found, final = await self.answer(question)
            assert final, f"{question} is no longer final"
            assert found == answer, question

    async def answer(self, question: Question) -> tuple[bytes, bool]:
        """What is answered, and whether it is called final; b"" where there is no report.

        Of entries all but what an erasure takes away, and with it the order within a unit's day.
        """
        what, as_of, known = question
        async with snapshot(self.engine) as connection:
            try:
                asked = await settle(connection, "mehrlin", as_of=as_of, known_at=at(known), now=NOW)
                report = await report_on(connection, asked, By(what) if what in PARTS else None)
                if what in FIGURES:
                    entries = [one async for one in stream_entries(connection, asked, what)]
                    content: Any = sorted(({**one, **TAKEN_BY_ERASURE} for one in entries), key=repr)
                elif what == "trend":
                    content = await read_trend(connection, asked)
                else:
                    content = {name: part for name, part in report.content().items() if name != "state"}
            except NoReport:
                return b"", False
        return rfc8785.dumps(content), bool(report.state["final"])

    async def ask(self) -> None:
        """Ask for anything, as of any day, as known at any moment; what was once final must be the same."""
        what = self.random.choice(("report", "report", "trend", *PARTS, *FIGURES))
        known = self.random.randint(BEGAN, self.topic.at + 1)
        question = (what, date.fromisoformat(self.random.choice(DAYS)), known)
        if self.served and self.random.random() < 0.5:
            question = self.random.choice(list(self.served))
        answer, final = await self.answer(question)
        if question in self.served:
            assert (answer, final) == (self.served[question], True), question
        elif final:
            self.served[question] = answer

    async def _ask(self) -> None:
        while self.pouring:
            await self.ask()

    async def _read(self, partitions: tuple[int, ...]) -> None:
        one = receiver(self.engine, facts_in_memory=self.random.choice((1, 50, 100_000)))
        while self.pouring:
            await self._batch(partitions, self.random.randint(1, 25), one)
            await asyncio.sleep(0)

    async def _batch(self, partitions: tuple[int, ...], most: int, one: Any = None) -> bool:
        """Read what comes next, sometimes again what was read before."""
        back = self.random.choice((0, 0, 0, 3))
        batch = [
            record
            for partition in partitions
            for record in self.topic.partitions[partition][max(0, self.next[partition] - back) :][:most]
        ]
        fresh = [record for record in batch if record.offset >= self.next[record.partition]]
        if not batch:
            return False
        try:
            reached = await (one or receiver(self.engine)).receive(self.name, batch)
        except DBAPIError as error:
            if not to_be_repeated(error):
                raise
            return True
        self.next.update({partition: reached[partition] for partition in reached if partition in partitions})
        return bool(fresh)

    async def _build(self) -> None:
        while self.pouring:
            for one in await building.unfinished(self.engine):
                with contextlib.suppress(DBAPIError):
                    await building.finish(self.engine, one)
            await building.keep_what_ended(self.engine)
            await asyncio.sleep(0)

    async def _seal(self) -> None:
        """Ask for a seal now and then, and seal what is final."""
        run = executor(self.engine)
        while self.pouring:
            async with transaction(self.engine) as connection:
                waiting = [one.seal for one in await read_requests(connection) if not one.told]
                if not waiting:
                    with contextlib.suppress(NoReport):
                        await ask(
                            connection,
                            "mehrlin",
                            seal=run.new_id(),
                            as_of=date.fromisoformat(self.random.choice(DAYS)),
                            known_at=at(self.random.randint(BEGAN, self.topic.at)),
                            by="somebody",
                            key=None,
                            now=NOW,
                        )
            for seal in waiting:
                await look(self.engine, run, seal)
            await relay(self.engine, self.topic)
            await asyncio.sleep(0)

    def _tell(self) -> None:
        """One more fact of any kind about anybody; merges and separations are two each."""
        draw = self.random
        person = number(draw.randint(1, PEOPLE))
        mine = [identity for identity, about in self.told if about == person]
        later = draw.choice((0, 1, 7))
        if draw.random() < 0.05:
            halves = draw.choice((merged, separated))
            other = number(draw.randint(1, PEOPLE))
            if other != person:
                for half in halves(min(person, other), max(person, other)):
                    self.topic.tell(half, later=later)
        elif mine and draw.random() < 0.15:
            act = draw.choice((retracted, corrected))
            self.told.append((self.topic.tell(act(person, draw.choice(mine)), later=later), person))
        else:
            fact = draw.choice(FACTS)(draw, person, f"2012-{draw.randint(1, 9):02}-{draw.randint(1, 28):02}")
            identity = self.topic.tell(fact, later=later)
            if fact.about == "case":
                self.told.append((identity, person))


FACTS: tuple[Callable[[Random, str, str], Event], ...] = (
    lambda draw, person, day: enrolled(person, day, age_at_entry=draw.randint(14, 40), gender="female"),
    lambda _, person, day: enrolled(person, day, employment="unemployed", foreign_background="yes"),
    lambda draw, person, day: joined(person, draw.choice(("education", "start-up-advice")), day),
    lambda _, person, day: joined(person, "qualification", day, "bbi"),
    lambda _, person, day: attended(person, day),
    lambda draw, person, day: placed(person, draw.choice(("insured", "apprenticeship")), day, draw.randint(500, 520)),
    lambda *_: registered(number(90), 20),
    lambda _, __, day: advised(number(90), 20, day),
    lambda draw, _, day: gathered(number(draw.randint(80, 83)), draw.randint(0, 30), day=day),
)


def corrected(person: str, of: str) -> Event:
    """Somebody is found to have been 33 when entering."""
    return CharacteristicsCorrected(
        operation="mehrlin", case=person, partner="spi", corrects=of, corrected_on="2012-10-01", age_at_entry=33
    )


def _raise(tasks: list[asyncio.Task[None]]) -> None:
    """What went wrong in one of them goes wrong here."""
    for task in tasks:
        if task.done() and (error := task.exception()) is not None:
            raise error


async def rebuilt(load: Load) -> None:
    """The ledger is computed anew beside the live one, and takes over."""
    assert await building.rebuild(load.engine, lambda _: None) == []
