"""A rebuild beside live work: how fast it is, and how much it slows the live work down."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from lotse_reporting import building
from lotse_reporting.main import receiver
from lotse_shared.database import connect, transaction
from lotse_shared.messaging.records import Record
from lotse_shared.security import utc_now
from lotse_shared.settings import Settings
from sqlalchemy import text
from streams import stream
from test_projection import DENSE, PROGRAMMES, beginning

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

KEPT = 60_000
LIVE = 10_000
BATCH = 1_000


def _records(outgoing, first: int) -> list[Record]:
    appended = int(utc_now().timestamp() * 1000)
    return [
        Record(0, offset, appended, one.key, tuple(one.headers), one.value)
        for offset, one in enumerate(outgoing, first)
    ]


async def _taken(hearing, records: list[Record]) -> float:
    started = time.perf_counter()
    for at in range(0, len(records), BATCH):
        await hearing.receive("topic", records[at : at + BATCH])
    return len(records) / (time.perf_counter() - started)


async def test_rebuild_beside_live(migrated, figures):
    """A million facts can be computed anew in two minutes, and the live work keeps at least half its speed."""
    url = migrated("reporting")
    engine = connect(url, "reporting", 5)
    hearing = receiver(engine, Settings(partitions=1))
    kept = _records([*beginning(PROGRAMMES[DENSE]), *stream(KEPT, 20)], 0)
    await _taken(hearing, kept[:2])
    async with transaction(engine) as connection:
        found = await connection.execute(text("select number from build"))
        numbers = [row.number for row in found]
    for number in numbers:
        await building.finish(engine, number)
    await _taken(hearing, kept[2:])

    more = _records(stream(2 * LIVE, 20, seed=2), len(kept))
    alone = await _taken(hearing, more[:LIVE])
    started = time.perf_counter()
    rebuilding = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("lotse-reporting"), "rebuild", env={**os.environ, "LOTSE_DATABASE_URL": url}
    )
    beside = await _taken(hearing, more[LIVE:])
    assert await rebuilding.wait() == 0
    took = time.perf_counter() - started
    await engine.dispose()
    facts = KEPT + 2 * LIVE
    title = "Rebuild beside live, 25 indicators, 20 facts a case"
    figures.note(title, "facts folded, written, compared and switched to", f"{facts / took:,.0f}/s", goal="8,300/s")
    figures.note(title, "live work alone", f"{alone:,.0f}/s", "1.00")
    figures.note(title, "live work meanwhile", f"{beside:,.0f}/s", f"{beside / alone:.2f} of alone", "0.50")
