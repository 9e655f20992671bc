"""A case as matching keeps it: may this person be placed, and what work, trials and subsidies are there."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lotse_shared.contracts.codes import ConsentPurpose, EndedBy, EndReason, Instrument, LzaCase, PlacementKind, Term
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    CharacteristicsCorrected,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantReferred,
    ReferredOn,
)
from lotse_shared.contracts.matching import (
    InternshipEnded,
    InternshipStarted,
    JobChanged,
    JobEnded,
    JobLost,
    PlacementMade,
    SubsidyApproved,
    SubsidyChanged,
    SubsidyPaid,
    SubsidyPhase,
    SubsidyReclaimed,
    VacancyFilled,
)
from lotse_shared.deciding import Kind, Now, Refused, State
from lotse_shared.envelope import Event
from pydantic import BaseModel, Field

from lotse_matching.domain.days import not_before, not_in_future


class Job(BaseModel, frozen=True):
    """One placement, running while it has no last day."""

    kind: PlacementKind
    starts_on: date
    contract_on: date | None = None
    term: Term | None = None
    ends_on: date | None = None
    hours_per_week: Decimal | None = None
    instrument: Instrument | None = None
    lza_case: LzaCase | None = None
    insured: bool = False
    employer: str | None = None
    vacancy: str | None = None
    position: int | None = None
    place: str | None = None
    changed_on: date | None = None
    last_day: date | None = None
    ended_by: EndedBy | None = None
    end_reason: EndReason | None = None


class Internship(BaseModel, frozen=True):
    """Work on trial, running while it has no end."""

    started_on: date
    planned_until: date
    ended_on: date | None = None


class Subsidy(BaseModel, frozen=True):
    """A wage subsidy: what was approved, and what was paid of it."""

    instrument: Instrument
    placement: str | None = None
    approved_on: date
    starts_on: date
    phases: tuple[SubsidyPhase, ...]
    bases: tuple[tuple[date, Decimal], ...]
    """From which day on the percentages apply to which monthly wage."""
    ends_on: date | None = None
    paid: Mapping[date, Decimal] = Field(default_factory=dict)
    """Euros by month, named by its first day."""
    reclaimed: bool = False


class Case(State):
    """One person's way to work in one operation."""

    enrolment: date | None = None
    """First entry; with it a profile is open for matching."""
    left: date | None = None
    """Last exit, unless the person is in again."""
    unemployed_since: date | None = None
    benefits_since: date | None = None
    no_suggestions: bool = False
    """The person refused or withdrew the consent to be suggested to employers."""
    first_since: date | None = None
    """Comes first since this day, having lost a job; until the next one."""
    jobs: Mapping[str, Job] = Field(default_factory=dict)
    internships: Mapping[str, Internship] = Field(default_factory=dict)
    subsidies: Mapping[str, Subsidy] = Field(default_factory=dict)
    guests: tuple[str, ...] = ()
    """Partners the person was referred on to."""
    absorbed_into: str | None = None
    absorbs: tuple[str, ...] = ()
    erased: bool = False


def evolve(case: Case, fact: Event) -> Case:
    """Take one fact into the state; what comes after an erasure leaves nothing behind."""
    if case.erased:
        return case
    return _with_intake(_with_work(_with_subsidies(case, fact), fact), fact)


def _with_intake(case: Case, fact: Event) -> Case:  # noqa: C901, PLR0911 - one arm an event
    def to(**changes: object) -> Case:
        return case.model_copy(update=changes)

    match fact:
        case ParticipantEnrolled():
            return to(
                enrolment=fact.entry_date,
                left=None,
                unemployed_since=fact.unemployed_since,
                benefits_since=fact.benefits_since,
            )
        case CharacteristicsCorrected():
            return _corrected(case, fact)
        case ParticipantExited():
            return to(left=fact.exit_date)
        case ParticipantReentered():
            return to(left=None)
        case ConsentGiven(purpose=ConsentPurpose.MATCHING):
            return to(no_suggestions=False)
        case ConsentWithdrawn(purpose=ConsentPurpose.MATCHING) | ConsentRefused(purpose=ConsentPurpose.MATCHING):
            return to(no_suggestions=True)
        case ReferredOn() if fact.accepted and fact.to_partner not in case.guests:
            return to(guests=(*case.guests, fact.to_partner))
        case CasesMerged():
            return to(absorbs=(*case.absorbs, fact.absorbed))
        case CaseAbsorbed():
            return to(absorbed_into=fact.into)
        case CasesSeparated():
            into = None if case.absorbed_into == fact.from_case else case.absorbed_into
            return to(absorbed_into=into, absorbs=tuple(one for one in case.absorbs if one != fact.from_case))
        case ParticipantErased():
            return Case(erased=True)
        case _:
            return case


def _corrected(case: Case, fact: CharacteristicsCorrected) -> Case:
    changes: dict[str, object] = {}
    if fact.entry_date:
        changes["enrolment"] = fact.entry_date
    for name in ("unemployed_since", "benefits_since"):
        if getattr(fact, name) or name.replace("_", "-") in fact.cleared:
            changes[name] = getattr(fact, name)
    return case.model_copy(update=changes)


