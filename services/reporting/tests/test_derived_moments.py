"""Moments that are not about people's results: positions, competence, weeks of coaching, jobs after the subsidy."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import fold
from lotse_reporting.unit import Unit
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import AftercareEnded, AftercareStarted, ContactOverdue, VisitHeld
from lotse_shared.contracts.intake import CompetenceAnalysed, OrganisationSupported, PartnerJoined
from lotse_shared.contracts.matching import JobLost, PlacementMade, SubsidyApproved, SubsidyChanged, VacancyFilled
from lotse_shared.envelope import Event
from reporting_world import Topic, facts_of, number

OPERATION, CASE, JOB, SUBSIDY, VACANCY = "dortmund", number(1), number(501), number(601), number(701)
CASE_FACT = {"operation": OPERATION, "case": CASE, "partner": "spi"}


def rules(counts: str, *moments: Mapping[str, Any], **more: Any):
    """One indicator, compiled."""
    return rules_of(
        {
            "operation": OPERATION,
            "programme": "nrw-2017",
            "period": {"from": "2017-01-01", "until": "2019-12-31"},
            "source": "us",
            "indicators": [
                {
                    "id": "row",
                    "title": {"de": "Zeile", "en": "row"},
                    "counts": counts,
                    "moments": list(moments),
                    "window": "always",
                    "enrolment": "not-needed",
                    **more,
                }
            ],
        }
    )


def entries(compiled, *events: Event) -> list[tuple[date, Decimal]]:
    """What is open in the end, dated."""
    topic = Topic()
    for event in events:
        topic.tell(event)
    _, postings = fold(1, compiled, facts_of(topic))
    return sorted(
        (one.candidate.effective, one.candidate.quantity) for one in postings.opened.values() if one.known_until is None
    )


FIRST_FILLS = rules("positions", {"is": "position-first-filled", "where": {"vacancy.eligible": True}}, per="position")


def filled(day: str, *, eligible: bool = True, position: int = 1, kind: str = "insured", placement: int = 501) -> Event:
    """A position is filled; `first_fill` is what matching thought, which is not asked."""
    return VacancyFilled(
        operation=OPERATION,
        vacancy=VACANCY,
        partner="spi",
        case=CASE,
        placement=number(placement),
        position=position,
        filled_on=day,
        first_fill=True,
        eligible=eligible,
        kind=kind,
        origin="procurement",
    )


def test_a_position_counts_when_it_is_first_filled():
    """Each position once, on the day of its first filling, if by somebody of the target group (Q-15)."""
    assert entries(FIRST_FILLS, filled("2018-03-01"), filled("2018-09-01", placement=502)) == [(date(2018, 3, 1), 1)]
    two = entries(FIRST_FILLS, filled("2018-03-01"), filled("2018-03-01", position=2, placement=502))
    assert two == [(date(2018, 3, 1), 1)] * 2


def test_who_comes_after_somebody_else_creates_no_job():
    """First filled by somebody outside the target group and later by one of it: no job created, in either order."""
    other, ours = filled("2018-03-01", eligible=False), filled("2018-09-01", placement=502)
    assert entries(FIRST_FILLS, other, ours) == []
    assert entries(FIRST_FILLS, ours, other) == []


def test_a_minijob_leaves_the_position_to_be_filled():
    """Only insured work fills a position; a minijob or a work opportunity before it does not (Q-15)."""
    for kind in ("minijob", "work-opportunity", "holiday-job"):
        found = entries(FIRST_FILLS, filled("2018-03-01", kind=kind), filled("2018-09-01", placement=502))
        assert found == [(date(2018, 9, 1), 1)]


def test_a_filling_taken_back_makes_room_for_the_next():
    """The no-show of somebody else is retracted: the position is then first filled by who came next."""
    topic = Topic()
    other = topic.tell(filled("2018-03-01", eligible=False))
    topic.tell(filled("2018-09-01", placement=502))
    topic.tell(
        FactRetracted(operation=OPERATION, subject_id=VACANCY, retracts=other, reason="not-happened"),
        source="matching",
    )
    _, postings = fold(1, FIRST_FILLS, facts_of(topic))
    assert [one.candidate.effective for one in postings.opened.values() if one.known_until is None] == [
        date(2018, 9, 1)
    ]


IMPROVED = rules("persons", {"is": "employability-improved"}, per="person")


def analysed(day: str, occasion: str, score: int, instrument: str = "kompass") -> Event:
    """A competence analysis."""
    return CompetenceAnalysed(**CASE_FACT, analysed_on=day, instrument=instrument, occasion=occasion, score=score)


@pytest.mark.parametrize(
    ("analyses", "counts_on"),
    [
        ([("2019-02-01", "entry", 40), ("2019-11-01", "exit", 55)], "2019-11-01"),
        ([("2019-02-01", "entry", 40), ("2019-11-01", "exit", 40)], None),
        ([("2019-02-01", "entry", 40), ("2019-11-01", "interim", 90)], None),
        ([("2019-02-01", "entry", 40), ("2019-11-01", "exit", 90, "other")], None),
        ([("2019-02-01", "entry", 40), ("2019-05-01", "exit", 55), ("2019-11-01", "exit", 30)], None),
        ([("2019-02-01", "entry", 40), ("2019-03-01", "entry", 60), ("2019-11-01", "exit", 50)], "2019-11-01"),
        ([("2019-11-01", "entry", 40), ("2019-02-01", "exit", 55)], None),
    ],
    ids=["higher", "equal", "no exit", "another instrument", "the last exit", "the first entry", "exit before entry"],
)
def test_employability_improved_when_the_same_instrument_says_more(analyses, counts_on):
    """First analysis at entry, last at exit, one instrument, a higher score: counted on the day of the latter (B-5)."""
    told = [analysed(*one) for one in analyses]
    expected = [(date.fromisoformat(counts_on), 1)] if counts_on else []
    assert entries(IMPROVED, *told) == expected
    assert entries(IMPROVED, *reversed(told)) == expected


WEEKS = rules("weeks", {"is": "coaching-week"})
CONTACTS = rules("visits", {"is": "coaching-week", "quantity": "week.contacts"})


def visit(day: date | str) -> Event:
    """A coaching visit."""
    return VisitHeld(**CASE_FACT, held_on=day, minutes=60, channel="workplace", topics=("work", "debts"))


STARTED = AftercareStarted(**CASE_FACT, started_on="2018-01-01", placement=JOB, every_days=7)
ENDED = AftercareEnded(**CASE_FACT, ended_on="2018-01-24", placement=JOB)


def test_weeks_of_coaching_run_up_to_the_last_word():
    """Seven days from the start of work; a week without contact counts once somebody was heard of later."""
    assert entries(WEEKS, STARTED) == []
    assert entries(WEEKS, STARTED, visit("2018-01-03")) == [(date(2018, 1, 7), 1)]
    three = [(date(2018, 1, 7), 1), (date(2018, 1, 14), 1), (date(2018, 1, 21), 1)]
    assert entries(WEEKS, STARTED, visit("2018-01-03"), visit("2018-01-17")) == three
    overdue = ContactOverdue(**CASE_FACT, last_contact_on="2018-01-03", due_on="2018-01-17")
    assert entries(WEEKS, STARTED, visit("2018-01-03"), overdue) == three
    assert entries(CONTACTS, STARTED, visit("2018-01-03"), visit("2018-01-05"), visit("2018-01-17")) == [
        (date(2018, 1, 7), 2),
        (date(2018, 1, 21), 1),
    ]


def test_the_last_week_ends_with_aftercare():
    """Weeks end when aftercare does, the last one on that day; visits after it belong to no week."""
    found = entries(WEEKS, STARTED, visit("2018-01-03"), ENDED, visit("2018-03-03"))
    assert [day for day, _ in found] == [date(2018, 1, 7), date(2018, 1, 14), date(2018, 1, 21), date(2018, 1, 24)]


def test_one_person_has_one_week_at_a_time():
    """Aftercare for a second job beside the first adds no weeks; after the end of the first it begins anew."""
    second = AftercareStarted(**CASE_FACT, started_on="2018-01-10", placement=number(502), every_days=7)
    assert len(entries(WEEKS, STARTED, second, visit("2018-01-17"))) == 3
    later = AftercareStarted(**CASE_FACT, started_on="2018-02-01", placement=number(502), every_days=7)
    assert entries(WEEKS, STARTED, ENDED, later, visit("2018-02-02"))[-1] == (date(2018, 2, 7), 1)


@given(st.lists(st.integers(0, 120), max_size=12))
def test_every_visit_in_aftercare_stands_in_one_week(days):
    """Contacts of the weeks add up to the visits from the start of work on, whatever their order."""
    visits = [visit(date.fromordinal(date(2018, 1, 1).toordinal() + day)) for day in days]
    assert sum(quantity for _, quantity in entries(CONTACTS, STARTED, *visits)) == len(visits)


OUTLASTED = rules("starts", {"is": "job-outlasted-subsidy"}, per="start")
PLACED = PlacementMade(
    **CASE_FACT,
    placement=JOB,
    kind="insured-lza",
    labour_market="first",
    insured=True,
    starts_on="2015-08-17",
    instrument="lza",
)
APPROVED = SubsidyApproved(
    **CASE_FACT,
    subsidy=SUBSIDY,
    instrument="lza",
    approved_on="2015-07-31",
    starts_on="2015-08-17",
    base="2400.00",
    phases=({"months": 6, "percent": 75}, {"months": 9, "percent": 50}, {"months": 3, "percent": 25}),
)


def lost(day: str) -> Event:
    """The job ends too soon."""
    return JobLost(**CASE_FACT, placement=JOB, last_day=day, ended_by="employer", reason="business")


def test_a_job_that_goes_on_after_its_subsidy_counts_the_day_after_it():
    """Eighteen months paid, the day after them counts; a job or subsidy that ended before has no time after it."""
    assert entries(OUTLASTED, APPROVED, PLACED) == [(date(2017, 2, 17), 1)]
    assert entries(OUTLASTED, APPROVED, PLACED, lost("2017-02-17")) == [(date(2017, 2, 17), 1)]
    assert entries(OUTLASTED, APPROVED, PLACED, lost("2017-02-16")) == []
    assert entries(OUTLASTED, APPROVED) == []
    cut = SubsidyChanged(**CASE_FACT, subsidy=SUBSIDY, changed_on="2016-01-01", ends_on="2016-06-30")
    assert entries(OUTLASTED, APPROVED, PLACED, cut) == []
    ends = PLACED.model_copy(update={"ends_on": date(2017, 1, 31)})
    assert entries(OUTLASTED, APPROVED, ends) == []


def supported(day: str, organisation: int, kind: str = "administration", size: str | None = None) -> Event:
    """An organisation is supported."""
    return OrganisationSupported(
        operation=OPERATION,
        organisation=number(organisation),
        kind=kind,
        audience="administration",
        size=size,
        supported_on=day,
    )


def test_organisations_of_an_operation_count_once_each():
    """Entities count once per operation, however often they were supported (R-14)."""
    once_each = rules("organisations", {"is": "organisation-supported"}, per="entity")
    found = entries(once_each, supported("2019-02-01", 1), supported("2019-05-01", 1), supported("2019-03-01", 2))
    assert found == [(date(2019, 2, 1), 1), (date(2019, 3, 1), 1)]
    joined = rules("organisations", {"is": "partner-joined"}, per="entity")
    partners = [
        PartnerJoined(operation=OPERATION, joined=name, role="cooperating", joined_on=day)
        for name, day in (("stadt", "2018-01-01"), ("kammer", "2018-02-01"), ("stadt", "2019-01-01"))
    ]
    assert entries(joined, *partners) == [(date(2018, 1, 1), 1), (date(2018, 2, 1), 1)]


def test_a_topic_among_several_is_enough():
    """A visit about work and debts is one about debts."""
    about = [rules("visits", {"is": "visit-held", "where": {"visit.topics": one}}) for one in ("debts", "family")]
    assert [entries(one, visit("2018-01-03")) for one in about] == [[(date(2018, 1, 3), 1)], []]


CASE_FACTS = (
    STARTED,
    visit("2018-01-03"),
    visit("2018-01-17"),
    ENDED,
    AftercareStarted(**CASE_FACT, started_on="2018-02-01", placement=number(502), every_days=7),
    visit("2018-02-02"),
    analysed("2018-01-02", "entry", 40),
    analysed("2018-03-01", "exit", 60),
    analysed("2018-04-01", "exit", 55),
    PLACED,
    APPROVED,
    lost("2017-03-01"),
)
FILLS = (
    filled("2018-03-01", eligible=False),
    filled("2018-02-01", kind="minijob", placement=502),
    filled("2018-02-15", placement=503),
    filled("2018-04-01", position=2, placement=504),
)


@given(st.data())
def test_moments_do_not_depend_on_how_facts_arrive(data):
    """Told one by one in any order and some taken back, or folded at once: the same cells, as the ledger needs it."""
    for indicators, told in (((WEEKS, CONTACTS, IMPROVED, OUTLASTED), CASE_FACTS), ((FIRST_FILLS,), FILLS)):
        topic = Topic()
        ids = [topic.tell(event) for event in data.draw(st.permutations(told))]
        for retracted in data.draw(st.lists(st.sampled_from(ids), max_size=3, unique=True)):
            subject = topic.envelopes[retracted].subject
            topic.tell(
                FactRetracted(operation=OPERATION, subject_id=subject, retracts=retracted, reason="duplicate"),
                source=topic.envelopes[retracted].source,
            )
        facts = facts_of(topic)
        for compiled in indicators:
            live = Unit(compiled)
            for fact in facts:
                live.advance(fact)
            assert live.cells == Unit(compiled, facts).cells
