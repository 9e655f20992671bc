"""An operation as intake keeps it: its period, its partners, its money."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from lotse_shared.contracts.codes import AreaRule, OrganisationKind
from lotse_shared.contracts.intake import (
    BudgetApproved,
    CommitmentMade,
    CommitmentReleased,
    EmployerTrained,
    OperationApproved,
    OrganisationSupported,
    PartnerJoined,
    PartnerLeft,
    PaymentMade,
    PaymentReturned,
)
from lotse_shared.deciding import NETWORK, Kind, Refused, State
from lotse_shared.envelope import Event
from pydantic import Field


class Operation(State):
    """A funded operation. Amounts are in euros."""

    programme: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    area_rule: AreaRule | None = None
    """Whether participants have to live in the programme area."""
    budget: Decimal | None = None
    """What was granted for the whole operation, where the notice says so."""
    partners: tuple[str, ...] = ()
    """All that ever joined: they keep seeing what they did."""
    departed: tuple[str, ...] = ()
    """Those of them that left."""
    budgets: Mapping[str, Decimal] = Field(default_factory=dict)
    """Approved amounts by the budget's id."""
    open_commitments: Mapping[str, Decimal] = Field(default_factory=dict)
    """What was promised and neither paid nor released."""
    payments: Mapping[str, Decimal] = Field(default_factory=dict)
    """What was paid and not returned, by the payment's id."""
    organisations: Mapping[str, OrganisationKind] = Field(default_factory=dict)
    """Administrations, schools and companies that were supported as such."""
    employers: Mapping[str, str] = Field(default_factory=dict)
    """Which employer an organisation is, of those that are one."""

    def must_have(self, partner: str, field: str) -> None:
        """Refuse a partner that does not take part in the operation now."""
        if partner not in self.partners or partner in self.departed:
            raise Refused(
                f"{partner} is no partner of this operation",
                field=field,
                way_out="Check the name; a new partner joins with join-partner.",
            )


def evolve(operation: Operation, fact: Event) -> Operation:  # noqa: C901, PLR0911 - one arm an event
    """Take one fact into the state."""

    def to(**changes: object) -> Operation:
        return operation.model_copy(update=changes)

    match fact:
        case OperationApproved():
            return to(
                programme=fact.programme,
                first_day=fact.first_day,
                last_day=fact.last_day,
                area_rule=fact.area_rule,
                budget=fact.budget,
            )
        case PartnerJoined():
            joined = () if fact.joined in operation.partners else (fact.joined,)
            return to(
                partners=(*operation.partners, *joined),
                departed=tuple(one for one in operation.departed if one != fact.joined),
            )
        case PartnerLeft():
            return to(departed=(*operation.departed, fact.left))
        case BudgetApproved():
            return to(budgets={**operation.budgets, fact.budget: fact.amount})
        case CommitmentMade():
            return to(open_commitments=_more(operation.open_commitments, fact.commitment, fact.amount))
        case CommitmentReleased():
            return to(open_commitments=_more(operation.open_commitments, fact.commitment, -fact.amount))
        case PaymentMade():
            left = operation.open_commitments
            return to(
                payments=_more(operation.payments, fact.payment, fact.amount),
                open_commitments=_more(left, fact.commitment, -fact.amount) if fact.commitment else left,
            )
        case PaymentReturned():
            return to(payments=_more(operation.payments, fact.payment, -fact.amount))
        case OrganisationSupported():
            return to(organisations={**operation.organisations, fact.organisation: fact.kind})
        case EmployerTrained():
            return to(employers={**operation.employers, fact.organisation: fact.employer})
        case _:
            return operation


def _more(amounts: Mapping[str, Decimal], key: str, amount: Decimal) -> Mapping[str, Decimal]:
    return {**amounts, key: amounts.get(key, Decimal(0)) + amount}


OPERATION = Kind(
    name="operation",
    state=Operation,
    evolve=evolve,
    partners=lambda operation, _: (NETWORK, *operation.partners),
)
"""Of the network, seen by the partners that joined it."""
