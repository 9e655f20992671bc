"""Figures with what stands behind them: how many people and employers, and how much of each is whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lotse_shared.contracts import EVENTS
from lotse_shared.programme import Counts, Indicator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.disclosure.figures import Figure, Place
from lotse_reporting.disclosure.table import Number
from lotse_reporting.report import By, Question, figure
from lotse_reporting.report.breakdown import apportioned
from lotse_reporting.report.numbers import step
from lotse_reporting.report.sums import HOLDS
from lotse_reporting.vocabulary import MOMENTS

_PART: Final[Mapping[str, str]] = {
    "": "''",
    By.GENDER: "coalesce(gender, '')",
    By.PARTNER: "coalesce(partner, '')",
    By.SITE: "coalesce(site, '')",
    By.QUARTER: "to_char(effective, 'YYYY-\"Q\"Q')",
}
_HELD: Final = f"""
    select entry.indicator, unit, coalesce(partner, '') as who, quantity, event_ids, {{part}} as part
    from entry join unnest(cast(:ids as text[]), cast(:firsts as date[])) as window_of (indicator, first_day)
        on window_of.indicator = entry.indicator
    where effective >= first_day and {HOLDS}"""  # noqa: S608 - constants
_NAMES_EMPLOYER: Final = sorted(
    name for name, event in EVENTS.items() if event.about == "case" and "employer" in event.model_fields
)


async def count(connection: AsyncConnection, question: Question, by: Sequence[By]) -> dict[Place, Figure]:
    """Every figure that answers a question, whole and by each breakdown, ratios left out.

    A stock has no quarters: what it was in one is no part of what it is. Nor is anything broken down that has a part
    below zero.
    """
    indicators = [one for one in question.edition.programme.indicators if one.ratio is None]
    found: dict[Place, Figure] = {(one.id, "", ""): _figure(one, Decimal(0), 0) for one in indicators}
    for breakdown in ("", *by):
        counted = await _by(connection, question, indicators, breakdown)
        for one in indicators:
            parts = {place: figure for place, figure in counted.items() if place[0] == one.id}
            negative = any(part.value < 0 for part in parts.values())
            if not breakdown or not (negative or (one.minus and breakdown == By.QUARTER)):
                found |= parts
    return found


async def _by(
    connection: AsyncConnection, question: Question, indicators: Sequence[Indicator], by: str
) -> dict[Place, Figure]:
    values = {
        "build": question.edition.build,
        "as_of": question.as_of,
        "known": question.known,
        "ids": [one.id for one in indicators],
        "firsts": [max(one.first_day(question.as_of), date.min) for one in indicators],
    }
    held = _HELD.format(part=_PART[by])
    rows = await connection.execute(
        text(f"""
            with held as ({held})
            select indicator, part, case when grouping(who) = 0 then who end as who, sum(quantity) as total,
                count(distinct unit) as units, coalesce(sum(quantity - 1) filter (where quantity > 1), 0) as heads
            from held group by grouping sets ((indicator, part), (indicator, part, who))"""),  # noqa: S608 - constants
        values,
    )
    own: dict[Place, dict[str, Decimal]] = {}
    whole: dict[str, dict[Place, Any]] = {}
    for row in rows:
        place = (row.indicator, by, row.part)
        if row.who is None:
            whole.setdefault(row.indicator, {})[place] = row
        elif row.who:
            own.setdefault(place, {})[row.who] = row.total
    employers = await _employers(connection, held, values, indicators)
    found = {}
    for one in indicators:
        places = whole.get(one.id, {})
        totals = apportioned([row.total for row in places.values()], step(one.counts))
        for (place, row), total in zip(places.items(), totals, strict=True):
            heads = int(row.heads) if one.counts is Counts.ATTENDANCES else 0
            behind = {who: _number(one, part) for who, part in own.get(place, {}).items()}
            counted = replace(_figure(one, total, row.units + heads), own=behind)
            names, largest = employers.get((place[0], place[2]), (0, Decimal(0)))
            found[place] = replace(counted, employers=names, largest=largest)
    return found


async def _employers(
    connection: AsyncConnection, held: str, values: Mapping[str, Any], indicators: Iterable[Indicator]
) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """How many employers stand behind a part of an indicator, and the share of the greatest one.

    Whoever has no named employer counts as having one alone: nobody can put several of them to one.
    """
    naming = [one.id for one in indicators if any(_has_employer(moments.kind) for moments in one.moments)]
    if not naming:
        return {}
    rows = await connection.execute(
        text(f"""
            with held as ({held}), named as (
                select indicator, part, quantity, coalesce(told.employer, 'of ' || unit) as employer,
                    told.employer is not null as known
                from held cross join lateral (
                    select max(convert_from(value, 'UTF8')::jsonb ->> 'employer') as employer from journal
                    where id = any(event_ids) and type = any(:types) and octet_length(value) > 2) as told
                where indicator = any(:naming)
            ), shares as (
                select indicator, part, employer, sum(quantity) as share, bool_or(known) as known
                from named group by indicator, part, employer
            )
            select indicator, part, count(*) as employers, max(share) / nullif(sum(share), 0) as largest
            from shares group by indicator, part having bool_or(known)"""),  # noqa: S608 - constants
        {**values, "naming": naming, "types": _NAMES_EMPLOYER},
    )
    return {(row.indicator, row.part): (row.employers, round(row.largest or Decimal(0), 4)) for row in rows}


def _has_employer(kind: str) -> bool:
    return any(word.path.rpartition(".")[2] == "employer" for word in MOMENTS[kind].words.values())


def _figure(indicator: Indicator, total: Decimal, cases: int) -> Figure:
    return Figure(_number(indicator, total), cases)


def _number(indicator: Indicator, total: Decimal) -> Number:
    written = figure(indicator.counts, total)
    return written if isinstance(written, int) else Decimal(written)
