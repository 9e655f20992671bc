"""Given what happened, when a subsidy is approved, paid, changed or reclaimed, then these facts or this refusal."""

from datetime import date
from decimal import Decimal

import pytest
from lotse_matching.domain import CASE
from lotse_shared.contracts.intake import ParticipantErased
from matching_world import ANOTHER_ID, CASE_ID, enrolled, given, now, refused, then, when

AT = now(CASE_ID)
LZA_TIME = now(CASE_ID, today=date(2016, 12, 31))
ABOUT = {"operation": "mehrlin", "case": CASE_ID, "partner": "spi"}
INSIDE = given(CASE, enrolled())
ERASED = then(CASE, INSIDE, [ParticipantErased(**ABOUT, basis="retention-over")])
LZA = {"instrument": "lza", "approved_on": "2015-08-01", "starts_on": "2015-08-17", "base": "2400.00"}
LZA_JOB = {
    "kind": "insured-lza",
    "starts_on": "2015-08-17",
    "contract_on": "2015-08-07",
    "term": "permanent",
    "hours_per_week": "39",
}
NEW_16E = {"instrument": "16e", "approved_on": "2024-02-01", "starts_on": "2024-03-01", "wage": "2400.00"}


def after(state, command, body, at=AT):
    return then(CASE, state, when(command, state, body, at))


def placed(**body):
    return after(INSIDE, "make-placement", {**LZA_JOB, **body})


def job(state):
    return next(iter(state.jobs))


APPROVED = after(INSIDE, "approve-subsidy", LZA)
WORKING = after(APPROVED, "make-placement", LZA_JOB)


def test_the_law_says_the_phases():
    """Left out, the phases are the instrument's usual ones; a shorter beginning of any of them is taken as asked."""
    [usual] = when("approve-subsidy", INSIDE, LZA, AT)
    intensive = [{"months": 12, "percent": 75}, {"months": 6, "percent": 65}]
    [asked] = when("approve-subsidy", INSIDE, {**LZA, "phases": intensive}, AT)

    assert [(one.months, one.percent) for one in usual.phases] == [(6, 75), (9, 50), (3, 25)]
    assert [one.model_dump() for one in asked.phases] == intensive


@pytest.mark.parametrize(
    ("body", "base"),
    [
        ({"wage": "2400.00"}, "2856.00"),
        ({"base": "2500.00"}, "2500.00"),
        ({"instrument": "16i", "wage": "2400.00"}, "2856.00"),
        (
            {
                "instrument": "16i",
                "wage": "2400.00",
                "tariff": False,
                "hours_per_week": "39",
                "starts_on": "2026-03-01",
            },
            "2795.43",
        ),
        ({"instrument": "premium", "wage": "3000.00"}, "3000.00"),
    ],
)
def test_the_base_is_computed(body, base):
    """From the wage with the lump sum; for 16i without a tariff from the minimum wage; or as it is named."""
    body = {"instrument": "16e", "approved_on": "2024-02-01", "starts_on": "2024-03-01", **body}

    [approved] = when("approve-subsidy", INSIDE, body, AT)

    assert approved.base == Decimal(base)


EGZ = {"instrument": "egz", "phases": [{"months": 12, "percent": 50}]}


@pytest.mark.parametrize(
    ("state", "body", "field"),
    [
        pytest.param(ERASED, {}, None, id="erased"),
        pytest.param(given(CASE), {}, None, id="not enrolled"),
        pytest.param(INSIDE, {"approved_on": "2026-07-01"}, "approved_on", id="in the future"),
        pytest.param(INSIDE, {"starts_on": "2018-01-01"}, "starts_on", id="LZA after its time"),
        pytest.param(INSIDE, {"starts_on": "2014-12-31"}, "starts_on", id="LZA before its time"),
        pytest.param(INSIDE, {"placement": ANOTHER_ID}, "placement", id="no such job"),
        pytest.param(APPROVED, {}, "starts_on", id="approved twice"),
        pytest.param(INSIDE, {"base": None}, "base", id="no base"),
        pytest.param(INSIDE, {"wage": "2400"}, "base", id="two bases"),
        pytest.param(INSIDE, {"phases": [{"months": 6, "percent": 80}]}, "phases", id="other percentage"),
        pytest.param(INSIDE, {"phases": [{"months": 13, "percent": 75}]}, "phases", id="longer phase"),
        pytest.param(INSIDE, {"phases": [{"months": 1, "percent": 75}] * 4}, "phases", id="more phases"),
        pytest.param(INSIDE, {**EGZ, "phases": []}, "phases", id="EGZ without phases"),
        pytest.param(INSIDE, {**EGZ, "phases": [{"months": 6, "percent": 71}]}, "phases", id="EGZ too much"),
        pytest.param(INSIDE, {**EGZ, "phases": [{"months": 50, "percent": 50}] * 2}, "phases", id="EGZ too long"),
        pytest.param(
            INSIDE,
            {"instrument": "16i", "starts_on": "2026-03-01", "base": None, "wage": "2400", "tariff": False},
            "hours_per_week",
            id="16i without hours",
        ),
        pytest.param(
            INSIDE,
            {
                "instrument": "16i",
                "starts_on": "2026-03-01",
                "base": None,
                "wage": "2000",
                "tariff": False,
                "hours_per_week": "39",
            },
            "wage",
            id="below the minimum wage",
        ),
    ],
)
def test_approvals_that_are_refused(state, body, field):
    """Each of these approvals is refused, with the field it hangs on and a way out."""
    assert refused("approve-subsidy", state, {**LZA, **body}, AT).field == field


