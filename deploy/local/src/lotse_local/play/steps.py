"""A play as data: dated steps, each one command that somebody sends to a service, and the order they can go in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

Service = Literal["intake", "matching", "coaching"]
EVERYBODY = "*"

Tell = Callable[[date, int], None]
"""Told while a plan is played: the day of the virtual calendar, and how many steps are done."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose token a step is sent with."""

    role: str
    partner: str = EVERYBODY


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject that an earlier step was about; its id is known once that step was answered."""

    step: str


@dataclass(frozen=True, slots=True)
class Fact:
    """The id of the fact of one type that an earlier step led to."""

    step: str
    type: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command on one day of the virtual calendar. The name is unique in its plan and makes the idempotency key."""

    name: str
    day: date
    """When it is entered, which may be long after it happened."""
    who: Who
    service: Service
    command: str
    subject: Subject | str | None
    """None for a command that creates its subject."""
    body: Mapping[str, Any] = field(default_factory=dict)
    twice: bool = False
    """The same message is delivered again, with the same key."""
    refused: bool = False
    """The service has to refuse it, now and in every later run."""

    @property
    def needs(self) -> frozenset[str]:
        """Names of the steps whose answers it cannot do without."""
        named = {self.subject.step} if isinstance(self.subject, Subject) else set()
        return frozenset(named | {one.step for one in references(self.body)})


@dataclass(frozen=True, slots=True)
class Plan:
    """All that happens in one play, in order of the days. Made by a pure function of the seed."""

    operation: str
    seed: int
    first_day: date
    last_day: date
    steps: tuple[Step, ...]
    every: int
    """Days after which the clock moves on. Every service takes what was entered meanwhile after that move, so a
    deadline that an act has to meet must leave it that much time; with 1 the clock stops at each day of a step."""

    def key(self, step: Step) -> str:
        """The idempotency key: the same in every run, so that what was done already is only answered again."""
        return f"play-{self.operation}-{self.seed}-{step.name}"


def references(value: Any) -> Iterator[Subject | Fact]:  # noqa: ANN401 - any JSON value
    """Every reference to an earlier step inside a body."""
    if isinstance(value, (Subject, Fact)):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from references(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from references(one)


def ticks(plan: Plan) -> list[date]:
    """The days to which the clock moves: in the plan's rhythm, and at every quarter's end and the last day."""
    days = {plan.last_day, *quarter_ends(plan)}
    if plan.every == 1:
        return sorted(days | {step.day for step in plan.steps})
    length = (plan.last_day - plan.first_day).days
    return sorted(days | {plan.first_day + timedelta(days=after) for after in range(0, length, plan.every)})


def quarter_ends(plan: Plan) -> list[date]:
    """Last days of the calendar quarters that end within the plan."""
    ends = [
        date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        for year in range(plan.first_day.year, plan.last_day.year + 1)
        for month in (3, 6, 9, 12)
    ]
    return [day for day in ends if plan.first_day <= day <= plan.last_day]


def waves(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps of one tick in waves: within a wave nobody waits for anybody, and one channel keeps its order.

    A step comes a wave after the one that makes what it names, since only the answer tells the id, and after any
    other that touches the same subject through another channel (service and token), since those go at once.
    """
    place: dict[str, int] = {}
    last: dict[str, tuple[int, tuple[Service, Who]]] = {}
    sorted_in: list[list[Step]] = []
    for step in steps:
        channel = (step.service, step.who)
        touched = {step.name, *step.needs} if step.subject is None else step.needs
        wave = max((place[one] + 1 for one in step.needs if one in place), default=0)
        for one in touched & last.keys():
            number, other = last[one]
            wave = max(wave, number if other == channel else number + 1)
        place[step.name] = wave
        for one in touched:
            last[one] = (wave, channel)
        sorted_in += [[] for _ in range(wave + 1 - len(sorted_in))]
        sorted_in[wave].append(step)
    return sorted_in
