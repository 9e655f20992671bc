"""An operation begins, partners join and leave, and it reaches something."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar, Final

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import (
    AreaRule,
    Euro,
    MilestoneKind,
    OrganisationKind,
    PartnerRole,
    ProjectTrait,
    RegionCategory,
    RetractionReason,
    StockKind,
)
from lotse_shared.contracts.intake import (
    BudgetApproved,
    CommitmentMade,
    MilestoneReached,
    OperationApproved,
    OrganisationSupported,
    PartnerJoined,
    PartnerLeft,
    PaymentMade,
    StockReported,
)
from lotse_shared.deciding import EVERYBODY, NETWORK, Command, Now, Refused, State
from lotse_shared.envelope import Event, Id, Slug
from pydantic import Field

from lotse_intake.domain.case import not_before, not_in_future
from lotse_intake.domain.commands import STAFF, STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation

_NO_PARTNER: Final = frozenset({NETWORK, EVERYBODY})


def must_be_approved(operation: Operation) -> None:
    """Refuse what needs an operation that runs."""
    if operation.programme is None:
        raise Refused("the operation was not approved", way_out="Use approve-operation first.")


def network_only(now: Now) -> None:
    """Refuse what only the network as a whole may decide, and no single partner."""
    if now.partner != NETWORK:
        raise Refused(f"{now.partner} may not decide this", way_out="Ask the network's coordination.")


class ApproveOperation(Command):
    """A funder's decision."""

    id: Slug
    programme: Slug
    approved_on: date
    first_day: date
    last_day: date
    region: RegionCategory | None = None
    traits: tuple[ProjectTrait, ...] = ()
    area_rule: AreaRule | None = None
    budget: Euro | None = None


@commands.on(OPERATION, roles=STEERING, creates=True)
def approve_operation(operation: Operation, command: ApproveOperation, now: Now) -> Sequence[Event]:
    """Open an operation, once; its days must be in order."""
    network_only(now)
    if operation.programme:
        raise Refused("this operation was approved already", field="id", way_out="Choose another id.")
    not_before(command.last_day, command.first_day, "its first day", "last_day")
    return [
        OperationApproved(
            operation=now.subject,
            programme=command.programme,
            approved_on=command.approved_on,
            first_day=command.first_day,
            last_day=command.last_day,
            region=command.region,
            traits=command.traits,
            area_rule=command.area_rule,
            budget=command.budget,
        )
    ]


class JoinPartner(Command):
    """An organisation joins."""

    joined: Slug
    role: PartnerRole
    organisation: OrganisationKind = OrganisationKind.OTHER
    subproject: Slug | None = None
    joined_on: date


@commands.on(OPERATION, roles=STEERING)
def join_partner(operation: Operation, command: JoinPartner, now: Now) -> Sequence[Event]:
    """Let an organisation join; one that left may come back."""
    network_only(now)
    must_be_approved(operation)
    if command.joined in _NO_PARTNER:
        raise Refused("this name stands for the whole network", field="joined", way_out="Choose another name.")
    if command.joined in operation.partners and command.joined not in operation.departed:
        raise Refused("this partner joined already", field="joined", way_out="Nothing needs to be done.")
    return [
        PartnerJoined(
            operation=now.subject,
            joined=command.joined,
            role=command.role,
            organisation=command.organisation,
            subproject=command.subproject,
            joined_on=command.joined_on,
        )
    ]


class LeavePartner(Command):
    """An organisation leaves."""

    left: Slug
    left_on: date


@commands.on(OPERATION, roles=STEERING)
def leave_partner(operation: Operation, command: LeavePartner, now: Now) -> Sequence[Event]:
    """Let a partner leave: nobody is referred to it any more, what it did stays its own."""
    network_only(now)
    not_in_future(command.left_on, now, "left_on")
    operation.must_have(command.left, "left")
    return [PartnerLeft(operation=now.subject, left=command.left, left_on=command.left_on)]


class ReachMilestone(Command):
    """Something planned was reached."""

    milestone: MilestoneKind
    reached_on: date


@commands.on(OPERATION, roles=STEERING)
def reach_milestone(operation: Operation, command: ReachMilestone, now: Now) -> Sequence[Event]:
    """Record a milestone that was reached, not before the operation began."""
    must_be_approved(operation)
    not_in_future(command.reached_on, now, "reached_on")
    not_before(command.reached_on, operation.first_day, "the operation's first day", "reached_on")
    return [
        MilestoneReached(
            operation=now.subject,
            milestone=command.milestone,
            reached_on=command.reached_on,
            partner=acting(now),
        )
    ]


class ReportStock(Command):
    """What was counted elsewhere."""

    stock: StockKind
    counted_on: date
    count: Annotated[int, Field(ge=0)]


@commands.on(OPERATION, roles=STAFF | STEERING)
def report_stock(operation: Operation, command: ReportStock, now: Now) -> Sequence[Event]:
    """Report a stock that was counted on a day; the day must have been."""
    must_be_approved(operation)
    not_in_future(command.counted_on, now, "counted_on")
    return [
        StockReported(
            operation=now.subject,
            stock=command.stock,
            counted_on=command.counted_on,
            count=command.count,
            partner=acting(now),
        )
    ]


class RetractOperationFact(Command):
    """Which fact about the operation does not hold."""

    names_fact: ClassVar[str | None] = "retracts"
    takes_along: ClassVar[bool] = True
    retracts: Id
    reason: RetractionReason


@commands.on(OPERATION, roles=STEERING)
def retract_operation_fact(
    operation: Operation,
    command: RetractOperationFact,
    now: Now,
    *,
    original: Event,
    told_with: Mapping[str, Event],
    touched: Mapping[str, State],
) -> Sequence[Event]:
    """Take back a fact about the operation that never held, and what was told with it; none that others rest on."""
    del touched
    if original.subject != now.subject:
        raise Refused(
            "this was told with support of an organisation", field="retracts", way_out="Take back that support."
        )
    if not isinstance(original, StockReported | OrganisationSupported | MilestoneReached):
        network_only(now)
    if now.partner not in (NETWORK, original.acting_partner):
        raise Refused("another partner told this fact", field="retracts", way_out="Ask that partner.")
    if rests := _what_rests_on(operation, original):
        raise Refused(f"{rests} on this fact", field="retracts", way_out="Take back first what rests on it.")
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=fact.subject,
            partner=acting(now),
            retracts=identity,
            reason=command.reason,
        )
        for identity, fact in {command.retracts: original, **told_with}.items()
    ]


def _what_rests_on(operation: Operation, original: Event) -> str | None:
    match original:
        case OperationApproved() if operation.partners or operation.budgets or operation.open_commitments:
            return "partners or money rest"
        case PartnerJoined() if original.joined in operation.departed:
            return "the partner's leaving rests"
        case CommitmentMade() if operation.open_commitments.get(original.commitment) != original.amount:
            return "payments or releases rest"
        case PaymentMade() if operation.payments.get(original.payment) != original.amount:
            return "a return of money rests"
        case BudgetApproved() if operation.budgets.get(original.budget) != original.amount:
            return "a later approval rests"
        case _:
            return None


def acting(now: Now) -> str | None:
    """The partner that acted; none where the network did."""
    return None if now.partner == NETWORK else now.partner
