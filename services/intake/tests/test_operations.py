"""Every decision about an operation: partners, milestones, money, stocks, organisations."""

import pytest
from intake_world import (
    APPROVED,
    FACT,
    NEW,
    OTHER,
    approved,
    budgeted,
    day,
    decide,
    enrolled,
    joined,
    paid,
    promised,
)
from lotse_intake.domain.organisations import Employer
from lotse_shared.contracts.codes import Audience, MilestoneKind, MoneySource, OrganisationKind
from lotse_shared.contracts.intake import (
    CommitmentReleased,
    MilestoneReached,
    OrganisationSupported,
    PartnerLeft,
    PaymentReturned,
)
from lotse_shared.deciding import Refused

BUDGET = {
    "year": 2012,
    "cost_type": "staff",
    "money_source": "esf",
    "amount": "600.00",
    "approved_on": "2012-01-01",
}
PROMISE = {"money_source": "esf", "cost_type": "staff", "amount": "500.00", "committed_on": "2012-01-01"}
RELEASE = {"commitment": NEW, "money_source": "esf", "amount": "500.00", "released_on": "2012-02-01"}
PAYMENT = {"money_source": "esf", "cost_type": "staff", "amount": "500.00", "paid_on": "2012-02-01", "commitment": NEW}
RETURN = {"payment": NEW, "money_source": "esf", "amount": "200.00", "returned_on": "2012-03-01"}
REQUEST = {
    "money_source": "esf",
    "amount": "900.00",
    "requested_on": "2012-04-01",
    "period_from": "2011-10-01",
    "period_until": "2012-03-31",
}
SUPPORT = {"kind": "administration", "audience": "administration", "supported_on": "2012-05-01"}
FIGURE = {"kind": "inhabitants", "scope": "area", "value": "6638", "year": 2011}
NOT_SAID = {"kind": "sgb2-percent", "scope": "area"}
AREA = {"area": "neue-neustadt", "described_on": "2012-05-01", "figures": [FIGURE, NOT_SAID]}
SUPPORTED = OrganisationSupported(
    operation="mehrlin",
    organisation=NEW,
    kind=OrganisationKind.ADMINISTRATION,
    audience=Audience.UNKNOWN,
    supported_on=day(5),
)
ENTERPRISE = {**SUPPORT, "kind": "enterprise", "audience": "companies"}
COMPANY = SUPPORTED.model_copy(update={"kind": OrganisationKind.ENTERPRISE})
LEFT = PartnerLeft(operation="mehrlin", left="bbi", left_on=day(5))
RUNNING = (approved(), joined("spi"), joined("bbi"))
RELEASED = CommitmentReleased(
    operation="mehrlin", commitment=NEW, money_source=MoneySource.ESF, amount="100.00", released_on=day(2)
)
RETURNED = PaymentReturned(
    operation="mehrlin", payment=NEW, money_source=MoneySource.ESF, amount="50.00", returned_on=day(3)
)
MILESTONE = MilestoneReached(operation="mehrlin", milestone=MilestoneKind.KICK_OFF, reached_on=day(1), partner="spi")

ACCEPTED = [
    ("approve-operation", APPROVED, ()),
    ("join-partner", {"joined": "agb", "role": "network-partner", "joined_on": "2012-01-01"}, RUNNING),
    ("join-partner", {"joined": "bbi", "role": "network-partner", "joined_on": "2012-06-01"}, (*RUNNING, LEFT)),
    ("leave-partner", {"left": "bbi", "left_on": "2012-05-01"}, RUNNING),
    ("reach-milestone", {"milestone": "kick-off", "reached_on": "2011-10-19"}, RUNNING),
    ("report-stock", {"stock": "benefit-recipients", "counted_on": "2012-01-01", "count": 0}, RUNNING),
    ("support-organisation", SUPPORT, RUNNING),
    ("support-organisation", {**SUPPORT, "support": "training", "heads": 12}, RUNNING),
    ("support-organisation", {**SUPPORT, "organisation": NEW}, (*RUNNING, SUPPORTED)),
    ("describe-area", AREA, RUNNING),
    ("describe-area", {**AREA, "figures": [FIGURE, {**FIGURE, "scope": "city"}]}, RUNNING),
    ("approve-budget", BUDGET, RUNNING),
    ("approve-budget", BUDGET, (approved("600.00"),)),
    ("make-commitment", PROMISE, RUNNING),
    ("make-commitment", {**PROMISE, "commitment": OTHER}, (*RUNNING, promised())),
    ("release-commitment", RELEASE, (*RUNNING, promised())),
    ("request-payment", REQUEST, RUNNING),
    ("make-payment", PAYMENT, (*RUNNING, promised())),
    ("make-payment", {**PAYMENT, "commitment": None}, RUNNING),
    ("make-payment", {**PAYMENT, "payment": OTHER}, (*RUNNING, promised(), paid("0.00"))),
    ("return-payment", RETURN, (*RUNNING, promised(), paid())),
]


