"""What coaching answers to facts of others: contact after the start of work, a crisis when the work is lost."""

from collections.abc import Mapping, Sequence
from typing import Final

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import AftercareEnded, AftercareStarted, CrisisReported
from lotse_shared.contracts.codes import CrisisKind, PlacementKind, Severity
from lotse_shared.contracts.intake import ConsentWithdrawn, ParticipantExited
from lotse_shared.contracts.matching import JobEnded, JobLost, PlacementMade
from lotse_shared.deciding import Handlers, Now
from lotse_shared.envelope import Event

from lotse_coaching.domain.case import CASE, Case

WEEKLY: Final = 7
EVERY_DAYS: Final[Mapping[PlacementKind, int]] = {
    PlacementKind.INSURED_LZA: WEEKLY,  # MILA: a coach comes weekly from the start of work
    PlacementKind.SUBSIDISED_16E: 14,  # SGB II 16e(4): coaching in the first six months
    PlacementKind.SUBSIDISED_16I: 14,  # SGB II 16i(4): coaching all the time
    PlacementKind.INSURED: 28,
    PlacementKind.INSURED_EGZ: 28,
    PlacementKind.APPRENTICESHIP: 28,
    PlacementKind.SCHOOL_TRAINING: 28,
    PlacementKind.INCLUSION_FIRM: 28,
}
"""Days between contacts after the start, by the kind of placement. Kinds that are not here have no aftercare."""

handlers = Handlers()


@handlers.on(PlacementMade, CASE)
def start_aftercare(case: Case, placed: PlacementMade, now: Now) -> Sequence[Event]:
    """Somebody starts work: contact is planned, once for each placement."""
    every_days = EVERY_DAYS.get(placed.kind)
    known = placed.placement in case.aftercare or placed.placement in case.cared_for
    if every_days is None or known or case.erased or not case.contact_agreed:
        return []
    return [
        AftercareStarted(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=placed.placement,
            started_on=placed.starts_on,
            every_days=every_days,
        )
    ]


@handlers.on(JobLost, CASE)
def open_crisis_plan(case: Case, lost: JobLost, now: Now) -> Sequence[Event]:
    """A job is lost: its aftercare ends, and a crisis is open from the last day on."""
    ended = _end(case, lost, now)
    if case.erased or not case.contact_agreed:
        return ended
    return [
        *ended,
        CrisisReported(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            crisis=now.new_id(),
            reported_on=lost.last_day,
            category=CrisisKind.JOB,
            severity=Severity.HIGH,
        ),
    ]


@handlers.on(JobEnded, CASE)
def end_aftercare(case: Case, ended: JobEnded, now: Now) -> Sequence[Event]:
    """A job ended as planned: so does its aftercare."""
    return _end(case, ended, now)


@handlers.on(ParticipantExited, CASE)
def stop_contact_at_exit(case: Case, _: ParticipantExited, now: Now) -> Sequence[Event]:
    """Whoever leaves is contacted further only if they agreed to that (SGB X 67b)."""
    return _end_all(case, now)


@handlers.on(ConsentWithdrawn, CASE)
def stop_contact_when_unwanted(case: Case, _: ConsentWithdrawn, now: Now) -> Sequence[Event]:
    """Whoever has left and no longer agrees to be contacted is not contacted."""
    return _end_all(case, now)


@handlers.on(FactRetracted, CASE)
def take_back_what_followed(case: Case, retracted: FactRetracted, now: Now) -> Sequence[Event]:
    """A fact never held: neither did the aftercare, its end, or the crisis that only it led to.

    The end of aftercare stays where the job is over by now for another reason.
    """
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=now.subject,
            partner=now.partner,
            retracts=identity,
            reason=retracted.reason,
        )
        for identity, fact in now.led_to.items()
        if not (isinstance(fact, AftercareEnded) and fact.placement not in case.jobs)
    ]


def _end(case: Case, job: JobLost | JobEnded, now: Now) -> list[Event]:
    running = case.aftercare.get(job.placement)
    if running is None:
        return []
    return [
        AftercareEnded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=job.placement,
            ended_on=max(job.last_day, running.started_on),
        )
    ]


def _end_all(case: Case, now: Now) -> Sequence[Event]:
    if case.contact_agreed or case.left_on is None:
        return []
    return [
        AftercareEnded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=placement,
            ended_on=max(case.left_on, running.started_on),
        )
        for placement, running in case.aftercare.items()
    ]
