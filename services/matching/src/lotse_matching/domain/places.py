"""A funded place: one person at a time, paid by one instrument (MILA: 40 of them)."""

from collections.abc import Sequence
from datetime import date

from lotse_shared.contracts.codes import Instrument
from lotse_shared.contracts.matching import PlaceFilled, PlaceFreed, PlaceFunded
from lotse_shared.deciding import EVERYBODY, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Slug

from lotse_matching.domain.commands import STEERING, commands
from lotse_matching.domain.days import not_before, not_in_future


class Place(State):
    """Who holds the place, by placement and never by case: every partner of the operation sees it."""

    instrument: Instrument | None = None
    funded_on: date | None = None
    holder: str | None = None
    """The placement that holds it now."""
    last: str | None = None
    """The placement that held it last."""
    free_from: date | None = None


def evolve(place: Place, fact: Event) -> Place:
    """Take one fact into the state."""
    match fact:
        case PlaceFunded():
            return place.model_copy(update={"instrument": fact.instrument, "funded_on": fact.funded_on})
        case PlaceFilled():
            return place.model_copy(update={"holder": fact.placement, "last": fact.placement, "free_from": None})
        case PlaceFreed() if fact.placement == place.holder:
            return place.model_copy(update={"holder": None, "free_from": fact.freed_on})
        case _:
            return place


PLACE = Kind(name="place", state=Place, evolve=evolve, partners=lambda _, owner: (owner, EVERYBODY))


def must_be_free(place: Place, day: date) -> None:
    """Refuse a second person on the place, also in the past: the one before must have left it by that day."""
    if place.holder:
        raise Refused(
            "this place is taken", field="place", way_out="Choose another place, or record the end of the job on it."
        )
    not_before(day, place.funded_on, "the day from which the place is funded", "starts_on")
    not_before(day, place.free_from, "the day from which the place is free", "starts_on")


class FundPlace(Command):
    """A funder pays for one place."""

    operation: Slug
    instrument: Instrument
    funded_on: date


@commands.on(PLACE, roles=STEERING, creates=True)
def fund_place(_: Place, command: FundPlace, now: Now) -> Sequence[Event]:
    """Open a funded place; many come at once through bulk."""
    not_in_future(command.funded_on, now, "funded_on")
    return [
        PlaceFunded(
            operation=now.operation,
            place=now.subject,
            partner=now.partner,
            funded_on=command.funded_on,
            instrument=command.instrument,
        )
    ]
