"""Given what happened, when a fact is taken back, then all that was told with it goes too, or this refusal."""

import pytest
from lotse_matching.domain import CASE, PLACE, TENDER, VACANCY
from lotse_matching.domain.employers import Employer
from lotse_matching.domain.tenders import Tender
from lotse_matching.domain.vacancies import Vacancy
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import ParticipantErased
from lotse_shared.contracts.matching import EmployersMerged
from matching_world import (
    ANOTHER_ID,
    CASE_ID,
    EMPLOYER_ID,
    PLACE_ID,
    REGISTERED,
    TENDER_ID,
    VACANCY_ID,
    enrolled,
    funded_place,
    given,
    known_employer,
    now,
    open_vacancy,
    refused,
    then,
    when,
)

AT = now(CASE_ID)
INSIDE = given(CASE, enrolled())
FIRST, SECOND, THIRD = (f"01950000-0000-7000-8000-{number:012x}" for number in (1001, 1002, 1003))
BODY = {"retracts": FIRST, "reason": "entered-by-mistake"}
END = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
WORK = {"kind": "insured", "starts_on": "2012-05-01"}
VACANT, PLACED_ON = open_vacancy(), funded_place()
TRIAL = {"started_on": "2012-05-01", "planned_until": "2012-06-11"}
SUBSIDY = {"instrument": "other", "approved_on": "2012-04-01", "starts_on": "2012-05-01", "base": "1000"}
SUBSIDY |= {"phases": [{"months": 6, "percent": 50}], "placement": None}
MONTH = {"month": "2012-05-01", "paid_on": "2012-06-01", "money_source": "esf"}
MADE = when(
    "make-placement", INSIDE, {**WORK, "vacancy": VACANCY_ID, "place": PLACE_ID}, AT, vacancy=VACANT, place=PLACED_ON
)
WORKING = then(CASE, INSIDE, MADE)
LOST = when("lose-job", WORKING, END, AT, vacancy=then(VACANCY, VACANT, MADE), place=then(PLACE, PLACED_ON, MADE))


def take_back(command, state, original, at=AT, told_with=(), touched=None):
    """Body and keywords of a retraction."""
    together = dict(zip((SECOND, THIRD), told_with, strict=False))
    return command, state, BODY, at, {"original": original, "told_with": together, "touched": touched or {}}


def test_a_placement_goes_with_what_was_told_with_it():
    """Nobody came: placement, filled position and filled place are taken back, each under its own subject."""
    *asked, keywords = take_back("retract-fact", WORKING, MADE[0], told_with=MADE[1:])

    told = when(*asked, **keywords)

    assert {type(fact) for fact in told} == {FactRetracted}
    assert [(fact.subject, fact.retracts) for fact in told] == [
        (CASE_ID, FIRST),
        (VACANCY_ID, SECOND),
        (PLACE_ID, THIRD),
    ]


def test_an_end_gives_back_what_is_still_free():
    """An end that never was gives position and place back to the job, if nobody else held them since."""
    free = {
        VACANCY_ID: then(VACANCY, VACANT, [*MADE, *LOST]),
        PLACE_ID: then(PLACE, PLACED_ON, [*MADE, *LOST]),
    }
    *asked, keywords = take_back("retract-fact", then(CASE, WORKING, LOST), LOST[0], AT, LOST[1:], free)
    assert len(when(*asked, **keywords)) == 3

    later = when(
        "make-placement",
        INSIDE,
        {**WORK, "starts_on": "2012-09-01", "vacancy": VACANCY_ID, "place": PLACE_ID},
        now(CASE_ID, new_id=lambda: ANOTHER_ID),
        vacancy=free[VACANCY_ID],
        place=free[PLACE_ID],
    )
    for taken in ({VACANCY_ID: then(VACANCY, free[VACANCY_ID], later)}, {PLACE_ID: then(PLACE, free[PLACE_ID], later)}):
        *asked, keywords = take_back(
            "retract-fact", then(CASE, WORKING, LOST), LOST[0], AT, LOST[1:], {**free, **taken}
        )
        assert refused(*asked, **keywords).field == "retracts"


ON_TRIAL = when("start-internship", INSIDE, TRIAL, AT)
TRIED = then(CASE, INSIDE, ON_TRIAL)
TRIED = then(CASE, TRIED, when("end-internship", TRIED, {"ended_on": "2012-06-01"}, AT))
APPROVAL = when("approve-subsidy", WORKING, {**SUBSIDY, "placement": next(iter(WORKING.jobs))}, AT)
FUNDED = then(CASE, WORKING, APPROVAL)
PAYMENT = when("pay-subsidy", FUNDED, MONTH, AT)
PAID = then(CASE, FUNDED, PAYMENT)
RECLAIMED = PAID.model_copy(
    update={"subsidies": {key: one.model_copy(update={"reclaimed": True}) for key, one in PAID.subsidies.items()}}
)
ERASED = given(CASE, ParticipantErased(operation="mehrlin", case=CASE_ID, partner="spi", basis="over"))


@pytest.mark.parametrize(
    ("state", "original", "field"),
    [
        pytest.param(then(CASE, WORKING, LOST), MADE[0], "retracts", id="job that ended"),
        pytest.param(PAID, MADE[0], "retracts", id="job with a paid subsidy"),
        pytest.param(TRIED, ON_TRIAL[0], "retracts", id="trial that ended"),
        pytest.param(PAID, APPROVAL[0], "retracts", id="subsidy that was paid"),
        pytest.param(RECLAIMED, PAYMENT[0], "retracts", id="payment that was reclaimed"),
        pytest.param(WORKING, MADE[1], "retracts", id="fact about the offer"),
        pytest.param(ERASED, MADE[0], None, id="erased"),
    ],
)
def test_retractions_on_a_case_that_are_refused(state, original, field):
    """What later facts stand on is not taken back before them, and only facts about the case itself are."""
    *asked, keywords = take_back("retract-fact", state, original)

    assert refused(*asked, **keywords).field == field


