"""Reporting's tables, and the few statements that several modules share. No business rule stands here."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from lotse_shared.database import transaction
from lotse_shared.messaging.tables import INSTANT, Tables
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.indicators import Rules
from lotse_reporting.ledger import Postings

SCHEMA: Final = "reporting"
CHANNEL: Final = "lotse_reporting"
"""Where the pages hear which operations' figures may have moved."""

tables = Tables(SCHEMA)

journal = Table(
    "journal",
    tables.metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("operation", Text, nullable=False),
    Column("time", INSTANT, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("partner", Text),
    Column("correlation", Text, nullable=False),
    Column("causation", Text),
    Column("traceparent", Text),
    Column("digest", LargeBinary, nullable=False),
    Column("topic_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("kafka_offset", BigInteger, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
)
"""Every fact heard, once, as it came: inbox, audit trail, source of every rebuild.

`known` is its knowledge time (milliseconds). `state`: applied; waiting (of a parked unit, or of merged ones until the
watermark has passed it); discarded (a human decided that it never counts).
"""

unit = Table(
    "unit",
    tables.metadata,
    Column("id", Text, primary_key=True),
    Column("root", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("merged", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Column("given_until", BigInteger),
)
"""Who is locked while facts about it are taken in. Units that ever merged are one family with the least id as root.

`settled`: the watermark (milliseconds) when the unit of somebody who was erased lost the content of its facts.
`given_until`: the same, of somebody who was one with such a unit before, and goes on by its own facts from then on.
Ids and cursors are compared here and in Python: by code points (collation "C") in both.
"""

build = Table(
    "build",
    tables.metadata,
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column("operation", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("case_function", Integer, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("known_until", BigInteger),
    Column("state", Text, nullable=False),
    Column("replaces", Integer, ForeignKey("build.number")),
    Column("cursor", Text, nullable=False),
    Column("held", Text),
    Column("closed_up_to", BigInteger, nullable=False),
)
"""One computing of the ledger for one edition. `state`: building (up to the family `cursor`), live, retired.

`held`: the digest of its entries, kept when its edition had ended and nothing could be posted to it any more."""

given = Table(
    "given",
    tables.metadata,
    Column("build", Integer, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("digest", LargeBinary),
    Column("recomputed", Boolean, nullable=False),
)
"""Settled units of a build: what its entries say of them (`digest`) cannot be computed any more and is given.

`recomputed`: false where the build took them over from the edition before it.
"""

entry = Table(
    "entry",
    tables.metadata,
    Column("id", Uuid, primary_key=True),
    Column("build", Integer, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("partner", Text),
    Column("site", Text),
    Column("gender", Text),
    Column("effective", Date, nullable=False),
    Column("quantity", Numeric, nullable=False),
    Column("event_ids", ARRAY(Uuid), nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("known_until", BigInteger),
)
"""The ledger: an entry holds while known_from <= K < known_until. Closed once, never changed otherwise (a trigger)."""
Index("entry_indicator", entry.c.build, entry.c.indicator, entry.c.effective)
Index("entry_known_from", entry.c.build, entry.c.known_from)
Index("entry_known_until", entry.c.build, entry.c.known_until)

operation = Table(
    "operation",
    tables.metadata,
    Column("id", Text, primary_key=True),
    Column("programme", Text),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("partners", ARRAY(Text), nullable=False),
)
"""Operations heard of, and who joined them."""

heard_from = Table(
    "heard_from",
    tables.metadata,
    Column("publisher", Text, primary_key=True),
    Column("sent_up_to", INSTANT, nullable=False),
)
"""How far each publisher had sent what it had, by its ticks."""

JOURNAL_COLUMNS: Final = (
    "id", "source", "type", "subject", "operation", "time", "sequence", "partner", "correlation", "causation",
    "traceparent", "digest", "value", "partition", "kafka_offset", "known", "topic_id", "state",
)  # fmt: skip
_ENTRY_COLUMNS: Final = (
    "id", "build", "indicator", "operation", "unit", "key", "partner", "site", "gender", "effective", "quantity",
    "event_ids", "known_from", "known_until",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Build:
    """One computing of the ledger, as far as whoever posts to it must know."""

    number: int
    operation: str
    rules: Rules
    known_until: int | None
    building: bool
    cursor: str
    closed_up_to: int
    """What becomes known before it is late (`rollups`)."""

    def takes(self, root: str, known: int) -> bool:
        """Whether facts of this family that became known at this moment are posted to it."""
        return (not self.building or root <= self.cursor) and (self.known_until is None or known < self.known_until)


async def copy(connection: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY, in the transaction of this connection."""
    driver = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(table, records=rows, columns=columns, schema_name=SCHEMA)  # type: ignore[union-attr] # asyncpg's connection


async def post(
    connection: AsyncConnection, posted: Mapping[str, Postings], builds: Mapping[str, Sequence[Build]]
) -> None:
    """Write what was posted, by operation: new entries, and the ends of those that no longer hold.

    `builds` are those posted to, by operation, locked; what comes late to their rollups is listed.
    """
    rows = [
        (
            one.id, one.build, one.indicator, operation, one.unit, one.key, says.partner, says.site, says.gender,
            says.effective, says.quantity, says.events, one.known_from, one.known_until,
        )
        for operation, postings in posted.items()
        for one in postings.opened.values()
        for says in (one.candidate,)
    ]  # fmt: skip
    if rows:
        await copy(connection, "entry", _ENTRY_COLUMNS, rows)
    closed = {identity: known for postings in posted.values() for identity, known in postings.closed.items()}
    if closed:
        done = await connection.execute(
            text("""
                update entry set known_until = closed.known
                from unnest(cast(:ids as uuid[]), cast(:knowns as bigint[])) as closed (id, known)
                where entry.id = closed.id"""),
            {"ids": list(closed), "knowns": list(closed.values())},
        )
        if done.rowcount != len(closed):
            raise LedgerBroken(f"{len(closed) - done.rowcount} entries to close are not there; see `lotse verify`")
    late = [
        one
        for operation, postings in posted.items()
        if (closed_up_to := max((build.closed_up_to for build in builds.get(operation, ())), default=0))
        for one in postings.known_before(closed_up_to)
    ]
    if late:
        await _list_late(connection, late)


async def _list_late(connection: AsyncConnection, late: Sequence[tuple[str, int, bool]]) -> None:
    """List what was posted (entry, knowledge time, whether opened or closed) where rollups of its build may be."""
    ids, knowns, opened = zip(*late, strict=True)
    await connection.execute(
        text("""
            insert into late_posting (build, entry, known, opened)
            select entry.build, entry.id, late.known, late.opened
            from unnest(cast(:ids as uuid[]), cast(:knowns as bigint[]), cast(:opened as boolean[]))
                as late (id, known, opened)
            join entry on entry.id = late.id join build on build.number = entry.build
            where late.known < build.closed_up_to"""),
        {"ids": ids, "knowns": knowns, "opened": opened},
    )


class LedgerBroken(Exception):  # noqa: N818 - what is the matter
    """The ledger does not hold what was posted to it: somebody else wrote in it."""


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One repeatable view of everything, read only: watermark, what is open, rollups and entries fit together."""
    async with transaction(engine, isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        # Many short questions beside each other: helpers for one of them cost more than they give.
        await connection.execute(text("set local max_parallel_workers_per_gather = 0"))
        yield connection
