"""How figures grew: what had come together by the end of each quarter, beside the straight way to the target."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lotse_shared.calendar import add_months
from lotse_shared.programme import Indicator, Period
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.figures import result
from lotse_reporting.report.numbers import figure
from lotse_reporting.report.question import Question, written
from lotse_reporting.report.sums import Sums, months, totals


async def read_trend(connection: AsyncConnection, question: Question) -> Mapping[str, Any]:
    """{operation, edition, as_of, known_at, days, indicators [{id, title {de, en}, counts, target, results, path}]}.

    `days` are the ends of the quarters from the beginning of the period on, the last one the as-of day; `results` and
    `path` have one value for each. The path leads from nothing before the period to the target on its last day, in
    whole ones; null where there is no target.
    """
    programme = question.edition.programme
    days = list(quarter_ends(programme.period.first, question.as_of))
    by_month = await months(connection, question)
    rows = [_sums_up_to(day, by_month, programme.indicators) for day in days[:-1]]
    rows.append(await totals(connection, question))
    return {
        "operation": question.operation,
        "edition": question.edition.name,
        "as_of": question.as_of.isoformat(),
        "known_at": written(question.known),
        "days": [day.isoformat() for day in days],
        "indicators": [
            {
                "id": one.id,
                "title": {"de": one.title.de, "en": one.title.en},
                "counts": one.counts.value,
                "target": one.target,
                "results": [figure(one.counts, result(one, sums)) for sums in rows],
                "path": [path(one, programme.period, day) for day in days],
            }
            for one in programme.indicators
        ],
    }


def quarter_ends(first: date, last: date) -> Iterator[date]:
    """The last days of the quarters from a day on, and in the end the last day itself."""
    month = date(first.year, first.month - (first.month - 1) % 3, 1)
    while (end := add_months(month, 3)[0] - timedelta(days=1)) < last:
        yield end
        month = add_months(month, 3)[0]
    yield last


def path(indicator: Indicator, period: Period, day: date) -> int | None:
    """What there would be on a day if the target were reached in equal steps, rounded half up."""
    if indicator.target is None or indicator.ratio is not None:
        return indicator.target
    lasts = (period.last - period.first).days + 1
    passed = min(max((day - period.first).days + 1, 0), lasts)
    return int((Decimal(indicator.target) * passed / lasts).quantize(Decimal(1), ROUND_HALF_UP))


def _sums_up_to(day: date, by_month: Mapping[date, Sums], indicators: list[Indicator]) -> Sums:
    """The sums as of the end of a quarter, from whole months: rolling windows begin with a month there."""
    sums: Sums = {}
    for one in indicators:
        first = one.first_day(day)
        sums[one.id] = sum(
            (added[one.id] for month, added in by_month.items() if first <= month <= day and one.id in added),
            Decimal(0),
        )
    return sums
