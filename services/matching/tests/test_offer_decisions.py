"""Given what happened, when employers, tenders, offers or places are dealt with, then these facts or refusals."""

from datetime import date

import pytest
from lotse_matching.domain import EMPLOYER, TENDER, VACANCY
from lotse_matching.domain.employers import Employer, size_class
from lotse_matching.domain.places import Place
from lotse_matching.domain.tenders import Tender
from lotse_matching.domain.vacancies import Vacancy
from lotse_shared.contracts.matching import EmployerAbsorbed, EmployersMerged
from matching_world import (
    ANOTHER_ID,
    EMPLOYER_ID,
    PLACE_ID,
    REGISTERED,
    TENDER_ID,
    VACANCY_ID,
    given,
    known_employer,
    now,
    open_vacancy,
    refused,
    then,
    when,
)

AT = now(EMPLOYER_ID)
KNOWN = known_employer(headcount=49)
ADVICE = {"advised_on": "2012-04-01", "advice": "hiring"}


@pytest.mark.parametrize(
    ("heads", "size"), [(0, "micro"), (9, "micro"), (10, "small"), (49, "small"), (50, "medium"), (250, "large")]
)
def test_size_by_heads(heads, size):
    """Micro under 10 heads, small under 50, medium under 250."""
    assert size_class(heads) == size
    assert KNOWN.model_copy(update={"headcount": heads}).headcount == heads


def test_advice_carries_what_was_known():
    """Advice without a headcount has the one known before; a new one replaces it, and is known from then on."""
    [first] = when("advise-employer", KNOWN, ADVICE, AT)
    [second] = when("advise-employer", KNOWN, {**ADVICE, "headcount": 55}, AT)
    [by_class] = when("advise-employer", KNOWN, {**ADVICE, "size": "large"}, AT)
    [third] = when("advise-employer", then(EMPLOYER, KNOWN, [second]), ADVICE, AT)

    assert (first.headcount, first.size) == (49, "small")
    assert (second.headcount, second.size) == (55, "medium")
    assert (by_class.headcount, by_class.size) == (None, "large")
    assert (third.headcount, third.size) == (55, "medium")


def test_a_contact_is_no_advice():
    """A contact changes nothing that is known of the employer."""
    [contacted] = when("contact-employer", KNOWN, {"contacted_on": "2012-03-05", "channel": "visit"}, AT)

    assert then(EMPLOYER, KNOWN, [contacted]) == KNOWN


@pytest.mark.parametrize(
    ("command", "body", "field"),
    [
        ("register-employer", {**REGISTERED, "registered_on": "2026-07-01"}, "registered_on"),
        ("register-employer", {**REGISTERED, "headcount": 60, "size": "small"}, "size"),
        ("contact-employer", {"contacted_on": "2026-07-01", "channel": "visit"}, "contacted_on"),
        ("contact-employer", {"contacted_on": "2012-02-01", "channel": "visit"}, "contacted_on"),
        ("advise-employer", {**ADVICE, "advised_on": "2026-07-01"}, "advised_on"),
        ("advise-employer", {**ADVICE, "advised_on": "2012-02-01"}, "advised_on"),
        ("advise-employer", {**ADVICE, "headcount": 9, "size": "large"}, "size"),
        ("join-marketplace", {"joined_on": "2026-07-01"}, "joined_on"),
        ("join-marketplace", {"joined_on": "2012-02-01"}, "joined_on"),
    ],
)
def test_dealings_with_employers_that_are_refused(command, body, field):
    """Days in order and not in the future; size and headcount that fit each other."""
    assert refused(command, KNOWN, body, AT).field == field


def test_a_business_joins_the_marketplace_once():
    """A second membership is refused."""
    member = then(EMPLOYER, KNOWN, when("join-marketplace", KNOWN, {"joined_on": "2020-05-01"}, AT))

    assert member.member_since == date(2020, 5, 1)
    assert refused("join-marketplace", member, {"joined_on": "2020-06-01"}, AT).reason


def test_two_records_are_one_employer():
    """A merge tells one fact for each; each side knows which it is, and both ids stand for the same."""
    other = KNOWN.model_copy(update={"id": ANOTHER_ID})

    told = when("merge-employers", KNOWN, {"other": ANOTHER_ID}, AT, other=other)
    going_on, absorbed = then(EMPLOYER, KNOWN, told), then(EMPLOYER, other, told)

    assert [type(fact) for fact in told] == [EmployersMerged, EmployerAbsorbed]
    assert (going_on.absorbs, going_on.absorbed_into) == ((ANOTHER_ID,), None)
    assert (absorbed.absorbs, absorbed.absorbed_into) == ((), EMPLOYER_ID)
    assert going_on.is_also(ANOTHER_ID)
    assert absorbed.is_also(EMPLOYER_ID)


