"""Fixtures: reporting on a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from lotse_reporting.main import application
from lotse_shared.database import connect
from lotse_shared.settings import Settings
from reporting_world import PARTITIONS
from sqlalchemy.ext.asyncio import AsyncEngine
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
