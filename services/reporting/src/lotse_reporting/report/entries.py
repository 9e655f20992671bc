"""The entries behind a figure: page by page, or one after the other for whoever writes them all down."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lotse_shared.programme import Counts
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.numbers import figure
from lotse_reporting.report.question import Question, settle, written
from lotse_reporting.report.sums import HOLDS, totals

_STREAMED: Final = 5_000
"""Entries in memory at once when all of them are read."""
_MINE: Final = f"""{HOLDS} and indicator = :indicator and effective >= :first
    and (cast(:partner as text) is null or partner = :partner)"""
"""Of a rolling indicator only what its window holds."""


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of entries: three columns, by which a page goes on where the last one ended."""

    columns: tuple[str, str, str]
    within: str
    """What bounds a page from above. The index ends a page by day; a month has to be read whole before it is sorted."""


_BY_DAY: Final = _Order(("effective", 'unit collate "C"', 'key collate "C"'), "true")
_HASH: Final = "encode(substr(sha256(cast(:names as bytea) || convert_to({}, 'UTF8')), 1, 8), 'hex') collate \"C\""
_NEAR: Final = f"""
    select effective from entry where {_MINE} and effective >= cast(:after as timestamp) + interval '1 month'
    order by effective limit :limit"""  # noqa: S608 - constants
_BY_MONTH: Final = _Order(
    (
        "cast(date_trunc('month', cast(effective as timestamp)) as date)",
        _HASH.format("unit"),
        _HASH.format("concat_ws('|', unit, key, effective)"),
    ),
    f"""effective < date_trunc('month', cast(
        (select coalesce(max(effective), :after) from ({_NEAR}) as near) as timestamp)) + interval '1 month'""",  # noqa: S608 - the same
)
"""Of a month all entries stand in the order of names, which follows no day. A page needs the month where it begins,
and from there on the months of as many entries as it has."""


def name_of(names: bytes, unit: str) -> str:
    """What a unit is called by a key of names, and so where it stands within a month: 16 hexadecimal digits."""
    return hashlib.sha256(names + unit.encode()).digest()[:8].hex()


@dataclass(frozen=True, slots=True)
class EntriesAnswer:
    """A page of the entries behind one figure, in the order of their effective dates, or of months and names.

    Each of `entries`: {unit, partner, site, effective, quantity, known_from, known_until, events [ids], settled (the
    person was erased: there are no events any more)}; quantities are written like results, and `known_until` is None:
    that an entry was withdrawn after the moment asked about is no part of what was known then. `sum` is the figure of
    all pages; `next` the cursor of the next page, or None. Order and content are those of any build of the edition.
    """

    indicator: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]
    sum: str | int
    next: str | None


async def read_entries(
    connection: AsyncConnection,
    operation: str,
    indicator: str,
    *,
    as_of: date | None,
    known_at: datetime | None,
    now: datetime,
    partner: str | None = None,
    names: bytes | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> EntriesAnswer:
    """The entries behind one figure, of one partner alone where it is named.

    With a key of `names` they come by month, and within a month in the order of `name_of` their units: for those who
    are not to learn days, not even from the order.

    Raises:
        NoReport, NotYet: as `settle`; NoReport also where the indicator is not in force.
        ValueError: the cursor is none of ours.
    """
    question = await settle(connection, operation, as_of=as_of, known_at=known_at, now=now)
    definition = question.edition.indicator(indicator)
    rows = await _page(connection, question, indicator, partner, names, _read_cursor(cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return EntriesAnswer(
        indicator=definition.model_dump(mode="json", by_alias=True, exclude_none=True),
        entries=[_entry(row, definition.counts) for row in rows[:limit]],
        sum=figure(definition.counts, await _sum(connection, question, indicator, partner)),
        next=f"{last.first.isoformat()}|{last.second}|{last.third}" if last else None,
    )


async def stream_entries(
    connection: AsyncConnection,
    question: Question,
    indicator: str,
    partner: str | None = None,
    names: bytes | None = None,
) -> AsyncIterator[Mapping[str, Any]]:
    """All entries behind a figure, as on the pages and in their order; never more than a page of them in memory.

    Raises:
        NoReport: the indicator is not in force.
    """
    counts = question.edition.indicator(indicator).counts
    after = _read_cursor(None)
    while rows := await _page(connection, question, indicator, partner, names, after, _STREAMED):
        for row in rows:
            yield _entry(row, counts)
        after = (rows[-1].first, rows[-1].second, rows[-1].third)


async def _sum(connection: AsyncConnection, question: Question, indicator: str, partner: str | None) -> Decimal:
    """What all pages add up to."""
    if partner is None:
        return (await totals(connection, question)).get(indicator, Decimal(0))
    found = await connection.execute(
        text(f"select coalesce(sum(quantity), 0) as total from entry where {_MINE}"),  # noqa: S608 - constants
        _values(question, indicator, partner),
    )
    return Decimal(found.scalar_one())


_Cursor = tuple[date, str, str]
"""By day: effective date, unit, and what the unit counts once for; by month: the first of the month and two names.
Of one figure no two entries that hold have the same."""


async def _page(
    connection: AsyncConnection,
    question: Question,
    indicator: str,
    partner: str | None,
    names: bytes | None,
    after: _Cursor,
    limit: int,
) -> Sequence[Any]:
    order = _BY_DAY if names is None else _BY_MONTH
    first, second, third = order.columns
    found = await connection.execute(
        text(f"""
            select unit, key, partner, site, effective, quantity, known_from, event_ids,
                {first} as first, {second} as second, {third} as third
            from entry where {_MINE} and effective >= :after and {order.within}
            and ({first}, {second}, {third}) > (:after, :second, :third)
            order by {first}, {second}, {third} limit :limit"""),  # noqa: S608 - constants
        {
            **_values(question, indicator, partner),
            **({} if names is None else {"names": names}),
            "after": after[0],
            "second": after[1],
            "third": after[2],
            "limit": limit,
        },
    )
    return found.all()


def _values(question: Question, indicator: str, partner: str | None) -> dict[str, Any]:
    return {
        "build": question.edition.build,
        "first": question.edition.indicator(indicator).first_day(question.as_of),
        "as_of": question.as_of,
        "known": question.known,
        "indicator": indicator,
        "partner": partner,
    }


def _entry(row: Any, counts: Counts) -> dict[str, Any]:  # noqa: ANN401 - a result row
    return {
        "unit": row.unit,
        "partner": row.partner,
        "site": row.site,
        "effective": row.effective.isoformat(),
        "quantity": figure(counts, row.quantity),
        "known_from": written(row.known_from),
        "known_until": None,
        "events": [str(one) for one in row.event_ids],
        "settled": not row.event_ids,
    }


def _read_cursor(cursor: str | None) -> _Cursor:
    if cursor is None:
        return date.min, "", ""
    if "\0" in cursor:
        raise ValueError("the character NUL is in no cursor of ours")
    day, unit, key = cursor.split("|", 2)
    return date.fromisoformat(day), unit, key
