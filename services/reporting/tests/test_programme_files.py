"""Programme files: their shape, their words, and what MILA's definitions lead to."""

from datetime import date
from decimal import Decimal

import pytest
from lotse_reporting import editions
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import fold
from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.matching import (
    JobLost,
    PlaceFilled,
    PlaceFreed,
    PlaceFunded,
    PlacementMade,
    SubsidyApproved,
)
from lotse_shared.programme import ProgrammeError, read
from reporting_world import PROGRAMMES, Topic, enrolled, facts_of, number, programme

MILA = rules_of(programme("mila").programme.definition())
MEHRLIN = (PROGRAMMES / "mehrlin.yaml").read_text()


def replaced(old: str, new: str) -> tuple[str, int]:
    """The MEHRLiN file with one thing wrong, and the line it stands in."""
    changed = MEHRLIN.replace(old, new, 1)
    assert changed != MEHRLIN
    return changed, MEHRLIN[: MEHRLIN.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("target: 145", "taget: 145", "no such key"),
        ("counts: persons", "counts: people", "counts"),
        ("is: measure-joined", "is: measure-joyned", "did you mean measure-joined?"),
        ("entry.age: ", "entry.aje: ", "did you mean entry.age?"),
        ("measure.kind: [education, qualification]", "measure.kind: [educacion]", "did you mean education?"),
        ("{at-least: 1 year}", "{at-least: a year}", "is no span"),
        ("{at-least: 1 year}", "1 year", "a span needs bounds"),
        ("{at-least: 14, at-most: 26}", "{at-least: young}", "is no number"),
        ("entry.employment: unemployed", "entry.employment: {at-least: unemployed}", "have an order"),
        ("placement.insured: true", "placement.insured: sure", "true or false"),
        ("quantity: gathering.unlisted", "quantity: gathering.unlist", "did you mean gathering.unlisted?"),
        ("until: 2014-09-30", "until: 2010-09-30", "until must not lie before from"),
        ("- id: start-up-advice", "- id: employed-trained", "two indicators are called employed-trained"),
        ("is: employer-first-advised\n", "is: employer-first-advised\n        quantity: employer.size\n", "no number"),
        ("where: {employer.size: [micro, small]}", "where: {entry.age: 3}", "is asked of people"),
        ("{at-least: 14, at-most: 26}", "{at-least: 26, at-most: 14}", "nothing is at least 26 and at most 14"),
    ],
)
def test_a_mistake_is_named_with_its_line(old, new, says):
    """Misspelt keys, words, codes and spans are refused: file, line, and the nearest valid word."""
    content, line = replaced(old, new)
    with pytest.raises(ProgrammeError) as error:
        editions.check(read("mehrlin.yaml", content))
    assert says in str(error.value)
    assert str(error.value).startswith("mehrlin.yaml, line ")
    assert abs(error.value.line - line) <= 2 or says.startswith(("two", "until"))


@pytest.mark.parametrize(
    ("moment", "per"),
    [
        ("visit-held", "position"),
        ("visit-held", "attendance"),
        ("employer-advised", "person"),
        ("gathering-held", "person-and-month"),
    ],
)
def test_what_cannot_be_counted_once_is_refused(moment, per):
    """A visit has no position, an employer is no person: such a definition would count something else than it says."""
    content = (
        "operation: a\nprogramme: b\nperiod: {from: 2020-01-01, until: 2021-12-31}\nsource: us\nindicators:\n"
        "  - id: row\n    title: {de: Z, en: R}\n    counts: persons\n"
        f"    moments: [{{is: {moment}}}]\n    per: {per}\n"
    )
    with pytest.raises(ProgrammeError, match=f"line 10: {moment} is about a .* once for each {per}"):
        editions.check(read("x.yaml", content))


def test_what_is_not_yaml_is_named_with_its_line():
    """A file that cannot be read at all says where reading stopped."""
    with pytest.raises(ProgrammeError, match="line 2"):
        read("x.yaml", "operation: a\n  b: [")
    with pytest.raises(ProgrammeError, match="must begin with"):
        read("x.yaml", "just words")


def test_the_same_content_is_the_same_edition():
    """Comments and layout are no other edition; another target is."""
    again = read("x.yaml", "# a comment\n" + MEHRLIN)
    other = read("x.yaml", MEHRLIN.replace("target: 145", "target: 146"))
    known = editions.digest(programme().programme.definition())
    assert editions.digest(again.programme.definition()) == known
    assert editions.digest(other.programme.definition()) != known


