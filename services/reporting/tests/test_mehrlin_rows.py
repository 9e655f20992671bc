"""The twelve rows of MEHRLiN, one by one: what counts, what does not, and what counts once."""

from datetime import date
from decimal import Decimal

import pytest
from lotse_reporting.editions import rules_of
from lotse_reporting.gaps import is_built_in
from lotse_reporting.ledger import fold
from lotse_shared.contracts.intake import CharacteristicsCorrected, ParticipantExited, ParticipantReentered
from lotse_shared.contracts.matching import InternshipStarted, JobLost
from lotse_shared.envelope import Event
from reporting_world import (
    Topic,
    advised,
    attended,
    enrolled,
    facts_of,
    gathered,
    joined,
    merged,
    number,
    placed,
    programme,
    registered,
    retracted,
)

RULES = rules_of(programme().programme.definition())
CASE, OTHER = number(1), number(2)


def figures(*events: Event) -> dict[str, int]:
    """The figures that some facts lead to, in the order they were told."""
    topic = Topic()
    for event in events:
        topic.tell(event)
    return figures_of(topic)


def figures_of(topic: Topic) -> dict[str, int]:
    _, postings = fold(1, RULES, facts_of(topic))
    found: dict[str, Decimal] = {}
    for one in postings.opened.values():
        if one.known_until is None and not is_built_in(one.indicator):
            found[one.indicator] = found.get(one.indicator, Decimal(0)) + one.candidate.quantity
    return {indicator: int(quantity) for indicator, quantity in found.items()}


UNEMPLOYED = {"employment": "unemployed", "unemployed_since": "2011-03-01"}


@pytest.mark.parametrize(
    ("row", "expected", "events"),
    [
        ("young-people-trained", 0, [enrolled(CASE, age_at_entry=13), joined(CASE)]),
        ("young-people-trained", 1, [enrolled(CASE, age_at_entry=14), joined(CASE)]),
        ("young-people-trained", 1, [enrolled(CASE, age_at_entry=26), joined(CASE, "qualification")]),
        ("young-people-trained", 0, [enrolled(CASE, age_at_entry=27), joined(CASE)]),
        ("young-people-trained", 0, [enrolled(CASE), joined(CASE)]),
        ("young-people-trained", 0, [enrolled(CASE, age_at_entry=20), joined(CASE, "health")]),
        ("young-people-trained", 0, [joined(CASE)]),
        ("young-people-trained", 1, [joined(CASE, day="2012-02-01"), enrolled(CASE, age_at_entry=20)]),
        ("young-people-trained", 1, [enrolled(CASE, age_at_entry=20), joined(CASE), joined(CASE, day="2013-01-01")]),
        ("young-people-trained", 0, [enrolled(CASE, age_at_entry=20), joined(CASE, day="2014-10-01")]),
        ("young-people-trained", 0, [enrolled(CASE, age_at_entry=20), joined(CASE, day="2011-09-30")]),
        ("long-term-unemployed-trained", 1, [enrolled(CASE, **UNEMPLOYED), joined(CASE)]),
        (
            "long-term-unemployed-trained",
            1,
            [enrolled(CASE, employment="unemployed", unemployed_since="2011-03-01"), joined(CASE)],
        ),
        (
            "long-term-unemployed-trained",
            0,
            [enrolled(CASE, employment="unemployed", unemployed_since="2011-03-02"), joined(CASE)],
        ),
        ("long-term-unemployed-trained", 0, [enrolled(CASE, employment="unemployed"), joined(CASE)]),
        ("long-term-unemployed-trained", 0, [enrolled(CASE, **{**UNEMPLOYED, "employment": "inactive"}), joined(CASE)]),
        ("employed-trained", 1, [enrolled(CASE, employment="self-employed"), joined(CASE)]),
        ("employed-trained", 1, [enrolled(CASE, employment="employed", job_at_entry="minijob"), joined(CASE)]),
        (
            "employed-trained",
            0,
            [enrolled(CASE, employment="employed", job_at_entry="minijob", registered_unemployed=True), joined(CASE)],
        ),
        (
            "employed-trained",
            0,
            [enrolled(CASE, employment="unemployed"), placed(CASE), joined(CASE, day="2012-08-01")],
        ),
        (
            "placed-second-third-market",
            1,
            [
                enrolled(CASE),
                placed(CASE, "work-opportunity", labour_market="third"),
                placed(CASE, "citizen-work", "2013-01-01", 502, labour_market="second"),
            ],
        ),
        ("placed-second-third-market", 0, [placed(CASE, "work-opportunity", labour_market="third")]),
        ("start-up-advice", 1, [enrolled(CASE), joined(CASE, "start-up-advice")]),
        ("start-up-advice", 0, [enrolled(CASE), joined(CASE, "advice")]),
        ("small-businesses-advised", 1, [advised(CASE, 49)]),
        ("small-businesses-advised", 0, [advised(CASE, 50)]),
        ("small-businesses-advised", 0, [registered(CASE, 12)]),
        ("small-businesses-advised", 0, [advised(CASE, None)]),
        ("small-businesses-advised", 1, [registered(CASE, 12), advised(CASE, None)]),
        ("small-businesses-advised", 0, [advised(CASE, 60), advised(CASE, 40, "2012-09-01", "spi")]),
        ("small-businesses-advised", 1, [advised(CASE, 60, "2012-09-01"), advised(CASE, 40, "2012-03-01", "spi")]),
        ("small-businesses-advised", 1, [advised(CASE, 9), advised(CASE, 9, "2012-09-01", "spi")]),
        (
            "placed-in-apprenticeship",
            1,
            [enrolled(CASE), placed(CASE, "apprenticeship", labour_market="none")],
        ),
        ("placed-first-market", 1, [enrolled(CASE), placed(CASE, "insured-egz")]),
        ("placed-first-market", 0, [enrolled(CASE), placed(CASE, "minijob", insured=False)]),
        ("placed-first-market", 0, [enrolled(CASE), placed(CASE, "apprenticeship")]),
        (
            "placed-first-market",
            1,
            [
                enrolled(CASE),
                placed(CASE),
                JobLost(
                    operation="mehrlin",
                    case=CASE,
                    partner="spi",
                    placement=number(501),
                    last_day="2012-06-03",
                    ended_by="employer",
                    reason="probation",
                ),
            ],
        ),
        ("health-attendances", 1, [attended(CASE), attended(CASE)]),
        ("health-attendances", 2, [attended(CASE), attended(CASE, "2012-05-02")]),
        ("health-attendances", 2, [attended(CASE), attended(CASE, measure=79)]),
        ("health-attendances", 0, [attended(CASE, presence="sick"), attended(CASE, kind="language")]),
        ("health-attendances", 31, [attended(CASE), gathered(OTHER, 30)]),
        ("mainstreaming-attendances", 40, [gathered(CASE, 40, "mainstreaming"), gathered(OTHER, 30, "information")]),
        ("foreign-background", 1, [enrolled(CASE, foreign_background="yes")]),
        ("foreign-background", 0, [enrolled(CASE, foreign_background="refused")]),
        ("foreign-background", 0, [enrolled(CASE, foreign_background="unknown")]),
        ("disabled-people", 1, [enrolled(CASE, disability="yes"), joined(CASE, "advice")]),
        ("disabled-people", 0, [enrolled(CASE, disability="yes"), joined(CASE, "health")]),
        (
            "disabled-people",
            1,
            [
                enrolled(CASE, disability="yes"),
                InternshipStarted(
                    operation="mehrlin", case=CASE, partner="spi", internship=number(9), started_on="2012-05-01"
                ),
            ],
        ),
    ],
)
def test_a_row_counts_what_its_reading_says(row, expected, events):
    """Ages, spans, kinds and the period decide as the programme text was read; the same thing counts once."""
    assert figures(*events).get(row, 0) == expected


