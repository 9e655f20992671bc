"""An offer of an employer: positions that are filled, freed and filled again, and never overfilled."""

from collections.abc import Mapping, Sequence
from datetime import date

from lotse_shared.contracts.codes import Hours, JobOrigin, OfferKind
from lotse_shared.contracts.matching import (
    Count,
    JobsOffered,
    Kldb,
    VacancyChanged,
    VacancyClosed,
    VacancyFilled,
    VacancyFreed,
    VacancyOpened,
)
from lotse_shared.deciding import EVERYBODY, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Id, Slug
from pydantic import BaseModel, Field

from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.tenders import TENDER, Tender


class Seat(BaseModel, frozen=True):
    """A position that was filled at least once."""

    holder: str | None
    """The placement that holds it now."""
    last: str
    """The placement that held it last."""
    free_from: date | None = None


class Vacancy(State):
    """An offer, seen by every partner of the operation; whoever holds a position is known by placement, not by case."""

    employer: str | None = None
    kind: OfferKind | None = None
    origin: JobOrigin = JobOrigin.OTHER
    positions: int = 0
    opened_on: date | None = None
    closed_on: date | None = None
    seats: Mapping[int, Seat] = Field(default_factory=dict)


def evolve(vacancy: Vacancy, fact: Event) -> Vacancy:
    """Take one fact into the state."""

    def to(**changes: object) -> Vacancy:
        return vacancy.model_copy(update=changes)

    match fact:
        case VacancyOpened():
            return to(
                employer=fact.employer,
                kind=fact.kind,
                origin=fact.origin,
                positions=fact.positions,
                opened_on=fact.opened_on,
            )
        case VacancyChanged():
            return to(positions=fact.positions or vacancy.positions)
        case VacancyClosed():
            return to(closed_on=fact.closed_on)
        case VacancyFilled():
            taken = Seat(holder=fact.placement, last=fact.placement)
            return to(seats={**vacancy.seats, fact.position: taken})
        case VacancyFreed() if (seat := vacancy.seats.get(fact.position)) and seat.holder == fact.placement:
            free = seat.model_copy(update={"holder": None, "free_from": fact.freed_on})
            return to(seats={**vacancy.seats, fact.position: free})
        case _:
            return vacancy


VACANCY = Kind(name="vacancy", state=Vacancy, evolve=evolve, partners=lambda _, owner: (owner, EVERYBODY))


def free_position(vacancy: Vacancy, day: date, wanted: int | None = None) -> int:
    """The position that somebody takes from a day on: the wanted one, else the lowest that is free by then.

    A freed position comes before one that nobody has held, so that a successor is not taken for a new job.

    Raises:
        Refused: the offer does not stand on that day, or no such position is free.
    """
    not_before(day, vacancy.opened_on, "the opening of the offer", "starts_on")
    if vacancy.closed_on and day > vacancy.closed_on:
        raise Refused(
            f"the offer was closed on {vacancy.closed_on}",
            field="vacancy",
            way_out="Open the offer anew, or choose another.",
        )
    if wanted is not None and wanted > vacancy.positions:
        raise Refused(
            f"the offer has {vacancy.positions} positions", field="position", way_out="Name one of them, or none."
        )
    candidates = range(1, vacancy.positions + 1) if wanted is None else (wanted,)
    for position in candidates:
        seat = vacancy.seats.get(position)
        if seat is None or (seat.holder is None and seat.free_from is not None and seat.free_from <= day):
            return position
    raise Refused(
        "no position of this offer is free on that day" if wanted is None else "this position is not free on that day",
        field="vacancy" if wanted is None else "position",
        way_out="Choose another offer, record the end of a job in it, or add positions with change-vacancy.",
    )


class OpenVacancy(Command):
    """An employer offers work."""

    operation: Slug
    employer: Id
    kind: OfferKind
    origin: JobOrigin = JobOrigin.OTHER
    positions: Count = 1
    opened_on: date
    hours_per_week: Hours | None = None
    occupation: Kldb | None = None
    tender: Id | None = None


