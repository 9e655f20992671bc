"""Work changes and ends; what it took is free again in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from lotse_shared.contracts.codes import EndedBy, EndReason, Hours, PlacementKind, Term
from lotse_shared.contracts.matching import JobChanged, JobEnded, JobLost, PlaceFreed, VacancyFreed
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id

from lotse_matching.domain.case import CASE, Case, Job, running_job, the_job
from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.placement_kinds import treatment
from lotse_matching.domain.places import PLACE, Place
from lotse_matching.domain.vacancies import VACANCY, Vacancy


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