def test_circles_of_employers_are_refused():
    """Nobody is merged with themselves, nor one that is read as another one, on either side."""
    absorbed = KNOWN.model_copy(update={"absorbed_into": ANOTHER_ID})

    assert refused("merge-employers", KNOWN, {"other": EMPLOYER_ID}, AT, other=KNOWN).field == "other"
    assert refused("merge-employers", KNOWN, {"other": ANOTHER_ID}, AT, other=absorbed).field == "other"
    assert refused("merge-employers", absorbed, {"other": ANOTHER_ID}, AT, other=KNOWN).reason


AT_TENDER = now(TENDER_ID)
PUBLISHED = {"operation": "mehrlin", "published_on": "2018-01-10", "clause": True, "persons": 3}
AWARD = {
    "employer": EMPLOYER_ID,
    "awarded_on": "2018-03-01",
    "jobs": 3,
    "first_day": "2018-04-01",
    "last_day": "2019-03-31",
}
TENDERED = given(TENDER, *when("publish-tender", Tender(), PUBLISHED, AT_TENDER))
AWARDED = then(TENDER, TENDERED, when("award-clause", TENDERED, AWARD, AT_TENDER, employer=KNOWN))
SETTLED = {"employer": EMPLOYER_ID, "settled_on": "2019-04-01", "result": "kept", "jobs_filled": 3}
DONE = then(TENDER, AWARDED, when("settle-clause", AWARDED, SETTLED, AT_TENDER))


@pytest.mark.parametrize(
    ("result", "filled", "on"), [("kept", 4, "2018-06-01"), ("broken", 2, "2019-04-01"), ("waived", 0, "2018-05-01")]
)
def test_an_obligation_is_settled(result, filled, on):
    """Kept as soon as all jobs were filled, broken with fewer after its time, waived at any time."""
    body = {**SETTLED, "result": result, "jobs_filled": filled, "settled_on": on}

    [fact] = when("settle-clause", AWARDED, body, AT_TENDER)

    assert then(TENDER, AWARDED, [fact]).obligations[EMPLOYER_ID].result == result


@pytest.mark.parametrize(
    ("command", "state", "body", "field"),
    [
        pytest.param("publish-tender", Tender(), {"published_on": "2026-07-01"}, "published_on", id="future"),
        pytest.param("publish-tender", Tender(), {"clause": False}, "clause", id="demands without clause"),
        pytest.param("publish-tender", Tender(), {"persons": None}, "clause", id="clause without demands"),
        pytest.param("award-clause", TENDERED, {"awarded_on": "2026-07-01"}, "awarded_on", id="award in future"),
        pytest.param("award-clause", TENDERED, {"awarded_on": "2018-01-09"}, "awarded_on", id="before publication"),
        pytest.param("award-clause", TENDERED, {"first_day": "2018-02-28"}, "first_day", id="before award"),
        pytest.param("award-clause", TENDERED, {"last_day": "2018-03-31"}, "last_day", id="ends before it begins"),
        pytest.param("award-clause", AWARDED, {}, "employer", id="awarded twice"),
        pytest.param(
            "award-clause", TENDERED.model_copy(update={"clause": False}), {}, None, id="tender without clause"
        ),
        pytest.param("settle-clause", TENDERED, {}, "employer", id="owes nothing"),
        pytest.param("settle-clause", DONE, {}, "employer", id="settled twice"),
        pytest.param("settle-clause", AWARDED, {"settled_on": "2026-07-01"}, "settled_on", id="settled in future"),
        pytest.param("settle-clause", AWARDED, {"settled_on": "2018-02-28"}, "settled_on", id="before the award"),
        pytest.param("settle-clause", AWARDED, {"jobs_filled": 2}, "result", id="kept with too few"),
        pytest.param("settle-clause", AWARDED, {"result": "broken"}, "result", id="broken with all"),
        pytest.param(
            "settle-clause",
            AWARDED,
            {"result": "broken", "jobs_filled": 1, "settled_on": "2019-03-31"},
            "settled_on",
            id="broken before its time is over",
        ),
    ],
)
def test_tenders_that_are_refused(command, state, body, field):
    """A clause is published, awarded and settled in this order, once, and by the jobs that were filled."""
    usual = {"publish-tender": PUBLISHED, "award-clause": AWARD, "settle-clause": SETTLED}[command]
    others = {"employer": KNOWN} if command == "award-clause" else {}

    assert refused(command, state, {**usual, **body}, AT_TENDER, **others).field == field


