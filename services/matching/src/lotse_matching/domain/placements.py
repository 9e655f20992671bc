"""Work begins, changes and ends; with it a position or a funded place is taken and freed, in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from lotse_shared.calendar import add_months
from lotse_shared.contracts.codes import (
    EndedBy,
    EndReason,
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
    JobChanged,
    JobEnded,
    JobLost,
    Kldb,
    PlaceFilled,
    PlaceFreed,
    PlacementMade,
    VacancyFilled,
    VacancyFreed,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug

from lotse_matching.domain.case import CASE, Case, Job, happens_in_participation, running_job, the_job
from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.funding import approved_for
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


@commands.on(CASE, roles=STAFF, also={"employer": EMPLOYER, "vacancy": VACANCY, "place": PLACE})
def make_placement(
    case: Case,
    command: MakePlacement,
    now: Now,
    *,
    employer: Employer | None,
    vacancy: Vacancy | None,
    place: Place | None,
) -> Sequence[Event]:
    """Place somebody who has entered, at the start of the work; fills the named position and the named funded place."""
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
    late = approval and command.contract_on and approval.approved_on > command.contract_on
    if approval and late and instrument == Instrument.LZA:
        raise Refused(
            f"the subsidy was approved on {approval.approved_on}, after the contract was signed",
            field="contract_on",
            way_out="Check both days. LZA pays only where the approval came first: otherwise record kind insured.",
        )


class ChangeJob(Command):
    """New terms of a running job; what is left out stays."""

    placement: Id | None = None
    """Left out where one job is running."""
    changed_on: date
    term: Term | None = None
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    insured: bool | None = None
    kind: PlacementKind | None = None


@commands.on(CASE, roles=STAFF)
def change_job(case: Case, command: ChangeJob, now: Now) -> Sequence[Event]:
    """Record new terms of a running job, such as a permanent contract (EECR06); only what is really different."""
    placement, job = running_job(case, command.placement)
    not_in_future(command.changed_on, now, "changed_on")
    not_before(command.changed_on, job.changed_on or job.starts_on, "the start or last change", "changed_on")
    terms = command.model_dump(include={"term", "hours_per_week", "insured", "kind"}, exclude_none=True)
    if command.wants_more_hours is None and all(getattr(job, name) == value for name, value in terms.items()):
        raise Refused("nothing is different", way_out="Name the terms that changed.")
    if command.kind:
        kept = treatment(command.kind, command.changed_on)
        if command.insured not in (None, kept.insured):
            raise Refused(
                f"{command.kind} says by itself whether it is insured", field="insured", way_out="Leave the field out."
            )
        terms["insured"] = kept.insured
    return [
        JobChanged(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=placement,
            changed_on=command.changed_on,
            wants_more_hours=command.wants_more_hours,
            **terms,
        )
    ]


class EndJob(Command):
    """A job is over."""

    placement: Id | None = None
    """Left out where one job is running."""
    last_day: date
    ended_by: EndedBy
    reason: EndReason


_PLANNED: Final = frozenset({EndReason.TERM_OVER, EndReason.OTHER_JOB, EndReason.PENSION, EndReason.RECALLED})
"""Ends that are no loss."""
_LOSSES: Final = frozenset({EndReason.PERSON_OR_CONDUCT, EndReason.BUSINESS, EndReason.PROBATION})
"""Ends that are nothing else."""


def _held(case: Case, command: EndJob) -> Mapping[str, str | None]:
    """The position and the place that the job takes."""
    found = the_job(case, command.placement)
    return {"vacancy": found[1].vacancy, "place": found[1].place} if found else {}


@commands.on(CASE, roles=STAFF, also={"vacancy": VACANCY, "place": PLACE}, reaches=_held)
def lose_job(case: Case, command: EndJob, now: Now, *, vacancy: Vacancy | None, place: Place | None) -> Sequence[Event]:
    """Record that a job was lost; frees its position and place, and puts the person first again."""
    placement, job = _ends(case, command, now)
    if command.reason in _PLANNED or command.ended_by == EndedBy.END_OF_TERM:
        raise Refused("such an end is no loss", field="reason", way_out="Use end-job.")
    lost = JobLost(
        operation=now.operation,
        case=now.subject,
        partner=now.partner,
        placement=placement,
        last_day=command.last_day,
        ended_by=command.ended_by,
        reason=command.reason,
    )
    return [lost, *_freed(placement, job, command.last_day, now, vacancy, place)]


@commands.on(CASE, roles=STAFF, also={"vacancy": VACANCY, "place": PLACE}, reaches=_held)
def end_job(case: Case, command: EndJob, now: Now, *, vacancy: Vacancy | None, place: Place | None) -> Sequence[Event]:
    """Record that a job ended as planned or for a good reason; frees its position and place."""
    placement, job = _ends(case, command, now)
    if command.reason in _LOSSES:
        raise Refused("such an end is a loss", field="reason", way_out="Use lose-job.")
    ended = JobEnded(
        operation=now.operation,
        case=now.subject,
        partner=now.partner,
        placement=placement,
        last_day=command.last_day,
        ended_by=command.ended_by,
        reason=command.reason,
    )
    return [ended, *_freed(placement, job, command.last_day, now, vacancy, place)]


def _ends(case: Case, command: EndJob, now: Now) -> tuple[str, Job]:
    placement, job = running_job(case, command.placement)
    not_in_future(command.last_day, now, "last_day")
    not_before(command.last_day, job.changed_on or job.starts_on, "the start or last change", "last_day")
    if command.reason == EndReason.TERM_OVER and job.ends_on and command.last_day < job.ends_on:
        raise Refused(f"the term runs until {job.ends_on}", field="reason", way_out="Name what ended it early.")
    return placement, job


def _freed(
    placement: str, job: Job, last_day: date, now: Now, vacancy: Vacancy | None, place: Place | None
) -> list[Event]:
    """What the job took is free from the day after its last one."""
    free_from = last_day + timedelta(days=1)
    told: list[Event] = []
    if vacancy and job.vacancy and job.position:
        told.append(
            VacancyFreed(
                operation=now.operation,
                vacancy=job.vacancy,
                partner=now.partner,
                case=now.subject,
                placement=placement,
                position=job.position,
                freed_on=free_from,
            )
        )
    if place and job.place:
        told.append(
            PlaceFreed(
                operation=now.operation,
                place=job.place,
                partner=now.partner,
                case=now.subject,
                placement=placement,
                freed_on=free_from,
            )
        )
    return told
