"""Rollups against the ledger: what was rolled up must be what the postings behind it add up to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.rollups import CUMULATED, Stretch, kept

NAMED: Final = 10
"""How many sums of a kind are named: a rollup is made anew as a whole."""


@dataclass(frozen=True, slots=True)
class Missum:
    """A rolled-up sum that is not that of the entries; no indicator where the stretches themselves do not fit."""

    operation: str
    edition: str
    kind: str
    indicator: str | None = None
    effective: date | None = None

    def __str__(self) -> str:
        """As a line for people."""
        if self.indicator is None:
            return f"{self.operation}: the {self.kind} of its rollups do not fit together (edition {self.edition})"
        return (
            f"{self.operation}: the sum of {self.indicator} for {self.effective} rolled up by {self.kind} "
            f"is not that of its entries (edition {self.edition})"
        )


@dataclass(frozen=True, slots=True)
class _Period:
    """Knowledge times that rows are kept for. `goes_on`: what was cumulated before is in its rows as well."""

    since: int
    until: int
    goes_on: bool
    cumulated: bool = True


async def missums(
    connection: AsyncConnection,
    build: Any,  # noqa: ANN401 - a result row
    progress: Callable[[str], None],
) -> list[Missum]:
    """Compare all that was rolled up of a build with its entries and what was posted late; gives what differs."""
    stretches = await _stretches(connection, build.number)
    if not _fit(stretches, build.closed_up_to):
        return [Missum(build.operation, build.edition, "stretches")]
    chapters = _chapters(stretches)
    pieces = [_Period(one.since, one.until, one.since != one.chapter, not one.ends_chapter) for one in stretches]
    found = []
    for kind in CUMULATED:
        progress(f"{build.operation} {build.edition}: rollups by {kind}")
        found += await _differing(connection, build, kind, _MONTHS, pieces if kind == "stretches" else chapters)
    for kind, periods in (("stretch", pieces), ("chapter", chapters), ("parts", chapters)):
        progress(f"{build.operation} {build.edition}: rollups of days by {kind}")
        found += await _differing(connection, build, kind, _DAYS, periods)
    return found


async def _stretches(connection: AsyncConnection, number: int) -> list[Stretch]:
    found = await connection.execute(
        text("select since, until, chapter, ends_chapter from stretch where build = :number order by since"),
        {"number": number},
    )
    return [Stretch(**row._mapping) for row in found]  # noqa: SLF001 - the documented name of it


def _fit(stretches: Sequence[Stretch], closed_up_to: int) -> bool:
    """Whether stretches follow each other without gaps, in chapters, and what comes later to them is listed."""
    if not stretches:
        return True
    first, last = stretches[0], stretches[-1]
    return (
        (first.since, first.chapter) == (0, 0)
        and last.until <= closed_up_to
        and all(one.since < one.until for one in stretches)
        and all(
            (one.until, one.until if one.ends_chapter else one.chapter) == (other.since, other.chapter)
            for one, other in pairwise(stretches)
        )
    )


def _chapters(stretches: Sequence[Stretch]) -> list[_Period]:
    return [_Period(one.chapter, one.until, one.chapter > 0) for one in stretches if one.ends_chapter]


_POSTED: Final = """
    select known_from as known, effective, indicator, partner, site, gender, -quantity as quantity from entry
    where build = :number and known_from < :until
    union all
    select known_until, effective, indicator, partner, site, gender, quantity from entry
    where build = :number and known_until < :until
    union all
    select late_posting.known, effective, indicator, partner, site, gender,
        case when opened then quantity else -quantity end
    from late_posting join entry on entry.id = late_posting.entry
    where late_posting.build = :number and late_posting.known < :until"""
"""What must have been rolled up, the other way round: what is still listed as late was not."""

_PERIOD: Final = """
    select * from unnest(cast(:sinces as bigint[]), cast(:untils as bigint[]), cast(:going_on as boolean[]),
        cast(:cumulated as boolean[])) with ordinality as given (since, until, goes_on, cumulated, number)"""

_MONTHS: Final = """
    select period.number as period, effective, indicator, {parts}, quantity
    from rollup left join period on period.until = known and cumulated
    where build = :number and kind = :kind
    union all
    select following.number, effective, indicator, {parts}, -quantity
    from rollup join period on period.until = known and period.cumulated
        join period following on following.number = period.number + 1 and following.goes_on and following.cumulated
    where build = :number and kind = :kind
    union all
    select period.number, cast(date_trunc('month', effective) as date), indicator, {kept}, quantity
    from ({posted}) as posted join period on period.number = width_bucket(known, cast(:sinces as bigint[]))
    where cumulated"""
"""What each period added to what was cumulated before. Rows that belong to none are a difference."""

_DAYS: Final = """
    select case when known < :until then width_bucket(known, cast(:sinces as bigint[])) end as period, effective,
        indicator, {parts}, quantity
    from rollup_day where build = :number and kind = :kind
    union all
    select width_bucket(known, cast(:sinces as bigint[])), effective, indicator, {kept}, quantity
    from ({posted}) as posted"""


async def _differing(
    connection: AsyncConnection,
    build: Any,  # noqa: ANN401 - a result row
    kind: str,
    rows: str,
    periods: Sequence[_Period],
) -> list[Missum]:
    compared = rows.format(parts="partner, site, gender", kept=kept(kind), posted=_POSTED)
    values: Mapping[str, Any] = {
        "number": build.number,
        "kind": kind,
        "until": periods[-1].until if periods else 0,
        "sinces": [one.since for one in periods] or [0],
        "untils": [one.until for one in periods] or [0],
        "going_on": [one.goes_on for one in periods] or [False],
        "cumulated": [one.cumulated for one in periods] or [False],
        "named": NAMED,
    }
    found = await connection.execute(
        text(f"""
            with period as ({_PERIOD})
            select distinct indicator, effective from (
                select indicator, effective from ({compared}) as compared
                group by period, effective, indicator, partner, site, gender having sum(quantity) <> 0) as differing
            order by indicator, effective limit :named"""),  # noqa: S608 - constants
        values,
    )
    return [Missum(build.operation, build.edition, kind, row.indicator, row.effective) for row in found]
