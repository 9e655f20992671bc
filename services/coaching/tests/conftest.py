"""Fixtures: coaching on a real PostgreSQL, in a network of two partners."""

from collections.abc import AsyncIterator, Callable

import pytest
from coaching_world import World
from fastapi import FastAPI
from lotse_coaching.main import COACHING
from lotse_shared.database import connect
from lotse_shared.settings import Settings
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import KEYS, Client, joined_network, token


@pytest.fixture
def address(migrated: Callable[[str], str]) -> str:
    """Coaching's own schema, brought up by its own migrations."""
    return migrated("coaching")


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """As the role the service works with."""
    made = connect(address, "coaching", 5)
    yield made
    await made.dispose()


@pytest.fixture
def app(engine: AsyncEngine) -> FastAPI:
    """The service's application."""
    return COACHING.api(engine, Settings(play=True), KEYS)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    """A coach of the partner spi."""
    async with Client(app, token()) as one:
        yield one


@pytest.fixture
async def coordinator(app: FastAPI) -> AsyncIterator[Client]:
    """The coordinator of the whole network, who may move the clock."""
    async with Client(app, token("*", "coordinator")) as one:
        yield one


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """What others told coaching so far: an operation that the partners spi and bbi joined."""
    made = World(COACHING.inbox(engine), joined_network())
    await made.arrive()
    return made
