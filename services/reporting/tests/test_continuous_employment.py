"""Integrations and continuous employment (KennzV paragraphs 2 and 5), and the quotas made of them."""

from datetime import date

import pytest
from lotse_shared.contracts.intake import StockReported
from people_world import MINIJOB, People

CONTINUOUS = "kennzv-continuous-employment"


@pytest.fixture
def people() -> People:
    """Somebody with benefits under SGB II."""
    found = People()
    found.enrol(1, "2024-01-02", legal_sphere="sgb2")
    return found


def test_each_of_the_six_months_that_follow_needs_one_insured_day(people):
    """Start in January: February to July, and one day of July is enough; dated on the last day of July (Q-13)."""
    people.place(1, "2024-01-31")
    people.end(1, "2024-07-01")

    [entry] = [one for one in people.entries() if one.indicator == CONTINUOUS]

    assert entry.candidate.effective == date(2024, 7, 31)


def test_a_month_without_an_insured_day_breaks_it(people):
    """The job ends in the fifth month: not continuous."""
    people.place(1, "2024-01-31")
    people.end(1, "2024-06-30")

    assert people.counted(CONTINUOUS) == [0]


def test_silence_shows_nothing(people):
    """A running job of which nothing was heard is no evidence (R-8a, Q-5)."""
    people.place(1, "2024-01-31")

    assert people.counted("kennzv-integrations", CONTINUOUS) == [1, 0]


def test_from_job_to_job_counts(people):
    """In whatever job: a second one, and a job under SGB II 16i too, which is no integration itself (Q-13)."""
    people.place(1, "2024-01-15", 501)
    people.end(1, "2024-04-10", 501)
    people.place(1, "2024-05-20", 502, kind="subsidised-16i", labour_market="second")
    people.end(1, "2024-12-31", 502)

    assert people.counted("kennzv-integrations", "kennzv-public-entries", CONTINUOUS) == [1, 1, 1]


def test_a_minijob_fills_no_month(people):
    """Insured employment is asked for; a minijob that becomes insured fills months from then on."""
    people.place(1, "2024-01-15", 501)
    people.end(1, "2024-04-10", 501)
    people.place(1, "2024-05-20", 502, **MINIJOB)
    people.end(1, "2024-12-31", 502)
    assert people.counted(CONTINUOUS) == [0]

    people.change(1, "2024-05-31", 502, kind="insured", insured=True)

    assert people.counted(CONTINUOUS) == [1]


def test_an_answer_shows_the_months_up_to_it(people):
    """Recorded as employed on the six-month day: every month before it is shown by the job (Q-5)."""
    people.leave(1, "2024-01-31")
    people.place(1, "2024-01-31")
    people.answer(1, "2024-07-31", "employed")

    assert people.counted("eecr05", CONTINUOUS) == [1, 1]


def test_without_work_by_word_ends_the_job(people):
    """Said to be unemployed in March: the job begun before is over (Q-6)."""
    people.leave(1, "2024-02-10")
    people.place(1, "2024-01-31")
    people.end(1, "2024-12-31")
    people.say(1, "2024-03-05", "unemployed")

    assert people.counted(CONTINUOUS) == [0]


def test_one_integration_for_each_person_and_month(people):
    """KennzV 2(2): two starts in a month are one, in two months two; minijobs and publicly funded jobs are none."""
    people.place(1, "2024-03-01", 501)
    people.place(1, "2024-03-20", 502)
    people.place(1, "2024-04-02", 503, kind="apprenticeship")
    people.place(1, "2024-05-02", 504, **MINIJOB)
    people.place(1, "2024-06-02", 505, kind="work-opportunity", insured=False)

    assert people.counted("kennzv-integrations", "kennzv-marginal-entries", "kennzv-public-entries") == [2, 1, 1]


def test_integrations_are_those_of_recipients_under_sgb_ii(people):
    """KennzV 2(2): somebody who receives no benefits under SGB II is no recipient able to work."""
    people.enrol(2, "2024-01-02", legal_sphere="sgb3")
    people.place(2, "2024-03-01", 601)

    assert people.counted("kennzv-integrations") == [0]


def test_the_stock_is_told_month_by_month(people):
    """The sum of twelve monthly stocks divides the integrations of the same twelve months."""
    for month in range(1, 13):
        people.topic.tell(
            StockReported(operation="op1", stock="benefit-recipients", counted_on=date(2024, month, 28), count=4)
        )
    people.place(1, "2024-03-01", 501)

    assert people.counted("kennzv-integrations-12-months", "kennzv-recipients-12-months", as_of="2024-12-31") == [1, 48]


def test_months_are_counted_beside_stocks(people):
    """A stock told twice is two stocks of one month: what lacks is a month, however many stocks there are."""
    for day in (date(2024, 1, 28), date(2024, 1, 31), date(2024, 3, 28)):
        people.topic.tell(StockReported(operation="op1", stock="benefit-recipients", counted_on=day, count=4))

    assert people.counted("kennzv-recipients-stocks", "kennzv-recipients-months", as_of="2024-12-31") == [3, 2]
