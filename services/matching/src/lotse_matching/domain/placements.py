"""Work begins: by whom, as what, and which position or funded place it takes in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from lotse_shared.calendar import add_months
from lotse_shared.contracts.codes import (
    Euro,
    Hours,
    Instrument,
    JobOrigin,
    LzaCase,
    OfferKind,
    PlacementKind,
    Term,
)
from lotse_shared.contracts.matching import (
    Count,
    Kldb,
    PlaceFilled,
    PlacementMade,
    VacancyFilled,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug

from lotse_matching.domain.case import CASE, Case, happens_in_participation
from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.funding import approved_for, hiring_incentive, job_of
from lotse_matching.domain.placement_kinds import WITHOUT_EMPLOYER, Treatment, offered_as, treatment
from lotse_matching.domain.places import PLACE, Place, must_be_free
from lotse_matching.domain.vacancies import VACANCY, Vacancy, free_position

_FOUR_YEARS: Final = 48
"""Months of benefits at entry by which Dortmund's target group is told."""


class MakePlacement(Command):
    """Somebody starts work, an apprenticeship, school or a business of their own."""

    kind: PlacementKind
    starts_on: date
    contract_on: date | None = None
    term: Term | None = None
    ends_on: date | None = None
    """Planned end, of a fixed term."""
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    tariff: bool | None = None
    monthly_wage: Euro | None = None
    employer: Id | None = None
    """Left out where the offer tells it."""
    vacancy: Id | None = None
    position: Count | None = None
    """Of the vacancy; left out for the lowest that is free."""
    place: Id | None = None
    origin: JobOrigin | None = None
    """Left out where the offer tells it."""
    occupation: Kldb | None = None
    lza_case: LzaCase | None = None
    """Only of the LZA programme; normal where it is left out."""
    instrument: Instrument | None = None
    """Left out where the kind or the place tells it."""
    higher_competence: bool | None = None
    site: Slug | None = None


def _who_offers(vacancy: Vacancy) -> Mapping[str, str | None]:
    """The employer of an offer."""
    return {"employer": vacancy.employer}


@commands.on(
    CASE,
    roles=STAFF,
    also={"employer": EMPLOYER, "vacancy": VACANCY, "place": PLACE},
    onward={"vacancy": _who_offers},
)
def make_placement(
    case: Case,
    command: MakePlacement,
    now: Now,
    *,
    employer: Employer | None,
    vacancy: Vacancy | None,
    place: Place | None,
) -> Sequence[Event]:
    """Place somebody who has entered, at the start of the work; fills the named position and the named funded place.

    An employer whom an approved subsidy pays for this work is told of as well.
    """
    happens_in_participation(case, command.starts_on, now, "starts_on")
    _days_in_order(command)
    read_as = treatment(command.kind, command.starts_on)
    employer_id = _employer(command, employer, vacancy)
    _not_twice(case, command, employer_id)
    instrument = _instrument(command, read_as, place)
    _approved_before_contract(case, command, instrument)
    if command.lza_case and instrument != Instrument.LZA:
        raise Refused("only the LZA programme has such cases", field="lza_case", way_out="Leave the field out.")
    placement = now.new_id()
    told: list[Event] = [
        PlacementMade(
            **command.model_dump(exclude={"partner", "position"}, exclude_none=True)
            | {
                "employer": employer_id,
                "instrument": instrument,
                "origin": command.origin or (vacancy.origin if vacancy else None),
                "lza_case": command.lza_case or (LzaCase.NORMAL if instrument == Instrument.LZA else None),
            },
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=placement,
            labour_market=read_as.labour_market,
            insured=read_as.insured,
        )
    ]
    if command.vacancy and vacancy:
        position = free_position(vacancy, command.starts_on, command.position)
        told.append(
            VacancyFilled(
                operation=now.operation,
                vacancy=command.vacancy,
                partner=now.partner,
                case=now.subject,
                placement=placement,
                position=position,
                filled_on=command.starts_on,
                first_fill=position not in vacancy.seats,
                eligible=long_on_benefits(case),
                kind=command.kind,
                origin=vacancy.origin,
            )
        )
    if command.place and place:
        must_be_free(place, command.starts_on)
        told.append(
            PlaceFilled(
                operation=now.operation,
                place=command.place,
                partner=now.partner,
                case=now.subject,
                placement=placement,
                filled_on=command.starts_on,
            )
        )
    approval = approved_for(case, instrument, command.starts_on)
    if approval and employer and employer_id and job_of(case, approval[1]) is None:
        told.append(hiring_incentive(*approval, employer_id, employer, command.starts_on, now))
    return told


