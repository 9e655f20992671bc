"""Live figures: one listener per process, each state rendered once for all who look at it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from lotse_local.testing import TestDatabase
from lotse_reporting.pages.live import Live
from lotse_reporting.store import CHANNEL
from lotse_shared.database import connect
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

LISTENERS = "pg_stat_activity where datname = current_database() and query ilike 'listen%'"


@pytest.fixture
async def engine(database: TestDatabase) -> AsyncIterator[AsyncEngine]:
    made = connect(database.url("reporting"), "reporting", 4)
    yield made
    await made.dispose()


@pytest.fixture
async def live(engine: AsyncEngine) -> AsyncIterator[Live]:
    made = Live(engine, lambda: False)
    yield made
    await ended(made)


async def ended(live: Live) -> None:
    """Its listener goes when nobody looks any more."""
    if live._listener is not None:
        await asyncio.wait_for(live._listener, 10)


async def move(engine: AsyncEngine, operations: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text("select pg_notify(:channel, :operations)"), {"channel": CHANNEL, "operations": operations}
        )


async def listeners(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        found = await connection.execute(text(f"select count(*) from {LISTENERS}"))  # noqa: S608 - a constant
        return int(found.scalar_one())


async def test_only_who_looks_at_a_moved_operation_is_told(live: Live, engine: AsyncEngine) -> None:
    """A move names its operations; the others' pages stay still."""
    with live.watching("mehrlin") as mehrlin, live.watching("mila") as mila:
        await asyncio.wait_for(mehrlin.wait(), 10)  # the listener is there, and tells everybody once
        await asyncio.wait_for(mila.wait(), 10)
        mehrlin.clear(), mila.clear()
        await move(engine, "forst mehrlin")
        await asyncio.wait_for(mehrlin.wait(), 10)
        assert not mila.is_set()


async def test_a_hundred_readers_need_one_listener_and_one_rendering(live: Live, engine: AsyncEngine) -> None:
    """What costs is paid once per state, whatever the number of open pages."""
    rendered = []

    async def render() -> str:
        rendered.append(1)
        await asyncio.sleep(0.01)
        return "figures"

    marks = [live.watching("mehrlin") for _ in range(100)]
    moved = [mark.__enter__() for mark in marks]
    await asyncio.wait_for(moved[0].wait(), 10)
    rendered.clear()
    texts = await asyncio.gather(*(live.shared("mehrlin", "key", render) for _ in range(100)))
    assert (set(texts), len(rendered), await listeners(engine)) == ({"figures"}, 1, 1)
    for one in moved:
        one.clear()
    await move(engine, "mehrlin")
    await asyncio.gather(*(asyncio.wait_for(one.wait(), 10) for one in moved))
    await asyncio.gather(*(live.shared("mehrlin", "key", render) for _ in range(100)))
    assert len(rendered) == 2
    for mark in marks:
        mark.__exit__(None, None, None)
    await ended(live)
    assert await listeners(engine) == 0


async def test_a_failed_rendering_is_not_kept(live: Live) -> None:
    """One reader's failure is not shown to the next: it is tried again."""

    async def fail() -> str:
        raise ConnectionError

    async def work() -> str:
        return "figures"

    with pytest.raises(ConnectionError):
        await live.shared("mehrlin", "key", fail)
    assert await live.shared("mehrlin", "key", work) == "figures"


async def test_a_lost_connection_is_made_again_and_everybody_looks_anew(live: Live, engine: AsyncEngine) -> None:
    """What moved while nobody could hear it is not missed."""
    with live.watching("mehrlin") as moved:
        await asyncio.wait_for(moved.wait(), 10)
        moved.clear()
        async with engine.connect() as connection:
            await connection.execute(
                text(f"select pg_terminate_backend(pid) from {LISTENERS}")  # noqa: S608 - a constant
            )
        await asyncio.wait_for(moved.wait(), 10)


async def test_streams_end_when_the_process_is_told_to(engine: AsyncEngine) -> None:
    """A stop does not wait for open pages: their streams end by themselves, and the browsers come back."""
    stopping = False
    live = Live(engine, lambda: stopping)
    with live.watching("mehrlin") as moved:
        await asyncio.wait_for(moved.wait(), 10)
        moved.clear()
        stopping = True
        await asyncio.wait_for(moved.wait(), 10)
        assert live.ended
    await ended(live)