@pytest.mark.parametrize(
    ("job_has", "body", "field"),
    [
        pytest.param({}, {"approved_on": "2015-08-08"}, "approved_on", id="approved after the contract"),
        pytest.param({"contract_on": None}, {"approved_on": "2015-08-18"}, "approved_on", id="after the start"),
        pytest.param({}, {"starts_on": "2015-08-16"}, "starts_on", id="before the job"),
        pytest.param({"hours_per_week": "19.5"}, {}, "placement", id="too few hours"),
        pytest.param({"term": "fixed-term", "ends_on": "2017-08-15"}, {}, "placement", id="too short a contract"),
        pytest.param({}, {**EGZ}, "instrument", id="another instrument"),
    ],
)
def test_jobs_that_an_instrument_does_not_pay_for(job_has, body, field):
    """LZA pays from 20 hours and 24 months on, and only what was approved before the contract was signed."""
    state = placed(**job_has)

    assert refused("approve-subsidy", state, {**LZA, "placement": job(state), **body}, AT).field == field


def test_a_contract_of_exactly_two_years():
    """A term of 24 months to the day is long enough, and approval on the day of the contract is early enough."""
    state = placed(term="fixed-term", ends_on="2017-08-16")

    assert when("approve-subsidy", state, {**LZA, "placement": job(state), "approved_on": "2015-08-07"}, AT)


def test_a_job_that_is_over_is_not_paid_for():
    """No subsidy begins after the last day of its job."""
    state = after(placed(), "lose-job", {"last_day": "2015-09-30", "ended_by": "employer", "reason": "probation"})

    refusal = refused("approve-subsidy", state, {**LZA, "placement": job(state), "starts_on": "2015-10-01"}, AT)

    assert refusal.field == "starts_on"


def test_a_contract_signed_before_the_approval_is_no_lza_start():
    """Whoever records the start finds the approval of that day, and a contract signed before it is refused."""
    refusal = refused("make-placement", APPROVED, {**LZA_JOB, "contract_on": "2015-07-31"}, AT)

    assert refusal.field == "contract_on"


MONTH = {"month": "2015-08-01", "paid_on": "2015-09-04", "money_source": "esf"}


def test_a_month_is_paid_by_rule():
    """Amount and percentage are computed; a month in which a phase ends is told in two facts, and is paid by both."""
    [first] = when("pay-subsidy", WORKING, MONTH, AT)
    both = when("pay-subsidy", WORKING, {**MONTH, "month": "2016-02-29", "paid_on": "2016-03-04"}, AT)

    assert (first.percent, first.amount, first.month) == (75, Decimal("900.00"), date(2015, 8, 1))
    assert [(one.percent, one.amount) for one in both] == [(75, Decimal("960.00")), (50, Decimal("560.00"))]
    assert [one.phase for one in both] == [1, 2]
    [subsidy] = then(CASE, WORKING, both).subsidies.values()
    assert subsidy.paid == {date(2016, 2, 1): Decimal("1520.00")}


def test_a_subsidy_stops_with_the_job():
    """The month in which a job was lost is paid up to its last day, and none after it."""
    lost = {"last_day": "2015-10-15", "ended_by": "employer", "reason": "business"}
    state = after(WORKING, "lose-job", lost)

    [paid] = when("pay-subsidy", state, {**MONTH, "month": "2015-10-01", "paid_on": "2015-11-04"}, AT)
    subsidy = next(iter(state.subsidies))
    late = {**MONTH, "month": "2015-11-01", "paid_on": "2015-12-04"}

    assert paid.amount == Decimal("900.00")
    assert refused("pay-subsidy", state, {**late, "subsidy": subsidy}, AT).field == "month"
    assert refused("pay-subsidy", state, late, AT).field == "subsidy"


PAID = after(WORKING, "pay-subsidy", MONTH)


@pytest.mark.parametrize(
    ("state", "body", "field"),
    [
        pytest.param(INSIDE, {}, "subsidy", id="no subsidy"),
        pytest.param(ERASED, {}, None, id="erased"),
        pytest.param(WORKING, {"subsidy": ANOTHER_ID}, "subsidy", id="no such subsidy"),
        pytest.param(WORKING, {"paid_on": "2017-01-01"}, "paid_on", id="paid in the future"),
        pytest.param(WORKING, {"month": "2017-01-01"}, "month", id="a month to come"),
        pytest.param(WORKING, {"paid_on": "2015-07-31"}, "paid_on", id="before the approval"),
        pytest.param(PAID, {}, "month", id="twice"),
    ],
)
def test_payments_that_are_refused(state, body, field):
    """Each of these payments is refused, with the field it hangs on and a way out."""
    assert refused("pay-subsidy", state, {**MONTH, **body}, LZA_TIME).field == field