def long_on_benefits(case: Case) -> bool:
    """Whether benefits had lasted four years at entry: the target group in Dortmund. Not known is not."""
    if case.benefits_since is None or case.enrolment is None:
        return False
    return add_months(case.benefits_since, _FOUR_YEARS)[0] <= case.enrolment


def _days_in_order(command: MakePlacement) -> None:
    if command.contract_on and command.contract_on > command.starts_on:
        raise Refused(
            "the contract would be signed after the start",
            field="contract_on",
            way_out="Check both days; leave the field out where there is no written contract.",
        )
    if command.ends_on:
        not_before(command.ends_on, command.starts_on, "the start", "ends_on")
        if command.term == Term.PERMANENT:
            raise Refused("a permanent job has no planned end", field="ends_on", way_out="Leave one of both out.")


def _employer(command: MakePlacement, employer: Employer | None, vacancy: Vacancy | None) -> str | None:
    if command.position and vacancy is None:
        raise Refused("a position belongs to an offer", field="position", way_out="Name the vacancy too.")
    if command.kind in WITHOUT_EMPLOYER and (command.employer or command.vacancy or command.place):
        raise Refused(
            f"in {command.kind} nobody is employed", field="kind", way_out="Leave employer, vacancy and place out."
        )
    if vacancy is None:
        return command.employer
    if vacancy.kind == OfferKind.INTERNSHIP:
        raise Refused("this offer is for work on trial", field="vacancy", way_out="Use start-internship.")
    if vacancy.kind != offered_as(command.kind):
        raise Refused(
            f"this offer is for {vacancy.kind}, not for {command.kind}",
            field="vacancy",
            way_out="Choose the kind of placement that was offered, or another offer.",
        )
    if employer and vacancy.employer and not employer.is_also(vacancy.employer):
        raise Refused(
            "the offer is of another employer", field="employer", way_out="Leave the field out: the offer tells it."
        )
    return command.employer or vacancy.employer


def _not_twice(case: Case, command: MakePlacement, employer: str | None) -> None:
    for key, job in case.jobs.items():
        if (job.kind, job.starts_on, job.employer) == (command.kind, command.starts_on, employer):
            raise Refused(
                "this placement is there already",
                field="starts_on",
                way_out=f"Nothing needs to be done: it is {key}. To mend it, take it back with retract-fact.",
            )


def _instrument(command: MakePlacement, read_as: Treatment, place: Place | None) -> Instrument | None:
    wanted = command.instrument or read_as.instrument or (place.instrument if place else None)
    if read_as.instrument and wanted != read_as.instrument:
        raise Refused(
            f"{command.kind} is paid by {read_as.instrument}", field="instrument", way_out="Leave the field out."
        )
    if place and wanted != place.instrument:
        raise Refused(
            f"this place is funded by {place.instrument}",
            field="place",
            way_out="Choose a place that the instrument of this placement funds.",
        )
    return wanted


def _approved_before_contract(case: Case, command: MakePlacement, instrument: Instrument | None) -> None:
    approval = approved_for(case, instrument, command.starts_on)
    approved_on = approval[1].approved_on if approval else None
    late = approved_on and command.contract_on and approved_on > command.contract_on
    if late and instrument == Instrument.LZA:
        raise Refused(
            f"the subsidy was approved on {approved_on}, after the contract was signed",
            field="contract_on",
            way_out="Check both days. LZA pays only where the approval came first: otherwise record kind insured.",
        )
