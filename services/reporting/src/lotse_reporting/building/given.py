"""What a build holds that is given, since facts behind it are emptied and lead to nothing any more.

All entries of settled units are, and those known before `given_until` of units that were one with a settled one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.building.comparing import digests
from lotse_reporting.editions import rules_of


async def note(connection: AsyncConnection, units: Sequence[str], *, recomputed: bool = True) -> None:
    """Keep the digests of what the builds that have come to these units hold of them.

    A build in progress that has not come to a unit yet takes it over at its end.
    """
    found = await connection.execute(
        text("""
            select build.number, build.known_until, array_agg(unit.id) as units
            from build join unit on unit.operation = build.operation
            where unit.id = any(:units) and (build.state <> 'building' or unit.root <= build.cursor)
            group by build.number order by build.number"""),
        {"units": list(units)},
    )
    for row in found.all():
        await _keep(connection, row.number, row.known_until, row.units, recomputed=recomputed)


async def take_over(connection: AsyncConnection, number: int) -> None:
    """Let a build that has computed all else have what is given as the build before it has it.

    A rebuild has it as what it replaces; a new edition as the edition before it, where an indicator of the same name
    counts, and it is noted as not recomputed.
    """
    found = await connection.execute(
        text("""
            select unit.id from build join unit on unit.operation = build.operation
            where number = :number and (settled is not null or given_until is not null)
            and not exists (select from given where given.build = build.number and given.unit = unit.id)"""),
        {"number": number},
    )
    units = list(found.scalars())
    if not units:
        return
    source, mine = await _source(connection, number), await _mine(connection, number)
    values = {"number": number, "source": source, "units": units}
    await connection.execute(
        text("""
            insert into entry (id, build, indicator, operation, unit, key, partner, site, gender, effective, quantity,
                               event_ids, known_from, known_until)
            select md5(concat(cast(:number as integer), ' ', entry.id))::uuid, :number, indicator, entry.operation,
                unit, key, partner, site, gender, effective, quantity, event_ids, known_from, known_until
            from entry join unit subject on subject.id = entry.unit
            where build = :source and unit = any(:units) and indicator = any(:indicators)
            and (settled is not null or known_from < given_until)"""),
        {**values, "indicators": [one.id for one in rules_of(mine.definition).indicators]},
    )
    if mine.replaces is None:
        await _keep(connection, number, mine.known_until, units, recomputed=False)
        return
    await connection.execute(
        text("""
            insert into given (build, unit, digest, recomputed)
            select cast(:number as integer), unit, digest, recomputed from given
            where build = :source and unit = any(:units)"""),
        values,
    )


async def kept(connection: AsyncConnection, number: int) -> Mapping[str, bytes]:
    """The digest of every unit that a build has entries of that are given."""
    found = await connection.execute(
        text("select unit, digest from given where build = :number and digest is not null"), {"number": number}
    )
    return {row.unit: bytes(row.digest) for row in found}


async def not_recomputed(connection: AsyncConnection, number: int) -> list[str]:
    """The units that a build has as the edition before it had them: their people were erased before."""
    found = await connection.execute(
        text("select unit from given where build = :number and not recomputed order by unit"), {"number": number}
    )
    return list(found.scalars())


async def _mine(connection: AsyncConnection, number: int) -> Any:  # noqa: ANN401 - a result row
    found = await connection.execute(
        text("select replaces, known_until, definition from build where number = :number"), {"number": number}
    )
    return found.one()


async def _source(connection: AsyncConnection, number: int) -> int | None:
    """The build to take settled units over from: what this one replaces, else the edition before it."""
    found = await connection.execute(
        text("""
            select source.number
            from build mine join build source on source.operation = mine.operation and source.number <> mine.number
            where mine.number = :number and source.state = 'live'
            and (source.number = mine.replaces or (mine.replaces is null and source.known_from <= mine.known_from))
            order by source.known_from desc, source.number desc limit 1"""),
        {"number": number},
    )
    return found.scalar()


async def _keep(
    connection: AsyncConnection, number: int, known_until: int | None, units: Sequence[str], *, recomputed: bool
) -> None:
    held = await digests(connection, number, known_until, units=units, given=True)
    await connection.execute(
        text("""
            insert into given (build, unit, digest, recomputed)
            select cast(:number as integer), unit, digest, cast(:recomputed as boolean)
            from unnest(cast(:units as text[]), cast(:digests as bytea[])) as new (unit, digest)
            on conflict (build, unit) do update set digest = excluded.digest"""),
        {
            "number": number,
            "units": list(units),
            "digests": [held.get(unit) for unit in units],
            "recomputed": recomputed,
        },
    )