@pytest.mark.parametrize(
    ("state", "original"),
    [(FUNDED, APPROVAL[0]), (PAID, PAYMENT[0]), (then(CASE, INSIDE, ON_TRIAL), ON_TRIAL[0])],
)
def test_what_nothing_stands_on_goes(state, original):
    """The last fact of a chain can be taken back."""
    *asked, keywords = take_back("retract-fact", state, original)

    [told] = when(*asked, **keywords)

    assert told.retracts == FIRST


REGISTRATION = when("register-employer", Employer(), REGISTERED, now(EMPLOYER_ID))
ADVICE = when("advise-employer", known_employer(), {"advised_on": "2012-04-01", "advice": "hiring"}, now(EMPLOYER_ID))
MERGER = EmployersMerged(operation="mehrlin", partner="spi", employer=EMPLOYER_ID, absorbed=ANOTHER_ID)
OPENING = when(
    "open-vacancy",
    Vacancy(),
    {"operation": "mehrlin", "employer": EMPLOYER_ID, "kind": "job", "opened_on": "2012-03-10"},
    now(VACANCY_ID),
    employer=known_employer(),
)
GROWTH = when("change-vacancy", VACANT, {"changed_on": "2012-06-01", "positions": 2}, now(VACANCY_ID))
HOURS = when("change-vacancy", VACANT, {"changed_on": "2012-06-01", "hours_per_week": "30"}, now(VACANCY_ID))
FUNDING = when(
    "fund-place", PLACED_ON, {"operation": "mehrlin", "instrument": "lza", "funded_on": "2012-03-01"}, now(PLACE_ID)
)
PUBLICATION = when(
    "publish-tender",
    Tender(),
    {"operation": "mehrlin", "published_on": "2012-03-01", "clause": True, "hours": 100},
    now(TENDER_ID),
)
AWARD = {"employer": EMPLOYER_ID, "awarded_on": "2012-04-01", "jobs": 1}
AWARD |= {"first_day": "2012-04-01", "last_day": "2012-12-31"}
TENDERED = given(TENDER, *PUBLICATION)
AWARDING = when("award-clause", TENDERED, AWARD, now(TENDER_ID), employer=known_employer())
AWARDED = then(TENDER, TENDERED, AWARDING)
SETTLING = when(
    "settle-clause",
    AWARDED,
    {"employer": EMPLOYER_ID, "settled_on": "2012-06-01", "result": "kept", "jobs_filled": 1},
    now(TENDER_ID),
)
SETTLED = then(TENDER, AWARDED, SETTLING)


@pytest.mark.parametrize(
    ("command", "subject", "state", "original", "told_with"),
    [
        pytest.param("employer", EMPLOYER_ID, known_employer(), REGISTRATION[0], (), id="registration"),
        pytest.param("employer", EMPLOYER_ID, known_employer(), MERGER, (), id="merger"),
        pytest.param("employer", EMPLOYER_ID, known_employer(), MADE[0], (), id="not about the employer"),
        pytest.param("vacancy", VACANCY_ID, then(VACANCY, VACANT, MADE), OPENING[0], (), id="offer that was filled"),
        pytest.param("vacancy", VACANCY_ID, VACANT, GROWTH[0], (), id="positions"),
        pytest.param("vacancy", VACANCY_ID, then(VACANCY, VACANT, MADE), MADE[1], MADE[:1], id="filled position"),
        pytest.param("place", PLACE_ID, then(PLACE, PLACED_ON, MADE), FUNDING[0], (), id="place that was filled"),
        pytest.param("place", PLACE_ID, then(PLACE, PLACED_ON, MADE), MADE[2], MADE[:1], id="filled place"),
        pytest.param("tender", TENDER_ID, AWARDED, PUBLICATION[0], (), id="tender that was awarded"),
        pytest.param("tender", TENDER_ID, SETTLED, AWARDING[0], (), id="obligation that was settled"),
    ],
)
def test_retractions_elsewhere_that_are_refused(command, subject, state, original, told_with):
    """Registrations and mergers stay; what something else stands on is not taken back before that."""
    name = f"retract-{command}-fact"
    *asked, keywords = take_back(name, state, original, now(subject), told_with)

    assert refused(*asked, **keywords).field == "retracts"


@pytest.mark.parametrize(
    ("command", "subject", "state", "original"),
    [
        ("employer", EMPLOYER_ID, known_employer(), ADVICE[0]),
        ("vacancy", VACANCY_ID, VACANT, OPENING[0]),
        ("vacancy", VACANCY_ID, VACANT, HOURS[0]),
        ("place", PLACE_ID, PLACED_ON, FUNDING[0]),
        ("tender", TENDER_ID, TENDERED, PUBLICATION[0]),
        ("tender", TENDER_ID, AWARDED, AWARDING[0]),
        ("tender", TENDER_ID, SETTLED, SETTLING[0]),
    ],
)
def test_retractions_elsewhere(command, subject, state, original):
    """Advice, an unfilled offer or place, and the last step of a tender are taken back."""
    *asked, keywords = take_back(f"retract-{command}-fact", state, original, now(subject))

    [told] = when(*asked, **keywords)

    assert (told.subject, told.retracts) == (subject, FIRST)
