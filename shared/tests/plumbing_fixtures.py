"""Fixtures around the toy service."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from lotse_local.testing import TestDatabase
from lotse_shared.database import connect
from lotse_shared.messaging.ddl import create_plumbing_v1, create_plumbing_v2
from lotse_shared.settings import Settings
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from toy_service import KEYS, SERVICE, Client, Stream, joined_network, token


@pytest.fixture
async def engine(database: TestDatabase) -> AsyncIterator[AsyncEngine]:
    """The service's own role on a fresh schema with the plumbing's tables."""
    owner = create_async_engine(database.owner_url("coaching"))

    class Op:
        def __init__(self, connection: sa.Connection) -> None:
            self.execute = lambda statement: connection.execute(sa.text(statement))

    async with owner.begin() as connection:
        for create in (create_plumbing_v1, create_plumbing_v2):
            await connection.run_sync(lambda sync, create=create: create(Op(sync), "coaching", "lotse_coaching"))
    await owner.dispose()
    made = connect(database.url("coaching"), "coaching", 5)
    yield made
    await made.dispose()


@pytest.fixture
def app(engine: AsyncEngine) -> FastAPI:
    return SERVICE.api(engine, Settings(play=True), KEYS)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    async with Client(app, token()) as one:
        yield one


@pytest.fixture
def stream() -> Stream:
    """An operation that two partners joined."""
    return joined_network()
