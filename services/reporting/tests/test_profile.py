"""The common block of a funder report: what holds of the operation's own facts, on both clocks."""

from datetime import UTC, datetime

import pytest
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import (
    AreaDescribed,
    BudgetApproved,
    CharacteristicsCorrected,
    CommitmentMade,
    CommitmentReleased,
    MilestoneReached,
    PartnerJoined,
    PartnerLeft,
    PaymentMade,
    PaymentReturned,
)
from lotse_shared.contracts.matching import SubsidyPaid
from reporting_world import Topic, enrolled, hear, network, number, programme

PROFILE = "/operations/mehrlin/profile"
WHAT = {"operation": "mehrlin"}


def booked(event, amount: str, source: str, day: str, **more):
    """A booking of money."""
    dated = {
        BudgetApproved: "approved_on",
        CommitmentMade: "committed_on",
        CommitmentReleased: "released_on",
        PaymentMade: "paid_on",
        PaymentReturned: "returned_on",
    }
    return event(**WHAT, money_source=source, amount=amount, **{dated[event]: day}, **more)


def described(day: str, inhabitants: str) -> AreaDescribed:
    """A data sheet with one figure, and one that nobody could give."""
    return AreaDescribed(
        **WHAT,
        area="nord",
        described_on=day,
        figures=(
            {"kind": "inhabitants", "scope": "area", "value": inhabitants, "year": 2011},
            {"kind": "sgb2-percent", "scope": "city"},
        ),
    )


@pytest.fixture
async def topic(engine) -> Topic:
    """Money of two sources, a data sheet told twice, a partner that left, a payment taken back."""
    made = network()
    definition = programme().programme.definition()
    made.apply_programme({**definition, "reference": "BIWAQ-4711", "subprojects": {"be-ql": "BE-QL"}})
    made.tell(PartnerJoined(**WHAT, joined="bbi", role="network-partner", subproject="be-ql", joined_on="2011-11-01"))
    about = {"cost_type": "staff"}
    made.tell(booked(BudgetApproved, "900.00", "esf", "2011-10-01", budget=number(1), year=2012, **about))
    made.tell(booked(BudgetApproved, "100.00", "own", "2011-10-01", budget=number(2), year=2012, **about))
    made.tell(booked(CommitmentMade, "500.00", "esf", "2012-01-01", commitment=number(3), **about))
    made.tell(booked(CommitmentReleased, "120.50", "esf", "2012-06-01", commitment=number(3)))
    wrong = made.tell(booked(PaymentMade, "77.00", "own", "2012-02-01", payment=number(4), **about))
    made.tell(booked(PaymentMade, "300.00", "esf", "2012-02-01", payment=number(5), **about))
    made.tell(booked(PaymentReturned, "50.00", "esf", "2012-03-01", payment=number(5)))
    made.tell(described("2012-01-01", "6600"))
    made.tell(MilestoneReached(**WHAT, milestone="kick-off", reached_on="2011-10-19"))
    made.before = made.at
    made.tell(FactRetracted(**WHAT, subject_id="mehrlin", retracts=wrong, reason="duplicate"), source="intake")
    made.tell(described("2013-01-01", "6638"))
    made.tell(PartnerLeft(**WHAT, left="spi", left_on="2013-12-31"))
    made.tick()
    await hear(engine, made)
    return made


async def test_a_profile_says_what_the_operation_is(topic, coordinator):
    """Names as the programme file prints them, the period, milestones, partners with roles and subprojects."""
    found = (await coordinator.get(PROFILE)).json()
    assert found["reference"] == "BIWAQ-4711"
    assert found["funder"].startswith("Bundesprogramm")
    assert found["period"] == {"from": "2011-10-01", "until": "2014-09-30"}
    assert found["milestones"] == [{"milestone": "kick-off", "reached_on": "2011-10-19"}]
    spi, bbi = found["partners"]
    assert (spi["id"], spi["left_on"]) == ("spi", "2013-12-31")
    assert bbi["name"] == "BBI Bildungs- und Beratungsinstitut GmbH"
    assert (bbi["subproject"], bbi["subproject_title"], bbi["left_on"]) == ("be-ql", "BE-QL", None)


async def test_money_is_what_holds_of_each_source(topic, coordinator):
    """Commitments less releases, payments less returns, without what was taken back; shares of budget and payments."""
    money = (await coordinator.get(PROFILE)).json()["money"]
    assert money["total"] == {"budget": "1000.00", "committed": "379.50", "requested": "0.00", "paid": "250.00"}
    esf, own = money["sources"]
    assert (esf["source"], esf["paid"], esf["percent_of_budget"], esf["percent_of_paid"]) == ("esf", "250.00", 90, 100)
    assert (own["source"], own["paid"], own["percent_of_budget"], own["percent_of_paid"]) == ("own", "0.00", 10, 0)


RECORD = {"gender": "female", "employment": "unemployed", "age_at_entry": 40, "isced": 3}


