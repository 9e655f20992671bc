"""Sessions of the pages: a ticket lets in once, and nothing in the table lets anybody in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from lotse_reporting.pages import sessions
from lotse_shared.database import connect, transaction
from lotse_shared.security import Caller, Ticket
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
TICKET = Ticket("one", Caller("anna", "coach", "awo"))


@pytest.fixture
async def engine(migrated: Callable[[str], str]) -> AsyncIterator[AsyncEngine]:
    made = connect(migrated("reporting"), "reporting", 8)
    yield made
    await made.dispose()


async def begin(engine: AsyncEngine, now: datetime = NOW) -> str | None:
    async with transaction(engine) as connection:
        return await sessions.begin(connection, TICKET, now)


async def find(engine: AsyncEngine, token: str, now: datetime) -> Caller | None:
    async with transaction(engine) as connection:
        return await sessions.find(connection, token, now)


async def test_of_many_who_open_a_link_at_once_one_gets_in(engine: AsyncEngine) -> None:
    """The table decides, not the order in which requests were read."""
    tokens = [token for token in await asyncio.gather(*(begin(engine) for _ in range(8))) if token]
    assert len(tokens) == 1
    assert await find(engine, tokens[0], NOW) == TICKET.caller


async def test_a_session_ends_after_a_working_day(engine: AsyncEngine) -> None:
    """Eight hours, whether it was used or not."""
    token = await begin(engine)
    assert token
    assert await find(engine, token, NOW + sessions.LASTS - timedelta(seconds=1)) == TICKET.caller
    assert await find(engine, token, NOW + sessions.LASTS) is None


async def test_signing_out_ends_it_at_once_and_the_ticket_stays_used(engine: AsyncEngine) -> None:
    """A link that was opened does not come back to life by signing out."""
    token = await begin(engine)
    assert token
    async with transaction(engine) as connection:
        await sessions.end(connection, token, NOW)
    assert await find(engine, token, NOW) is None
    assert await begin(engine, NOW + timedelta(minutes=9)) is None


async def test_the_table_holds_no_token(engine: AsyncEngine) -> None:
    """Whoever reads a backup cannot sign in with it."""
    token = await begin(engine)
    assert token
    async with transaction(engine) as connection:
        rows = (await connection.execute(text("select page_session::text as row from page_session"))).scalars().all()
    assert len(rows) == 1
    assert token not in rows[0]
    assert token.encode().hex() not in rows[0]


async def test_old_sessions_are_swept(engine: AsyncEngine) -> None:
    """The table does not grow for ever; what may still matter for a ticket is kept."""
    await begin(engine)
    async with transaction(engine) as connection:
        later = Ticket("two", TICKET.caller)
        await sessions.begin(connection, later, NOW + 3 * sessions.LASTS)
        left = (await connection.execute(text("select ticket from page_session"))).scalars().all()
    assert left == ["two"]