def test_one_placement_too_many_is_taken_back_by_a_retraction():
    """A no-show is retracted and counts nowhere."""
    topic = Topic()
    topic.tell(enrolled(CASE))
    topic.tell(retracted(CASE, topic.tell(placed(CASE))))
    assert figures_of(topic) == {}


def test_two_partners_enrolling_one_person_are_one_person():
    """Merged cases count once, with the characteristics of the earliest entry and no gap filled from the other."""
    topic = Topic()
    topic.tell(enrolled(CASE, "2012-03-01", age_at_entry=20, foreign_background="yes"))
    topic.tell(joined(CASE))
    topic.tell(enrolled(OTHER, "2012-02-01", "bbi", foreign_background="yes"))
    topic.tell(joined(OTHER, day="2012-02-02"))
    assert figures_of(topic) == {"young-people-trained": 1, "foreign-background": 2}

    for half in merged(CASE, OTHER):
        topic.tell(half)
    assert figures_of(topic) == {"foreign-background": 1}


def test_a_reentry_keeps_the_first_entry():
    """Somebody who comes back is the same person, with the age and status of the first entry (R-3)."""
    events = [
        enrolled(CASE, age_at_entry=26, foreign_background="yes"),
        ParticipantExited(operation="mehrlin", case=CASE, partner="spi", exit_date="2012-06-01", reason="planned-end"),
        ParticipantReentered(operation="mehrlin", case=CASE, partner="spi", reentry_date="2013-06-01"),
        joined(CASE, day="2013-07-01"),
    ]
    assert figures(*events) == {"young-people-trained": 1, "foreign-background": 1}


def test_a_correction_moves_the_figure_and_stands_behind_it():
    """A corrected characteristic changes what counts, and the entry names the correction among its events."""
    topic = Topic()
    enrolment = topic.tell(enrolled(CASE, age_at_entry=40))
    topic.tell(joined(CASE))
    assert figures_of(topic) == {}
    correction = topic.tell(
        CharacteristicsCorrected(
            operation="mehrlin",
            case=CASE,
            partner="spi",
            corrects=enrolment,
            corrected_on=date(2012, 5, 1),
            age_at_entry=20,
        )
    )
    _, postings = fold(1, RULES, facts_of(topic))
    [entry] = [one for one in postings.opened.values() if not is_built_in(one.indicator)]
    assert entry.indicator == "young-people-trained"
    assert correction in entry.candidate.events
    assert enrolment in entry.candidate.events
