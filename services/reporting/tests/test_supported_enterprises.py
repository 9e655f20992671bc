"""Supported enterprises (EECO19, CO23), reckoned by hand: what is support, at which size, and that each counts once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import fold
from lotse_reporting.unit import Unit
from lotse_shared.contracts.codes import OrganisationKind
from lotse_shared.contracts.intake import EmployerTrained, OrganisationSupported
from lotse_shared.contracts.matching import EmployerAbsorbed, EmployersMerged, HiringIncentiveGranted
from lotse_shared.envelope import Event
from people_world import definition_of_mehrlin
from reporting_world import Topic, advised, facts_of, number, placed, registered, retracted

RULES = rules_of(definition_of_mehrlin())
FIRM, SAME_FIRM, CASE = number(9), number(10), number(1)
ABOUT = {"operation": "mehrlin", "partner": "spi"}


def subsidised(headcount: int | None, day: str = "2012-06-01", employer: str = FIRM, **more) -> Event:
    """A wage subsidy is approved for a placement with the employer."""
    return HiringIncentiveGranted(
        **ABOUT, employer=employer, subsidy=number(601), instrument="egz", headcount=headcount, granted_on=day, **more
    )


def trained(headcount: int | None, day: str = "2012-05-01", employer: str = FIRM) -> list[Event]:
    """The employer is supported as an organisation, too: what intake tells of it."""
    more = {"organisation": number(801), "support": "training"}
    organisation = {"kind": "enterprise", "audience": "companies", "size": "small", "is_employer": True}
    return [
        OrganisationSupported(operation="mehrlin", **more, **organisation, supported_on=day),
        EmployerTrained(**ABOUT, **more, employer=employer, headcount=headcount, trained_on=day),
    ]


def merged() -> list[Event]:
    return [
        EmployersMerged(**ABOUT, employer=FIRM, absorbed=SAME_FIRM),
        EmployerAbsorbed(**ABOUT, employer=SAME_FIRM, into=FIRM),
    ]


def on_the_topic(*events: Event) -> Topic:
    topic = Topic()
    for event in events:
        topic.tell(event)
    return topic


def counted(topic: Topic, indicator: str = "eeco19") -> list[date]:
    """The days from which on something counts, over all units."""
    _, postings = fold(1, RULES, facts_of(topic))
    rows = [one for one in postings.opened.values() if one.known_until is None and one.indicator == indicator]
    return sorted(one.candidate.effective for one in rows)


def days(indicator: str, *events: Event) -> list[str]:
    return [str(day) for day in counted(on_the_topic(*events), indicator)]


def test_an_enterprise_counts_once_however_it_was_supported():
    """R-14: advised twice, trained and subsidised is one enterprise, from the first support on."""
    twice = [advised(FIRM, 12, "2012-03-01"), advised(FIRM, 12, "2012-04-01", "spi")]
    told = [registered(FIRM, 12), *twice, *trained(12), subsidised(12)]

    assert days("eeco19", *told) == ["2012-03-01"]
    assert days("co23", *told) == ["2012-03-01"]


def test_a_hiring_incentive_makes_a_supported_enterprise():
    """R-11: the firm that is paid for hiring somebody is supported. Not for the LZA programme (Q-16): CO23."""
    told = [registered(FIRM, 12), subsidised(12)]

    assert days("eeco19", *told) == ["2012-06-01"]
    assert days("co23", *told) == []
    assert days("co23", *told, advised(FIRM, 12, "2012-07-01")) == ["2012-07-01"]


def test_somebody_placed_makes_no_supported_enterprise():
    """A placement without a subsidy is support of the person alone."""
    assert days("eeco19", registered(FIRM, 12), placed(CASE, employer=FIRM)) == []


@pytest.mark.parametrize(
    ("headcount", "counts"), [(0, True), (9, True), (10, True), (249, True), (250, False), (None, False)]
)
def test_only_small_and_medium_enterprises_count(headcount, counts):
    """Q-18: micro under 10, small under 50, medium under 250; a large one and one of unknown size do not count."""
    assert (days("eeco19", registered(FIRM), subsidised(headcount)) != []) is counts
    assert (days("eeco19", registered(FIRM), *trained(headcount)) != []) is counts
    assert (days("eeco19", registered(FIRM), advised(FIRM, headcount)) != []) is counts


def test_the_size_is_that_at_the_support():
    """Q-18: large when advised, medium when subsidised: counts from the subsidy; grown since then: counts still."""
    assert days("eeco19", registered(FIRM, 300), advised(FIRM, 300), subsidised(240)) == ["2012-06-01"]
    assert days("eeco19", registered(FIRM, 240), subsidised(240), advised(FIRM, 300, "2012-09-01")) == ["2012-06-01"]
    assert days("eeco19", registered(FIRM, 40), subsidised(None)) == ["2012-06-01"], "else as registered"


@pytest.mark.parametrize(("kind", "counts"), [("social-enterprise", True), ("administration", False)])
def test_an_administration_is_no_enterprise(kind, counts):
    """A town hall that is paid for hiring somebody is an employer, but no enterprise, however small."""
    employer = registered(FIRM, 40).model_copy(update={"organisation": OrganisationKind(kind)})

    assert (days("eeco19", employer, advised(FIRM, 40), subsidised(40)) != []) is counts


def test_merged_employers_count_once():
    """One firm under two ids, advised on one and subsidised on the other: one, from the earlier support on."""
    told = [registered(FIRM, 12), advised(FIRM, 12, "2012-07-01"), registered(SAME_FIRM, 12)]
    told += [subsidised(12, employer=SAME_FIRM)]

    assert days("eeco19", *told) == ["2012-06-01", "2012-07-01"]
    assert days("eeco19", *told, *merged()) == ["2012-06-01"]


def test_a_subsidy_taken_back_takes_the_enterprise_with_it():
    """Approved by mistake: nothing is left, unless there was other support."""
    topic = on_the_topic(registered(FIRM, 12))
    subsidy = topic.tell(subsidised(12))
    assert len(counted(topic)) == 1

    topic.tell(retracted(FIRM, subsidy), source="matching")

    assert counted(topic) == []
    topic.tell(advised(FIRM, 12, "2012-09-01"))
    assert counted(topic) == [date(2012, 9, 1)]


def test_an_organisation_that_is_an_employer_counts_as_that_employer():
    """R-14: recorded in both ways it is one; one that is no employer counts as an organisation, each once."""
    other = {"kind": "enterprise", "audience": "companies", "size": "micro", "supported_on": "2012-02-01"}
    elsewhere = OrganisationSupported(operation="mehrlin", organisation=number(802), **other)

    assert days("eeco19", registered(FIRM, 12), *trained(12), advised(FIRM, 12, "2012-06-01")) == ["2012-05-01"]
    assert days("eeco19", registered(FIRM, 12), *trained(12), elsewhere, elsewhere) == ["2012-02-01", "2012-05-01"]


@given(st.data())
def test_support_counts_the_same_however_it_arrives(data):
    """In any order, some of it taken back, told one by one or folded at once: the same cells."""
    told = [registered(FIRM, 300), advised(FIRM, None), subsidised(40), *trained(8), advised(FIRM, 260, "2012-01-20")]
    topic = Topic()
    ids = [topic.tell(event) for event in data.draw(st.permutations([one for one in told if one.subject == FIRM]))]
    for identity in data.draw(st.lists(st.sampled_from(ids), max_size=3, unique=True)):
        topic.tell(retracted(FIRM, identity), source=topic.envelopes[identity].source)
    live, facts = Unit(RULES), facts_of(topic)
    for fact in facts:
        live.advance(fact)

    assert live.cells == Unit(RULES, facts).cells
