"""A changed definition over a million facts, computed beside the live edition while facts go on coming."""

import asyncio
import time

import pytest
from lotse_reporting import building
from lotse_reporting.main import CATCHING_UP, receiver
from lotse_shared.contracts.reporting import ProgrammeApplied
from lotse_shared.database import connect, transaction
from lotse_shared.envelope import Cause, seal, to_headers
from lotse_shared.messaging.kafka import Outgoing
from lotse_shared.messaging.records import Record
from lotse_shared.security import utc_now
from lotse_shared.service import new_id
from lotse_shared.settings import Settings
from sqlalchemy import text
from streams import OPERATION, stream
from test_projection import DENSE, PROGRAMMES, beginning

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

KEPT = 1_000_000
PER_CASE = 20
LIVE_A_SECOND = 2_000
PACE = 0.1
"""Seconds between two batches of live facts."""


def record(one: Outgoing, offset: int) -> Record:
    """As it would be read from the one partition there is here."""
    return Record(0, offset, int(utc_now().timestamp() * 1000), one.key, tuple(one.headers), one.value)


def changed() -> Outgoing:
    """The same programme with another target: a new edition."""
    _, begun = beginning(PROGRAMMES[DENSE])
    applied = ProgrammeApplied.from_bytes(begun.value)
    definition = {**applied.definition, "source": "changed"}
    fact = ProgrammeApplied(operation=OPERATION, programme=applied.programme, digest="0" * 64, definition=definition)
    sealed = seal(fact, id=new_id(), source="reporting", time=utc_now(), sequence=2, cause=Cause(new_id()))
    return Outgoing(sealed.subject.encode(), sealed.value, to_headers(sealed))


async def test_new_edition_beside_live(migrated, figures):
    """A new edition over a million facts goes live within five minutes, and live facts flow on meanwhile."""
    engine = connect(migrated("reporting"), "reporting", 5)
    hearing = receiver(engine, Settings(partitions=1))
    offset = 0

    async def take(told: list[Outgoing]) -> None:
        nonlocal offset
        records = [record(one, offset + number) for number, one in enumerate(told)]
        offset += len(told)
        await hearing.receive("topic", records)

    async def until_live() -> None:
        for number in await building.unfinished(engine):
            await building.finish(engine, number)

    await take(beginning(PROGRAMMES[DENSE]))
    await until_live()
    batch: list[Outgoing] = []
    for one in stream(KEPT, PER_CASE):
        batch.append(one)
        if len(batch) == CATCHING_UP:
            await take(batch)
            batch = []
    await take(batch)
    await take([changed()])

    live = stream(LIVE_A_SECOND * 600, PER_CASE, seed=2)
    started = time.perf_counter()
    computing = asyncio.create_task(until_live())
    waits: list[float] = []
    while not computing.done():
        due = started + len(waits) * PACE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await take([next(live) for _ in range(int(LIVE_A_SECOND * PACE))])
        waits.append(time.perf_counter() - due)
    await computing
    took = time.perf_counter() - started
    async with transaction(engine) as connection:
        entries = await connection.execute(
            text("select count(*) from entry where build = (select max(number) from build)")
        )
        made = int(entries.scalar_one())
    await engine.dispose()
    waits.sort()
    title = f"New edition over {KEPT:,} facts, {PER_CASE} a case, 25 indicators"
    figures.note(title, f"computed and live, {made:,} entries", f"{took:.0f} s", goal="300 s")
    figures.note(
        title, "live facts meanwhile", f"{len(waits) * LIVE_A_SECOND * PACE / took:,.0f}/s", goal=f"{LIVE_A_SECOND:,}/s"
    )
    figures.note(title, "in the ledger after, 99 in 100", f"{1000 * waits[len(waits) * 99 // 100]:,.0f} ms")