def mila(*events) -> dict[str, list[tuple[date, Decimal]]]:
    """Open entries by indicator, dated."""
    topic = Topic()
    for event in events:
        topic.tell(event.model_copy(update={"operation": "mila"}))
    _, postings = fold(1, MILA, facts_of(topic))
    found: dict[str, list[tuple[date, Decimal]]] = {}
    for one in postings.opened.values():
        if one.known_until is None:
            found.setdefault(one.indicator, []).append((one.candidate.effective, one.candidate.quantity))
    return {indicator: sorted(entries) for indicator, entries in found.items()}


CASE, JOB, SUBSIDY, PLACE = number(1), number(501), number(601), number(701)
START = PlacementMade(
    operation="mila",
    case=CASE,
    partner="koba",
    placement=JOB,
    kind="insured-lza",
    labour_market="first",
    insured=True,
    starts_on="2015-08-17",
    lza_case="normal",
)
LOST = JobLost(
    operation="mila",
    case=CASE,
    partner="koba",
    placement=JOB,
    last_day="2016-01-31",
    ended_by="employer",
    reason="business",
)
APPROVED = SubsidyApproved(
    operation="mila",
    case=CASE,
    partner="koba",
    subsidy=SUBSIDY,
    placement=JOB,
    instrument="lza",
    approved_on="2015-08-10",
    starts_on="2015-08-17",
    base="2400.00",
    phases=({"months": 6, "percent": 75}, {"months": 9, "percent": 50}, {"months": 3, "percent": 25}),
)


def test_a_job_kept_is_known_ahead_and_taken_back():
    """Six months are an entry dated ahead from the day the job is known, closed when the job is lost before."""
    entered = enrolled(CASE, "2015-08-17", "koba")
    assert mila(entered, START)["jobs-kept-6-months"] == [(date(2016, 2, 16), Decimal(1))]
    assert "jobs-kept-6-months" not in mila(entered, START, LOST)
    late = LOST.model_copy(update={"last_day": date(2016, 2, 16)})
    assert mila(entered, START, late)["jobs-kept-6-months"] == [(date(2016, 2, 16), Decimal(1))]


def test_phases_of_a_subsidy_begin_while_the_job_lasts():
    """75, 50 and 25 percent begin six and fifteen months apart; a job that ended begins no further phase."""
    entered = enrolled(CASE, "2015-08-17", "koba")
    found = mila(entered, APPROVED, START)
    assert found["subsidy-phase-75"] == [(date(2015, 8, 17), Decimal(1))]
    assert found["subsidy-phase-50"] == [(date(2016, 2, 17), Decimal(1))]
    assert found["subsidy-phase-25"] == [(date(2016, 11, 17), Decimal(1))]
    assert "subsidy-phase-50" not in mila(entered, APPROVED, START, LOST)


def test_places_filled_are_a_stock():
    """A place counts from the day it is filled to the day it is free again; funded ones count once."""
    about = {"operation": "mila", "place": PLACE, "partner": "koba"}
    held = {"case": CASE, "placement": JOB}
    found = mila(
        PlaceFunded(**about, funded_on="2015-01-10", instrument="lza"),
        PlaceFilled(**about, **held, filled_on="2015-08-17"),
        PlaceFreed(**about, **held, freed_on="2016-01-31"),
        PlaceFilled(**about, **held, filled_on="2016-03-01"),
    )
    assert found["places-funded"] == [(date(2015, 1, 10), Decimal(1))]
    assert [quantity for _, quantity in found["places-filled"]] == [1, -1, 1]


def test_starts_count_every_start_and_persons_once():
    """The programme counts starts, the ESF persons: each indicator has its own unit."""
    second = START.model_copy(update={"placement": number(502), "starts_on": date(2016, 9, 1)})
    found = mila(enrolled(CASE, "2015-08-17", "koba"), START, LOST, second)
    assert len(found["starts"]) == 2
    assert len(found["persons"]) == 1
    assert found["early-ends"] == [(date(2016, 1, 31), Decimal(1))]


def test_hours_are_minutes_of_visits():
    """Coaching hours add minutes; every visit counts."""
    visits = [
        VisitHeld(operation="mila", case=CASE, partner="koba", held_on="2015-09-01", minutes=20, channel="home")
        for _ in range(3)
    ]
    found = mila(*visits)
    assert len(found["coaching-visits"]) == 3
    assert sum(quantity for _, quantity in found["coaching-hours"]).quantize(Decimal("0.01")) == 1
