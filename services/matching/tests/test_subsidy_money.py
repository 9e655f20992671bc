"""The money of subsidies: the worked examples of the law, and what holds for every schedule."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lotse_matching.domain.instruments import RULES, rule_for
from lotse_matching.domain.subsidies import (
    Schedule,
    base_of_wage,
    granted,
    instalments,
    minimum_wage,
    reclaimable,
)
from lotse_shared.calendar import add_months, cents, period_end
from lotse_shared.contracts.codes import Instrument
from lotse_shared.contracts.matching import SubsidyPhase
from lotse_shared.deciding import Refused


def schedule(instrument: Instrument, start: date, base: str, variant: int = 0) -> Schedule:
    return Schedule(start, rule_for(instrument, start).schedules[variant], ((start, Decimal(base)),))


def paid(of: Schedule, first: int, last: int) -> Decimal:
    """What the subsidy months from one to another bring, where the subsidy begins on a first day of a month."""
    months = (add_months(of.starts_on, number)[0] for number in range(first, last))
    return sum((one.amount for month in months for one in instalments(of, month)), Decimal(0))


def test_16e_on_a_tariff_wage():
    """SGB II 16e, 2,400 euros: 75 % in the first year, 50 % in the second, of the wage with 19 % on it."""
    of = schedule(Instrument.SECTION_16E, date(2026, 3, 1), "2856.00")

    assert base_of_wage(Decimal(2400), 19) == Decimal("2856.00")
    assert [one.amount for one in instalments(of, date(2026, 3, 1))] == [Decimal("2142.00")]
    assert [one.amount for one in instalments(of, date(2027, 3, 1))] == [Decimal("1428.00")]
    assert (paid(of, 0, 12), paid(of, 12, 24)) == (Decimal("25704.00"), Decimal("17136.00"))
    assert granted(of, of.starts_on, of.last_day) == Decimal("42840.00")


def test_16e_reclaimed_after_four_months():
    """The last six months, but at most half of what was paid: 4,284 of 8,568 euros."""
    of = schedule(Instrument.SECTION_16E, date(2026, 3, 1), "2856.00")

    assert reclaimable(of, Decimal("8568.00"), date(2026, 6, 30), 6) == Decimal("4284.00")


def test_16e_reclaimed_after_twenty_months():
    """Late in the subsidy the last six months are less than half: 6 times 1,428 euros."""
    of = schedule(Instrument.SECTION_16E, date(2026, 3, 1), "2856.00")

    assert reclaimable(of, paid(of, 0, 20), date(2027, 10, 31), 6) == Decimal("8568.00")


def test_16i_bound_by_tariff():
    """SGB II 16i, 2,400 euros from March 2026: five years by year, 150,796.80 euros in all; 2028 ends on a leap day."""
    of = schedule(Instrument.SECTION_16I, date(2026, 3, 1), "2856.00")

    years = [paid(of, 12 * year, 12 * year + 12) for year in range(5)]

    assert years == [Decimal(one) for one in ("34272.00", "34272.00", "30844.80", "27417.60", "23990.40")]
    assert granted(of, of.starts_on, of.last_day) == Decimal("150796.80")
    assert (of.last_day, list(of.percent_from())[1]) == (date(2031, 2, 28), (date(2028, 3, 1), 90))


def test_16i_part_of_a_month():
    """Begun on 16 March it is 16 of 30 days: 1,523.20 euros."""
    of = schedule(Instrument.SECTION_16I, date(2026, 3, 16), "2856.00")

    assert [one.amount for one in instalments(of, date(2026, 3, 1))] == [Decimal("1523.20")]


def test_16i_at_the_minimum_wage():
    """Not bound by a tariff, 39 hours: the base follows the minimum wage; the first year brings 33,826.72 euros."""
    hours, start, new_year = Decimal(39), date(2026, 3, 1), date(2027, 1, 1)
    first, second = (base_of_wage(minimum_wage(hours, day), 19) for day in (start, new_year))
    of = Schedule(start, rule_for(Instrument.SECTION_16I, start).schedules[0], ((start, first), (new_year, second)))

    assert (minimum_wage(hours, start), first) == (Decimal("2349.10"), Decimal("2795.43"))
    assert (minimum_wage(hours, new_year), second) == (Decimal("2467.40"), Decimal("2936.21"))
    assert paid(of, 0, 12) == Decimal("33826.72")


def test_lza_normal_case():
    """MILA on 2,400 euros: 6 months 75 %, 9 months 50 %, 3 months 25 %, 23,400 euros in all."""
    of = schedule(Instrument.LZA, date(2015, 8, 1), "2400.00")

    assert (paid(of, 0, 6), paid(of, 6, 15), paid(of, 15, 18)) == (Decimal(10800), Decimal(10800), Decimal(1800))
    assert granted(of, of.starts_on, of.last_day) == Decimal("23400.00")


def test_lza_from_the_middle_of_a_month():
    """Phases that began on 17 August end on the 16th; a month with two of them is paid in two parts of 30 days."""
    of = schedule(Instrument.LZA, date(2015, 8, 17), "2400.00")

    assert [first for first, _ in of.percent_from()] == [date(2015, 8, 17), date(2016, 2, 17), date(2016, 11, 17)]
    assert of.last_day == date(2017, 2, 16)
    assert [(one.percent, one.amount) for one in instalments(of, date(2016, 2, 29))] == [
        (75, Decimal("960.00")),  # 16 days
        (50, Decimal("560.00")),  # 14 days
    ]
    assert [one.amount for one in instalments(of, date(2015, 8, 1))] == [Decimal("900.00")]  # 15 days
    assert [of.phase_in(date(2016, 2, 1), percent) for percent in (75, 50)] == [1, 2]
    assert [of.phase_in(date(2016, month, 1), 50) for month in (3, 11)] == [2, 2]
    assert of.phase_in(date(2017, 2, 1), 25) == 3


def test_lza_intensive_case():
    """The intensive case goes from 75 to 50 % within 36 months."""
    of = schedule(Instrument.LZA, date(2016, 1, 1), "1000.00", variant=1)

    assert granted(of, of.starts_on, of.last_day) == Decimal(12 * (750 + 650 + 500))


def test_no_minimum_wage_before_2015():
    """Before the law there was no minimum wage to compute with."""
    with pytest.raises(Refused):
        minimum_wage(Decimal(39), date(2014, 12, 31))


def test_rules_of_one_instrument_never_overlap():
    """On every first day at most one rule of an instrument holds."""
    for one in RULES:
        for other in RULES:
            if one is not other and one.instrument == other.instrument:
                assert one.last_start < other.first_start or other.last_start < one.first_start


PHASES = st.lists(
    st.builds(SubsidyPhase, months=st.integers(1, 18), percent=st.integers(1, 100)), min_size=1, max_size=4
)
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))
BASES = st.decimals(1, 9000, places=2)


@settings(deadline=None, max_examples=150)
@given(start=DAYS, phases=PHASES, base=BASES, cut=DAYS)
def test_cutting_days_changes_no_amount(start, phases, base, cut):
    """A change of the base to the same base on any day moves no cent of any month."""
    whole = Schedule(start, tuple(phases), ((start, base),))
    again = Schedule(start, tuple(phases), ((start, base), (max(cut, start), base)))

    month = start.replace(day=1)
    while month <= whole.last_day:
        assert instalments(whole, month) == instalments(again, month)
        month = add_months(month, 1)[0]


@settings(deadline=None, max_examples=150)
@given(start=DAYS, phases=PHASES, base=BASES)
def test_every_month_is_paid_and_none_too_much(start, phases, base):
    """Within the schedule a month brings at most the highest percentage of the base, outside it nothing.

    A whole month at one percentage brings that exactly, however long it is.
    """
    of = Schedule(start, tuple(phases), ((start, base),))
    highest = max(phase.percent for phase in phases)
    changes = {first for first, _ in of.percent_from()}

    month = add_months(start.replace(day=1), -1)[0]
    assert instalments(of, month) == []
    while (month := add_months(month, 1)[0]) <= of.last_day:
        owed = instalments(of, month)
        end = period_end(month, 1)
        assert sum(one.amount for one in owed) <= base * highest / 100 + Decimal("0.01")
        if month >= start and end <= of.last_day and not any(month < day <= end for day in changes):
            assert len(owed) <= 1  # none where a cent would round to nothing
            assert all(one.amount == cents(base * one.percent / 100) for one in owed)
    assert instalments(of, add_months(of.last_day.replace(day=1), 1)[0]) == []


@settings(deadline=None, max_examples=150)
@given(start=DAYS, phases=PHASES, base=BASES, worked=st.integers(1, 2000), months=st.integers(1, 12))
def test_never_more_than_half_is_reclaimed(start, phases, base, worked, months):
    """Whatever ends when: at most half of what was paid comes back, and at most what the last months brought."""
    of = Schedule(start, tuple(phases), ((start, base),))
    last_day = min(of.last_day, start + timedelta(days=worked))
    total = granted(of, start, last_day)

    back = reclaimable(of, total, last_day, months)

    assert 0 <= back <= cents(total / 2)
    assert back <= granted(of, max(start, add_months(last_day + timedelta(days=1), -months)[0]), last_day)