def test_of_several_subsidies_the_month_tells_which():
    """Where one subsidy pays for a month it need not be named; where two do, it must be."""
    premium = {"instrument": "premium", "approved_on": "2015-10-01", "starts_on": "2015-10-01", "base": "3000"}
    both = after(WORKING, "approve-subsidy", premium)

    assert when("pay-subsidy", both, MONTH, AT)
    assert (
        refused("pay-subsidy", both, {**MONTH, "month": "2015-10-01", "paid_on": "2015-11-04"}, AT).field == "subsidy"
    )
    assert refused("change-subsidy", both, {"changed_on": "2015-10-01", "base": "1"}, AT).field == "subsidy"


def test_a_base_changes_from_a_day_on():
    """With the minimum wage the base grows from a day on; what was paid before stays."""
    body = {"changed_on": "2015-10-01", "base": "2600.00"}

    state = after(PAID, "change-subsidy", body)

    [september] = when("pay-subsidy", state, {**MONTH, "month": "2015-09-01", "paid_on": "2015-10-04"}, AT)
    [october] = when("pay-subsidy", state, {**MONTH, "month": "2015-10-01", "paid_on": "2015-11-04"}, AT)
    assert (september.amount, october.amount) == (Decimal("1800.00"), Decimal("1950.00"))


def test_a_subsidy_ends_earlier():
    """An earlier end cuts its month; nothing is paid after it."""
    state = after(PAID, "change-subsidy", {"changed_on": "2015-09-01", "ends_on": "2015-09-10"})

    [september] = when("pay-subsidy", state, {**MONTH, "month": "2015-09-01", "paid_on": "2015-10-04"}, AT)

    assert september.amount == Decimal("600.00")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"changed_on": "2015-08-16", "base": "1.00"}, "changed_on"),
        ({"changed_on": "2017-02-17", "base": "1.00"}, "changed_on"),
        ({"changed_on": "2015-08-31", "base": "1.00"}, "changed_on"),
        ({"changed_on": "2015-10-01", "ends_on": "2017-02-17"}, "ends_on"),
        ({"changed_on": "2015-09-01", "ends_on": "2015-08-30"}, "ends_on"),
        ({"changed_on": "2015-10-01"}, None),
        ({"changed_on": "2015-10-01", "base": "1.00", "wage": "1.00"}, "base"),
    ],
)
def test_changes_that_are_refused(body, field):
    """A change lies within the subsidy, after what was paid, and is a real one."""
    assert refused("change-subsidy", PAID, body, AT).field == field


def funded_job(months=4, reason="other", ended_by="employer", last_day="2024-06-30"):
    """A 16e job that ended after some paid months."""
    kind = {"kind": "subsidised-16e", "starts_on": "2024-03-01", "term": "permanent"}
    state = after(after(INSIDE, "approve-subsidy", NEW_16E), "make-placement", kind)
    for month in range(3, 3 + months):
        body = {"month": date(2024, month, 1), "paid_on": date(2024, month, 28), "money_source": "federal"}
        state = after(state, "pay-subsidy", body)
    end = {"last_day": last_day, "ended_by": ended_by, "reason": reason}
    return after(state, "lose-job", end) if last_day else state


BACK = {"reclaimed_on": "2024-08-01"}


def test_what_is_reclaimed_is_computed():
    """SGB II 16e: ended by the employer after four months, half of 8,568 euros comes back; once."""
    state = funded_job()

    [reclaimed] = when("reclaim-subsidy", state, BACK, AT)

    assert reclaimed.amount == Decimal("4284.00")
    assert refused("reclaim-subsidy", then(CASE, state, [reclaimed]), BACK, AT).field == "subsidy"


@pytest.mark.parametrize(
    ("state", "body", "field"),
    [
        pytest.param(funded_job(last_day=None), {}, "subsidy", id="job goes on"),
        pytest.param(after(INSIDE, "approve-subsidy", NEW_16E), {}, "subsidy", id="no job"),
        pytest.param(funded_job(reason="business"), {}, "subsidy", id="accepted reason"),
        pytest.param(funded_job(reason="person-or-conduct"), {}, "subsidy", id="conduct"),
        pytest.param(funded_job(ended_by="employee", reason="own-wish"), {}, "subsidy", id="left by themselves"),
        pytest.param(funded_job(months=0), {}, "subsidy", id="nothing was paid"),
        pytest.param(funded_job(last_day="2026-03-31"), {"reclaimed_on": "2026-05-01"}, "subsidy", id="after its end"),
        pytest.param(funded_job(), {"reclaimed_on": "2024-06-29"}, "reclaimed_on", id="before the end of the job"),
        pytest.param(funded_job(), {"reclaimed_on": "2026-07-01"}, "reclaimed_on", id="in the future"),
        pytest.param(WORKING, {}, "subsidy", id="LZA is not paid back"),
    ],
)
def test_reclaims_that_are_refused(state, body, field):
    """Each of these reclaims is refused, with the field it hangs on and a way out."""
    assert refused("reclaim-subsidy", state, {**BACK, **body}, AT).field == field
