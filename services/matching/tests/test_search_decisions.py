"""Given what happened, when somebody looks for work, then these facts or this refusal."""

from datetime import date

import pytest
from lotse_matching.domain import CASE
from lotse_matching.domain.employers import Employer
from lotse_shared.contracts.codes import ConsentPurpose
from lotse_shared.contracts.intake import ConsentGiven, ConsentRefused, ConsentWithdrawn, ParticipantErased
from matching_world import (
    ANOTHER_ID,
    CASE_ID,
    EMPLOYER_ID,
    VACANCY_ID,
    enrolled,
    given,
    now,
    open_vacancy,
    refused,
    then,
    when,
)

AT = now(CASE_ID)
ABOUT = {"operation": "mehrlin", "case": CASE_ID, "partner": "spi"}
INSIDE = given(CASE, enrolled())
CLOSED = open_vacancy().model_copy(update={"closed_on": date(2012, 4, 30)})
DECISION = {"vacancy": VACANCY_ID, "decision": "suggested", "reason": "fits", "decided_on": "2012-05-01"}
TRIAL = {"started_on": "2012-05-01", "planned_until": "2012-06-11"}
SENT = {"vacancy": VACANCY_ID, "sent_on": "2012-05-01"}
HELD = {"vacancy": VACANCY_ID, "held_on": "2012-05-01", "result": "open"}


def consent(kind, purpose=ConsentPurpose.MATCHING):
    day = {ConsentGiven: "given_on", ConsentRefused: "refused_on", ConsentWithdrawn: "withdrawn_on"}[kind]
    text = {} if kind is ConsentWithdrawn else {"text_version": "v1"}
    return kind(**ABOUT, consent=ANOTHER_ID, purpose=purpose, **{day: date(2012, 4, 1)}, **text)


def test_without_consent_nobody_is_suggested():
    """Who refused or withdrew the consent for matching is not suggested, until they agree again."""
    withdrawn = then(CASE, INSIDE, [consent(ConsentWithdrawn)])
    never = then(CASE, INSIDE, [consent(ConsentRefused)])
    other = then(CASE, INSIDE, [consent(ConsentWithdrawn, ConsentPurpose.REFERRAL)])

    for state in (withdrawn, never):
        assert "does not agree" in refused("decide-match", state, DECISION, AT, vacancy=open_vacancy()).reason
    for state in (INSIDE, other, then(CASE, withdrawn, [consent(ConsentGiven)])):
        [decided] = when("decide-match", state, DECISION, AT, vacancy=open_vacancy())
        assert decided.reason == "fits"


def test_an_application_tells_the_employer_of_the_offer():
    """Who names only the offer gets its employer into the fact."""
    [sent] = when("send-application", INSIDE, SENT, AT, vacancy=open_vacancy())
    [held] = when("hold-interview", INSIDE, HELD, AT, vacancy=open_vacancy())
    [direct] = when(
        "send-application", INSIDE, {"employer": ANOTHER_ID, "sent_on": "2012-05-01"}, AT, employer=Employer()
    )

    assert (sent.employer, held.employer, direct.employer) == (EMPLOYER_ID, EMPLOYER_ID, ANOTHER_ID)


ERASED = then(CASE, INSIDE, [ParticipantErased(**ABOUT, basis="retention-over")])
STRANGER = {"employer": Employer(id=ANOTHER_ID), "vacancy": open_vacancy()}


@pytest.mark.parametrize(
    ("command", "state", "body", "others", "field"),
    [
        ("decide-match", ERASED, DECISION, {"vacancy": open_vacancy()}, None),
        ("decide-match", INSIDE, {**DECISION, "decided_on": "2012-02-29"}, {"vacancy": open_vacancy()}, "decided_on"),
        ("decide-match", INSIDE, DECISION, {"vacancy": CLOSED}, "decided_on"),
        ("send-application", given(CASE), SENT, {"vacancy": open_vacancy()}, None),
        ("send-application", INSIDE, {"sent_on": "2012-05-01"}, {}, "vacancy"),
        ("send-application", INSIDE, {**SENT, "sent_on": "2026-07-01"}, {"vacancy": open_vacancy()}, "sent_on"),
        ("send-application", INSIDE, {**SENT, "sent_on": "2012-03-09"}, {"vacancy": open_vacancy()}, "sent_on"),
        ("send-application", INSIDE, {**SENT, "employer": ANOTHER_ID}, STRANGER, "employer"),
        ("hold-interview", INSIDE, {**HELD, "held_on": "2026-07-01"}, {"vacancy": open_vacancy()}, "held_on"),
        ("hold-interview", INSIDE, HELD, {"vacancy": CLOSED}, "held_on"),
    ],
)
def test_steps_that_are_refused(command, state, body, others, field):
    """Only somebody who has entered, on a day that has come, about an offer that stood then."""
    assert refused(command, state, body, AT, **others).field == field


@pytest.mark.parametrize(
    ("unemployed_since", "until", "allowed"),
    [
        (None, date(2012, 6, 11), True),
        (None, date(2012, 6, 12), False),
        (date(2011, 5, 1), date(2012, 7, 23), True),
        (date(2011, 5, 1), date(2012, 7, 24), False),
        (date(2011, 5, 2), date(2012, 6, 12), False),
    ],
)
def test_work_on_trial_is_limited(unemployed_since, until, allowed):
    """SGB III 45: six weeks at an employer, twelve for those unemployed for a year, to the day; the rule is named."""
    state = given(CASE, enrolled(unemployed_since=unemployed_since))
    body = {**TRIAL, "planned_until": until}

    if allowed:
        assert when("start-internship", state, body, AT)
    else:
        refusal = refused("start-internship", state, body, AT)
        assert refusal.field == "planned_until"
        assert "45" in refusal.reason


ON_TRIAL = then(CASE, INSIDE, when("start-internship", INSIDE, TRIAL, AT))


def test_work_on_trial_ends_once():
    """A trial ends on a day within its plan; afterwards another one may begin."""
    [ended] = when("end-internship", ON_TRIAL, {"ended_on": "2012-06-11", "result": "offer"}, AT)
    after = then(CASE, ON_TRIAL, [ended])

    assert refused("end-internship", after, {"ended_on": "2012-06-11"}, AT).field == "internship"
    assert when("start-internship", after, {"started_on": "2012-07-01", "planned_until": "2012-07-10"}, AT)


@pytest.mark.parametrize(
    ("command", "state", "body", "field"),
    [
        ("start-internship", ON_TRIAL, TRIAL, None),
        ("start-internship", given(CASE), TRIAL, None),
        ("start-internship", INSIDE, {**TRIAL, "started_on": "2012-02-01"}, "started_on"),
        ("start-internship", INSIDE, {**TRIAL, "planned_until": "2012-04-30"}, "planned_until"),
        ("end-internship", INSIDE, {"ended_on": "2012-05-10"}, "internship"),
        ("end-internship", ON_TRIAL, {"ended_on": "2012-04-30"}, "ended_on"),
        ("end-internship", ON_TRIAL, {"ended_on": "2012-06-12"}, "ended_on"),
        ("end-internship", ON_TRIAL, {"ended_on": "2026-07-01"}, "ended_on"),
        ("end-internship", ERASED, {"ended_on": "2012-05-10"}, None),
    ],
)
def test_trials_that_are_refused(command, state, body, field):
    """One trial at a time, of somebody who has entered, with days in order."""
    assert refused(command, state, body, AT).field == field
