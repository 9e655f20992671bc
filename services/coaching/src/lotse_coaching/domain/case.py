"""A case as coaching keeps it: who stands by the person, what was agreed and reached, what they take part in."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, TypeVar

from lotse_shared.contracts.coaching import (
    AftercareEnded,
    AftercareStarted,
    AttendanceRecorded,
    CoachAssigned,
    ContactOverdue,
    CrisisClosed,
    CrisisReported,
    GoalReached,
    MeasureJoined,
    MeasureLeft,
    PlanAgreed,
    QualificationGained,
    VisitHeld,
)
from lotse_shared.contracts.codes import ConsentPurpose, GoalKind
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantReferred,
    ParticipantRestricted,
    ReferredOn,
)
from lotse_shared.contracts.matching import JobEnded, JobLost, PlacementMade
from lotse_shared.deciding import Kind, Now, Refused, State
from lotse_shared.envelope import Event
from pydantic import BaseModel, ConfigDict, Field

from lotse_coaching.domain.measure import Stays, joined, left

V = TypeVar("V")

FIRST_MEETING: Final = timedelta(days=7)
"""How soon after the entry a coach meets the person; a rule of the house, no law."""


class Plan(BaseModel):
    """What was agreed with the person, and when it is looked at again."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    plan: str
    agreed_on: date
    goals: tuple[GoalKind, ...]
    review_on: date | None