OFFER = {"operation": "mehrlin", "employer": EMPLOYER_ID, "kind": "job", "opened_on": "2019-01-10"}
AT_OFFER = now(VACANCY_ID)


def test_an_offer_from_procurement_names_its_award():
    """An employer that owes jobs from a tender may open offers that come from it."""
    body = {**OFFER, "origin": "procurement", "tender": TENDER_ID, "positions": 3}

    [opened, offered] = when("open-vacancy", Vacancy(), body, AT_OFFER, employer=KNOWN, tender=AWARDED)

    assert given(VACANCY, opened).positions == 3
    assert (offered.employer, offered.vacancy, offered.positions) == (EMPLOYER_ID, VACANCY_ID, 3)


@pytest.mark.parametrize(
    ("body", "tender", "field"),
    [
        ({"opened_on": "2026-07-01"}, None, "opened_on"),
        ({"opened_on": "2012-02-01"}, None, "opened_on"),
        ({"origin": "procurement"}, None, "tender"),
        ({"tender": TENDER_ID}, AWARDED, "tender"),
        ({"tender": TENDER_ID, "origin": "procurement"}, TENDERED, "tender"),
    ],
)
def test_offers_that_are_refused(body, tender, field):
    """Days in order; procurement and tender go together, and the employer owes jobs from it."""
    assert refused("open-vacancy", Vacancy(), {**OFFER, **body}, AT_OFFER, employer=KNOWN, tender=tender).field == field


def test_positions_that_were_filled_stay():
    """An offer may grow; it may not shrink below a position that somebody held."""
    filled = open_vacancy(positions=3).model_copy(update={"seats": {2: {"holder": None, "last": "x"}}})

    [grown] = when("change-vacancy", filled, {"changed_on": "2012-06-01", "positions": 5}, AT_OFFER)

    assert then(VACANCY, filled, [grown]).positions == 5
    body = {"changed_on": "2012-06-01", "positions": 1}
    assert refused("change-vacancy", filled, body, AT_OFFER).field == "positions"


CLOSED = open_vacancy().model_copy(update={"closed_on": date(2012, 8, 1)})


@pytest.mark.parametrize(
    ("command", "state", "body", "field"),
    [
        ("change-vacancy", open_vacancy(), {"changed_on": "2012-06-01"}, None),
        ("change-vacancy", open_vacancy(), {"changed_on": "2026-07-01", "positions": 2}, "changed_on"),
        ("change-vacancy", open_vacancy(), {"changed_on": "2012-03-01", "positions": 2}, "changed_on"),
        ("change-vacancy", CLOSED, {"changed_on": "2012-09-01", "positions": 2}, None),
        ("close-vacancy", open_vacancy(), {"closed_on": "2026-07-01"}, "closed_on"),
        ("close-vacancy", open_vacancy(), {"closed_on": "2012-03-01"}, "closed_on"),
        ("close-vacancy", CLOSED, {"closed_on": "2012-09-01"}, None),
    ],
)
def test_changes_of_offers_that_are_refused(command, state, body, field):
    """Only an open offer changes or closes, on a day that has come, and only really."""
    assert refused(command, state, body, AT_OFFER).field == field


def test_an_offer_is_changed_by_those_who_look_after_it():
    """Another partner sees an offer but does not change it; a coordinator may."""
    body = {"closed_on": "2012-09-01"}
    foreign = now(VACANCY_ID, partner="bbi", role="job-acquirer")
    coordinator = now(VACANCY_ID, partner="bbi", role="coordinator")

    assert "another partner" in refused("close-vacancy", open_vacancy(), body, foreign).reason
    assert when("close-vacancy", open_vacancy(), body, coordinator)


def test_places_are_not_funded_in_the_future():
    """A place that the funder has not paid for yet is refused."""
    body = {"operation": "mehrlin", "instrument": "lza", "funded_on": "2026-07-01"}

    assert refused("fund-place", Place(), body, now(PLACE_ID)).field == "funded_on"


def test_an_unknown_fact_changes_no_employer():
    """A merge between two others leaves an employer as it is."""
    fact = EmployersMerged(operation="mehrlin", partner="spi", employer=ANOTHER_ID, absorbed=TENDER_ID)

    assert then(EMPLOYER, KNOWN, [fact]) == KNOWN
    assert Employer().is_also(ANOTHER_ID) is False
