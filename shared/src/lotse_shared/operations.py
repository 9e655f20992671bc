"""The operation as every service but intake sees it: which one, when, and which partners run it."""

from datetime import date

from lotse_shared.contracts.intake import OperationApproved, PartnerJoined
from lotse_shared.deciding import NETWORK, Kind, State
from lotse_shared.envelope import Event


class Operation(State):
    """A funded operation, as heard from intake."""

    programme: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    partners: tuple[str, ...] = ()


def evolve(operation: Operation, fact: Event) -> Operation:
    """Take in what intake tells about the operation."""
    match fact:
        case OperationApproved():
            return operation.model_copy(
                update={"programme": fact.programme, "first_day": fact.first_day, "last_day": fact.last_day}
            )
        case PartnerJoined() if fact.joined not in operation.partners:
            return operation.model_copy(update={"partners": (*operation.partners, fact.joined)})
        case _:
            return operation


OPERATION = Kind(
    name="operation",
    state=Operation,
    evolve=evolve,
    hears=(OperationApproved, PartnerJoined),
    partners=lambda operation, _: (NETWORK, *operation.partners),
)
"""Of the network, seen by the partners that joined it: a command of anybody else finds no such operation."""
