"""What coaching tells: plans, visits, crises, aftercare, measures and who came to them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from lotse_shared.contracts.about import CaseFact, GatheringFact, MeasureFact
from lotse_shared.contracts.codes import (
    SPECIAL,
    Audience,
    Band,
    Channel,
    CrisisKind,
    GatheringKind,
    GoalKind,
    LeavingReason,
    MeasureKind,
    Presence,
    QualificationKind,
    Severity,
    Topic,
)
from lotse_shared.envelope import Id, Slug

Minutes = Annotated[int, Field(ge=0, le=1440)]


class CoachAssigned(CaseFact, source="coaching"):
    """A coach stands by this person from now on; `coach` is a pseudonym of a member of staff."""

    coach: Id
    assigned_on: date


class PlanAgreed(CaseFact, source="coaching"):
    """Goals were agreed with the person; a jobcenter plan is reviewed every six months (SGB II paragraph 15)."""

    plan: Id
    agreed_on: date
    goals: tuple[Annotated[GoalKind, SPECIAL], ...]
    review_on: date | None = None


class VisitHeld(CaseFact, source="coaching"):
    """A coaching conversation took place (MILA: weekly from the start of work)."""

    held_on: date
    minutes: Minutes
    channel: Channel
    topics: tuple[Annotated[Topic, SPECIAL], ...] = ()
    family_present: bool = False


class GoalReached(CaseFact, source="coaching"):
    """A goal of the plan was reached, for example the driving licence regained."""

    goal: Annotated[GoalKind, SPECIAL]
    reached_on: date


class CrisisReported(CaseFact, source="coaching"):
    """Something threatens what was reached; category and severity only, never a diagnosis."""

    crisis: Id
    reported_on: date
    category: Annotated[CrisisKind, SPECIAL]
    severity: Severity


class CrisisClosed(CaseFact, source="coaching"):
    """A crisis that was reported is over; the plan made for it ends."""

    crisis: Id
    closed_on: date


class AftercareStarted(CaseFact, source="coaching"):
    """Support after the start of work began, with a planned interval between contacts (MILA: 7 days)."""

    started_on: date
    placement: Id
    every_days: Annotated[int, Field(ge=1, le=365)]


class AftercareEnded(CaseFact, source="coaching"):
    """Support after the start of work ended."""

    ended_on: date
    placement: Id


class ContactOverdue(CaseFact, source="coaching"):
    """Nobody spoke with the person for longer than planned."""

    last_contact_on: date | None = None
    due_on: date
    noticed_on: date | None = None
    """The day on which it was said; later than the day after `due_on` where nobody looked in between."""


class MeasureOpened(MeasureFact, source="coaching"):
    """Something people can join came into being; its kind decides which indicators it feeds."""

    kind: MeasureKind
    opened_on: date
    closes_on: date | None = None
    places: Annotated[int, Field(ge=1)] | None = None
    subproject: Slug | None = None


class MeasureJoined(CaseFact, source="coaching"):
    """Somebody joined a measure. Carries the measure's kind, so that no reader has to look back."""

    measure: Id
    kind: MeasureKind
    joined_on: date
    subproject: Slug | None = None


class AttendanceRecorded(CaseFact, source="coaching"):
    """One person's presence in one measure on one day; one attendance is (person, measure, day), once."""

    measure: Id
    kind: MeasureKind
    attended_on: date
    presence: Annotated[Presence, SPECIAL]
    minutes: Minutes | None = None


class MeasureLeft(CaseFact, source="coaching"):
    """Somebody left a measure; a course broken off later still counted as begun."""

    measure: Id
    kind: MeasureKind
    left_on: date
    reason: Annotated[LeavingReason, SPECIAL]


class QualificationGained(CaseFact, source="coaching"):
    """A formal assessment was passed (EECR03)."""

    gained_on: date
    kind: QualificationKind
    isced: Annotated[int, Field(ge=0, le=8)] | None = None


class GatheringHeld(GatheringFact, source="coaching"):
    """People came together on one day.

    `unlisted` are heads not recorded by name: whoever is recorded stands in attendance-recorded only. The
    groups of `of_which` overlap and are never summed.
    """

    kind: GatheringKind
    held_on: date
    unlisted: Annotated[int, Field(ge=0, le=100_000)]
    of_which: dict[Band, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    audience: Audience = Audience.PUBLIC
    minutes: Minutes | None = None
    subproject: Slug | None = None
