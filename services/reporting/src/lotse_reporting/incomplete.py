"""The queue of incomplete records: which figures lose how many people, until which answers come.

Made of the entries of built-in indicators (`gaps`), so it is asked with both clocks, like a report: somebody is in it
from the day on which the answer was due, as far as was known at that moment. Who counts in an indicator at another
moment already does not wait for it, and who was erased waits for nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from lotse_shared.deciding import EVERYBODY
from lotse_shared.http import CallerDep, ProblemBody, ProblemRaised
from lotse_shared.problems import Problem
from lotse_shared.programme import Indicator, Per
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.api import View, asked
from lotse_reporting.gaps import answers_in, beside, built_in
from lotse_reporting.report import Question, written
from lotse_reporting.report.sums import HOLDS, KNOWN
from lotse_reporting.visibility import SEES_EVERYTHING

_ONCE: Final = frozenset({"participant-enrolled", "situation-after-leaving", "situation-six-months-after"})
"""Kinds of moments that somebody has once: who lacks an answer there does not count at another one."""

_WAITS: Final = f"""
    with counted as materialized (
        select unit, indicator from entry where {HOLDS} and indicator = any(:elsewhere)
    ), waits as (
        select unit, partner, effective, indicator, key from entry
        where {HOLDS} and indicator = any(:built_in)
        and (cast(:partner as text) is null or partner = :partner)
        and not exists (select from counted
            where counted.unit = entry.unit and counted.indicator = split_part(entry.indicator, ':', 1))
        and not exists (select from unit where unit.id = entry.unit and unit.settled is not null)
    )"""  # noqa: S608 - constants

router = APIRouter(tags=["reports"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 422, 425)})


@router.get("/operations/{operation}/incomplete")
async def show_incomplete(
    who: CallerDep,
    connection: View,
    question: Annotated[Question, Depends(asked)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> dict[str, Any]:
    """Who lacks which answers, the longest waiting first, and which indicators lose how many people by that.

    A partner sees its own people, a funder the numbers alone (`people` is null).
    """
    own = None if who.partner == EVERYBODY else who.partner
    answer: dict[str, Any] = {
        "operation": question.operation,
        "edition": question.edition.name,
        "as_of": question.as_of.isoformat(),
        "known_at": written(question.known),
        "people": None,
        "indicators": await read_losses(connection, question, own),
        "next": None,
    }
    if own is not None or who.role in SEES_EVERYTHING:
        after = read_cursor(cursor)
        people = await read_people(connection, question, own, after, limit + 1)
        answer["people"] = people[:limit]
        if len(people) > limit:
            answer["next"] = cursor_after(people[limit - 1])
    return answer


async def read_people(
    connection: AsyncConnection, question: Question, partner: str | None, after: tuple[date, str], limit: int
) -> list[Mapping[str, Any]]:
    """People who lack answers, the longest waiting first: {unit, partner, since, missing [answers], indicators [ids]}.

    `since` is the first day on which they would have counted; `partner`, who acted then.
    """
    found = await connection.execute(
        text(f"""{_WAITS}
            select unit, min(effective) as since, (array_agg(partner order by effective, indicator))[1] as partner,
                array_agg(distinct key) as waiting_for, array_agg(distinct indicator) as indicators
            from waits group by unit having (min(effective), unit) > (:since, :unit)
            order by since, unit limit :limit"""),  # noqa: S608 - constants
        {**_values(question, partner), "since": after[0], "unit": after[1], "limit": limit},
    )
    order = {one.id: number for number, one in enumerate(question.edition.programme.indicators)}
    return [
        {
            "unit": row.unit,
            "partner": row.partner,
            "since": row.since.isoformat(),
            "missing": sorted({answer for key in row.waiting_for for answer in answers_in(key)}),
            "indicators": sorted(map(beside, row.indicators), key=lambda one: order[one]),
        }
        for row in found
    ]


async def read_waiting(connection: AsyncConnection, question: Question) -> dict[str, int]:
    """By partner, how many people lack answers; who lacks answers with several partners is in each of them."""
    found = await connection.execute(
        text(f"""{_WAITS} select coalesce(partner, '') as partner, count(distinct unit) as people
            from waits group by 1 order by 1"""),  # noqa: S608 - constants
        _values(question, None),
    )
    return {row.partner: row.people for row in found}


async def read_due(
    connection: AsyncConnection, question: Question, partner: str | None, until: date, limit: int
) -> list[Mapping[str, Any]]:
    """Answers that fall due after the as-of day, up to a day, the next first: {unit, partner, on, missing [answers]}.

    Asked for is what is not known yet, such as the situation four weeks after somebody left.
    """
    found = await connection.execute(
        text(f"""
            select unit, partner, effective, array_agg(distinct key) as waiting_for from entry
            where build = :build and effective > :as_of and effective <= :until and {KNOWN}
            and indicator = any(:built_in) and (cast(:partner as text) is null or partner = :partner)
            and not exists (select from unit where unit.id = entry.unit and unit.settled is not null)
            group by unit, partner, effective order by effective, unit limit :limit"""),  # noqa: S608 - constants
        {**_values(question, partner), "until": until, "limit": limit},
    )
    return [
        {
            "unit": row.unit,
            "partner": row.partner,
            "on": row.effective.isoformat(),
            "missing": sorted({answer for key in row.waiting_for for answer in answers_in(key)}),
        }
        for row in found
    ]


async def read_losses(
    connection: AsyncConnection, question: Question, partner: str | None
) -> Sequence[Mapping[str, Any]]:
    """The indicators that lose people, in the report's order: {id, title {de, en}, people, missing {answer: n}}."""
    found = await connection.execute(
        text(f"""{_WAITS}
            select indicator, answer, count(distinct unit) as people
            from waits left join lateral unnest(string_to_array(key, ',')) as answer on true
            group by grouping sets ((indicator), (indicator, answer)) order by indicator, answer"""),  # noqa: S608 - constants
        _values(question, partner),
    )
    people: dict[str, int] = {}
    missing: dict[str, dict[str, int]] = {}
    for row in found:
        indicator = beside(row.indicator)
        if row.answer is None:
            people[indicator] = row.people
        else:
            missing.setdefault(indicator, {})[row.answer] = row.people
    return [
        {
            "id": one.id,
            "title": {"de": one.title.de, "en": one.title.en},
            "people": people[one.id],
            "missing": missing[one.id],
        }
        for one in question.edition.programme.indicators
        if one.id in people
    ]