@pytest.mark.parametrize(("name", "body", "before"), ACCEPTED)
def test_what_may_be_decided_is_told(name, body, before):
    """A decision that the operation's standing allows is told as one fact with what was said; bounds are inclusive."""
    [told] = decide(name, body, *before, partner="network", role="coordinator", original=None)

    said = {key: value for key, value in body.items() if key != "id" and value is not None}
    assert {key: told[key] for key in said} == said


REFUSED = [
    ("approve-operation", APPROVED, RUNNING, "id"),
    ("approve-operation", {**APPROVED, "last_day": "2011-09-30"}, (), "last_day"),
    ("join-partner", {"joined": "bbi", "role": "network-partner", "joined_on": "2012-01-01"}, RUNNING, "joined"),
    ("join-partner", {"joined": "network", "role": "network-partner", "joined_on": "2012-01-01"}, RUNNING, "joined"),
    ("join-partner", {"joined": "agb", "role": "network-partner", "joined_on": "2012-01-01"}, (), None),
    ("leave-partner", {"left": "agb", "left_on": "2012-05-01"}, RUNNING, "left"),
    ("leave-partner", {"left": "bbi", "left_on": "2012-05-01"}, (*RUNNING, LEFT), "left"),
    ("leave-partner", {"left": "bbi", "left_on": "2013-07-01"}, RUNNING, "left_on"),
    ("reach-milestone", {"milestone": "kick-off", "reached_on": "2011-09-30"}, RUNNING, "reached_on"),
    ("reach-milestone", {"milestone": "kick-off", "reached_on": "2013-07-01"}, RUNNING, "reached_on"),
    ("reach-milestone", {"milestone": "kick-off", "reached_on": "2012-01-01"}, (), None),
    ("report-stock", {"stock": "places", "counted_on": "2013-07-01", "count": 1}, RUNNING, "counted_on"),
    ("report-stock", {"stock": "places", "counted_on": "2012-07-01", "count": 1}, (), None),
    ("support-organisation", {**SUPPORT, "supported_on": "2011-09-30"}, RUNNING, "supported_on"),
    ("support-organisation", {**SUPPORT, "supported_on": "2013-07-01"}, RUNNING, "supported_on"),
    ("support-organisation", {**SUPPORT, "organisation": OTHER}, (*RUNNING, SUPPORTED), "organisation"),
    ("support-organisation", {**SUPPORT, "organisation": NEW, "kind": "other"}, (*RUNNING, SUPPORTED), "organisation"),
    ("describe-area", {**AREA, "figures": [FIGURE, {**FIGURE, "year": 2010}]}, RUNNING, "figures"),
    ("describe-area", {**AREA, "described_on": "2013-07-01"}, RUNNING, "described_on"),
    ("describe-area", AREA, (), None),
    ("approve-budget", {**BUDGET, "year": 2010}, RUNNING, "year"),
    ("approve-budget", {**BUDGET, "year": 2015}, RUNNING, "year"),
    ("approve-budget", {**BUDGET, "amount": "600.01"}, (approved("600.00"),), "amount"),
    ("approve-budget", {**BUDGET, "amount": "0.01"}, (approved("1000.00"), budgeted()), "amount"),
    ("make-commitment", {**PROMISE, "first_month": "2012-03-01", "last_month": "2012-02-01"}, RUNNING, "last_month"),
    ("make-commitment", PROMISE, (), None),
    ("make-commitment", {**PROMISE, "commitment": NEW}, (*RUNNING, promised(), RELEASED), "commitment"),
    ("release-commitment", {**RELEASE, "amount": "500.01"}, (*RUNNING, promised()), "amount"),
    ("release-commitment", {**RELEASE, "amount": "300.01"}, (*RUNNING, promised(), paid()), "amount"),
    ("request-payment", {**REQUEST, "period_from": "2011-09-30"}, RUNNING, "period_from"),
    ("request-payment", {**REQUEST, "period_until": "2011-09-30"}, RUNNING, "period_until"),
    ("make-payment", {**PAYMENT, "amount": "400.01"}, (*RUNNING, promised(), RELEASED), "amount"),
    ("make-payment", {**PAYMENT, "paid_on": "2013-07-01"}, (*RUNNING, promised()), "paid_on"),
    ("make-payment", {**PAYMENT, "payment": NEW}, (*RUNNING, promised(), paid()), "payment"),
    ("return-payment", {**RETURN, "amount": "150.01"}, (*RUNNING, promised(), paid(), RETURNED), "amount"),
]


@pytest.mark.parametrize(("name", "body", "before", "field"), REFUSED)
def test_what_may_not_be_decided_is_refused(name, body, before, field):
    """Money is never more than is left, days are in order, partners join once; a refusal names the field."""
    with pytest.raises(Refused) as refusal:
        decide(name, body, *before, partner="network", role="coordinator", original=None)

    assert refusal.value.field == field
    assert refusal.value.way_out


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("approve-operation", APPROVED),
        ("join-partner", {"joined": "agb", "role": "network-partner", "joined_on": "2012-01-01"}),
        ("leave-partner", {"left": "bbi", "left_on": "2012-05-01"}),
        ("approve-budget", BUDGET),
        ("request-payment", REQUEST),
    ],
)
def test_a_single_partner_does_not_decide_for_the_network(name, body):
    """Who takes part and what is granted is decided for the whole network, not by a coordinator of one partner."""
    with pytest.raises(Refused) as refusal:
        decide(name, body, *RUNNING, partner="spi", role="coordinator", original=None)
    assert "spi" in refusal.value.reason


