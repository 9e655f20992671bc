"""The money of a wage subsidy: pure arithmetic over days, percentages and bases.

A month counts 30 days; a part of a month its calendar days, at most 30 (SGB III paragraph 339(1)). Amounts are
multiplied before they are divided and rounded once, half up to the cent (SGB III paragraph 338). Phases are counted
from the subsidy's first day, never from each other (BGB paragraph 188), so that the 31st does not drift.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from lotse_shared.calendar import add_months, cents, period_end
from lotse_shared.contracts.matching import SubsidyPhase
from lotse_shared.deciding import Refused

from lotse_matching.domain.instruments import MINIMUM_WAGES

T = TypeVar("T")

_MONTH: Final = 30
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is paid when: phases from a first day on, the wages they apply to, and an earlier end where there is one."""

    starts_on: date
    phases: tuple[SubsidyPhase, ...]
    bases: tuple[tuple[date, Decimal], ...]
    """From which day on a monthly base counts; the first one from the first day."""
    ends_on: date | None = None

    @property
    def last_day(self) -> date:
        """The last day that is paid for."""
        planned = period_end(self.starts_on, sum(phase.months for phase in self.phases))
        return min(planned, self.ends_on) if self.ends_on else planned

    def percent_from(self) -> Iterator[tuple[date, int]]:
        """The first day of every phase with its percentage."""
        done = 0
        for phase in self.phases:
            first = self.starts_on if done == 0 else period_end(self.starts_on, done) + _DAY
            yield first, phase.percent
            done += phase.months

    def phase_in(self, month: date, percent: int) -> int:
        """The number, from 1, of the phase that pays this percentage in a month of the schedule."""
        first = month.replace(day=1)
        starts = tuple(self.percent_from())
        ends = [*(start - _DAY for start, _ in starts[1:]), self.last_day]
        return next(
            number
            for number, ((start, one), end) in enumerate(zip(starts, ends, strict=True), 1)
            if one == percent and start <= period_end(first, 1) and end >= first
        )


@dataclass(frozen=True, slots=True)
class Instalment:
    """What one month brings at one percentage, in euros."""

    percent: int
    amount: Decimal


def instalments(schedule: Schedule, month: date) -> list[Instalment]:
    """What a month brings, by percentage; two of them where a phase ends within it, none outside the schedule."""
    first = month.replace(day=1)
    return _between(schedule, first, period_end(first, 1))


def granted(schedule: Schedule, first: date, last: date) -> Decimal:
    """What the days from first to last bring, both included, in euros."""
    total = Decimal(0)
    while first <= last:
        end = min(last, period_end(first.replace(day=1), 1))
        total += sum((one.amount for one in _between(schedule, first, end)), Decimal(0))
        first = end + _DAY
    return total


def reclaimable(schedule: Schedule, paid: Decimal, last_day: date, months: int) -> Decimal:
    """What is paid back when a job ends early: what its last months brought, at most half of all paid, in euros."""
    since = add_months(last_day + _DAY, -months)[0]
    return min(granted(schedule, max(since, schedule.starts_on), last_day), cents(paid / 2))


def base_of_wage(wage: Decimal, employer_share: int) -> Decimal:
    """The monthly base: wage and the lump sum for the employer's share (percent), in euros."""
    return cents(wage * (100 + employer_share) / 100)


def minimum_wage(hours_per_week: Decimal, day: date) -> Decimal:
    """A month at the minimum wage of a day: 13/3 weeks, in euros.

    Raises:
        Refused: there was none on that day.
    """
    for since, wage in reversed(MINIMUM_WAGES):
        if since <= day:
            return cents(hours_per_week * 13 * Decimal(wage) / 3)
    raise Refused(f"there was no minimum wage on {day}", field="starts_on", way_out="Check the day.")


def _between(schedule: Schedule, first: date, last: date) -> list[Instalment]:
    """What the days within one month bring; first and last are days of the same month."""
    whole = first.day == 1 and last == period_end(first, 1)
    start, end = max(first, schedule.starts_on), min(last, schedule.last_day)
    if start > end:
        return []
    left = _MONTH if whole and (start, end) == (first, last) else min((end - start).days + 1, _MONTH)
    owed: dict[int, Decimal] = {}
    for since, until in _stretches(schedule, start, end):
        days = left if until == end else min((until - since).days + 1, left)
        left -= days
        percent = _on(tuple(schedule.percent_from()), since)
        owed[percent] = owed.get(percent, Decimal(0)) + _on(schedule.bases, since) * percent * days
    amounts = {percent: cents(sum_ / (100 * _MONTH)) for percent, sum_ in owed.items()}
    return [Instalment(percent, amount) for percent, amount in amounts.items() if amount]


def _stretches(schedule: Schedule, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days from first to last, cut wherever percentage or base changes."""
    changes = [day for day, _ in (*schedule.percent_from(), *schedule.bases) if first < day <= last]
    starts = [first, *sorted(set(changes))]
    for since, following in zip(starts, [*starts[1:], last + _DAY], strict=True):
        yield since, following - _DAY


def _on(values: Sequence[tuple[date, T]], day: date) -> T:
    """What holds on a day: the last told of the values that begin by then."""
    return max(
        ((since, place, value) for place, (since, value) in enumerate(values) if since <= day),
        key=lambda one: one[:2],
    )[2]
