"""Fixtures: reporting on a real PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI
from lotse_local.testing import TestDatabase
from lotse_reporting.main import application
from lotse_shared.database import connect
from lotse_shared.settings import Settings
from reporting_world import PARTITIONS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from toy_service import KEYS, Client, token


@pytest.fixture
def address(migrated: Callable[[str], str]) -> str:
    """Reporting's own schema, brought up by its own migrations."""
    return migrated("reporting")


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """As the role the service works with."""
    made = connect(address, "reporting", 5)
    yield made
    await made.dispose()


@pytest.fixture
def app(engine: AsyncEngine) -> FastAPI:
    """The service's application."""
    return application(engine, Settings(play=True, partitions=PARTITIONS), KEYS)


@pytest.fixture
async def coordinator(app: FastAPI) -> AsyncIterator[Client]:
    """The coordinator of the whole network."""
    async with Client(app, token("*", "coordinator")) as one:
        yield one


@pytest.fixture
async def emptied(engine: AsyncEngine, database: TestDatabase) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Empties everything, as only the schema's owner can: for many examples on one database."""
    owner = create_async_engine(database.owner_url("reporting"))

    async def empty() -> None:
        async with owner.begin() as connection:
            for table in ("entry", "journal"):
                await connection.execute(text(f"alter table reporting.{table} disable trigger guard_all"))
            await connection.execute(
                text("""
                    truncate reporting.entry, reporting.journal, reporting.unit, reporting.build, reporting.position,
                        reporting.dead_letter, reporting.heard_from, reporting.operation, reporting.given,
                        reporting.erasure, reporting.rollup, reporting.rollup_day, reporting.stretch,
                        reporting.late_posting""")
            )
            for table in ("entry", "journal"):
                await connection.execute(text(f"alter table reporting.{table} enable trigger guard_all"))

    yield empty
    await owner.dispose()
