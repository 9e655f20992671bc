"""Sums over the ledger: what every figure is. Whole, or in parts that add up to the whole."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.question import Question
from lotse_reporting.rollups import EVERYTHING, reach

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
    _MONTH: "date_trunc('month', cast(effective as timestamp))",
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
        found = _added((f"{one[:4]}-Q{(int(one[5:7]) + 2) // 3}", sums) for one, sums in found.items() if one)
    found = {part: sums for part, sums in found.items() if any(sums.values())}
    return {part: found[part] for part in sorted(found, key=lambda part: (part is None, part or ""))}


async def months(connection: AsyncConnection, question: Question) -> dict[date, Sums]:
    """What each month up to the as-of day added, by the first of the month. Rolling windows are not looked at."""
    found = await _up_to(connection, question, question.as_of, _MONTH, None)
    return {date.fromisoformat(one): sums for one, sums in found.items() if one}


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
            here = found.setdefault(part, {})
            for indicator in rolling:
                if indicator in sums:
                    here[indicator] = here.get(indicator, Decimal(0)) - sums[indicator]
    return found


async def _up_to(
    connection: AsyncConnection, question: Question, until: date, by: str, own: str | None
) -> dict[Part, Sums]:
    """Sums up to a day, from rollups as far as they go, and from the ledger."""
    known = EVERYTHING if question.known is None else question.known
    reached = await reach(connection, question.edition.build, known)
    pieces = _LEDGER if not reached.until else _WHOLE if by in (_ONE, _MONTH) else _PARTS.format(kind=by)
    values = {
        "build": question.edition.build,
        "as_of": until,
        "whole_months": until.replace(day=1) if (until + timedelta(days=1)).day != 1 else until + timedelta(days=1),
        "known": known,
        "reached": reached.until,
        "chapter": reached.chapter,
        "own": own,
    }
    found = await connection.execute(
        text(f"""
            select {_PART_OF[by]} as part, indicator, sum(quantity) as total
            from ({pieces}) as piece where {REPORTED} group by 1, 2"""),  # noqa: S608 - constants
        values,
    )
    return _added(
        (row.part.date().isoformat() if by == _MONTH else row.part, {row.indicator: row.total}) for row in found
    )


_LEDGER: Final = """
    select effective, indicator, partner, site, gender, quantity from entry
    where build = :build and effective <= :as_of and known_from <= :known
    and (known_until is null or known_until > :known)"""

_POSTED: Final = """
    select {columns}, quantity from entry
    where build = :build and known_from >= {since} and known_from <= :known and effective <= :as_of
    union all
    select {columns}, -quantity from entry
    where build = :build and known_until >= {since} and known_until <= :known and effective <= :as_of
    union all
    select {columns}, case when opened then quantity else -quantity end
    from late_posting join entry on entry.id = late_posting.entry
    where late_posting.build = :build and late_posting.known < {since} and effective <= :as_of"""
"""What rollups do not hold: what became known later, and what was posted late."""

_WHOLE: Final = f"""
    select effective, indicator, quantity from rollup
    where build = :build and kind = 'chapters' and known = :chapter and effective < :whole_months
    union all
    select effective, indicator, quantity from rollup
    where build = :build and kind = 'stretches' and known = :reached and effective < :whole_months
    union all
    select effective, indicator, quantity from rollup_day
    where build = :build and kind = 'chapter' and effective >= :whole_months and effective <= :as_of
    and known < :chapter
    union all
    select effective, indicator, quantity from rollup_day
    where build = :build and kind = 'stretch' and effective >= :whole_months and effective <= :as_of
    and known >= :chapter and known < :reached
    union all
    {_POSTED.format(columns="effective, indicator", since=":reached")}"""  # noqa: S608 - constants
"""Whole chapters and months as far as they go, then stretches, and days."""

_COLUMNS: Final = "effective, indicator, partner, site, gender"
_PARTS: Final = f"""
    select {_COLUMNS}, quantity from rollup
    where build = :build and kind = '{{kind}}' and known = :chapter and effective < :whole_months
    union all
    select {_COLUMNS}, quantity from rollup_day
    where build = :build and kind = 'parts' and effective >= :whole_months and effective <= :as_of
    and known < :chapter
    union all
    {_POSTED.format(columns=_COLUMNS, since=":chapter")}"""  # noqa: S608 - constants
"""Parts are kept by whole chapters alone; the rest comes from the ledger."""


def _added(found: Iterable[tuple[Part, Sums]]) -> dict[Part, Sums]:
    added: dict[Part, Sums] = {}
    for part, sums in found:
        whole = added.setdefault(part, {})
        for indicator, total in sums.items():
            whole[indicator] = whole.get(indicator, Decimal(0)) + total
    return added
