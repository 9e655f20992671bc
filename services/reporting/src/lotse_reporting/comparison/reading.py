"""Two editions of an operation side by side: which figures and which units are counted otherwise, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from lotse_shared.programme import Indicator, Programme
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.building import not_recomputed
from lotse_reporting.comparison.definitions import Change, changes
from lotse_reporting.report import Edition, NoReport, Question, figure, result, settle, totals


@dataclass(frozen=True, slots=True)
class InForce:
    """An edition, and the knowledge times (milliseconds) from and until which it answers; None: still."""

    build: int
    edition: str
    definition: Mapping[str, Any]
    case_function: int
    since: int
    until: int | None


class Because(StrEnum):
    """Why a figure is another by another edition."""

    ADDED = "added"
    REMOVED = "removed"
    DEFINITION = "definition"
    CASE_FUNCTION = "case-function"
    FOLLOWS = "follows"
    """It is a ratio of figures that moved, or counts within a period that was changed."""


@dataclass(frozen=True, slots=True)
class UnitMoved:
    """What a unit adds to a figure by either edition."""

    unit: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure by two editions, from the same facts. None where an edition does not count it."""

    indicator: Indicator
    before: int | str | None
    after: int | str | None
    because: Because | None
    changes: tuple[Change, ...]
    units: tuple[UnitMoved, ...]

    @property
    def moved(self) -> bool:
        """Whether anything about it is another: the figure, a unit, the definition."""
        return self.before != self.after or bool(self.changes or self.units)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two editions at the last moment that the earlier one answers for."""

    before: InForce
    after: InForce
    as_of: date
    known: int
    programme: tuple[Change, ...]
    """What is different around the indicators and bears on figures."""
    indicators: tuple[Compared, ...]
    not_recomputed: tuple[str, ...]
    """Units of the later edition that stand as they were, since their people were erased."""


async def list_editions(connection: AsyncConnection, operation: str) -> Sequence[InForce]:
    """The editions that answer for some time, the oldest first."""
    found = await connection.execute(
        text("""
            select number, edition, definition, case_function, known_from, known_until from build
            where operation = :operation and state = 'live' and known_from is distinct from known_until
            order by known_from, number"""),
        {"operation": operation},
    )
    return [InForce(*row) for row in found]


async def compare(
    connection: AsyncConnection,
    operation: str,
    *,
    before: str | None,
    after: str | None,
    as_of: date | None,
    now: datetime,
) -> Comparison:
    """Two editions (by default the latest and the one before it) as of a day (default: the operation's today).

    Both count the same facts: those known at the last moment that the earlier of the two answers for.

    Raises:
        NoReport: there is no edition of that name, or only one.
        NotYet: the day has not come in the operation.
    """
    one, other = _chosen(await list_editions(connection, operation), before, after)
    asked = await settle(connection, operation, as_of=as_of, known_at=None, now=now)
    known = min(edition.until for edition in (one, other) if edition.until is not None) - 1
    then, later = (
        Question(
            operation,
            asked.as_of,
            known,
            asked.today,
            Edition(edition.build, edition.edition, Programme.model_validate(edition.definition)),
        )
        for edition in (one, other)
    )
    return Comparison(
        one,
        other,
        asked.as_of,
        known,
        tuple(changes(_around(one.definition), _around(other.definition))),
        await _indicators(connection, one, other, then, later),
        tuple(await not_recomputed(connection, other.build)),
    )


_CHANGE: Final = "Another edition begins when a changed programme file is applied."


def _chosen(editions: Sequence[InForce], before: str | None, after: str | None) -> tuple[InForce, InForce]:
    names = ", ".join(dict.fromkeys(one.edition for one in editions)) or "none"
    if len(editions) < 2:  # noqa: PLR2004 - two are compared
        raise NoReport(f"there are no two editions to compare; there are: {names}", way_out=_CHANGE)
    latest = {one.edition: one for one in editions}
    for name in (before, after):
        if name is not None and name not in latest:
            raise NoReport(f"there is no edition {name}; there are: {names}", way_out="Name one of these.")
    other = latest[after] if after else editions[-1]
    earlier = [one for one in editions if (one.since, one.build) < (other.since, other.build)]
    one = latest[before] if before else (earlier or editions)[-1]
    if one is other:
        raise NoReport(f"an edition is compared with another one; there are: {names}", way_out="Name two of these.")
    return one, other


def _around(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: definition[name] for name in ("period",) if name in definition}


async def _indicators(
    connection: AsyncConnection, one: InForce, other: InForce, then: Question, later: Question
) -> tuple[Compared, ...]:
    units = await _units(connection, then, later)
    defined = [{said["id"]: said for said in edition.definition["indicators"]} for edition in (one, other)]
    known = [{each.id: each for each in question.edition.programme.indicators} for question in (then, later)]
    sums = [await totals(connection, question) for question in (then, later)]
    compared = []
    for name in dict.fromkeys((*known[1], *known[0])):
        was, now = (
            figure(indicators[name].counts, result(indicators[name], of)) if name in indicators else None
            for indicators, of in zip(known, sums, strict=True)
        )
        in_both = all(name in indicators for indicators in known)
        changed = tuple(changes(defined[0][name], defined[1][name])) if in_both else ()
        moved = tuple(units.get(name, ()))
        compared.append(
            Compared(
                known[1].get(name) or known[0][name],
                was,
                now,
                _because((was, now), changed, moved, other_function=one.case_function != other.case_function),
                changed,
                moved,
            )
        )
    return tuple(compared)


def _because(
    figures: tuple[int | str | None, int | str | None],
    changed: Sequence[Change],
    moved: Sequence[UnitMoved],
    *,
    other_function: bool,
) -> Because | None:
    was, now = figures
    if was is None or now is None:
        return Because.ADDED if was is None else Because.REMOVED
    if changed:
        return Because.DEFINITION
    if was == now and not moved:
        return None
    return Because.CASE_FUNCTION if other_function and moved else Because.FOLLOWS


async def _units(connection: AsyncConnection, then: Question, later: Question) -> dict[str, list[UnitMoved]]:
    """The units that add another quantity to a figure by one build than by the other, on the same facts."""
    asked = [
        (question.edition.build, one.id, one.first_day(question.as_of))
        for question in (then, later)
        for one in question.edition.programme.indicators
    ]
    found = await connection.execute(
        text("""
            select entry.indicator, unit,
                coalesce(sum(quantity) filter (where entry.build = :then), 0) as before,
                coalesce(sum(quantity) filter (where entry.build = :later), 0) as after
            from entry
            join unnest(cast(:builds as int[]), cast(:indicators as text[]), cast(:firsts as date[]))
                as asked (build, indicator, first)
                on asked.build = entry.build and asked.indicator = entry.indicator and entry.effective >= asked.first
            where effective <= :as_of and known_from <= :known and coalesce(known_until > :known, true)
            group by entry.indicator, unit
            having coalesce(sum(quantity) filter (where entry.build = :then), 0)
                <> coalesce(sum(quantity) filter (where entry.build = :later), 0)
            order by entry.indicator, unit"""),
        {
            "then": then.edition.build,
            "later": later.edition.build,
            "builds": [build for build, _, _ in asked],
            "indicators": [indicator for _, indicator, _ in asked],
            "firsts": [first for _, _, first in asked],
            "as_of": then.as_of,
            "known": then.known,
        },
    )
    units: dict[str, list[UnitMoved]] = {}
    for row in found:
        units.setdefault(row.indicator, []).append(UnitMoved(row.unit, row.before, row.after))
    return units
