"""What moved in a build between two knowledge times: entries closed and opened, by the facts that did it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from lotse_shared.calendar import berlin_day
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import CharacteristicsCorrected
from lotse_shared.programme import Programme
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.ledger import JOINING
from lotse_reporting.report import instant
from lotse_reporting.restatement.words import Why, Words, why


@dataclass(frozen=True, slots=True)
class Cause:
    """A fact that moved figures."""

    event: str
    type: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Move:
    """By how much one unit moved a figure at one moment (`known`, milliseconds), and why.

    `effective`: the day that what moved counts for.
    """

    indicator: str
    unit: str
    effective: date
    quantity: Decimal
    known: int
    why: Why
    words: Words
    events: tuple[str, ...]


@dataclass(slots=True)
class _Net:
    quantity: Decimal
    effective: date


_AS_THEY_WERE: Final = """
    select id, indicator, unit, effective, quantity, known_from, known_until from entry
    where build = :build and effective <= :as_of
    and not exists (select from unit subject where subject.id = entry.unit and given_until is not null)
    union all
    select (array_agg(id order by known_from))[1], indicator, unit, effective, quantity, min(known_from),
        case when bool_and(known_until is not null) then max(known_until) end
    from (
        select *, count(*) filter (where begins) over (
            partition by indicator, unit, key, effective, quantity order by known_from, id) as turn
        from (
            select entry.*, lag(known_until) over (
                partition by indicator, unit, key, effective, quantity order by known_from, entry.id)
                is distinct from known_from as begins
            from entry join unit subject on subject.id = entry.unit
            where build = :build and effective <= :as_of and given_until is not null
        ) as told) as turns
    group by indicator, unit, key, effective, quantity, turn"""
"""Entries as they were before somebody's were closed and opened again."""


async def moves_between(
    connection: AsyncConnection, build: int, programme: Programme, as_of: date, since: int, until: int | None
) -> list[Move]:
    """What moved the figures of a build, as of a day, from one knowledge time to another (None: to now).

    Entries that a fact closed and opened again as they were, for the figure, move nothing; what was closed and opened
    again because somebody else was erased (`erasing`) is one entry here.
    """
    found = await connection.execute(
        text(f"""
            select indicator, unit, effective, quantity, known_from, known_until, holds as opened
            from (
                select *, known_from <= :since and coalesce(known_until > :since, true) as held,
                    case when cast(:until as bigint) is null then known_until is null
                        else known_from <= :until and coalesce(known_until > :until, true) end as holds
                from ({_AS_THEY_WERE}) entry
            ) entry
            where held <> holds order by effective, known_from, id"""),  # noqa: S608 - constants
        {"build": build, "as_of": as_of, "since": since, "until": until},
    )
    first = {one.id: one.first_day(as_of) for one in programme.indicators}
    nets: dict[tuple[str, str, int], _Net] = {}
    for row in found:
        if row.indicator not in first or row.effective < first[row.indicator]:
            continue
        known = row.known_from if row.opened else row.known_until
        net = nets.setdefault((row.indicator, row.unit, known), _Net(Decimal(0), row.effective))
        net.quantity += row.quantity if row.opened else -row.quantity
    moved = {key: net for key, net in nets.items() if net.quantity}
    causes = await causes_of(connection, {(unit, known) for _, unit, known in moved})
    retracted = await _retracted(connection, [one for group in causes.values() for one in group])
    return [
        _move(indicator, unit, known, net, causes.get((unit, known), ()), retracted)
        for (indicator, unit, known), net in moved.items()
    ]


def _move(
    indicator: str,
    unit: str,
    known: int,
    net: _Net,
    causes: Sequence[Cause],
    retracted: Mapping[str, str],
) -> Move:
    first = causes[0] if causes else Cause("", "", b"")
    takes_back = retracted.get(first.event)
    reason, words = why(first.type, first.value, berlin_day(instant(known)), takes_back)
    events = tuple(one.event for one in causes)
    return Move(indicator, unit, net.effective, net.quantity, known, reason, words, events)


async def causes_of(
    connection: AsyncConnection, moments: Collection[tuple[str, int]]
) -> dict[tuple[str, int], list[Cause]]:
    """The facts about these units, or ones they merged with, that became known at these moments (milliseconds).

    First the one that says most about why: of several at once, a merge, then what takes something back.
    """
    found = await connection.execute(
        text("""
            select wanted.unit, wanted.known, journal.id::text as id, journal.type, journal.value
            from unnest(cast(:units as text[]), cast(:knowns as bigint[])) as wanted (unit, known)
            join unit named on named.id = wanted.unit
            join unit member on member.id = named.id or (named.merged and member.merged and member.root = named.root)
            join journal on journal.subject = member.id and journal.known = wanted.known
            where journal.state = 'applied' order by journal.id"""),
        {"units": [unit for unit, _ in moments], "knowns": [known for _, known in moments]},
    )
    causes: dict[tuple[str, int], list[Cause]] = {}
    for row in found:
        causes.setdefault((row.unit, row.known), []).append(Cause(row.id, row.type, row.value))
    for group in causes.values():
        group.sort(key=_says_least)
    return causes


def _says_least(cause: Cause) -> int:
    if cause.type in JOINING:
        return 0
    return 1 if cause.type in (FactRetracted.type, CharacteristicsCorrected.type) else 2


async def _retracted(connection: AsyncConnection, causes: Sequence[Cause]) -> dict[str, str]:
    """By the ids of retractions: the types of what they take back, where that was heard."""
    targets = {one.event: msgspec.json.decode(one.value)["retracts"] for one in causes if _takes_back(one)}
    found = await connection.execute(
        text("select id::text as id, type from journal where id = any(cast(:ids as uuid[]))"),
        {"ids": sorted(set(targets.values()))},
    )
    types = {row.id: row.type for row in found}
    return {event: types[target] for event, target in targets.items() if target in types}


def _takes_back(one: Cause) -> bool:
    return one.type == FactRetracted.type and one.value != b""
