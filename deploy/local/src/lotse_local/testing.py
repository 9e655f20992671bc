"""Fixtures for tests that claim something about Kafka or PostgreSQL: real ones, started once, on free ports."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from lotse_shared.database import migrate

from lotse_local.kafka import Kafka
from lotse_local.ports import answers
from lotse_local.postgres import Passwords, Postgres

_numbers = itertools.count(1)


class TestDatabase:
    """One fresh database with the services' schemas and roles."""

    __test__ = False

    def __init__(self, server: Postgres, name: str) -> None:
        self.server = server
        self.name = name

    def url(self, service: str) -> str:
        """As the role the service works with."""
        return self.server.url(service, self.name)

    def owner_url(self, service: str) -> str:
        """As the role that owns the service's schema."""
        return self.server.owner_url(service, self.name)


@contextmanager
def serving(*, safe: bool) -> Iterator[Postgres]:
    """A real PostgreSQL on a free port; `safe` as in production, where the machine may fail."""
    with tempfile.TemporaryDirectory(prefix="lotse-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "postgres", 0, Passwords.invent(), safe=safe)
        process = server.start()
        until = time.monotonic() + 30
        while not answers(server.port) and time.monotonic() < until:
            time.sleep(0.02)
        yield server
        server.stop(process)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for the whole test run; durability is off, since the machine does not fail."""
    with serving(safe=False) as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> TestDatabase:
    """A fresh database, its schemas still empty."""
    name = f"test_{next(_numbers)}"
    asyncio.run(_make(postgres, name))
    return TestDatabase(postgres, name)


@pytest.fixture
def migrated(database: TestDatabase) -> Callable[[str], str]:
    """Brings one service's schema up to date by its own migrations; gives the address for the role it works with."""

    def bring_up(service: str) -> str:
        with ThreadPoolExecutor(1) as aside:  # Alembic runs a loop of its own
            aside.submit(migrate, database.owner_url(service), f"lotse_{service}:migrations").result()
        return database.url(service)

    return bring_up


async def _make(postgres: Postgres, name: str) -> None:
    for attempt in range(50):
        try:
            await postgres.make_database(name)
        except (OSError, asyncpg.CannotConnectNowError):
            if attempt == 49:  # noqa: PLR2004 - the last one
                raise
            await asyncio.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """A real Apache Kafka for the whole test run."""
    with tempfile.TemporaryDirectory(prefix="lotse-test-", ignore_cleanup_errors=True) as folder:
        node = Kafka(Path(folder))
        node.start()
        yield node
        node.stop()


@pytest.fixture
def topic() -> str:
    """The name of a topic nobody has used yet."""
    return f"lotse.test-{next(_numbers)}"