def _values(question: Question, partner: str | None) -> dict[str, Any]:
    indicators = question.edition.programme.indicators
    return {
        "build": question.edition.build,
        "as_of": question.as_of,
        "known": question.known,
        "partner": partner,
        "built_in": [built_in(one.id) for one in indicators],
        "elsewhere": [one.id for one in indicators if _may_count_elsewhere(one)],
    }


def _may_count_elsewhere(indicator: Indicator) -> bool:
    kinds = {one.kind for one in indicator.moments}
    return indicator.per in (Per.PERSON, Per.ENTITY) and (len(kinds) > 1 or not kinds <= _ONCE)


def cursor_after(person: Mapping[str, Any]) -> str:
    """The cursor of the page that follows somebody."""
    return f"{person['since']}|{person['unit']}"


def read_cursor(cursor: str | None) -> tuple[date, str]:
    """What a cursor says: since when, and who; without one the first page begins.

    Raises:
        ProblemRaised: it is none of ours.
    """
    if cursor is None:
        return date.min, ""
    day, _, unit = cursor.partition("|")
    try:
        return date.fromisoformat(day), unit
    except ValueError:
        raise ProblemRaised(
            Problem(422, "invalid", "Invalid input", "cursor: none of ours", "Take it from `next` of a page.", "cursor")
        ) from None
