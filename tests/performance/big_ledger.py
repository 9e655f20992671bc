"""A ledger of millions of entries, as years of work would leave it; written by the database itself."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import msgspec
from lotse_shared.programme import Programme

FIRST: Final = datetime(2023, 11, 25, tzinfo=UTC)
DAYS: Final = 1_096
"""Knowledge times are spread over three years."""
IMPORTS: Final = (150, 700)
"""Days on which a fifth of all became known in ten hours: somebody read in what another system held."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the ledger, and how many entries it has."""

    name: str
    entries: int


def milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


LAST: Final = milliseconds(FIRST + timedelta(days=DAYS))


async def fill(owner: asyncpg.Connection, programme: Programme, operations: list[Operation]) -> None:
    """Write live builds and their entries, as they would have been posted over the years, and analyse them.

    Most entries become known within weeks of their day, one in ten much later, one in ten before it (what happens by
    waiting); one in sixteen is closed again.
    """
    await owner.execute("set search_path to reporting; select setseed(0.25)")
    await owner.execute("insert into position (topic_id, partition, next_offset, known) values ('t', 0, 1, $1)", LAST)
    indexes = await owner.fetch("select indexname, indexdef from pg_indexes where indexname like 'entry_known%'")
    for index in indexes:
        await owner.execute(f"drop index {index['indexname']}")
    for one in operations:
        definition = programme.model_copy(update={"operation": one.name}).definition()
        build = await owner.fetchval(
            """
            insert into build (operation, edition, definition, digest, case_function, known_from, state, cursor)
            values ($1, 'bench-1', $2, 'bench', 1, $3, 'live', '~') returning number""",
            one.name,
            msgspec.json.encode(definition).decode(),
            milliseconds(FIRST),
        )
        await owner.execute(_ENTRIES, *_values(one, build, programme))
    for index in indexes:
        await owner.execute(index["indexdef"])
    await owner.execute("analyze entry")


def _values(one: Operation, build: int, programme: Programme) -> tuple[Any, ...]:
    names = [indicator.id for indicator in programme.indicators if indicator.ratio is None]
    return (build, one.name, one.entries, names, milliseconds(FIRST), DAYS, list(IMPORTS), LAST)


_ENTRIES: Final = """
    insert into entry (id, build, indicator, operation, unit, key, partner, site, gender, effective, quantity,
        event_ids, known_from, known_until)
    select uuidv7(), $1::int, ($4::text[])[1 + floor(random() * cardinality($4::text[]))::int], $2::text,
        uuidv7()::text, '', 'partner-' || place / 2, 'site-' || place,
        (array['female', 'male', 'diverse', null])[1 + floor(random() * random() * 4)::int],
        effective, case when random() < 0.1 then round((random() * 500)::numeric, 2) else 1 end,
        array[uuidv7(), uuidv7()], known,
        case when random() < 0.0625 and known + later < $8::bigint then known + later end
    from (
        select known, floor(random() * 20)::int as place, floor(random() * random() * 31536000000)::bigint as later,
            day - case
                when chance < 0.4 then floor(random() * 700)::int
                when chance < 0.5 then floor(random() * $6::int)::int
                when chance < 0.6 then -floor(random() * 183)::int
                else floor(random() * random() * 60)::int
            end as effective
        from (
            select known, chance, (timestamptz 'epoch' + known * interval '1 millisecond')::date as day
            from (
                select chance, $5::bigint + case
                    when chance < 0.2 then ($7::bigint[])[1] * 86400000 + 28800000 + floor(random() * 36000000)::bigint
                    when chance < 0.4 then ($7::bigint[])[2] * 86400000 + 28800000 + floor(random() * 36000000)::bigint
                    else floor(random() * $6::int)::bigint * 86400000 + 21600000 + floor(random() * 43200000)::bigint
                end as known
                from (select random() as chance from generate_series(1, $3::int)) as drawn
            ) as told
        ) as dated
        order by known
    ) as made"""
