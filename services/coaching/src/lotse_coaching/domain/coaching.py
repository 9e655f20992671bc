"""A coach stands by a person: plan, visits, goals, crises, and contact after the start of work."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.calendar import months_after_event
from lotse_shared.contracts.coaching import (
    AftercareEnded,
    CoachAssigned,
    ContactOverdue,
    CrisisClosed,
    CrisisReported,
    GoalReached,
    PlanAgreed,
    VisitHeld,
)
from lotse_shared.contracts.codes import Channel, CrisisKind, GoalKind, Severity, Topic
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug
from pydantic import Field

from lotse_coaching.domain.case import CASE, Case, must_be_open, must_have_happened, not_before
from lotse_coaching.domain.commands import STAFF, commands

REVIEW_MONTHS = 6
"""A plan is looked at again after six months at the latest (SGB II paragraph 15(3))."""


class AssignCoach(Command):
    """Who stands by the person; a pseudonym of a member of staff."""

    coach: Id
    assigned_on: date


@commands.on(CASE, roles=STAFF)
def assign_coach(case: Case, command: AssignCoach, now: Now) -> Sequence[Event]:
    """Name the person's coach; a later one takes over from an earlier one."""
    must_be_open(case, now)
    must_have_happened(case, command.assigned_on, now, "assigned_on")
    if command.coach == case.coach:
        raise Refused("this coach stands by the person already", field="coach", way_out="Nothing needs to be done.")
    not_before(command.assigned_on, case.assigned_on, "the coach before was assigned", "assigned_on")
    return [
        CoachAssigned(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            coach=command.coach,
            assigned_on=command.assigned_on,
        )
    ]


class AgreePlan(Command):
    """What the person and the coach set out to reach."""

    agreed_on: date
    goals: Annotated[tuple[GoalKind, ...], Field(min_length=1, max_length=12)]
    review_on: date | None = None
    """Six months after the agreement where it is left out."""


@commands.on(CASE, roles=STAFF)
def agree_plan(case: Case, command: AgreePlan, now: Now) -> Sequence[Event]:
    """Agree on goals; a new plan takes the place of the one before. Reviewed within six months (SGB II 15(3))."""
    must_be_open(case, now)
    must_have_happened(case, command.agreed_on, now, "agreed_on")
    if case.plan:
        not_before(command.agreed_on, case.plan.agreed_on, "the plan before was agreed", "agreed_on")
    if len(set(command.goals)) < len(command.goals):
        raise Refused("a goal is named twice", field="goals", way_out="Name each goal once.")
    latest = months_after_event(command.agreed_on, REVIEW_MONTHS)
    review_on = command.review_on or latest
    if not command.agreed_on < review_on <= latest:
        raise Refused(
            f"the review has to be after the agreement and by {latest}",
            field="review_on",
            way_out="Name an earlier day, or leave the field out.",
        )
    return [
        PlanAgreed(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            plan=now.new_id(),
            agreed_on=command.agreed_on,
            goals=command.goals,
            review_on=review_on,
        )
    ]


class HoldVisit(Command):
    """A conversation of the coach with the person."""

    held_on: date
    minutes: Annotated[int, Field(ge=1, le=1440)]
    channel: Channel
    topics: tuple[Topic, ...] = ()
    family_present: bool = False
    site: Slug | None = None


@commands.on(CASE, roles=STAFF)
def hold_visit(case: Case, command: HoldVisit, now: Now) -> Sequence[Event]:
    """Record a conversation; after the exit only with the person's consent to further contact (SGB X 67b)."""
    must_be_open(case, now)
    must_have_happened(case, command.held_on, now, "held_on")
    if case.left_on and command.held_on > case.left_on and not case.contact_agreed:
        raise Refused(
            f"the person left on {case.left_on} and has not agreed to be contacted afterwards",
            field="held_on",
            way_out="Ask, and record the answer in intake with give-consent for the purpose contact-after-exit.",
        )
    if len(set(command.topics)) < len(command.topics):
        raise Refused("a topic is named twice", field="topics", way_out="Name each topic once.")
    return [
        VisitHeld(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=command.site,
            held_on=command.held_on,
            minutes=command.minutes,
            channel=command.channel,
            topics=command.topics,
            family_present=command.family_present,
        )
    ]