@pytest.fixture
async def people(engine) -> Topic:
    """Five who entered, one of them in 2013, one by mistake; of two an answer is missing, two refuse one."""
    made = network()
    made.apply_programme(programme().programme.definition())
    made.tell(enrolled(number(1), "2012-01-10", **RECORD))
    gap = made.tell(enrolled(number(2), "2012-01-11", **RECORD | {"isced": None}, disability="refused"))
    made.tell(enrolled(number(3), "2012-01-12", **RECORD, minority="refused", disability="refused"))
    made.tell(enrolled(number(4), "2013-02-01", **RECORD | {"gender": "unknown"}, disability="not-asked"))
    mistake = made.tell(enrolled(number(5), "2012-01-13", **RECORD))
    made.tell(paid_subsidy(number(1), "2012-03-31", "800.00", "esf"))
    made.tell(paid_subsidy(number(1), "2013-03-31", "200.00", "federal"))
    made.before = made.at
    correction = {"corrects": gap, "corrected_on": "2013-05-01", "isced": 2}
    made.tell(CharacteristicsCorrected(operation="mehrlin", partner="spi", case=number(2), **correction))
    retracted = {"retracts": mistake, "reason": "entered-by-mistake"}
    made.tell(FactRetracted(**WHAT, subject_id=number(5), **retracted), source="intake")
    made.tick()
    await hear(engine, made)
    return made


def paid_subsidy(case: str, day: str, amount: str, source: str) -> SubsidyPaid:
    """A month of a wage subsidy."""
    what = {"instrument": "egz", "month": f"{day[:7]}-01", "percent": 50, "amount": amount, "money_source": source}
    return SubsidyPaid(operation="mehrlin", partner="spi", case=case, subsidy=number(90), paid_on=day, **what)


async def test_records_are_complete_or_lack_answers_and_refusals_are_answers(people, coordinator):
    """R-10, R-10b. Four entered; the fourth lacks a gender, the second's level of education came; two refused."""
    assert (await coordinator.get(PROFILE)).json()["records"] == {
        "entered": 4,
        "complete": 3,
        "incomplete": 1,
        "refused": 2,
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # As of 2012 the fourth has not entered.
        ({"as_of": "2012-12-31"}, (3, 3, 0, 2)),
        # As known before, the second's answer is missing and nobody knows that the fifth was a mistake.
        ({"known": True}, (5, 3, 2, 2)),
        ({"known": True, "as_of": "2012-12-31"}, (4, 3, 1, 2)),
    ],
)
async def test_records_have_both_clocks(people, coordinator, asked, expected):
    """As of a day, and as known at a moment, like every figure."""
    params = {name: day for name, day in asked.items() if name != "known"}
    if "known" in asked:
        params["known_at"] = datetime.fromtimestamp(people.before / 1000, UTC).isoformat()
    found = (await coordinator.get(PROFILE, params=params)).json()["records"]
    assert tuple(found.values()) == expected


async def test_subsidies_are_part_of_what_was_paid(people, coordinator):
    """The same sources pay projects and employers: 800 of 1,000 euros are of the ESF, as of 2012 all 800."""
    money = (await coordinator.get(PROFILE)).json()["money"]
    assert [(one["source"], one["paid"], one["percent_of_paid"]) for one in money["sources"]] == [
        ("esf", "800.00", 80),
        ("federal", "200.00", 20),
    ]
    early = (await coordinator.get(PROFILE, params={"as_of": "2012-12-31"})).json()["money"]
    assert early["total"]["paid"] == "800.00"


async def test_what_is_built_in_is_no_row_of_a_report(people, coordinator):
    """The report has the indicators of the programme file, and nobody opens another one."""
    report = (await coordinator.get("/operations/mehrlin/report")).json()["report"]
    assert not [one["id"] for one in report["indicators"] if ":" in one["id"]]
    entries = await coordinator.get("/operations/mehrlin/indicators/records:refused/entries")
    assert entries.status_code == 404


async def test_the_latest_data_sheet_of_an_area_holds(topic, coordinator):
    """A later sheet replaces the earlier one; a figure that nobody could give is kept as such."""
    [area] = (await coordinator.get(PROFILE)).json()["areas"]
    assert area["described_on"] == "2013-01-01"
    assert area["figures"] == [
        {"kind": "inhabitants", "scope": "area", "value": "6638", "year": 2011},
        {"kind": "sgb2-percent", "scope": "city", "value": None, "year": None},
    ]


async def test_both_clocks_decide_what_a_profile_shows(topic, coordinator):
    """As of a day, later facts are not there; as known at a moment, later retractions and sheets are not."""
    early = (await coordinator.get(PROFILE, params={"as_of": "2012-05-01"})).json()
    assert early["money"]["total"]["committed"] == "500.00"
    assert early["areas"][0]["described_on"] == "2012-01-01"
    assert early["partners"][0]["left_on"] is None
    known = datetime.fromtimestamp(topic.before / 1000, UTC).isoformat()
    then = (await coordinator.get(PROFILE, params={"known_at": known})).json()
    assert then["money"]["total"]["paid"] == "327.00"
    assert then["areas"][0]["described_on"] == "2012-01-01"


async def test_a_profile_is_for_who_may_see_the_operation(topic, coordinator):
    """Whoever may not see the operation finds none; without a programme in force there is none."""
    assert (await coordinator.get("/operations/elsewhere/profile")).status_code == 404
    before = await coordinator.get(PROFILE, params={"known_at": "2020-01-01"})
    assert (before.status_code, before.json()["type"]) == (404, "urn:lotse:problem:no-report")
