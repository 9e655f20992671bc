"""A measure as coaching keeps it: what it is, how many places it has, and who is in it from when until when."""

from collections.abc import Mapping
from datetime import date

from lotse_shared.contracts.coaching import MeasureJoined, MeasureLeft, MeasureOpened
from lotse_shared.contracts.codes import MeasureKind
from lotse_shared.deciding import Kind, State
from lotse_shared.envelope import Event
from pydantic import BaseModel, ConfigDict, Field


class Stay(BaseModel):
    """One person's time in one measure. The last day is a day in it: whoever comes next comes on the day after."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    joined_on: date
    left_on: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the person was in on a day."""
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


Stays = tuple[Stay, ...]


class Measure(State):
    """Something people join."""

    kind: MeasureKind | None = None
    opened_on: date | None = None
    closes_on: date | None = None
    places: int | None = None
    """How many people may be in at once; None where there is no limit."""
    subproject: str | None = None
    site: str | None = None
    members: Mapping[str, Stays] = Field(default_factory=dict)
    """By case, everybody who is or was in."""

    def full_on(self, first_day: date) -> date | None:
        """The first day from `first_day` on on which every place is taken, None where there always is one.

        People are counted on the days that a stay begins on: only then can there be more of them than before.
        """
        if self.places is None:
            return None
        stays = [
            one for stays in self.members.values() for one in stays if one.left_on is None or one.left_on >= first_day
        ]
        days = sorted({first_day, *(one.joined_on for one in stays if one.joined_on > first_day)})
        return next((day for day in days if sum(one.covers(day) for one in stays) >= self.places), None)


def joined(members: Mapping[str, Stays], who: str, day: date) -> Mapping[str, Stays]:
    """The same with one more stay."""
    return {**members, who: (*members.get(who, ()), Stay(joined_on=day))}


def left(members: Mapping[str, Stays], who: str, day: date) -> Mapping[str, Stays]:
    """The same with the open stay ended."""
    stays = members.get(who, ())
    return {**members, who: tuple(one if one.left_on else Stay(joined_on=one.joined_on, left_on=day) for one in stays)}


def evolve(measure: Measure, fact: Event) -> Measure:
    """Take one fact into the state."""
    match fact:
        case MeasureOpened():
            return measure.model_copy(
                update={
                    "kind": fact.kind,
                    "opened_on": fact.opened_on,
                    "closes_on": fact.closes_on,
                    "places": fact.places,
                    "subproject": fact.subproject,
                    "site": fact.site,
                }
            )
        case MeasureJoined():
            return measure.model_copy(update={"members": joined(measure.members, fact.case, fact.joined_on)})
        case MeasureLeft():
            return measure.model_copy(update={"members": left(measure.members, fact.case, fact.left_on)})
        case _:
            return measure


MEASURE = Kind(name="measure", state=Measure, evolve=evolve)