class ReachGoal(Command):
    """Which goal of the plan was reached."""

    goal: GoalKind
    reached_on: date


@commands.on(CASE, roles=STAFF)
def reach_goal(case: Case, command: ReachGoal, now: Now) -> Sequence[Event]:
    """Record that a goal of the standing plan was reached, once."""
    must_be_open(case, now)
    must_have_happened(case, command.reached_on, now, "reached_on")
    if case.plan is None:
        raise Refused("no plan was agreed", field="goal", way_out="Agree on one with agree-plan.")
    if command.goal not in case.plan.goals:
        raise Refused(
            f"the plan has other goals: {', '.join(case.plan.goals)}",
            field="goal",
            way_out="Name one of them, or agree on a new plan with agree-plan.",
        )
    if command.goal in case.reached:
        raise Refused("this goal was reached already", field="goal", way_out="Nothing needs to be done.")
    not_before(command.reached_on, case.plan.agreed_on, "the plan was agreed", "reached_on")
    return [
        GoalReached(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            goal=command.goal,
            reached_on=command.reached_on,
        )
    ]


class ReportCrisis(Command):
    """What threatens what was reached; a category, never a diagnosis."""

    reported_on: date
    category: CrisisKind
    severity: Severity


@commands.on(CASE, roles=STAFF)
def report_crisis(case: Case, command: ReportCrisis, now: Now) -> Sequence[Event]:
    """Open a crisis; the answer's fact names its id, which close-crisis needs."""
    must_be_open(case, now)
    must_have_happened(case, command.reported_on, now, "reported_on")
    return [
        CrisisReported(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            crisis=now.new_id(),
            reported_on=command.reported_on,
            category=command.category,
            severity=command.severity,
        )
    ]


class CloseCrisis(Command):
    """Which crisis is over."""

    crisis: Id
    closed_on: date


@commands.on(CASE, roles=STAFF)
def close_crisis(case: Case, command: CloseCrisis, now: Now) -> Sequence[Event]:
    """End a crisis that is open."""
    must_be_open(case, now)
    must_have_happened(case, command.closed_on, now, "closed_on")
    reported_on = case.crises.get(command.crisis)
    if reported_on is None:
        raise Refused(
            "no such crisis is open",
            field="crisis",
            way_out=f"Open are: {', '.join(sorted(case.crises)) or 'none'}.",
        )
    not_before(command.closed_on, reported_on, "it was reported", "closed_on")
    return [
        CrisisClosed(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            crisis=command.crisis,
            closed_on=command.closed_on,
        )
    ]


class EndAftercare(Command):
    """For which job the contact after the start of work ends."""

    placement: Id
    ended_on: date


@commands.on(CASE, roles=STAFF)
def end_aftercare(case: Case, command: EndAftercare, now: Now) -> Sequence[Event]:
    """End the contact after the start of one job."""
    must_be_open(case, now)
    must_have_happened(case, command.ended_on, now, "ended_on")
    running = case.aftercare.get(command.placement)
    if running is None:
        raise Refused(
            "no aftercare runs for this placement",
            field="placement",
            way_out=f"It runs for: {', '.join(sorted(case.aftercare)) or 'none'}.",
        )
    not_before(command.ended_on, running.started_on, "it started", "ended_on")
    return [
        AftercareEnded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            placement=command.placement,
            ended_on=command.ended_on,
        )
    ]


@commands.when_due(CASE, "contact-overdue")
def report_overdue_contact(case: Case, now: Now) -> Sequence[Event]:
    """Say once, until somebody speaks with the person again, that the planned contact did not take place."""
    if case.contact_due_on is None:
        return []
    return [
        ContactOverdue(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            last_contact_on=case.visited_on,
            due_on=case.contact_due_on,
            noticed_on=now.today,
        )
    ]
