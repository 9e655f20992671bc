"""Whoever is paid for hiring somebody is told of as an employer, too: with the approval, or with the work it pays."""

import pytest
from lotse_matching.domain import CASE
from lotse_shared.contracts.matching import HiringIncentiveGranted
from matching_world import CASE_ID, EMPLOYER_ID, enrolled, given, known_employer, now, open_vacancy, then, when
from test_matching_http import employer, state, told, vacancy

AT = now(CASE_ID)
INSIDE = given(CASE, enrolled())
WORK = {"kind": "insured", "instrument": "egz", "starts_on": "2012-05-01", "employer": EMPLOYER_ID}
SUBSIDY = {"instrument": "egz", "approved_on": "2012-04-20", "starts_on": "2012-05-01", "base": "2000"}
SUBSIDY |= {"phases": [{"months": 6, "percent": 50}]}
TWELVE = known_employer(headcount=12, in_area="in-area")


def after(state, command, body, **others):
    return then(CASE, state, when(command, state, body, AT, **others))


def incentives(facts) -> list[HiringIncentiveGranted]:
    return [fact for fact in facts if isinstance(fact, HiringIncentiveGranted)]


WORKING = after(INSIDE, "make-placement", WORK, employer=TWELVE)
APPROVED = after(INSIDE, "approve-subsidy", SUBSIDY)


@pytest.mark.parametrize("named", [True, False])
def test_an_approval_for_work_that_began_tells_of_its_employer(named):
    """R-11: approval and incentive are told together, with the size known then; the approval names the placement."""
    [placement] = WORKING.jobs
    body = {**SUBSIDY, "approved_on": "2012-06-15", **({"placement": placement} if named else {})}

    approved, granted = when("approve-subsidy", WORKING, body, AT, employer=TWELVE)

    assert (approved.placement, granted.subsidy) == (placement, approved.subsidy)
    assert (granted.employer, granted.instrument) == (EMPLOYER_ID, "egz")
    assert (granted.headcount, granted.size, granted.in_area) == (12, "small", "in-area")
    assert str(granted.granted_on) == "2012-06-15", "approved after the start of the work"


def test_an_earlier_approval_is_told_of_with_the_work_it_pays_for():
    """LZA: approved before the contract, when nobody could know the employer. Counts from the start of the work."""
    [subsidy] = APPROVED.subsidies

    for offer in ({}, {"vacancy": open_vacancy()}):
        facts = when("make-placement", APPROVED, WORK, AT, employer=TWELVE, **offer)
        [granted] = incentives(facts)
        assert (granted.subsidy, granted.employer, str(granted.granted_on)) == (subsidy, EMPLOYER_ID, "2012-05-01")


@pytest.mark.parametrize(
    ("state", "body"),
    [
        pytest.param(INSIDE, WORK, id="no subsidy"),
        pytest.param(APPROVED, {**WORK, "starts_on": "2012-05-02"}, id="another day"),
        pytest.param(APPROVED, {**WORK, "instrument": None}, id="another instrument"),
    ],
)
def test_work_that_no_subsidy_pays_for_is_no_incentive(state, body):
    """A placement alone is support of the person."""
    assert incentives(when("make-placement", state, body, AT, employer=TWELVE)) == []


def test_nobody_is_told_of_who_is_not_known():
    """Work without a named employer: the subsidy stands alone."""
    nobody = {**WORK, "employer": None}
    working = after(INSIDE, "make-placement", nobody)

    assert len(when("approve-subsidy", working, SUBSIDY, AT)) == 1
    assert incentives(when("make-placement", APPROVED, nobody, AT)) == []


def test_an_approval_is_told_of_once():
    """A second job of the instrument on the same day is not what was approved."""
    working = after(APPROVED, "make-placement", WORK, employer=TWELVE)
    minor = {**WORK, "kind": "minijob"}

    assert incentives(when("make-placement", working, minor, AT, employer=TWELVE)) == []


async def take_back(client, case: str, fact: dict):
    return await client.post(f"/cases/{case}/retract-fact", json={"retracts": fact["id"], "reason": "not-happened"})


async def test_an_approval_taken_back_takes_the_incentive_along(client, coordinator, world):
    """Told in one transaction, each under its own subject; the approval goes before the placement, and not alone."""
    case, of = await world.enrol(), await employer(client, headcount=12)
    offer = await vacancy(client, of)
    body = {"kind": "insured", "instrument": "egz", "starts_on": "2012-05-07", "vacancy": offer}
    made = await told(client, f"/cases/{case}/make-placement", **body)
    approved = await told(coordinator, f"/cases/{case}/approve-subsidy", **SUBSIDY | {"starts_on": "2012-05-07"})
    assert [(fact["type"], fact["subject"]) for fact in approved["facts"]] == [
        ("subsidy-approved.v1", case),
        ("hiring-incentive-granted.v1", of),
    ]

    alone = {"retracts": approved["facts"][1]["id"], "reason": "not-happened"}
    refusal = await client.post(f"/employers/{of}/retract-employer-fact", json=alone)
    early = await take_back(client, case, made["facts"][0])
    answer = await take_back(client, case, approved["facts"][0])

    assert (refusal.status_code, early.status_code, answer.status_code) == (409, 409, 200)
    assert "subsidy" in refusal.json()["detail"]
    assert early.json()["way_out"] == "Take back the approval first."
    assert [fact["subject"] for fact in answer.json()["facts"]] == [case, of]
    assert "subsidies" not in await state(client, f"/cases/{case}")
    assert (await take_back(client, case, made["facts"][0])).status_code == 200


async def test_an_earlier_approval_finds_the_employer_of_the_offer(client, coordinator, world):
    """The offer tells the employer; a placement taken back takes the incentive along, and goes before the approval."""
    case, of = await world.enrol(), await employer(client, headcount=12)
    offer = await vacancy(client, of)
    approved = await told(coordinator, f"/cases/{case}/approve-subsidy", **SUBSIDY)
    body = {"kind": "insured", "instrument": "egz", "starts_on": "2012-05-01", "vacancy": offer}
    made = await told(client, f"/cases/{case}/make-placement", **body)
    assert [(fact["type"], fact["subject"]) for fact in made["facts"]] == [
        ("placement-made.v1", case),
        ("vacancy-filled.v1", offer),
        ("hiring-incentive-granted.v1", of),
    ]

    early = await take_back(client, case, approved["facts"][0])
    answer = await take_back(client, case, made["facts"][0])

    assert early.json()["way_out"] == "Take back the placement first."
    assert [fact["subject"] for fact in answer.json()["facts"]] == [case, offer, of]
    assert (await take_back(client, case, approved["facts"][0])).status_code == 200


async def test_in_bulk_every_placement_finds_its_own_employer(client, coordinator, world):
    """Two placements in one request, each with an offer of another employer: each of them is told of."""
    employers = [await employer(client, headcount=heads) for heads in (5, 50)]
    cases = [await world.enrol() for _ in employers]
    offers = [await vacancy(client, one) for one in employers]
    for case in cases:
        await told(coordinator, f"/cases/{case}/approve-subsidy", **SUBSIDY)
    body = {"kind": "insured", "instrument": "egz", "starts_on": "2012-05-01"}
    bulk = [
        {"command": "make-placement", "subject": case, "body": {**body, "vacancy": offer}}
        for case, offer in zip(cases, offers, strict=True)
    ]

    results = (await client.post("/bulk", json={"items": bulk})).json()["results"]

    assert [one["facts"][-1]["subject"] for one in results] == employers
