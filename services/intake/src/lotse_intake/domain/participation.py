"""A participation: entry with its characteristics, corrections, exit, re-entry."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from lotse_shared.contracts.codes import (
    Answer,
    AreaResult,
    AreaRule,
    Citizenship,
    EligibilityResult,
    Employment,
    ExitReason,
    Gender,
    Hours,
    JobAtEntry,
    LegalSphere,
    Recognition,
    ResidenceStatus,
    StatusAfter,
    Term,
    WorkBan,
)
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    Isced,
    ParticipantEnrolled,
    ParticipantExited,
    ParticipantReentered,
    ResidenceStatusChanged,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug
from pydantic import Field

from lotse_intake.domain.case import CASE, Case, must_be_open, not_before, not_in_future
from lotse_intake.domain.commands import STAFF, commands
from lotse_intake.domain.operation import OPERATION, Operation


class CharacteristicsAsked(Command):
    """What somebody is at entry (R-4). Whatever is not known is left out; the record is then incomplete (Q-8)."""

    age_at_entry: Annotated[int, Field(ge=0, le=120)] | None = None
    """Left out where the vault knows the birth date: it is then computed (C-9)."""
    gender: Gender | None = None
    employment: Employment | None = None
    unemployed_since: date | None = None
    registered_unemployed: bool | None = None
    job_at_entry: JobAtEntry | None = None
    job_term: Term | None = None
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    in_education: bool | None = None
    isced: Isced | None = None
    certificate_recognised: Recognition | None = None
    vocational_qualification: bool | None = None
    citizenship: Citizenship | None = None
    foreign_background: Answer | None = None
    parents_born_abroad: Annotated[int, Field(ge=0, le=2)] | None = None
    minority: Answer | None = None
    disability: Answer | None = None
    severely_disabled: Answer | None = None
    other_disadvantage: Answer | None = None
    impaired_health: Answer | None = None
    homeless: Answer | None = None
    rural_area: bool | None = None
    jobless_household: Answer | None = None
    single_adult_household: Answer | None = None
    dependent_children: Answer | None = None
    residence_status: ResidenceStatus | None = None
    work_ban: WorkBan | None = None
    benefits_since: date | None = None
    long_term_recipient: bool | None = None
    legal_sphere: LegalSphere | None = None
    area: AreaResult | None = None
    area_override: Slug | None = None

    @staticmethod
    def may_be_asked() -> set[str]:
        """The characteristics' names."""
        return CharacteristicsAsked.model_fields.keys() - Command.model_fields.keys()

    def asked(self) -> dict[str, object]:
        """Those that were sent, as an event takes them."""
        return {name: getattr(self, name) for name in self.model_fields_set & self.may_be_asked()}


class EnrolParticipant(CharacteristicsAsked):
    """Entry into the operation."""

    operation: Slug | None = None
    """Left out, it is the case's own."""
    entry_date: date
    subproject: Slug | None = None
    site: Slug | None = None


@commands.on(CASE, roles=STAFF, also={"operation": OPERATION})
def enrol_participant(case: Case, command: EnrolParticipant, now: Now, *, operation: Operation) -> Sequence[Event]:
    """Let somebody enter: once, within the operation's period, not before the referral (R-1, R-2)."""
    must_be_open(case, now)
    not_in_future(command.entry_date, now, "entry_date")
    not_before(command.entry_date, case.referred_on, "the referral", "entry_date")
    if case.eligibility in (EligibilityResult.NOT_ELIGIBLE, EligibilityResult.MANUAL_REVIEW):
        raise Refused(
            f"the last check said {case.eligibility}",
            way_out="Use check-eligibility again; a coordinator decides where the rules ask for a review.",
        )
    if case.enrolment:
        raise Refused(
            f"the person entered already on {case.enrolment}",
            way_out="After an exit, use reenter-participant; to mend an error, correct-characteristics.",
        )
    _within(operation, command.entry_date)
    _must_live_in_area(operation, command, now)
    if command.unemployed_since and command.unemployed_since > command.entry_date:
        raise Refused(
            "the unemployment would begin after the entry", field="unemployed_since", way_out="Check both dates."
        )
    return [
        ParticipantEnrolled(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=command.site,
            entry_date=command.entry_date,
            subproject=command.subproject,
            **command.asked(),
        )
    ]


class CorrectCharacteristics(CharacteristicsAsked):
    """What was recorded wrongly at entry."""

    names_fact: ClassVar[str | None] = "corrects"
    corrects: Id
    corrected_on: date
    entry_date: date | None = None
    cleared: tuple[Slug, ...] = ()


