"""Every committed fact reaches the topic, in commit order per subject, whatever runs beside it or is killed."""

import asyncio
import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime

import pytest
from kafka_world import facts_on, number, start, until, working
from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel
from lotse_shared.database import connect, transaction
from lotse_shared.envelope import Cause, from_headers
from lotse_shared.messaging.inbox import digest
from lotse_shared.messaging.kafka import ensure_topic
from lotse_shared.messaging.subjects import Subjects
from lotse_shared.operations import OPERATION
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import CASE

pytestmark = pytest.mark.kafka

KINDS = {"case": CASE, "operation": OPERATION}
WRITERS, EACH, SUBJECTS = 16, 60, 12
NOW = datetime(2012, 3, 1, tzinfo=UTC)


@pytest.fixture
async def wide(database, engine):
    """Connections for all writers and pollers at once; the schema is the one `engine` has made."""
    made = connect(database.url("coaching"), "coaching", WRITERS + 6)
    yield made
    await made.dispose()


def visit(case: str) -> VisitHeld:
    """So late that no deadline follows from it while the test runs: a worker would tell a fact of its own."""
    return VisitHeld(
        operation="mehrlin", case=case, partner="spi", held_on=date(2112, 3, 1), minutes=30, channel=Channel.OFFICE
    )


async def tell(connection, case: str) -> None:
    subjects = Subjects(connection, "coaching", KINDS, new_id)
    await subjects.lock([case])
    row = subjects.by_id(case) or subjects.start(case, CASE, "mehrlin", "spi")
    subjects.tell([row], [visit(case)], Cause(new_id()), NOW)
    await subjects.store()


async def write(engine, cases: list[str], seed: int) -> None:
    """One writer: every transaction takes its number first, some are held open, some are rolled back."""
    chance = random.Random(seed)  # noqa: S311 - to play with time
    for _ in range(EACH):
        async with engine.connect() as connection, connection.begin() as transacting:
            await connection.execute(text("select set_config('lotse.partner', '*', true), pg_current_xact_id()"))
            await tell(connection, chance.choice(cases))
            if chance.random() < 0.2:
                await asyncio.sleep(chance.random() * 0.02)
            if chance.random() < 0.1:
                await transacting.rollback()


async def poll(engine, query: str, done: asyncio.Event) -> list[str]:
    """A poller as others write it: remembers how far it came, and reads on from there."""
    seen: list[str] = []
    last = {"xid": 0, "position": 0}
    while True:
        finishing = done.is_set()
        async with transaction(engine) as connection:
            for row in await connection.execute(text(query), last):
                seen.append(row.id)
                last = {"xid": row.xid, "position": row.position}
        if finishing:
            return seen
        await asyncio.sleep(0)


BY_POSITION = """
    select id::text as id, position, 0 as xid from outbox where position > :position + 0 * :xid order by position"""
BY_TRANSACTION = """
    select id::text as id, position, xmin::text::bigint as xid from outbox
    where (xmin::text::bigint, position) > (:xid, :position) and xmin::text::bigint < pg_snapshot_xmin(
        pg_current_snapshot())::text::bigint
    order by xmin::text::bigint, position"""


async def missing_and_inverted(engine, ids: list[str]) -> tuple[int, int]:
    """How many committed facts are not in a list of ids, and how many stand before an earlier one of their subject."""
    async with transaction(engine) as connection:
        found = await connection.execute(text("select id::text as id, subject, headers from outbox"))
        rows = {row.id: (row.subject, int(dict(row.headers)["ce_sequence"])) for row in found}
    last: dict[str, int] = defaultdict(int)
    inverted = 0
    for one in ids:
        subject, sequence = rows[one]
        inverted += sequence < last[subject]
        last[subject] = max(last[subject], sequence)
    return len(rows.keys() - set(ids)), inverted


@pytest.fixture
async def cases(wide) -> list[str]:
    """Subjects that exist already, so that writers wait for each other's locks."""
    made = [new_id() for _ in range(SUBJECTS)]
    async with transaction(wide) as connection:
        for case in made:
            await tell(connection, case)
    return made


async def test_the_usual_pollers_lose_facts_or_their_order(wide, cases):
    """Why the relay is as it is: a cursor on the number loses facts, one on the transaction turns their order round."""
    done = asyncio.Event()
    pollers = [asyncio.create_task(poll(wide, query, done)) for query in (BY_POSITION, BY_TRANSACTION)]
    await asyncio.gather(*(write(wide, cases, seed) for seed in range(WRITERS)))
    done.set()
    by_position, by_transaction = await asyncio.gather(*pollers)

    missing, _ = await missing_and_inverted(wide, by_position)
    _, inverted = await missing_and_inverted(wide, by_transaction)
    assert missing > 0
    assert inverted > 0


async def test_sixteen_writers_lose_nothing_and_keep_the_order(engine, wide, cases, here):
    """With transactions held open and rolled back, every committed fact is sent once, in the order of its subject."""
    async with working(engine, here):
        await asyncio.gather(*(write(wide, cases, seed) for seed in range(WRITERS)))

        async def all_sent() -> bool:
            return await number(engine, "select count(*) from outbox where sent_at is null") == 0

        await until(all_sent)
    records = await facts_on(here)

    ids = [dict(record.headers)["ce_id"].decode() for record in records]
    assert await missing_and_inverted(engine, ids) == (0, 0)
    assert len(ids) == len(set(ids))
    sequences = defaultdict(list)
    for record in records:
        sequences[record.key].append(int(dict(record.headers)["ce_sequence"]))
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sequences.values())


async def test_a_relay_killed_between_sending_and_noting_sends_the_same_again(engine, database, here):
    """Killed after Kafka has the facts and before the outbox knows: they come again, the same to the byte, in order."""
    case = new_id()
    await ensure_topic(here)
    async with transaction(engine) as connection:
        for _ in range(30):
            await tell(connection, case)
    async with engine.connect() as holding, holding.begin():
        await holding.execute(text("select from outbox for update"))  # nothing can be noted meanwhile
        killed = await start(here, database.url("coaching"))

        async def on_the_topic() -> bool:
            return len(await facts_on(here)) == 30

        await until(on_the_topic, 90)
        killed.kill()
        await killed.communicate()
        await until(lambda: _nobody_waits(engine))
    assert await number(engine, "select count(*) from outbox where sent_at is null") == 30

    again = await start(here, database.url("coaching"))

    async def all_sent() -> bool:
        return await number(engine, "select count(*) from outbox where sent_at is null") == 0

    await until(all_sent, 90)
    again.terminate()
    await again.communicate()

    records = [one for one in await facts_on(here) if dict(one.headers)["ce_type"] == b"visit-held.v1"]
    digests = [digest(from_headers(record.headers, record.value)) for record in records]
    assert again.returncode == 0
    assert digests[30:] == digests[:30]
    assert json.loads(records[0].value) == json.loads(records[30].value)


async def _nobody_waits(engine) -> bool:
    """Ends what the database still does for a client that is dead: it does not look while it waits for a lock."""
    waiting = "from pg_stat_activity where usename = current_user and wait_event_type = 'Lock'"
    async with transaction(engine) as connection:
        await connection.execute(text(f"select pg_terminate_backend(pid) {waiting}"))
    return await number(engine, f"select count(*) {waiting}") == 0