def test_a_changed_budget_replaces_the_earlier_one():
    """A change supersedes the approval of the same year, purpose and source, and counts once against the grant."""
    before = (approved("1000.00"), budgeted("900.00"))
    body = {**BUDGET, "supersedes": FACT, "amount": "1000.00"}

    [told] = decide("approve-budget", body, *before, partner="network", original=budgeted("900.00"))

    assert (told["supersedes"], told["budget"], told["amount"]) == (FACT, NEW, "1000.00")
    for change, original in (({"year": 2013}, budgeted()), ({"money_source": "land"}, budgeted()), ({}, enrolled())):
        with pytest.raises(Refused) as refusal:
            decide("approve-budget", {**body, **change}, *before, partner="network", original=original)
        assert refusal.value.field == "supersedes"


@pytest.mark.parametrize(
    ("before", "original", "stands"),
    [
        (RUNNING, approved(), True),
        ((approved(),), approved(), False),
        (RUNNING, joined("bbi"), False),
        ((*RUNNING, LEFT), joined("bbi"), True),
        ((*RUNNING, promised()), promised(), False),
        ((*RUNNING, promised(), paid()), promised(), True),
        ((*RUNNING, promised(), RELEASED), promised(), True),
        ((*RUNNING, promised(), paid()), paid(), False),
        ((*RUNNING, promised(), paid(), RETURNED), paid(), True),
        ((*RUNNING, budgeted()), budgeted(), False),
        ((*RUNNING, budgeted(), budgeted("1100.00")), budgeted(), True),
        ((*RUNNING, MILESTONE), MILESTONE, False),
    ],
)
def test_nothing_is_taken_back_that_others_rest_on(before, original, stands):
    """An approval with partners, a promise that was paid on and the like stay until what rests on them is gone."""
    body = {"retracts": FACT, "reason": "entered-by-mistake"}
    if stands:
        with pytest.raises(Refused):
            decide("retract-operation-fact", body, *before, partner="network", original=original)
    else:
        [told] = decide("retract-operation-fact", body, *before, partner="network", original=original)
        assert (told["type"], told["subject_id"], told["retracts"]) == ("fact-retracted.v1", "mehrlin", FACT)


def test_a_partner_takes_back_only_what_it_told():
    """A partner's coordinator takes back the partner's own facts, not another's and not the network's."""
    body = {"retracts": FACT, "reason": "entered-by-mistake"}

    assert decide("retract-operation-fact", body, *RUNNING, partner="spi", original=MILESTONE)
    for partner, original in (("bbi", MILESTONE), ("spi", joined("bbi"))):
        with pytest.raises(Refused):
            decide("retract-operation-fact", body, *RUNNING, partner=partner, original=original)


def test_an_organisation_supported_again_is_named_by_its_first_support():
    """The answer of the first support tells its fact: naming that makes it one organisation of the same kind (R-14)."""
    before = (*RUNNING, SUPPORTED)

    [told] = decide("support-organisation", {**SUPPORT, "same_as": FACT}, *before, original=SUPPORTED)

    assert told["organisation"] == NEW
    for body, original in (
        ({**SUPPORT, "same_as": FACT}, MILESTONE),
        ({**SUPPORT, "same_as": FACT, "organisation": OTHER}, SUPPORTED),
        ({**SUPPORT, "same_as": FACT, "kind": "school"}, SUPPORTED),
    ):
        with pytest.raises(Refused) as refusal:
            decide("support-organisation", body, *before, original=original)
        assert refusal.value.field == "same_as"


def test_an_organisation_that_is_no_employer_does_not_become_one():
    """What was recorded as no employer counts as an organisation; it is recorded again, to count once."""
    body = {**ENTERPRISE, "organisation": NEW, "employer": OTHER}
    joinery = Employer(organisation=OrganisationKind.ENTERPRISE, headcount=30, size="small")

    with pytest.raises(Refused) as refusal:
        decide("support-organisation", body, *RUNNING, COMPANY, original=None, employer=joinery)

    assert (refusal.value.field, "record them again" in refusal.value.way_out) == ("employer", True)


def test_what_an_employer_is_was_said_when_it_was_registered():
    """An administration cannot be trained as an enterprise, nor the other way round: it would count in both."""
    joinery = Employer(organisation=OrganisationKind.ENTERPRISE)

    with pytest.raises(Refused) as refusal:
        decide("support-organisation", {**SUPPORT, "employer": OTHER}, *RUNNING, original=None, employer=joinery)

    assert refusal.value.field == "kind"
