"""Taking back what never held: always together with what was told in the same decision."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import RetractionReason
from lotse_shared.contracts.matching import (
    ClauseAwarded,
    EmployerAbsorbed,
    EmployerRegistered,
    EmployersMerged,
    HiringIncentiveGranted,
    InternshipStarted,
    JobEnded,
    JobLost,
    JobsOffered,
    PlaceFreed,
    PlacementMade,
    SubsidyApproved,
    SubsidyPaid,
    TenderPublished,
    VacancyChanged,
    VacancyFreed,
    VacancyOpened,
)
from lotse_shared.deciding import Command, Now, Refused, State
from lotse_shared.envelope import Event, Id

from lotse_matching.domain.case import CASE, Case, not_erased
from lotse_matching.domain.commands import STAFF, STEERING, commands
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.funding import job_of
from lotse_matching.domain.places import PLACE, Place
from lotse_matching.domain.tenders import TENDER, Tender
from lotse_matching.domain.vacancies import VACANCY, Vacancy


class RetractFact(Command):
    """Which fact does not hold."""

    names_fact: ClassVar[str | None] = "retracts"
    takes_along: ClassVar[bool] = True
    retracts: Id
    reason: RetractionReason


@commands.on(CASE, roles=STAFF)
def retract_fact(
    case: Case,
    command: RetractFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back a fact about a case, such as a placement nobody came to; position and place are free again."""
    not_erased(case)
    _about(original, now, "Take it back where it was told: on the offer or the place.")
    match original:
        case PlacementMade():
            _nothing_stands_on(case, original)
        case JobLost() | JobEnded():
            for fact in told_with.values():
                _still_free(fact, touched)
        case InternshipStarted() if case.internships[original.internship].ended_on:
            raise _first("this work on trial has ended", "its end")
        case SubsidyApproved() if case.subsidies[original.subsidy].paid:
            raise _first("months of this subsidy were paid", "the payments")
        case SubsidyApproved():
            _not_told_with_the_work(case, original)
        case SubsidyPaid() if case.subsidies[original.subsidy].reclaimed:
            raise _first("this subsidy was reclaimed", "that")
    return _retracted(command, now, original, told_with)


def _nothing_stands_on(case: Case, made: PlacementMade) -> None:
    job = case.jobs[made.placement]
    if job.last_day:
        raise _first("this job has ended", "its end")
    if any(subsidy.paid and job_of(case, subsidy) == job for subsidy in case.subsidies.values()):
        raise _first("a subsidy was paid for this job", "the payments")
    if job.employer and any(subsidy.placement == made.placement for subsidy in case.subsidies.values()):
        raise _first("a subsidy was approved for this job", "the approval")


def _not_told_with_the_work(case: Case, approved: SubsidyApproved) -> None:
    """The employer was told of with an approval that names the work, else with the work: then that goes first."""
    job = job_of(case, case.subsidies[approved.subsidy])
    if approved.placement is None and job and job.employer:
        raise _first("this subsidy pays for work that has begun", "the placement")


def _still_free(fact: Event, touched: Mapping[str, State]) -> None:
    """Refuse to give back to a job what somebody else has taken since."""
    subject = touched.get(fact.subject)
    match fact, subject:
        case PlaceFreed(), Place() if subject.last != fact.placement:
            raise Refused("somebody else has held the place since", field="retracts", way_out=_TAKEN)
        case VacancyFreed(), Vacancy() if subject.seats[fact.position].last != fact.placement:
            raise Refused("somebody else has held the position since", field="retracts", way_out=_TAKEN)


_TAKEN: Final = "Take back that placement first, or record the other's with another place."


@commands.on(EMPLOYER, roles=STAFF)
def retract_employer_fact(
    _: Employer,
    command: RetractFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back a contact, an advice or a membership; registration and merger stay."""
    del touched
    _about(original, now, "Take it back where it was told.")
    if isinstance(original, (EmployersMerged, EmployerAbsorbed)):
        raise Refused("a merger cannot be taken back", field="retracts", way_out="Register the other employer anew.")
    if isinstance(original, EmployerRegistered):
        raise Refused(
            "a registration cannot be taken back",
            field="retracts",
            way_out="Merge it into the right employer; one that nobody advises counts nowhere.",
        )
    if isinstance(original, HiringIncentiveGranted):
        raise Refused("this was told with a subsidy", field="retracts", way_out=_WITH_THE_SUBSIDY)
    if isinstance(original, JobsOffered):
        raise Refused("this was told with an offer", field="retracts", way_out=_WITH_THE_OFFER)
    return _retracted(command, now, original, told_with)


@commands.on(VACANCY, roles=STAFF)
def retract_vacancy_fact(
    vacancy: Vacancy,
    command: RetractFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back that an offer was opened (unless it was ever filled), changed or closed."""
    del touched
    _about(original, now, _WITH_THE_CASE)
    if told_with and not isinstance(original, VacancyOpened):
        raise Refused("this was told with a placement", field="retracts", way_out=_WITH_THE_CASE)
    if isinstance(original, VacancyOpened) and vacancy.seats:
        raise _first("this offer was filled", "the placements")
    if isinstance(original, VacancyChanged) and original.positions:
        raise Refused(
            "somebody may hold one of those positions", field="retracts", way_out="Change it again with change-vacancy."
        )
    return _retracted(command, now, original, told_with)


@commands.on(PLACE, roles=STEERING)
def retract_place_fact(
    place: Place,
    command: RetractFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back that a place was funded, unless it was ever filled."""
    del touched
    _about(original, now, _WITH_THE_CASE)
    if told_with:
        raise Refused("this was told with a placement", field="retracts", way_out=_WITH_THE_CASE)
    if place.last:
        raise _first("this place was filled", "the placements")
    return _retracted(command, now, original, told_with)


@commands.on(TENDER, roles=STAFF)
def retract_tender_fact(
    tender: Tender,
    command: RetractFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back what was told last about a tender: settlement before award, award before publication."""
    del touched
    _about(original, now, "Take it back where it was told.")
    if isinstance(original, TenderPublished) and tender.obligations:
        raise _first("this tender was awarded", "the awards")
    if isinstance(original, ClauseAwarded) and tender.obligations[original.employer].result:
        raise _first("this obligation was settled", "the settlement")
    return _retracted(command, now, original, told_with)


_WITH_THE_OFFER: Final = "Take back the offer with retract-vacancy-fact."
_WITH_THE_SUBSIDY: Final = "Take back the approval, or the placement it pays for, with retract-fact on the case."
_WITH_THE_CASE: Final = "Take back the placement or its end with retract-fact on the case."


def _about(original: Event, now: Now, way_out: str) -> None:
    """Refuse a fact that only changed this subject and is about another one."""
    if original.subject != now.subject:
        raise Refused("this fact is about something else", field="retracts", way_out=way_out)


def _first(reason: str, what: str) -> Refused:
    return Refused(reason, field="retracts", way_out=f"Take back {what} first.")


def _retracted(command: RetractFact, now: Now, original: Event, told_with: Mapping[str, Event]) -> list[Event]:
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=fact.subject,
            partner=now.partner,
            retracts=identity,
            reason=command.reason,
        )
        for identity, fact in {command.retracts: original, **told_with}.items()
    ]
