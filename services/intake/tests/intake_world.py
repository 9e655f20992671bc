"""Given/when/then over intake's decisions, and what is needed to talk to the service."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import httpx
from lotse_intake.domain import CASE as CASE_KIND
from lotse_intake.domain import commands
from lotse_intake.domain.case import Case
from lotse_shared.contracts.codes import (
    ConsentPurpose,
    CostType,
    EligibilityResult,
    ExitReason,
    MoneySource,
    PartnerRole,
    ReferralSource,
)
from lotse_shared.contracts.intake import (
    BudgetApproved,
    CommitmentMade,
    ConsentGiven,
    EligibilityChecked,
    OperationApproved,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantReferred,
    ParticipantRestricted,
    PartnerJoined,
    PaymentMade,
)
from lotse_shared.deciding import Kind, Now
from lotse_shared.envelope import Event

KEY = bytes(range(32))
TODAY = date(2013, 6, 30)
CASE = "01950000-0000-7000-8000-000000000001"
OTHER = "01950000-0000-7000-8000-000000000002"
NEW = "01950000-0000-7000-8000-00000000000a"
FACT = "01950000-0000-7000-8000-00000000000f"
APPROVED = {
    "id": "mehrlin",
    "programme": "biwaq",
    "approved_on": "2011-09-01",
    "first_day": "2011-10-01",
    "last_day": "2014-09-30",
}
JOINED = {"role": "network-partner", "joined_on": "2011-10-01"}
REFERRED = {"operation": "mehrlin", "referred_on": "2012-02-01", "referred_by": "self"}
PERSON = {"given_name": "Ina", "family_name": "Beispiel", "birth_date": "1975-03-02"}


def day(month: int, day_of_month: int = 1, year: int = 2012) -> date:
    return date(year, month, day_of_month)


def referred(on: date = date(2012, 2, 1), partner: str = "spi") -> ParticipantReferred:
    return ParticipantReferred(
        operation="mehrlin", case=CASE, partner=partner, referred_on=on, referred_by=ReferralSource.SELF
    )


def enrolled(on: date = date(2012, 3, 1)) -> ParticipantEnrolled:
    return ParticipantEnrolled(operation="mehrlin", case=CASE, partner="spi", entry_date=on)


def exited(on: date = date(2012, 6, 1)) -> ParticipantExited:
    return ParticipantExited(operation="mehrlin", case=CASE, partner="spi", exit_date=on, reason=ExitReason.PLANNED_END)


def reentered(on: date = date(2012, 8, 1)) -> ParticipantReentered:
    return ParticipantReentered(operation="mehrlin", case=CASE, partner="spi", reentry_date=on)


def agreed(purpose: ConsentPurpose = ConsentPurpose.REFERRAL) -> ConsentGiven:
    return ConsentGiven(
        operation="mehrlin", case=CASE, partner="spi", consent=NEW, purpose=purpose, text_version="v1", given_on=day(2)
    )


def checked(result: EligibilityResult) -> EligibilityChecked:
    return EligibilityChecked(
        operation="mehrlin", case=CASE, partner="spi", rule_set="wir@2022-04-19", decided_on=day(2, 2), result=result
    )


def restricted(until: date) -> ParticipantRestricted:
    return ParticipantRestricted(operation="mehrlin", case=CASE, partner="spi", until=until, basis="retention")


def erased() -> ParticipantErased:
    return ParticipantErased(operation="mehrlin", case=CASE, partner="spi", basis="art-17")


def approved(budget: str | None = None) -> OperationApproved:
    return OperationApproved(
        operation="mehrlin",
        programme="biwaq",
        approved_on=date(2011, 9, 1),
        first_day=date(2011, 10, 1),
        last_day=date(2014, 9, 30),
        budget=budget,
    )


def joined(partner: str) -> PartnerJoined:
    return PartnerJoined(
        operation="mehrlin", joined=partner, role=PartnerRole.NETWORK_PARTNER, joined_on=date(2011, 10, 1)
    )


def budgeted(amount: str = "1000.00", budget: str = NEW) -> BudgetApproved:
    return BudgetApproved(
        operation="mehrlin",
        budget=budget,
        year=2012,
        cost_type=CostType.STAFF,
        money_source=MoneySource.ESF,
        amount=amount,
        approved_on=day(1),
    )


def promised(amount: str = "500.00") -> CommitmentMade:
    return CommitmentMade(
        operation="mehrlin",
        commitment=NEW,
        money_source=MoneySource.ESF,
        cost_type=CostType.STAFF,
        amount=amount,
        committed_on=day(1),
    )


def paid(amount: str = "200.00") -> PaymentMade:
    return PaymentMade(
        operation="mehrlin",
        payment=NEW,
        money_source=MoneySource.ESF,
        cost_type=CostType.STAFF,
        amount=amount,
        paid_on=day(2),
        commitment=NEW,
    )


ENTRY = enrolled()
NETWORK_OF_TWO = (approved(), joined("spi"), joined("bbi"))


def now(subject: str = CASE, partner: str = "spi", role: str = "coach", owner: str = "spi", today: date = TODAY) -> Now:
    """The moment of a decision, with ids that can be told in advance."""
    return Now(
        subject=subject,
        today=today,
        at=datetime.combine(today, datetime.min.time(), UTC),
        operation="mehrlin",
        partner=partner,
        role=role,
        new_id=lambda: NEW,
        owner=owner,
    )


def fold(kind: Kind[Any], facts: Sequence[Event], subject: str) -> Any:
    """The state of a subject after these facts."""
    state = kind.state()
    for fact in facts:
        if fact.subject == subject:
            state = kind.evolve(state, fact)
    return state


def case_after(*facts: Event) -> Case:
    return fold(CASE_KIND, facts, CASE)


def decide(
    name: str,
    body: dict[str, Any],
    *given: Event,
    partner: str = "spi",
    role: str = "coach",
    operation: Sequence[Event] = NETWORK_OF_TWO,
    today: date = TODAY,
    original: Event | None = ENTRY,
    **known: Any,
) -> list[dict[str, Any]]:
    """Given facts, when a command comes, then these facts are told (or it is refused).

    A fact is shown as its type and the fields that are not about who, where and which operation. A command that names
    an earlier fact finds the enrolment there, unless told otherwise.
    """
    rule = commands.rules[name]
    command = rule.body.model_validate(body)
    about_operation = rule.kind.name == "operation"
    subject = "mehrlin" if about_operation else CASE
    if "operation" in rule.also:
        known = {"operation": fold(rule.also["operation"], operation, "mehrlin"), **known}
    known = {**dict.fromkeys(rule.also), **known}
    if rule.body.names_fact:
        known["original"] = original
    if rule.body.takes_along:
        known = {"told_with": {}, "touched": {}, **known}
    state = fold(rule.kind, given, subject)
    moment = now(subject, partner, role, "network" if about_operation else "spi", today)
    facts = rule.decide(state, command, moment, **known)
    assert all(fact.operation == "mehrlin" for fact in facts)
    return [
        {
            "type": fact.type,
            **fact.model_dump(mode="json", exclude_unset=True, exclude={"operation", "case", "partner"}),
        }
        for fact in facts
    ]


async def opened(client: httpx.AsyncClient, person: dict[str, Any] | None = None, **body: Any) -> str:
    """Open a case; gives its id."""
    answer = await client.post("/cases/refer-participant", json={**REFERRED, **body, "person": person})
    assert answer.status_code == 200, answer.text
    return answer.json()["subject"]


async def done(client: httpx.AsyncClient, address: str, **body: Any) -> list[dict[str, str]]:
    """Send a command that is accepted; gives its facts."""
    answer = await client.post(address, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["facts"]
