"""An operation's money: approved, promised, asked for, paid, returned."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from lotse_shared.contracts.codes import CostType, Euro, MoneySource
from lotse_shared.contracts.intake import (
    BudgetApproved,
    CommitmentMade,
    CommitmentReleased,
    PaymentMade,
    PaymentRequested,
    PaymentReturned,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id
from pydantic import Field

from lotse_intake.domain.case import not_before, not_in_future
from lotse_intake.domain.commands import STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation
from lotse_intake.domain.operations import must_be_approved, network_only

Amount = Annotated[Euro, Field(gt=0)]


class ApproveBudget(Command):
    """Money of one source for one year and purpose."""

    names_fact: ClassVar[str | None] = "supersedes"
    supersedes: Id | None = None
    """The approval that this one changes; left out for a new budget."""
    year: Annotated[int, Field(ge=1990, le=2100)]
    cost_type: CostType
    money_source: MoneySource
    amount: Amount
    approved_on: date


@commands.on(OPERATION, roles=STEERING)
def approve_budget(
    operation: Operation, command: ApproveBudget, now: Now, *, original: Event | None
) -> Sequence[Event]:
    """Approve money for a year of the operation; a change keeps source, year and purpose; never above the grant."""
    network_only(now)
    must_be_approved(operation)
    not_in_future(command.approved_on, now, "approved_on")
    if operation.first_day and operation.last_day:
        _must_be_within(command.year, operation.first_day.year, operation.last_day.year)
    budget, before = now.new_id(), Decimal(0)
    if original is not None:
        if not isinstance(original, BudgetApproved) or (
            (original.year, original.cost_type, original.money_source)
            != (command.year, command.cost_type, command.money_source)
        ):
            raise Refused(
                "the fact named is no approval of the same year, purpose and source",
                field="supersedes",
                way_out="Name the approval that changes, or leave the field out for a new budget.",
            )
        budget, before = original.budget, operation.budgets.get(original.budget, Decimal(0))
    total = sum(operation.budgets.values(), Decimal(0)) - before + command.amount
    if operation.budget is not None and total > operation.budget:
        raise Refused(
            f"all budgets would be {total}, but {operation.budget} were granted", field="amount", way_out="Check it."
        )
    return [
        BudgetApproved(
            operation=now.subject,
            supersedes=command.supersedes,
            budget=budget,
            year=command.year,
            cost_type=command.cost_type,
            money_source=command.money_source,
            amount=command.amount,
            approved_on=command.approved_on,
        )
    ]


class MakeCommitment(Command):
    """Money is promised."""

    commitment: Id | None = None
    """The caller's own id for it, by which payments and releases name it; made here where it is left out."""
    money_source: MoneySource
    cost_type: CostType
    amount: Amount
    committed_on: date
    first_month: date | None = None
    last_month: date | None = None


@commands.on(OPERATION, roles=STEERING)
def make_commitment(operation: Operation, command: MakeCommitment, now: Now) -> Sequence[Event]:
    """Promise money of one source; its months must be in order."""
    must_be_approved(operation)
    not_in_future(command.committed_on, now, "committed_on")
    _must_be_new(command.commitment, operation.open_commitments, "commitment")
    if command.last_month:
        not_before(command.last_month, command.first_month, "the first month", "last_month")
    return [
        CommitmentMade(
            operation=now.subject,
            commitment=command.commitment or now.new_id(),
            money_source=command.money_source,
            cost_type=command.cost_type,
            amount=command.amount,
            committed_on=command.committed_on,
            first_month=command.first_month,
            last_month=command.last_month,
        )
    ]


class ReleaseCommitment(Command):
    """A promise is not needed any more."""

    commitment: Id
    money_source: MoneySource
    amount: Amount
    released_on: date


@commands.on(OPERATION, roles=STEERING)
def release_commitment(operation: Operation, command: ReleaseCommitment, now: Now) -> Sequence[Event]:
    """Release what was promised; never more than is still open."""
    not_in_future(command.released_on, now, "released_on")
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


class RequestPayment(Command):
    """Money is asked for from the granting body."""

    money_source: MoneySource
    amount: Amount
    requested_on: date
    period_from: date
    period_until: date


@commands.on(OPERATION, roles=STEERING)
def request_payment(operation: Operation, command: RequestPayment, now: Now) -> Sequence[Event]:
    """Ask for money for a period of the operation."""
    network_only(now)
    must_be_approved(operation)
    not_in_future(command.requested_on, now, "requested_on")
    not_before(command.period_from, operation.first_day, "the operation's first day", "period_from")
    not_before(command.period_until, command.period_from, "its first day", "period_until")
    return [
        PaymentRequested(
            operation=now.subject,
            request=now.new_id(),
            money_source=command.money_source,
            amount=command.amount,
            requested_on=command.requested_on,
            period_from=command.period_from,
            period_until=command.period_until,
        )
    ]


class MakePayment(Command):
    """Money is paid."""

    payment: Id | None = None
    """The caller's own id for it, by which a return names it; made here where it is left out."""
    money_source: MoneySource
    cost_type: CostType
    amount: Amount
    paid_on: date
    commitment: Id | None = None


@commands.on(OPERATION, roles=STEERING)
def make_payment(operation: Operation, command: MakePayment, now: Now) -> Sequence[Event]:
    """Pay money; on a commitment never more than is still open."""
    must_be_approved(operation)
    not_in_future(command.paid_on, now, "paid_on")
    _must_be_new(command.payment, operation.payments, "payment")
    if command.commitment:
        _must_be_open(operation, command.commitment, command.amount)
    return [
        PaymentMade(
            operation=now.subject,
            payment=command.payment or now.new_id(),
            money_source=command.money_source,
            cost_type=command.cost_type,
            amount=command.amount,
            paid_on=command.paid_on,
            commitment=command.commitment,
        )
    ]


class ReturnPayment(Command):
    """Money comes back."""

    payment: Id
    money_source: MoneySource
    amount: Amount
    returned_on: date


@commands.on(OPERATION, roles=STEERING)
def return_payment(operation: Operation, command: ReturnPayment, now: Now) -> Sequence[Event]:
    """Record that money came back; never more than was paid."""
    not_in_future(command.returned_on, now, "returned_on")
    paid = operation.payments.get(command.payment, Decimal(0))
    if command.amount > paid:
        raise Refused(f"only {paid} of this payment are left", field="amount", way_out="Check amount and payment.")
    return [
        PaymentReturned(
            operation=now.subject,
            payment=command.payment,
            money_source=command.money_source,
            amount=command.amount,
            returned_on=command.returned_on,
        )
    ]


def _must_be_new(named: str | None, known: Mapping[str, Decimal], field: str) -> None:
    if named in known:
        raise Refused(f"there is a {field} of this id already", field=field, way_out="Choose another, or none.")


def _must_be_open(operation: Operation, commitment: str, amount: Decimal) -> None:
    open_amount = operation.open_commitments.get(commitment, Decimal(0))
    if amount > open_amount:
        raise Refused(
            f"only {open_amount} of this commitment is open", field="amount", way_out="Check amount and commitment."
        )


def _must_be_within(year: int, first: int, last: int) -> None:
    if not first <= year <= last:
        raise Refused(f"the operation runs from {first} to {last}", field="year", way_out="Check the year.")
