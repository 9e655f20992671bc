"""What a build holds, as digests: two ledgers are the same when these are; an ended edition keeps its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from lotse_shared.database import transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.building.turning import first_not_final
from lotse_reporting.ledger import Opened, Postings


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit whose entries are not what its facts lead to; no unit where all that is known is that one was altered."""

    operation: str
    edition: str
    unit: str | None

    def __str__(self) -> str:
        """As a line for people."""
        if self.unit is None:
            return f"{self.operation}: edition {self.edition} does not hold what it held when it ended"
        return f"{self.operation}: unit {self.unit} differs from its facts (edition {self.edition})"


def differences(build: Any, one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[Difference]:  # noqa: ANN401 - a result row
    """The units whose digests differ."""
    units = sorted({*one, *other})
    return [Difference(build.operation, build.edition, unit) for unit in units if one.get(unit) != other.get(unit)]


_Written = tuple[str, str, str, str | None, str | None, str | None, str, str, str, int, int | None]


def _written(one: Opened) -> _Written:
    candidate = one.candidate
    return (
        one.unit,
        one.indicator,
        one.key,
        candidate.partner,
        candidate.site,
        candidate.gender,
        str(candidate.effective),
        format(candidate.quantity.normalize(), "f"),
        ",".join(candidate.events),
        one.known_from,
        one.known_until,
    )


def digests_of(postings: Postings, known_until: int | None) -> dict[str, bytes]:
    """The digests that a build has when it holds these postings."""
    opened = sorted(postings.opened.values(), key=lambda one: one.unit)
    return _digests(known_until, map(_written, opened))


async def digests(
    connection: AsyncConnection,
    number: int,
    known_until: int | None,
    *,
    events: bool = True,
    units: Sequence[str] | None = None,
    given: bool | None = None,
) -> dict[str, bytes]:
    """One digest for each unit of a build: over what its entries say, both clocks included, ids and offsets not.

    `events`: the events they rest on as well, and what an entry is counted once for, which may be an id of one.
    `units`: of these alone. `given`: only of entries that are (True) or are not (False) given.
    """
    found = await connection.stream(
        text("""
            select unit, indicator, case when :events then key else '' end, partner, site, gender, effective::text,
                trim_scale(quantity)::text,
                case when :events then array_to_string(event_ids, ',') else '' end, known_from, known_until
            from entry left join unit subject
                on subject.id = entry.unit and (settled is not null or known_from < given_until)
            where build = :number and (cast(:units as text[]) is null or unit = any(:units))
            and (cast(:given as boolean) is null or (subject.id is not null) = :given)
            order by unit collate "C" """),
        {"number": number, "events": events, "units": None if units is None else list(units), "given": given},
    )
    written = [tuple(row) async for row in found]
    return _digests(known_until, iter(written))


def _digests(known_until: int | None, rows: Iterator[_Written]) -> dict[str, bytes]:
    """What became known when an edition had ended says nothing about it: it was posted before that was heard."""
    found = {}
    for unit, entries in groupby(rows, key=lambda row: row[0]):
        lines = []
        for row in entries:
            until = row[10] if row[10] is not None and (known_until is None or row[10] < known_until) else None
            if known_until is None or row[9] < known_until:
                lines.append(repr((*row[1:10], until)))
        if lines:
            found[unit] = sha256("\n".join(sorted(lines)).encode()).digest()
    return found


async def keep_what_ended(engine: AsyncEngine) -> None:
    """Keep the digest of each edition that has ended, once nothing can be posted to it any more."""
    async with transaction(engine) as connection:
        ended = await connection.execute(
            text("""
                select number, operation, known_until from build
                where state = 'live' and known_until is not null and held is null order by number""")
        )
        for row in ended.all():
            if row.known_until <= await first_not_final(connection, row.operation):
                await connection.execute(
                    text("update build set held = :held where number = :number"),
                    {"number": row.number, "held": await held(connection, row.number, row.known_until)},
                )


async def held(connection: AsyncConnection, number: int, known_until: int) -> str:
    """The digest of all entries of an ended edition; without the events they rest on, which an erasure takes away."""
    kept = await digests(connection, number, known_until, events=False)
    return sha256(b"".join(kept[unit] for unit in sorted(kept))).hexdigest()