class Aftercare(BaseModel):
    """Support after the start of one job: somebody speaks with the person at least every so many days."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    started_on: date
    every_days: int


class Case(State):
    """Dates and standing of one person in one operation."""

    referred_on: date | None = None
    entered_on: date | None = None
    """First entry."""
    came_on: date | None = None
    """Last entry or re-entry."""
    left_on: date | None = None
    """Last exit, unless the person is in again."""
    consents: Mapping[str, ConsentPurpose] = Field(default_factory=dict)
    """Given and not withdrawn, by their ids."""
    guests: tuple[str, ...] = ()
    """Partners the person was referred on to."""
    coach: str | None = None
    assigned_on: date | None = None
    plan: Plan | None = None
    reached: tuple[GoalKind, ...] = ()
    """Goals of the plan that were reached."""
    visited_on: date | None = None
    """The latest visit."""
    crises: Mapping[str, date] = Field(default_factory=dict)
    """Open ones, with the day they were reported."""
    jobs: Mapping[str, date] = Field(default_factory=dict)
    """Running ones by their placement, with their first day, as matching told."""
    aftercare: Mapping[str, Aftercare] = Field(default_factory=dict)
    """Running, by placement."""
    cared_for: tuple[str, ...] = ()
    """Placements whose aftercare is over."""
    overdue: bool = False
    """Nobody has spoken with the person since it was said that this is late."""
    noticed_on: date | None = None
    """When it was said last; a contact recorded afterwards, for an earlier day, does not make it late again at once."""
    stays: Mapping[str, Stays] = Field(default_factory=dict)
    """By measure."""
    attended: Mapping[str, tuple[date, ...]] = Field(default_factory=dict)
    """By measure, the days with a recorded attendance, whether present or not."""
    qualifications: tuple[tuple[str, date], ...] = ()
    restricted_until: date | None = None
    erased: bool = False

    @property
    def inside(self) -> bool:
        """Whether the person takes part in the operation now."""
        return self.entered_on is not None and self.left_on is None

    @property
    def contact_agreed(self) -> bool:
        """Whether the person may be spoken with: after the exit only if they agreed to that (SGB X 67b)."""
        return self.left_on is None or ConsentPurpose.CONTACT_AFTER_EXIT in self.consents.values()

    @property
    def contact_due_on(self) -> date | None:
        """The day by which somebody has to speak with the person; None where no aftercare runs."""
        return min((self._next(one, self.visited_on) for one in self.aftercare.values()), default=None)

    @property
    def late_from(self) -> date | None:
        """The first day on which to say that nobody spoke with the person; None while that was said already."""
        if self.overdue or not self.aftercare:
            return None
        spoken = max(filter(None, (self.visited_on, self.noticed_on)), default=None)
        return min(self._next(one, spoken) for one in self.aftercare.values()) + timedelta(days=1)

    @staticmethod
    def _next(one: Aftercare, spoken: date | None) -> date:
        return max(spoken or one.started_on, one.started_on) + timedelta(days=one.every_days)


def evolve(case: Case, fact: Event) -> Case:  # noqa: C901, PLR0911, PLR0912 - one arm an event
    """Take one fact into the state. Whoever was erased stays forgotten, whatever comes later."""
    if case.erased:
        return case

    def to(**changes: object) -> Case:
        return case.model_copy(update=changes)

    match fact:
        case ParticipantReferred():
            return to(referred_on=case.referred_on or fact.referred_on)
        case ParticipantEnrolled():
            return to(entered_on=fact.entry_date, came_on=fact.entry_date, left_on=None)
        case CharacteristicsCorrected(entry_date=date() as entry):
            return to(entered_on=entry, came_on=entry if case.came_on == case.entered_on else case.came_on)
        case ParticipantExited():
            return to(left_on=fact.exit_date)
        case ParticipantReentered():
            return to(came_on=fact.reentry_date, left_on=None)
        case ConsentGiven():
            return to(consents={**case.consents, fact.consent: fact.purpose})
        case ConsentWithdrawn() | ConsentRefused():
            return to(consents=_without(case.consents, fact.consent))
        case ReferredOn() if fact.accepted and fact.to_partner not in case.guests:
            return to(guests=(*case.guests, fact.to_partner))
        case ParticipantRestricted():
            return to(restricted_until=fact.until)
        case ParticipantErased():
            return Case(erased=True)
        case PlacementMade():
            return to(jobs={**case.jobs, fact.placement: fact.starts_on})
        case JobLost() | JobEnded():
            return to(jobs=_without(case.jobs, fact.placement))
        case CoachAssigned():
            return to(coach=fact.coach, assigned_on=fact.assigned_on)
        case PlanAgreed():
            agreed = Plan(plan=fact.plan, agreed_on=fact.agreed_on, goals=fact.goals, review_on=fact.review_on)
            return to(plan=agreed, reached=())
        case GoalReached():
            return to(reached=(*case.reached, fact.goal))
        case VisitHeld() if case.visited_on is None or fact.held_on > case.visited_on:
            return to(visited_on=fact.held_on, overdue=False)
        case CrisisReported():
            return to(crises={**case.crises, fact.crisis: fact.reported_on})
        case CrisisClosed():
            return to(crises=_without(case.crises, fact.crisis))
        case AftercareStarted():
            begun = Aftercare(started_on=fact.started_on, every_days=fact.every_days)
            return to(aftercare={**case.aftercare, fact.placement: begun}, overdue=False)
        case AftercareEnded():
            over = (*case.cared_for, fact.placement)
            return to(aftercare=_without(case.aftercare, fact.placement), cared_for=over, overdue=False)
        case ContactOverdue():
            return to(overdue=True, noticed_on=fact.noticed_on)
        case MeasureJoined():
            return to(stays=joined(case.stays, fact.measure, fact.joined_on))
        case MeasureLeft():
            return to(stays=left(case.stays, fact.measure, fact.left_on))
        case AttendanceRecorded():
            days = (*case.attended.get(fact.measure, ()), fact.attended_on)
            return to(attended={**case.attended, fact.measure: days})
        case QualificationGained():
            return to(qualifications=(*case.qualifications, (fact.kind.value, fact.gained_on)))
        case _:
            return case


def deadlines(case: Case) -> Mapping[str, date]:
    """What has to be looked at when. Only a contact that is late is decided about; the others are for people."""
    found: dict[str, date] = {}
    if case.inside and case.came_on and case.visited_on is None:
        found["first-meeting"] = case.came_on + FIRST_MEETING
    if case.inside and case.plan and case.plan.review_on:
        found["plan-review"] = case.plan.review_on
    if case.late_from:
        found["contact-overdue"] = case.late_from
    return found


CASE = Kind(
    name="case",
    state=Case,
    evolve=evolve,
    hears=(
        ParticipantReferred,
        ParticipantEnrolled,
        CharacteristicsCorrected,
        ParticipantExited,
        ParticipantReentered,
        ConsentGiven,
        ConsentRefused,
        ConsentWithdrawn,
        ReferredOn,
        ParticipantRestricted,
        ParticipantErased,
        PlacementMade,
        JobLost,
        JobEnded,
    ),
    deadlines=deadlines,
    partners=lambda case, owner: (owner, *case.guests),
)


def _without(mapping: Mapping[str, V], key: str) -> Mapping[str, V]:
    return {one: kept for one, kept in mapping.items() if one != key}


def must_be_open(case: Case, now: Now) -> None:
    """Refuse whatever is asked of somebody that intake did not name, has erased, or whose data may only be kept."""
    not_erased(case)
    if case.referred_on is None and case.entered_on is None:
        raise Refused(
            "intake has taken back this person's referral", way_out="Refer the person in intake with refer-participant."
        )
    if case.restricted_until and case.restricted_until >= now.today:
        raise Refused(
            f"this person's data may only be kept, not used, until {case.restricted_until}",
            way_out="Ask whoever restricted them.",
        )


def not_erased(case: Case) -> None:
    """Refuse whatever is asked of somebody who was erased."""
    if case.erased:
        raise Refused("this person was erased", way_out="Open a new case if the person comes again.")


def must_have_happened(case: Case, day: date, now: Now, field: str) -> None:
    """Refuse days that are still to come on the operation's calendar, or lie before the person came."""
    not_in_future(day, now, field)
    not_before(day, case.referred_on, "the referral", field)


def not_in_future(day: date, now: Now, field: str) -> None:
    """Refuse facts that have not happened yet on the operation's calendar."""
    if day > now.today:
        raise Refused(
            f"{day} is after today, {now.today}, in this operation",
            field=field,
            way_out="Send it when it has happened.",
        )


def not_before(day: date, earliest: date | None, what: str, field: str) -> None:
    """Refuse dates out of order."""
    if earliest is not None and day < earliest:
        raise Refused(f"{day} is before {what} on {earliest}", field=field, way_out="Check the date.")
