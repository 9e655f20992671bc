"""However the partitions are read, the ledger is the same, and no answer called final ever changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from histories import histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_reporting import building, rollups
from lotse_reporting.case import CASE_FUNCTION, Fact
from lotse_reporting.editions import name, rules_of
from lotse_reporting.ledger import fold
from lotse_reporting.report import NoReport, read_report, snapshot
from lotse_shared.database import transaction
from lotse_shared.envelope import Undecodable, from_headers
from people_world import definition_of_mehrlin
from reporting_world import BEGAN, NOW, Topic, enrolled, network, number, other_definition, receiver, rows
from sqlalchemy import text


def expected(topic: Topic) -> list[tuple[Any, ...]]:
    """What the ledger must say, by the pure fold alone: every edition over all facts, in the order of knowledge."""
    facts: dict[str, Fact] = {}
    known: dict[int, int] = {}
    for record in topic.records:
        known[record.partition] = max(known.get(record.partition, 0), record.appended)
        try:
            envelope = from_headers(record.headers, record.value)
            event = envelope.event()
        except Undecodable:
            continue
        position = (known[record.partition], record.partition, record.offset)
        facts.setdefault(envelope.id, Fact(envelope.id, envelope.type, envelope.subject, event, position))
    editions = [fact for fact in facts.values() if fact.type == "programme-applied.v1"]
    found = []
    for this, following in zip(editions, [*editions[1:], None], strict=True):
        until = following.position[0] if following else None
        rules = rules_of(this.body.definition)
        _, postings = fold(1, rules, facts.values(), until)
        for one in postings.opened.values():
            candidate = one.candidate
            found.append(
                (
                    name(this.body.digest, CASE_FUNCTION),
                    this.position[0], one.unit, one.indicator, one.key, candidate.partner,
                    candidate.site, candidate.gender, candidate.effective, candidate.quantity,
                    "{" + ",".join(candidate.events) + "}", one.known_from, one.known_until,
                )
            )  # fmt: skip
    return sorted(found, key=repr)


@dataclass
class Reader:
    """Reads a topic as a consumer group may: in any batches, again and again, with restarts."""

    engine: Any
    topic: Topic
    data: st.DataObject
    asked: dict[tuple[date, datetime], Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.receiver = self.fresh()
        self.next = [0] * len(self.topic.partitions)

    def fresh(self) -> Any:
        """A process that was just started."""
        return receiver(self.engine, facts_in_memory=self.data.draw(st.sampled_from([1, 10, 100_000])))

    async def read(self, first: list[int], most: int) -> None:
        """One batch: from some offset of each partition, no more than so many records of each."""
        batch = []
        for partition, records in enumerate(self.topic.partitions):
            batch += records[first[partition] : first[partition] + most]
        if batch:
            reached = await self.receiver.receive("topic", batch)
            for partition, offset in reached.items():
                self.next[partition] = offset

    async def step(self) -> None:
        """Whatever may happen next."""
        draw = self.data.draw
        match draw(st.sampled_from(["read", "read", "read", "again", "restart", "build", "roll", "ask"])):
            case "read":
                behind = [p for p, records in enumerate(self.topic.partitions) if self.next[p] < len(records)]
                if behind:
                    chosen = draw(st.sampled_from(behind))
                    first = [self.next[p] if p == chosen else 10**9 for p in range(len(self.next))]
                    await self.read(first, draw(st.integers(1, 9)))
            case "again":
                await self.read([max(0, one - draw(st.integers(0, 3))) for one in self.next], draw(st.integers(1, 5)))
            case "restart":
                self.receiver = self.fresh()
            case "build":
                for one in await building.unfinished(self.engine):
                    await building.advance(self.engine, one, chunk=draw(st.integers(1, 2)))
            case "roll":
                await rollups.roll_up(self.engine, draw(st.integers(1, 5)))
            case "ask":
                at = datetime.fromtimestamp(BEGAN / 1000, UTC)
                known = at + timedelta(milliseconds=draw(st.integers(0, self.topic.at - BEGAN + 2)))
                await self.ask((draw(st.sampled_from([date(2012, 5, 1), date(2014, 12, 31)])), known))

    async def ask(self, question: tuple[date, datetime]) -> None:
        """Ask for a report; an answer once called final must be given again."""
        async with snapshot(self.engine) as connection:
            try:
                answer = await read_report(connection, "mehrlin", as_of=question[0], known_at=question[1], now=NOW)
            except NoReport:
                return
        if question in self.asked:
            assert answer.content()["report"] == self.asked[question]
        elif answer.state["final"]:
            self.asked[question] = answer.report

    async def to_the_end(self) -> None:
        """Read what is left, and compute what is to be computed."""
        while any(self.next[p] < len(records) for p, records in enumerate(self.topic.partitions)):
            await self.read(list(self.next), 7)
        await self.receiver.receive("topic", self.topic.records[-1:])
        for one in await building.unfinished(self.engine):
            await building.finish(self.engine, one)

    async def discard_everything(self) -> int:
        """Decide about every dead letter."""
        decided = 0
        while numbers := await self.letters():
            await self.receiver.discard(numbers[0], "somebody", "test")
            decided += 1
        return decided

    async def letters(self) -> list[int]:
        """The open dead letters."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(
                text("select number from dead_letter where state = 'open' order by number")
            )
            return [row.number for row in found]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_any_reading_leads_to_the_same_ledger(engine, emptied, data):
    """Live, rebuilt and folded at once are the same rows, both clocks included, and final answers stay.

    In any order of reading the partitions, any batches, with duplicates, restarts, gaps, poison, a second edition.
    """
    await emptied()
    topic = network()
    common = data.draw(st.booleans())
    if data.draw(st.booleans()):
        topic.apply_programme(definition_of_mehrlin() if common else None)
        data.draw(histories(topic, 12, leaving=common))
    else:
        data.draw(histories(topic, 12, leaving=common))
        topic.apply_programme(definition_of_mehrlin() if common else None)
    twice = data.draw(st.sampled_from(["", "delivered twice", "gap", "undecodable", "conflict"]))
    if twice == "delivered twice":
        topic.put(data.draw(st.sampled_from(list(topic.envelopes.values()))))
    elif twice == "gap":
        topic.tell(enrolled(number(1)), skip=2)
    elif twice == "undecodable":
        good = topic.put(topic.envelopes[topic.tell(enrolled(number(2)))])
        headers = tuple((key, number(5).encode() if key == "ce_id" else raw) for key, raw in good.headers)
        topic.raw(headers, b"{}", good.key or b"")
    elif twice == "conflict":
        envelope = topic.envelopes[topic.tell(enrolled(number(3)))]
        topic.raw(topic.put(envelope).headers, b'{"other": 1}', envelope.subject.encode())
    if data.draw(st.booleans()):
        topic.tick()
        topic.apply_programme(other_definition())
    data.draw(histories(topic, 12))
    topic.tick()
    topic.tick()
    reader = Reader(engine, topic, data)
    for _ in range(data.draw(st.integers(0, 20))):
        await reader.step()
    await reader.to_the_end()
    await reader.discard_everything()

    assert await rows(engine) == expected(topic)
    for question in list(reader.asked):
        await reader.ask(question)
    assert await building.verify(engine) == []
    assert await building.rebuild(engine, lambda _: None) == []
    assert await rows(engine) == expected(topic)
