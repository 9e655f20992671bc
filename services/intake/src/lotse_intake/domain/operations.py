"""An operation begins, gets partners, spends money, reaches something."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lotse_shared.contracts.codes import (
    CostType,
    Euro,
    MilestoneKind,
    MoneySource,
    OrganisationKind,
    PartnerRole,
    RegionCategory,
)
from lotse_shared.contracts.intake import (
    CommitmentMade,
    CommitmentReleased,
    MilestoneReached,
    OperationApproved,
    PartnerJoined,
    PaymentMade,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug

from lotse_intake.domain.case import not_before, not_in_future
from lotse_intake.domain.commands import STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation


class ApproveOperation(Command):
    """A funder's decision."""

    id: Slug
    programme: Slug
    approved_on: date
    first_day: date
    last_day: date
    region: RegionCategory | None = None
    budget: Euro | None = None


@commands.on(OPERATION, roles=STEERING, creates=True)
def approve_operation(operation: Operation, command: ApproveOperation, now: Now) -> Sequence[Event]:
    """Open an operation, once; its days must be in order."""
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
    """Let an organisation join, once."""
    _must_be_approved(operation)
    if command.joined in operation.partners:
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


class ReachMilestone(Command):
    """Something planned was reached."""

    milestone: MilestoneKind
    reached_on: date


@commands.on(OPERATION, roles=STEERING)
def reach_milestone(operation: Operation, command: ReachMilestone, now: Now) -> Sequence[Event]:
    """Record a milestone that was reached, not before the operation began."""
    _must_be_approved(operation)
    not_in_future(command.reached_on, now, "reached_on")
    not_before(command.reached_on, operation.first_day, "the operation's first day", "reached_on")
    return [MilestoneReached(operation=now.subject, milestone=command.milestone, reached_on=command.reached_on)]


class MakeCommitment(Command):
    """Money is promised."""

    money_source: MoneySource
    cost_type: CostType
    amount: Euro
    committed_on: date


@commands.on(OPERATION, roles=STEERING)
def make_commitment(operation: Operation, command: MakeCommitment, now: Now) -> Sequence[Event]:
    """Promise money of one source."""
    _must_be_approved(operation)
    _must_be_positive(command.amount)
    return [
        CommitmentMade(
            operation=now.subject,
            commitment=now.new_id(),
            money_source=command.money_source,
            cost_type=command.cost_type,
            amount=command.amount,
            committed_on=command.committed_on,
        )
    ]


class ReleaseCommitment(Command):
    """A promise is not needed any more."""

    commitment: Id
    money_source: MoneySource
    amount: Euro
    released_on: date


@commands.on(OPERATION, roles=STEERING)
def release_commitment(operation: Operation, command: ReleaseCommitment, now: Now) -> Sequence[Event]:
    """Release what was promised; never more than is still open."""
    _must_be_positive(command.amount)
    _must_be_open(operation, command.commitment, command.amount)
    return [
        CommitmentReleased(
            operation=now.subject,
            commitment=command.commitment,
            money_source=command.money_source,
            amount=command.amount,
            released_on=command.released_on,
        )
    ]


class MakePayment(Command):
    """Money is paid."""

    money_source: MoneySource
    cost_type: CostType
    amount: Euro
    paid_on: date
    commitment: Id | None = None


@commands.on(OPERATION, roles=STEERING)
def make_payment(operation: Operation, command: MakePayment, now: Now) -> Sequence[Event]:
    """Pay money; on a commitment never more than is still open."""
    _must_be_approved(operation)
    _must_be_positive(command.amount)
    not_in_future(command.paid_on, now, "paid_on")
    if command.commitment:
        _must_be_open(operation, command.commitment, command.amount)
    return [
        PaymentMade(
            operation=now.subject,
            payment=now.new_id(),
            money_source=command.money_source,
            cost_type=command.cost_type,
            amount=command.amount,
            paid_on=command.paid_on,
            commitment=command.commitment,
        )
    ]


def _must_be_approved(operation: Operation) -> None:
    if operation.programme is None:
        raise Refused("the operation was not approved", way_out="Use approve-operation first.")


def _must_be_positive(amount: Decimal) -> None:
    if amount <= 0:
        raise Refused("the amount must be greater than zero", field="amount", way_out="Check the amount.")


def _must_be_open(operation: Operation, commitment: str, amount: Decimal) -> None:
    open_amount = operation.open_commitments.get(commitment, Decimal(0))
    if amount > open_amount:
        raise Refused(
            f"only {open_amount} of this commitment is open", field="amount", way_out="Check amount and commitment."
        )
