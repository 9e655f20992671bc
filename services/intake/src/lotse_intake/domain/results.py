"""What became of people: day 28, month 6, support on the way."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.calendar import months_after_event
from lotse_shared.contracts.codes import Improvement, Recognition, StatusAfter, SurveyMode, WirSupport
from lotse_shared.contracts.intake import (
    AnalysisOccasion,
    CompetenceAnalysed,
    FamilyInvolved,
    FollowUpRecorded,
    RecognitionDecided,
    StatusRecorded,
    SupportGiven,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Slug
from pydantic import Field

from lotse_intake.domain.case import CASE, WINDOW, Case, must_be_open, not_before, not_in_future
from lotse_intake.domain.commands import STAFF, commands


class RecordStatus(Command):
    """What somebody does on a day soon after leaving."""

    status_on: date
    status: StatusAfter
    in_education: bool | None = None
    mode: SurveyMode | None = None


@commands.on(CASE, roles=STAFF)
def record_status(case: Case, command: RecordStatus, now: Now) -> Sequence[Event]:
    """Record a status within the 28 days after leaving (R-5)."""
    must_be_open(case, now)
    not_in_future(command.status_on, now, "status_on")
    left = _must_have_left(case)
    not_before(command.status_on, left, "the exit", "status_on")
    if command.status_on > left + WINDOW:
        raise Refused(
            f"the window of 28 days ended on {left + WINDOW}",
            field="status_on",
            way_out="Later states belong to the follow-up after six months.",
        )
    return [
        StatusRecorded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            status_on=command.status_on,
            status=command.status,
            in_education=command.in_education,
            mode=command.mode,
        )
    ]


class RecordFollowUp(Command):
    """The answer to the six-month question."""

    status: StatusAfter
    improvement: Improvement | None = None
    insured: bool | None = None
    mode: SurveyMode | None = None
    answered_on: date


@commands.on(CASE, roles=STAFF)
def record_follow_up(case: Case, command: RecordFollowUp, now: Now) -> Sequence[Event]:
    """Record the answer about the day six months after leaving; it cannot be had before that day (R-8)."""
    must_be_open(case, now)
    not_in_future(command.answered_on, now, "answered_on")
    reference = months_after_event(_must_have_left(case), 6)
    if case.followed_up == reference:
        raise Refused(
            f"the question about {reference} was answered already", way_out="To mend the answer, retract it first."
        )
    not_before(command.answered_on, reference, "the day the question is about", "answered_on")
    return [
        FollowUpRecorded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            reference_date=reference,
            status=command.status,
            improvement=command.improvement,
            insured=command.insured,
            mode=command.mode,
            answered_on=command.answered_on,
        )
    ]


class AnalyseCompetence(Command):
    """A scored analysis."""

    analysed_on: date
    instrument: Slug
    occasion: AnalysisOccasion
    score: Annotated[int, Field(ge=0, le=1000)]


@commands.on(CASE, roles=STAFF)
def analyse_competence(case: Case, command: AnalyseCompetence, now: Now) -> Sequence[Event]:
    """Record a competence analysis of somebody who takes part (B-5)."""
    must_be_open(case, now)
    not_in_future(command.analysed_on, now, "analysed_on")
    if case.enrolment is None:
        raise Refused("the person has not entered the operation", way_out="Use enrol-participant first.")
    return [
        CompetenceAnalysed(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            analysed_on=command.analysed_on,
            instrument=command.instrument,
            occasion=command.occasion,
            score=command.score,
        )
    ]


class DecideRecognition(Command):
    """What an authority decided about a foreign qualification."""

    decided_on: date
    result: Recognition


@commands.on(CASE, roles=STAFF)
def decide_recognition(case: Case, command: DecideRecognition, now: Now) -> Sequence[Event]:
    """Record the decision about a foreign qualification."""
    must_be_open(case, now)
    not_in_future(command.decided_on, now, "decided_on")
    return [
        RecognitionDecided(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            decided_on=command.decided_on,
            result=command.result,
        )
    ]


class GiveSupport(Command):
    """Support of the catalogue."""

    given_on: date
    kind: WirSupport
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None


@commands.on(CASE, roles=STAFF)
def give_support(case: Case, command: GiveSupport, now: Now) -> Sequence[Event]:
    """Record support given to somebody who takes part; follow-up contacts come before the exit (WIR)."""
    must_be_open(case, now)
    not_in_future(command.given_on, now, "given_on")
    if not case.inside:
        raise Refused("the person does not take part", way_out="Enrol the person, or record a re-entry.")
    not_before(command.given_on, case.enrolment, "the entry", "given_on")
    return [
        SupportGiven(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            given_on=command.given_on,
            kind=command.kind,
            minutes=command.minutes,
        )
    ]


class InvolveFamily(Command):
    """How many members of the family were drawn into advice."""

    involved_on: date
    members: Annotated[int, Field(ge=1, le=30)]


@commands.on(CASE, roles=STAFF)
def involve_family(case: Case, command: InvolveFamily, now: Now) -> Sequence[Event]:
    """Record that family took part in advice; they do not become participants by it (R-1)."""
    must_be_open(case, now)
    not_in_future(command.involved_on, now, "involved_on")
    if case.enrolment is None:
        raise Refused("the person has not entered the operation", way_out="Use enrol-participant first.")
    return [
        FamilyInvolved(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            involved_on=command.involved_on,
            members=command.members,
        )
    ]


def _must_have_left(case: Case) -> date:
    if case.left is None:
        raise Refused("the person has not left", way_out="Record the exit first.")
    return case.left
