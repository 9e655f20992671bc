"""Fixtures: matching on a real PostgreSQL, in a network of two partners."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from lotse_matching.main import MATCHING
from lotse_shared.database import connect
from lotse_shared.settings import Settings
from matching_world import World
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import KEYS, Client, joined_network, token


@pytest.fixture
def address(migrated: Callable[[str], str]) -> str:
    """Matching's own schema, brought up by its own migrations."""
    return migrated("matching")


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """As the role the service works with."""
    made = connect(address, "matching", 5)
    yield made
    await made.dispose()


@pytest.fixture
def app(engine: AsyncEngine) -> FastAPI:
    """The service's application."""
    return MATCHING.api(engine, Settings(play=True), KEYS)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    """A job acquirer of the partner spi."""
    async with Client(app, token(role="job-acquirer")) as one:
        yield one


@pytest.fixture
async def coordinator(app: FastAPI) -> AsyncIterator[Client]:
    """The coordinator of the whole network."""
    async with Client(app, token("*", "coordinator")) as one:
        yield one


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """What others told matching so far: an operation that the partners spi and bbi joined."""
    made = World(MATCHING.inbox(engine), joined_network())
    await made.arrive()
    return made
