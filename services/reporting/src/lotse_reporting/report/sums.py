"""Sums over the ledger: what every figure is. Whole, or in parts that add up to the whole."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.question import Question

KNOWN: Final = """(
    case when cast(:known as bigint) is null then known_until is null
    else known_from <= :known and (known_until is null or known_until > :known) end)"""
"""What is known at :known, or live."""
HOLDS: Final = f"build = :build and effective <= :as_of and {KNOWN}"
"""Which entries count in a question with these `build`, `as_of` and `known`."""
REPORTED: Final = "strpos(indicator, ':') = 0"
"""Which indicators are those of the report: built-in ones have a colon in their ids (`gaps`)."""

OTHERS: Final = "others"
"""The part that holds, for one partner, what all others did."""


class By(StrEnum):
    """What figures can be broken down by."""

    GENDER = "gender"
    PARTNER = "partner"
    SITE = "site"
    QUARTER = "quarter"
    """Of the effective date: 2014-Q1."""


Sums = dict[str, Decimal]
"""By indicator; those without entries are absent."""
Part = str | None
"""None: what has no gender, partner or site, such as an employer's gender."""

_ONE: Final = "one"
_MONTH: Final = "month"
_PART_OF: Final[Mapping[str, str]] = {
    _ONE: "null::text",
    _MONTH: "to_char(effective, 'YYYY-MM')",
    By.GENDER: "gender",
    By.PARTNER: f"case when cast(:own as text) is null or partner = :own then partner else '{OTHERS}' end",
    By.SITE: f"case when cast(:own as text) is null or partner = :own then site else '{OTHERS}' end",
}


async def totals(connection: AsyncConnection, question: Question) -> Sums:
    """The sum of each indicator: up to the as-of day, and within its rolling window where it has one."""
    return (await _windowed(connection, question, _ONE)).get(None, {})


async def parts(connection: AsyncConnection, question: Question, by: By, own: str | None = None) -> dict[Part, Sums]:
    """The same sums in parts that add up to them, in the order of their names.

    `own`: the partner who asks. By partner and by site it sees its own parts, and the rest as OTHERS.
    """
    found = await _windowed(connection, question, _MONTH if by is By.QUARTER else by, own)
    if by is By.QUARTER:
        found = _added((f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}", sums) for month, sums in found.items() if month)
    found = {part: sums for part, sums in found.items() if any(sums.values())}
    return {part: found[part] for part in sorted(found, key=lambda part: (part is None, part or ""))}


async def months(connection: AsyncConnection, question: Question) -> dict[date, Sums]:
    """What each month up to the as-of day added, by the first of the month. Rolling windows are not looked at."""
    found = await _up_to(connection, question, question.as_of, _MONTH, None)
    return {date.fromisoformat(f"{month}-01"): sums for month, sums in found.items() if month}


async def _windowed(
    connection: AsyncConnection, question: Question, by: str, own: str | None = None
) -> dict[Part, Sums]:
    """A rolling figure is what was there on the as-of day less what was there before its window began."""
    found = await _up_to(connection, question, question.as_of, by, own)
    begins: dict[date, list[str]] = {}
    for one in question.edition.programme.indicators:
        if one.last is not None:
            begins.setdefault(one.first_day(question.as_of), []).append(one.id)
    for first, rolling in begins.items():
        before = await _up_to(connection, question, first - timedelta(days=1), by, own)
        for part, sums in before.items():
            for indicator in rolling:
                if indicator in sums:
                    found[part][indicator] -= sums[indicator]
    return found


async def _up_to(
    connection: AsyncConnection, question: Question, until: date, by: str, own: str | None
) -> dict[Part, Sums]:
    found = await connection.execute(
        text(f"""
            select {_PART_OF[by]} as part, indicator, sum(quantity) as total
            from entry where {HOLDS} and {REPORTED} group by 1, 2"""),  # noqa: S608 - constants
        {"build": question.edition.build, "as_of": until, "known": question.known, "own": own},
    )
    return _added((row.part, {row.indicator: row.total}) for row in found)


def _added(found: Iterable[tuple[Part, Sums]]) -> dict[Part, Sums]:
    added: dict[Part, Sums] = {}
    for part, sums in found:
        whole = added.setdefault(part, {})
        for indicator, total in sums.items():
            whole[indicator] = whole.get(indicator, Decimal(0)) + total
    return added