def _with_work(case: Case, fact: Event) -> Case:  # noqa: PLR0911 - one arm an event
    match fact:
        case PlacementMade():
            job = Job.model_validate(fact.model_dump(include=set(Job.model_fields)))
            return case.model_copy(update={"jobs": {**case.jobs, fact.placement: job}, "first_since": None})
        case VacancyFilled():
            return _with_job(case, fact.placement, position=fact.position)
        case JobChanged():
            named = fact.model_dump(include={"term", "hours_per_week", "insured", "kind"}, exclude_none=True)
            changed = _with_job(case, fact.placement, changed_on=fact.changed_on, **named)
            # What becomes permanent has no planned end any more.
            return _with_job(changed, fact.placement, ends_on=None) if fact.term == Term.PERMANENT else changed
        case JobLost() | JobEnded():
            ended = _with_job(
                case, fact.placement, last_day=fact.last_day, ended_by=fact.ended_by, end_reason=fact.reason
            )
            return ended.model_copy(update={"first_since": fact.last_day}) if isinstance(fact, JobLost) else ended
        case InternshipStarted(planned_until=date() as until):
            trial = Internship(started_on=fact.started_on, planned_until=until)
            return case.model_copy(update={"internships": {**case.internships, fact.internship: trial}})
        case InternshipEnded() if fact.internship in case.internships:
            trial = case.internships[fact.internship].model_copy(update={"ended_on": fact.ended_on})
            return case.model_copy(update={"internships": {**case.internships, fact.internship: trial}})
        case _:
            return case


def _with_job(case: Case, placement: str, **changes: object) -> Case:
    """Change one job; a fact about a placement that was taken back changes nothing."""
    if placement not in case.jobs:
        return case
    return case.model_copy(update={"jobs": {**case.jobs, placement: case.jobs[placement].model_copy(update=changes)}})


def _with_subsidies(case: Case, fact: Event) -> Case:
    if isinstance(fact, SubsidyApproved):
        approved = Subsidy(
            instrument=fact.instrument,
            placement=fact.placement,
            approved_on=fact.approved_on,
            starts_on=fact.starts_on,
            phases=fact.phases,
            bases=((fact.starts_on, fact.base),),
        )
        return case.model_copy(update={"subsidies": {**case.subsidies, fact.subsidy: approved}})
    if not isinstance(fact, (SubsidyChanged, SubsidyPaid, SubsidyReclaimed)) or fact.subsidy not in case.subsidies:
        return case
    subsidy = case.subsidies[fact.subsidy]
    changes: dict[str, object] = {}
    match fact:
        case SubsidyChanged():
            changes["ends_on"] = fact.ends_on or subsidy.ends_on
            if fact.base is not None:
                changes["bases"] = (*subsidy.bases, (fact.changed_on, fact.base))
        case SubsidyPaid():
            paid = subsidy.paid.get(fact.month, Decimal(0)) + fact.amount
            changes["paid"] = {**subsidy.paid, fact.month: paid}
        case SubsidyReclaimed():
            changes["reclaimed"] = True
    return case.model_copy(update={"subsidies": {**case.subsidies, fact.subsidy: subsidy.model_copy(update=changes)}})


CASE = Kind(
    name="case",
    state=Case,
    evolve=evolve,
    hears=(
        ParticipantReferred,
        ParticipantEnrolled,
        ParticipantExited,
        ParticipantReentered,
        CharacteristicsCorrected,
        ConsentGiven,
        ConsentRefused,
        ConsentWithdrawn,
        ReferredOn,
        CasesMerged,
        CaseAbsorbed,
        CasesSeparated,
        ParticipantErased,
    ),
    partners=lambda case, owner: (owner, *case.guests),
)


def not_erased(case: Case) -> None:
    """Refuse whatever is asked of somebody who was erased."""
    if case.erased:
        raise Refused("this person was erased", way_out="Open a new case if the person comes again.")


def happens_in_participation(case: Case, day: date, now: Now, field: str) -> None:
    """Refuse what happened before the person entered, or has not happened yet. The day of entry itself counts.

    After the exit work may still begin and end: follow-up goes on (the state machine of a case).
    """
    not_erased(case)
    not_in_future(day, now, field)
    if case.enrolment is None:
        elsewhere = f" This case is read as {case.absorbed_into}: name that one." if case.absorbed_into else ""
        raise Refused(
            "nothing was heard of this person's entry into the operation",
            way_out=f"Enrol the person in intake first; it is heard of here within a second.{elsewhere}",
        )
    not_before(day, case.enrolment, "the entry", field)


def the_job(case: Case, placement: str | None) -> tuple[str, Job] | None:
    """The named job; where none is named, the only one that is running."""
    if placement is not None:
        return (placement, case.jobs[placement]) if placement in case.jobs else None
    running = [(key, job) for key, job in case.jobs.items() if job.last_day is None]
    return running[0] if len(running) == 1 else None


def running_job(case: Case, placement: str | None) -> tuple[str, Job]:
    """The job that something happens to.

    Raises:
        Refused: there is none, it is over already, or several run and none was named.
    """
    not_erased(case)
    found = the_job(case, placement)
    if found is None:
        running = sorted(key for key, job in case.jobs.items() if job.last_day is None)
        raise Refused(
            "there is no such job" if placement or not running else f"{len(running)} jobs are running",
            field="placement",
            way_out=f"Name one of {', '.join(running)}." if running else "Record it with make-placement first.",
        )
    if found[1].last_day:
        raise Refused(
            f"this job ended already on {found[1].last_day}",
            field="placement",
            way_out="To mend the date, take back that end with retract-fact first.",
        )
    return found