@commands.on(VACANCY, roles=STAFF, creates=True, also={"employer": EMPLOYER, "tender": TENDER})
def open_vacancy(
    _: Vacancy, command: OpenVacancy, now: Now, *, employer: Employer, tender: Tender | None
) -> Sequence[Event]:
    """Open an offer of a known employer, which is told of both; one from a tender needs its award with the clause."""
    not_in_future(command.opened_on, now, "opened_on")
    not_before(command.opened_on, employer.registered_on, "the registration of the employer", "opened_on")
    if (command.origin == JobOrigin.PROCUREMENT) != (tender is not None):
        raise Refused(
            "an offer comes from procurement exactly when it names its tender",
            field="tender",
            way_out="Name the tender and the origin procurement, or neither.",
        )
    if tender and command.employer not in tender.obligations:
        raise Refused("this employer owes no jobs from that tender", field="tender", way_out="Use award-clause first.")
    return [
        VacancyOpened(
            operation=now.operation,
            vacancy=now.subject,
            partner=now.partner,
            employer=command.employer,
            kind=command.kind,
            origin=command.origin,
            positions=command.positions,
            opened_on=command.opened_on,
            hours_per_week=command.hours_per_week,
            occupation=command.occupation,
            tender=command.tender,
        ),
        JobsOffered(
            operation=now.operation,
            employer=command.employer,
            partner=now.partner,
            vacancy=now.subject,
            kind=command.kind,
            positions=command.positions,
            offered_on=command.opened_on,
        ),
    ]


class ChangeVacancy(Command):
    """What is different from now on; what is left out stays."""

    changed_on: date
    positions: Count | None = None
    hours_per_week: Hours | None = None
    occupation: Kldb | None = None


@commands.on(VACANCY, roles=STAFF)
def change_vacancy(vacancy: Vacancy, command: ChangeVacancy, now: Now) -> Sequence[Event]:
    """Change an open offer; a position that was ever filled is not taken away."""
    _must_be_ours_and_open(vacancy, now)
    not_in_future(command.changed_on, now, "changed_on")
    not_before(command.changed_on, vacancy.opened_on, "the opening of the offer", "changed_on")
    if command.positions is None and command.hours_per_week is None and command.occupation is None:
        raise Refused("nothing is changed", way_out="Name positions, hours_per_week or occupation.")
    if command.positions is not None and command.positions < max(vacancy.seats, default=0):
        raise Refused(
            f"position {max(vacancy.seats)} was filled already",
            field="positions",
            way_out=f"Keep at least {max(vacancy.seats)} positions, or close the offer.",
        )
    return [
        VacancyChanged(
            operation=now.operation,
            vacancy=now.subject,
            partner=now.partner,
            changed_on=command.changed_on,
            positions=command.positions,
            hours_per_week=command.hours_per_week,
            occupation=command.occupation,
        )
    ]


class CloseVacancy(Command):
    """The offer ends; those who work there go on."""

    closed_on: date


@commands.on(VACANCY, roles=STAFF)
def close_vacancy(vacancy: Vacancy, command: CloseVacancy, now: Now) -> Sequence[Event]:
    """Close an open offer: once, not before it was opened."""
    _must_be_ours_and_open(vacancy, now)
    not_in_future(command.closed_on, now, "closed_on")
    not_before(command.closed_on, vacancy.opened_on, "the opening of the offer", "closed_on")
    return [
        VacancyClosed(operation=now.operation, vacancy=now.subject, partner=now.partner, closed_on=command.closed_on)
    ]


def _must_be_ours_and_open(vacancy: Vacancy, now: Now) -> None:
    if now.role != "coordinator" and now.partner != now.owner:
        raise Refused("this offer is looked after by another partner", way_out=f"Ask {now.owner}, or a coordinator.")
    if vacancy.closed_on:
        raise Refused(
            f"the offer was closed already on {vacancy.closed_on}",
            way_out="To mend that, take it back with retract-vacancy-fact.",
        )
