"""The values of a fold, and which facts of a unit hold. Corrections, retractions and successors are settled here.

What there is one of for every fact is a struct that the collector of cycles never looks at: values that refer to no
other than older ones make none, and looking at all of them costs a sixth of the time.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from lotse_shared.contracts.about import FactRetracted
from msgspec import Struct

from lotse_reporting.words import TOLD

RETRACTED: Final = FactRetracted.type


class Fact(Struct, frozen=True, gc=False):
    """A fact heard. `body` has the fields of its contract; `position` orders all facts of a unit.

    The position is (knowledge time in milliseconds, partition, offset), so it also orders the facts of merged units,
    which come from several partitions.
    """

    id: str
    type: str
    subject: str
    body: Any
    position: tuple[int, int, int]


class Moment(Struct, frozen=True, gc=False):
    """Something that happened on a day and may count. `fact` is what the words of its kind are read from."""

    kind: str
    on: date
    place: tuple[int, int]
    """Order among moments of one unit that fall on one day: place of the fact, then of the moment within it."""
    fact: Any
    events: tuple[str, ...]
    partner: str | None
    site: str | None
    start: str


class Context(NamedTuple):
    """What somebody was on first entering (R-3, R-4), and which event says so."""

    enrolment: str
    entry_date: date
    values: Mapping[str, Any]
    corrected_by: Mapping[str, str]
    """The corrections by which some of it was said later; all else was said on enrolling."""
    gender: str | None
    unknown: frozenset[str]
    """The answers that are missing."""


class Told(Struct, frozen=True, gc=False):
    """A fact that holds, with its place among the unit's facts."""

    place: int
    id: str
    type: str
    body: Any


def holding(facts: Sequence[Fact], retracted: frozenset[str] | set[str]) -> list[Told]:
    """The facts that hold, in the order of what they stand for.

    The rule is that of `lotse_shared.deciding.standing`: a retracted fact is gone, wherever its retraction stands; a
    successor stands in the place of what it replaces, the later one of two, and retracting it revives the one before.
    """
    slots: dict[str, str] = {}
    found: dict[str, Told] = {}
    for place, fact in enumerate(facts):
        if fact.type == RETRACTED:
            continue
        replaces = fact.body.supersedes
        slot = slots.get(replaces, replaces) if replaces else fact.id
        slots[fact.id] = slot
        if fact.id not in retracted:
            found[slot] = Told(place, fact.id, fact.type, fact.body)
    return list(found.values())


def moment_of(told: Told) -> Moment:
    """The one moment of a fact that is one."""
    name = told.type.rpartition(".")[0]
    kind = TOLD[name]
    body = told.body
    start = str(getattr(body, kind.start)) if kind.start else told.id
    return Moment(
        name,
        getattr(body, kind.date),
        (told.place, 0),
        body,
        (told.id,),
        getattr(body, "partner", None),
        getattr(body, "site", None),
        start or told.id,
    )
