"""Taking back what never held: only what nothing else rests on, so that no history contradicts itself."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import (
    AftercareEnded,
    ContactOverdue,
    CrisisReported,
    MeasureJoined,
    MeasureLeft,
    MeasureOpened,
    PlanAgreed,
)
from lotse_shared.contracts.codes import RetractionReason
from lotse_shared.deciding import Command, Now, Refused, State
from lotse_shared.envelope import Event, Id

from lotse_coaching.domain.case import CASE, Case, not_erased
from lotse_coaching.domain.commands import STAFF, commands
from lotse_coaching.domain.gatherings import GATHERING, Gathering
from lotse_coaching.domain.measure import MEASURE, Measure


class Retract(Command):
    """Which fact does not hold."""

    names_fact: ClassVar[str | None] = "retracts"
    retracts: Id
    reason: RetractionReason


class RetractAboutPerson(Retract):
    """Which fact about a person does not hold; the measure it changed is looked at too."""

    takes_along: ClassVar[bool] = True


@commands.on(CASE, roles=STAFF)
def retract_fact(
    case: Case, command: RetractAboutPerson, now: Now, *, original: Event, touched: Mapping[str, State], **_: object
) -> Sequence[Event]:
    """Take back a fact about a person that never held; first those that rest on it, then the fact itself."""
    not_erased(case)
    match original:
        case MeasureJoined():
            _nobody_came(case, original)
        case MeasureLeft():
            _still_free(case, original, touched[original.measure])
        case PlanAgreed() if case.reached and case.plan and original.plan == case.plan.plan:
            raise _rests_on("a goal that was reached")
        case CrisisReported() if original.crisis not in case.crises:
            raise _rests_on("the end of this crisis")
        case AftercareEnded() if original.placement not in case.jobs:
            raise Refused(
                "the job that this aftercare was for is over",
                field="retracts",
                way_out="If the job goes on, matching takes back its end first.",
            )
        case ContactOverdue():
            raise Refused(
                "the calendar says so, nobody reported it",
                field="retracts",
                way_out="If there was a contact, record it with hold-visit.",
            )
    return _retraction(command, now, original)


@commands.on(MEASURE, roles=STAFF)
def retract_measure_fact(measure: Measure, command: Retract, now: Now, *, original: Event) -> Sequence[Event]:
    """Take back the opening of a measure that nobody ever joined."""
    if not isinstance(original, MeasureOpened):
        raise Refused(
            "this fact is about a person",
            field="retracts",
            way_out="Take it back with retract-fact, naming the person's case.",
        )
    if any(measure.members.values()):
        raise _rests_on("people who joined")
    return _retraction(command, now, original)


@commands.on(GATHERING, roles=STAFF)
def retract_gathering_fact(_: Gathering, command: Retract, now: Now, *, original: Event) -> Sequence[Event]:
    """Take back a gathering that was not held, or with other figures; then record it again with hold-gathering."""
    return _retraction(command, now, original)


def _nobody_came(case: Case, original: MeasureJoined) -> None:
    stay = next(one for one in case.stays[original.measure] if one.joined_on == original.joined_on)
    if stay.left_on:
        raise _rests_on("the leaving")
    if any(stay.covers(day) for day in case.attended.get(original.measure, ())):
        raise _rests_on("an attendance")


def _still_free(case: Case, original: MeasureLeft, measure: State) -> None:
    if any(one.joined_on > original.left_on for one in case.stays[original.measure]):
        raise _rests_on("a later joining")
    full_on = measure.full_on(original.left_on + timedelta(days=1)) if isinstance(measure, Measure) else None
    if full_on:
        raise Refused(
            f"the place was taken by somebody else: all are taken on {full_on}",
            field="retracts",
            way_out="Take back that joining first, if it was the mistake.",
        )


def _rests_on(what: str) -> Refused:
    return Refused(
        f"{what} rests on this fact", field="retracts", way_out="Take that back first, if it does not hold either."
    )


def _retraction(command: Retract, now: Now, original: Event) -> Sequence[Event]:
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=original.subject,
            partner=now.partner,
            retracts=command.retracts,
            reason=command.reason,
        )
    ]
