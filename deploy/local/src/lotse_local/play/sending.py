"""Playing a plan: the clock moves, steps go out in waves, and quarters end quietly."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import httpx
from lotse_shared.calendar import end_of_day

from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.play.calls import Calls
from lotse_local.play.journal import Answered, Journal, marks_of
from lotse_local.play.steps import Fact, Plan, Service, Step, Subject, Tell, Who, quarter_ends, ticks, waves
from lotse_local.waiting import until_quiet

BULK: Final = 500
"""Commands in one request."""
QUIET_WITHIN: Final = 120.0
"""Seconds within which all is heard and answered, also when a process was killed and is started again."""
NEEDS: Final[Mapping[Service, frozenset[Service]]] = {
    "intake": frozenset(),
    "matching": frozenset({"intake"}),
    "coaching": frozenset({"intake", "matching"}),
}
"""Of whom a service must have heard before it decides about a case: entries before work, work before aftercare."""
_OK: Final = 200
_REFUSED: Final = 409


async def play(
    platform: Platform,
    plan: Plan,
    *,
    prepare: Callable[[], None] = lambda: None,
    until: date | None = None,
    tell: Tell = lambda _, __: None,
) -> int:
    """Play a plan against a running platform, or the rest of it; gives how many steps were new.

    `prepare` makes the operation, once its clock stands at the first day. With `until`, later days are left for
    another time.

    Raises:
        CannotRun: a service refuses a step, stays away, or does not hear the others.
    """
    async with httpx.AsyncClient(timeout=60.0, limits=httpx.Limits(max_connections=12)) as client:
        calls = Calls(platform, client)
        journal = Journal.read(platform.home / "play" / f"{plan.operation}-{plan.seed}.jsonl")
        quarters = marks_of(platform.home, plan.operation)
        if not await calls.knows(plan.operation):
            journal.forget()
            quarters.forget()
        player = Player(plan, calls, journal, tell)
        await calls.move_clocks(plan.operation, end_of_day(plan.first_day))
        await asyncio.to_thread(prepare)
        await until_quiet(platform, QUIET_WITHIN)
        done = len(journal.answers)
        tell(plan.first_day, done)
        ends = set(quarter_ends(plan))
        for day, steps in by_tick(plan, until):
            left = [step for step in steps if step.name not in journal.answers]
            if left or (day in ends and day.isoformat() not in quarters.read()):
                await calls.move_clocks(plan.operation, end_of_day(day))
            for wave in waves(left):
                await player.send(wave, day)
            if day in ends and day.isoformat() not in quarters.read():
                await until_quiet(platform, QUIET_WITHIN)
                quarters.set(day.isoformat(), datetime.now(UTC).isoformat(timespec="milliseconds"))
        await calls.move_clocks(plan.operation, end_of_day(min(until or plan.last_day, plan.last_day)))
        await until_quiet(platform, QUIET_WITHIN)
        return len(journal.answers) - done


def by_tick(plan: Plan, until: date | None = None) -> list[tuple[date, list[Step]]]:
    """The days the clock moves to, each with the steps that are entered up to it."""
    days, found = iter(ticks(plan)), []
    day, left = next(days), list(plan.steps)
    while left:
        count = next((number for number, step in enumerate(left) if step.day > day), len(left))
        found.append((day, left[:count]))
        left = left[count:]
        day = next(days, day)
    return [(day, steps) for day, steps in found if until is None or day <= until]


@dataclass(slots=True)
class Player:
    """Sends steps and knows what was answered, and who has heard of it."""

    plan: Plan
    calls: Calls
    journal: Journal
    tell: Tell
    told: dict[str, dict[Service, tuple[str, str]]] = field(default_factory=dict)
    """By case, the last fact of each service about it: id and type."""
    heard: set[tuple[str, str]] = field(default_factory=set)
    """Services with facts that they have taken in."""

    def __post_init__(self) -> None:
        """Go on with what an earlier run was told."""
        for step in self.plan.steps:
            if step.name in self.journal.answers:
                self._remember(step, self.journal.answers[step.name])

    async def send(self, wave: Sequence[Step], day: date) -> None:
        """Send one wave: every channel at once, each in its order."""
        channels: dict[tuple[Service, Who], list[Step]] = {}
        for step in wave:
            channels.setdefault((step.service, step.who), []).append(step)
        answered = await asyncio.gather(*(self._channel(*key, steps) for key, steps in channels.items()))
        self.journal.note(pair for pairs in answered for pair in pairs)
        for step in wave:
            self._remember(step, self.journal.answers[step.name])
        self.tell(day, len(self.journal.answers))

    async def _channel(self, service: Service, who: Who, steps: Sequence[Step]) -> list[tuple[str, Answered]]:
        await asyncio.gather(*(self._until_heard(service, who, case) for case in self._cases(steps)))
        answered = []
        for start in range(0, len(steps), BULK):
            chunk = steps[start : start + BULK]
            items = [self._item(step) for step in chunk]
            results = await self.calls.bulk(service, who, items)
            again = [item for item, step in zip(items, chunk, strict=True) if step.twice]
            if again:
                await self.calls.bulk(service, who, again)
            answered += [(step.name, _answer(step, one)) for step, one in zip(chunk, results, strict=True)]
        return answered

    def _cases(self, steps: Iterable[Step]) -> list[str]:
        named = {self.journal.answers[one].subject for step in steps for one in step.needs}
        return sorted(named & self.told.keys())

    async def _until_heard(self, service: Service, who: Who, case: str) -> None:
        for publisher, (fact, kind) in self.told[case].items():
            if publisher in NEEDS[service] and (service, fact) not in self.heard:
                await self.calls.until_heard(service, who, case, fact, kind)
                self.heard.add((service, fact))

    def _item(self, step: Step) -> dict[str, Any]:
        subject = self._resolved(step.subject)
        item = {"command": step.command, "key": self.plan.key(step), "body": self._resolved(step.body)}
        return {**item, "subject": subject} if subject else item

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        match value:
            case Subject():
                return self.journal.answers[value.step].subject
            case Fact():
                return self.journal.answers[value.step].facts[value.type]
            case Mapping():
                return {name: self._resolved(one) for name, one in value.items()}
            case list() | tuple():
                return [self._resolved(one) for one in value]
            case _:
                return value

    def _remember(self, step: Step, answer: Answered) -> None:
        about_case = step.command == "refer-participant" or (
            isinstance(step.subject, Subject) and answer.subject in self.told
        )
        if about_case and answer.facts:
            kind, fact = list(answer.facts.items())[-1]
            self.told.setdefault(answer.subject, {})[step.service] = (fact, kind)


def _answer(step: Step, result: Mapping[str, Any]) -> Answered:
    """What was answered; a step that has to be refused was, every other one was carried out.

    Raises:
        CannotRun: it is the other way round.
    """
    if step.refused and result["status"] == _REFUSED:
        return Answered("", {})
    if step.refused or result["status"] != _OK:
        said = result.get("problem", {})
        raise CannotRun(
            f"{step.service} answers {result['status']} to {step.command} ({step.name}, {step.day}): "
            f"{said.get('detail', 'carried out')} {said.get('way_out', 'It should have been refused.')}"
        )
    own = [fact for fact in result["facts"] if fact["subject"] == result["subject"]]
    return Answered(result["subject"], {fact["type"]: fact["id"] for fact in own})
