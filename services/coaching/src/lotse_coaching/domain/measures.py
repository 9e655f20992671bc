"""People take part in measures: opened, joined, attended, left, and what they gain by it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.coaching import (
    AttendanceRecorded,
    MeasureJoined,
    MeasureLeft,
    MeasureOpened,
    QualificationGained,
)
from lotse_shared.contracts.codes import LeavingReason, MeasureKind, Presence, QualificationKind
from lotse_shared.deciding import NETWORK, Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug
from pydantic import Field

from lotse_coaching.domain.case import CASE, Case, must_be_open, must_have_happened, not_before
from lotse_coaching.domain.commands import STAFF, commands
from lotse_coaching.domain.measure import MEASURE, Measure


class OpenMeasure(Command):
    """What people can join, from when, and how many of them at once."""

    operation: Slug
    kind: MeasureKind
    opened_on: date
    closes_on: date | None = None
    places: Annotated[int, Field(ge=1)] | None = None
    subproject: Slug | None = None
    site: Slug | None = None


@commands.on(MEASURE, roles=STAFF, creates=True)
def open_measure(_: Measure, command: OpenMeasure, now: Now) -> Sequence[Event]:
    """Open a measure; it may be planned ahead, and belongs to one partner."""
    if now.partner == NETWORK:
        raise Refused("a measure belongs to a partner", field="partner", way_out="Name the partner that runs it.")
    if command.closes_on:
        not_before(command.closes_on, command.opened_on, "it opens", "closes_on")
    return [
        MeasureOpened(
            operation=now.operation,
            measure=now.subject,
            partner=now.partner,
            site=command.site,
            kind=command.kind,
            opened_on=command.opened_on,
            closes_on=command.closes_on,
            places=command.places,
            subproject=command.subproject,
        )
    ]


class JoinMeasure(Command):
    """Which measure, from which day on."""

    measure: Id
    joined_on: date


@commands.on(CASE, roles=STAFF, also={"measure": MEASURE})
def join_measure(case: Case, command: JoinMeasure, now: Now, *, measure: Measure) -> Sequence[Event]:
    """Let somebody into a measure while it runs and has a free place; before the entry too (it counts with it)."""
    must_be_open(case, now)
    must_have_happened(case, command.joined_on, now, "joined_on")
    kind = _must_run(measure, command.joined_on, "joined_on")
    for stay in case.stays.get(command.measure, ()):
        if stay.left_on is None:
            raise Refused(
                f"the person is in this measure since {stay.joined_on}",
                field="measure",
                way_out="Nothing needs to be done; to mend the day, take that fact back with retract-fact.",
            )
        if command.joined_on <= stay.left_on:
            raise Refused(
                f"the person was in this measure until {stay.left_on}",
                field="joined_on",
                way_out="Name a later day, or take the leaving back with retract-fact.",
            )
    full_on = measure.full_on(command.joined_on)
    if full_on:
        raise Refused(
            f"all {measure.places} places are taken on {full_on}",
            field="measure",
            way_out="Wait until somebody has left, or open another measure.",
        )
    return [
        MeasureJoined(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=measure.site,
            measure=command.measure,
            kind=kind,
            joined_on=command.joined_on,
            subproject=measure.subproject,
        )
    ]


class LeaveMeasure(Command):
    """Which measure, on which last day, and why."""

    measure: Id
    left_on: date
    reason: LeavingReason


@commands.on(CASE, roles=STAFF, also={"measure": MEASURE})
def leave_measure(case: Case, command: LeaveMeasure, now: Now, *, measure: Measure) -> Sequence[Event]:
    """End somebody's time in a measure; its last day is not before the last recorded attendance."""
    must_be_open(case, now)
    must_have_happened(case, command.left_on, now, "left_on")
    kind = _must_run(measure, command.left_on, "left_on")
    stay = next((one for one in case.stays.get(command.measure, ()) if one.left_on is None), None)
    if stay is None:
        raise Refused("the person is not in this measure", field="measure", way_out="Use join-measure first.")
    not_before(command.left_on, stay.joined_on, "the joining", "left_on")
    not_before(command.left_on, max(case.attended.get(command.measure, ()), default=None), "an attendance", "left_on")
    return [
        MeasureLeft(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=measure.site,
            measure=command.measure,
            kind=kind,
            left_on=command.left_on,
            reason=command.reason,
        )
    ]


class RecordAttendance(Command):
    """Whether somebody was there on one day, or why not."""

    measure: Id
    attended_on: date
    presence: Presence
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


@commands.on(CASE, roles=STAFF, also={"measure": MEASURE})
def record_attendance(case: Case, command: RecordAttendance, now: Now, *, measure: Measure) -> Sequence[Event]:
    """Record one presence or absence of a member; one per person, measure and day."""
    must_be_open(case, now)
    must_have_happened(case, command.attended_on, now, "attended_on")
    kind = _must_run(measure, command.attended_on, "attended_on")
    if not any(stay.covers(command.attended_on) for stay in case.stays.get(command.measure, ())):
        raise Refused(
            f"the person was not in this measure on {command.attended_on}",
            field="attended_on",
            way_out="Use join-measure first; heads without a name stand in the `unlisted` of a gathering.",
        )
    if command.attended_on in case.attended.get(command.measure, ()):
        raise Refused(
            f"{command.attended_on} is recorded already",
            field="attended_on",
            way_out="Nothing needs to be done; to mend it, take the other one back with retract-fact.",
        )
    if command.minutes and command.presence in _ABSENT:
        raise Refused("who was absent has no minutes", field="minutes", way_out="Leave the field out.")
    return [
        AttendanceRecorded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=measure.site,
            measure=command.measure,
            kind=kind,
            attended_on=command.attended_on,
            presence=command.presence,
            minutes=command.minutes,
        )
    ]


class GainQualification(Command):
    """A formal assessment that was passed."""

    gained_on: date
    kind: QualificationKind
    isced: Annotated[int, Field(ge=0, le=8)] | None = None


@commands.on(CASE, roles=STAFF)
def gain_qualification(case: Case, command: GainQualification, now: Now) -> Sequence[Event]:
    """Record a qualification of somebody who entered, gained since the entry, once (EECR03)."""
    must_be_open(case, now)
    must_have_happened(case, command.gained_on, now, "gained_on")
    if case.entered_on is None:
        raise Refused(
            "the person has not entered the operation", way_out="Enrol the person in intake with enrol-participant."
        )
    not_before(command.gained_on, case.entered_on, "the entry", "gained_on")
    if (command.kind.value, command.gained_on) in case.qualifications:
        raise Refused(
            "this qualification stands here already",
            field="gained_on",
            way_out="Nothing needs to be done; to mend it, take the other one back with retract-fact.",
        )
    return [
        QualificationGained(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            gained_on=command.gained_on,
            kind=command.kind,
            isced=command.isced,
        )
    ]


_ABSENT = (Presence.EXCUSED, Presence.UNEXCUSED, Presence.SICK)


def _must_run(measure: Measure, day: date, field: str) -> MeasureKind:
    if measure.kind is None:
        raise Refused("the opening of this measure was taken back", field="measure", way_out="Name another measure.")
    not_before(day, measure.opened_on, "the measure opened", field)
    if measure.closes_on and day > measure.closes_on:
        raise Refused(
            f"the measure ended on {measure.closes_on}", field=field, way_out="Check the day, or name another measure."
        )
    return measure.kind
