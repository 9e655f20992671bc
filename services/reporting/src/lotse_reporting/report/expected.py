"""What will count by waiting: entries whose day has not come."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.numbers import figure
from lotse_reporting.report.question import Question, written
from lotse_reporting.report.sums import KNOWN


async def read_expected(connection: AsyncConnection, question: Question) -> Mapping[str, Any]:
    """What is effective after the as-of day, as known then: by indicator and month. Never part of a result.

    {operation, edition, after (day), known_at, indicators [{id, title {de, en}, counts, expected, months [{month,
    expected}]}]}; indicators for which nothing is expected are absent, and so are ratios.
    """
    found = await connection.execute(
        text(f"""
            select indicator, to_char(effective, 'YYYY-MM') as month, sum(quantity) as total
            from entry where build = :build and effective > :as_of and {KNOWN} group by 1, 2 order by 1, 2"""),  # noqa: S608 - a constant
        {"build": question.edition.build, "as_of": question.as_of, "known": question.known},
    )
    months: dict[str, dict[str, Decimal]] = {}
    for row in found:
        months.setdefault(row.indicator, {})[row.month] = row.total
    return {
        "operation": question.operation,
        "edition": question.edition.name,
        "after": question.as_of.isoformat(),
        "known_at": written(question.known),
        "indicators": [
            {
                "id": one.id,
                "title": {"de": one.title.de, "en": one.title.en},
                "counts": one.counts.value,
                "expected": figure(one.counts, sum(months[one.id].values(), Decimal(0))),
                "months": [
                    {"month": month, "expected": figure(one.counts, total)} for month, total in months[one.id].items()
                ],
            }
            for one in question.edition.programme.indicators
            if one.id in months
        ],
    }
