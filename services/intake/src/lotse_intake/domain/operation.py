"""An operation as intake keeps it: its period, its partners, its money."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lotse_shared.contracts.intake import (
    CommitmentMade,
    CommitmentReleased,
    OperationApproved,
    PartnerJoined,
    PaymentMade,
)
from lotse_shared.deciding import NETWORK, Kind, State
from lotse_shared.envelope import Event
from pydantic import Field


class Operation(State):
    """A funded operation."""

    programme: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    partners: tuple[str, ...] = ()
    open_commitments: Mapping[str, Decimal] = Field(default_factory=dict)
    """What was promised and neither paid nor released, in euros."""


def evolve(operation: Operation, fact: Event) -> Operation:
    """Take one fact into the state."""
    match fact:
        case OperationApproved():
            return operation.model_copy(
                update={"programme": fact.programme, "first_day": fact.first_day, "last_day": fact.last_day}
            )
        case PartnerJoined() if fact.joined not in operation.partners:
            return operation.model_copy(update={"partners": (*operation.partners, fact.joined)})
        case CommitmentMade():
            return _with(operation, fact.commitment, fact.amount)
        case CommitmentReleased():
            return _with(operation, fact.commitment, -fact.amount)
        case PaymentMade() if fact.commitment:
            return _with(operation, fact.commitment, -fact.amount)
        case _:
            return operation


def _with(operation: Operation, commitment: str, amount: Decimal) -> Operation:
    left = operation.open_commitments.get(commitment, Decimal(0)) + amount
    return operation.model_copy(update={"open_commitments": {**operation.open_commitments, commitment: left}})


OPERATION = Kind(
    name="operation",
    state=Operation,
    evolve=evolve,
    partners=lambda operation, _: operation.partners or (NETWORK,),
)