@commands.on(CASE, roles=STAFF, also={"operation": OPERATION})
def correct_characteristics(
    case: Case, command: CorrectCharacteristics, now: Now, *, original: Event, operation: Operation
) -> Sequence[Event]:
    """Mend an error of the entry record; what changes in life later is no correction (R-4)."""
    must_be_open(case, now)
    not_in_future(command.corrected_on, now, "corrected_on")
    if not isinstance(original, ParticipantEnrolled):
        raise Refused("this fact is no enrolment", field="corrects", way_out="Name the enrolment of this case.")
    if command.entry_date:
        not_in_future(command.entry_date, now, "entry_date")
        not_before(command.entry_date, case.referred_on, "the referral", "entry_date")
        _within(operation, command.entry_date)
        if case.first_left and command.entry_date > case.first_left:
            raise Refused("the entry would be after the exit", field="entry_date", way_out="Check both dates.")
    if unknown := {name.replace("-", "_") for name in command.cleared} - command.may_be_asked():
        raise Refused(
            f"there is no characteristic {min(unknown)}", field="cleared", way_out="Name fields of this command."
        )
    if not (command.asked() or command.entry_date or command.cleared):
        raise Refused("nothing is corrected", way_out="Name at least one characteristic or the entry date.")
    return [
        CharacteristicsCorrected(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            corrects=command.corrects,
            corrected_on=command.corrected_on,
            entry_date=command.entry_date,
            cleared=command.cleared,
            **command.asked(),
        )
    ]


class ExitParticipant(Command):
    """The participation ends."""

    exit_date: date
    reason: ExitReason
    status: StatusAfter | None = None


@commands.on(CASE, roles=STAFF)
def exit_participant(case: Case, command: ExitParticipant, now: Now) -> Sequence[Event]:
    """End a participation: only of somebody who takes part, not before they came."""
    must_be_open(case, now)
    not_in_future(command.exit_date, now, "exit_date")
    _must_have_entered(case)
    if case.left:
        raise Refused(f"the person left already on {case.left}", way_out="To mend the date, retract that exit first.")
    not_before(command.exit_date, case.came, "the entry", "exit_date")
    return [
        ParticipantExited(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            exit_date=command.exit_date,
            reason=command.reason,
            status=command.status,
        )
    ]


class ReenterParticipant(Command):
    """Somebody who left comes back."""

    reentry_date: date


@commands.on(CASE, roles=STAFF)
def reenter_participant(case: Case, command: ReenterParticipant, now: Now) -> Sequence[Event]:
    """Let somebody come back: only after an exit, not before it; first entry and characteristics stay (R-3)."""
    must_be_open(case, now)
    not_in_future(command.reentry_date, now, "reentry_date")
    _must_have_entered(case)
    if case.left is None:
        raise Refused("the person has not left", way_out="Nothing needs to be done.")
    not_before(command.reentry_date, case.left, "the exit", "reentry_date")
    return [
        ParticipantReentered(
            operation=now.operation, case=now.subject, partner=now.partner, reentry_date=command.reentry_date
        )
    ]


class ChangeResidenceStatus(Command):
    """A residence document changed."""

    residence_status: ResidenceStatus
    work_ban: WorkBan | None = None
    valid_from: date
    valid_until: date | None = None


@commands.on(CASE, roles=STAFF)
def change_residence_status(case: Case, command: ChangeResidenceStatus, now: Now) -> Sequence[Event]:
    """Record a new residence document; its days must be in order."""
    must_be_open(case, now)
    if command.valid_until:
        not_before(command.valid_until, command.valid_from, "its first day", "valid_until")
    return [
        ResidenceStatusChanged(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            residence_status=command.residence_status,
            work_ban=command.work_ban,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
        )
    ]


def _within(operation: Operation, entry: date) -> None:
    not_before(entry, operation.first_day, "the operation's first day", "entry_date")
    if operation.last_day and entry > operation.last_day:
        raise Refused(
            f"the operation ended on {operation.last_day}", field="entry_date", way_out="Enrol in another operation."
        )


def _must_live_in_area(operation: Operation, command: EnrolParticipant, now: Now) -> None:
    """Where the address at entry has to lie in the programme area, only a coordinator lets others in, for a reason."""
    if operation.area_rule != AreaRule.REQUIRED or command.area == AreaResult.IN_AREA:
        return
    if command.area_override is None:
        raise Refused(
            f"participants have to live in the programme area; this address is {command.area or 'not looked up'}",
            field="area",
            way_out="Check the address; a coordinator may let somebody in and names the reason in area_override.",
        )
    if now.role != "coordinator":
        raise Refused(
            "only a coordinator lets somebody in from outside the programme area",
            field="area_override",
            way_out="Ask the coordinator to enrol this person.",
        )


def _must_have_entered(case: Case) -> None:
    if case.enrolment is None:
        raise Refused("the person has not entered the operation", way_out="Use enrol-participant first.")
