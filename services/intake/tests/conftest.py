"""Fixtures: intake on a real PostgreSQL, in an operation that two partners joined."""

from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from intake_world import APPROVED, JOINED, KEY
from lotse_intake.main import intake
from lotse_intake.vault import Vault
from lotse_shared.database import connect
from lotse_shared.service import Service
from lotse_shared.settings import Settings
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import KEYS, Client, token


@pytest.fixture
def service() -> Service:
    """Intake with a vault of its own."""
    return intake(Vault(KEY))


@pytest.fixture
def address(migrated: Callable[[str], str]) -> str:
    """Intake's own schema, brought up by its own migrations."""
    return migrated("intake")


@pytest.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    """As the role the service works with."""
    made = connect(address, "intake", 5)
    yield made
    await made.dispose()


@pytest.fixture
def app(service: Service, engine: AsyncEngine) -> FastAPI:
    """The service's application."""
    return service.api(engine, Settings(play=True), KEYS)


@pytest.fixture
async def coordinator(app: FastAPI) -> AsyncIterator[Client]:
    """The coordinator of the whole network; the operation mehrlin is approved, spi and bbi joined it."""
    async with Client(app, token("*", "coordinator")) as one:
        answers = [await one.post("/operations/approve-operation", json=APPROVED)]
        answers += [
            await one.post("/operations/mehrlin/join-partner", json={**JOINED, "joined": partner})
            for partner in ("spi", "bbi")
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        yield one


@pytest.fixture
async def client(app: FastAPI, coordinator: Client) -> AsyncIterator[Client]:
    """A coach of the partner spi."""
    async with Client(app, token("spi")) as one:
        yield one


@pytest.fixture
async def bbi(app: FastAPI, coordinator: Client) -> AsyncIterator[Client]:
    """A coach of the partner bbi."""
    async with Client(app, token("bbi")) as one:
        yield one
