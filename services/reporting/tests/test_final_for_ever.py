"""Whatever was once served as final is served again byte for byte: under load, after a rebuild, after new editions."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

import asyncpg
import pytest
from busy_network import Load, rebuilt
from lotse_local.backup import copy_server
from lotse_local.postgres import Passwords, Postgres
from lotse_local.restore import put
from lotse_reporting import building, case, seals
from lotse_reporting.main import reconciling
from lotse_reporting.restatement.reading import read_restatement
from lotse_reporting.seals.sealed import read_seals
from lotse_reporting.store import snapshot
from lotse_shared.contracts.intake import ParticipantErased
from lotse_shared.messaging import positions
from lotse_shared.messaging.records import Record
from lotse_shared.settings import Settings
from reporting_world import NOW, PARTITIONS, number, other_definition, programme


class Server:
    """A PostgreSQL of this test's own, since it is lost and restored with all that is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passwords = Passwords.invent()
        self.postgres = Postgres(folder / "postgres", 0, self.passwords, safe=False)
        self.process = self.postgres.start()

    def copy(self, to: Path) -> None:
        """Back it up as `lotse backup` does, while it works on."""
        copy_server(self.postgres, self.passwords, to)

    async def lose(self, copy: Path) -> None:
        """It dies, its data are gone; what was copied takes their place as with `lotse restore`."""
        self.process.kill()
        self.process.wait()
        put(self.postgres, copy)
        self.process = self.postgres.start()
        async with asyncio.timeout(60):
            while not await self._answers():  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            await (await self.postgres.connect()).close()
        except (OSError, asyncpg.PostgresError):
            return False
        return True


@dataclass
class Losable(Load):
    """A network under load whose database can be lost."""

    server: Server = field(kw_only=True)

    async def unread(self) -> AsyncIterator[Record]:
        """What the topic holds from where the database says that it was read to."""
        async with snapshot(self.engine) as connection:
            self.next |= await positions.read(connection, self.name)
        for record in self.topic.records:
            if record.offset >= self.next[record.partition]:
                yield record


@pytest.fixture
def server() -> Iterator[Server]:
    """What `postgres` is here."""
    with tempfile.TemporaryDirectory(prefix="lotse-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        made = Server(Path(folder))
        yield made
        made.postgres.stop(made.process)


@pytest.fixture
def postgres(server: Server) -> Postgres:
    """The server that is lost instead of the one that all tests share."""
    return server.postgres


async def another_edition(load: Load) -> None:
    """A programme file with another rule comes into force, and more is heard."""
    await load.apply(other_definition())
    await load.work(20)


async def the_same_edition_again(load: Load) -> None:
    """The first file comes into force once more: another edition of the same name."""
    await load.apply(programme().programme.definition())
    await load.work(20)


async def another_case_function(load: Load) -> None:
    """A release folds otherwise from now on: here nobody has an age any more."""
    case.CASE_FUNCTION += 1
    await load.work(20)


async def somebody_erased(load: Load, *people: int) -> None:
    """Two people are erased, and facts of theirs come later all the same."""
    for person in people or (1, 2):
        load.topic.tell(ParticipantErased(operation="mehrlin", case=number(person), partner="spi", basis="wish"))
    await load.work(20)


async def database_lost(load: Losable) -> None:
    """It is backed up while everything goes on, and lost when more was told, sealed, answered and somebody erased.

    What was told since is taken back from the topic, from where the restored position rows stand.
    """
    copy = load.server.folder / "copy"

    async def back_up(_: Load) -> None:
        await asyncio.to_thread(load.server.copy, copy)

    await load.work(20, back_up)
    await load.work(20, another_rule)
    await somebody_erased(load, 3)
    before = dict(load.next)
    await load.engine.dispose()
    await load.server.lose(copy)
    await load.engine.dispose()
    taking_back = reconciling(load.engine, Settings(partitions=PARTITIONS)).take_back(load.name, load.unread)
    lost = [one.type async for one in taking_back]
    assert "programme-applied.v1" in lost
    assert sum(load.next.values()) < sum(before.values())
    await load.everything()
    await load.again()
    await load.work(20)


async def kafka_lost(load: Load) -> None:
    """All that was told is written anew to another topic, and read from its beginning."""
    before = load.topic.records
    load.topic.partitions = [[] for _ in load.topic.partitions]
    for record in before:
        load.topic.raw(record.headers, record.value, record.key or b"", partition=record.partition)
    load.name, load.next = f"{load.name}, anew", dict.fromkeys(load.next, 0)
    await load.work(20)


AFTERWARDS = (
    rebuilt,
    another_edition,
    database_lost,
    somebody_erased,
    rebuilt,
    the_same_edition_again,
    kafka_lost,
    another_case_function,
    rebuilt,
)
"""What may happen to a network that has served final answers. Whoever adds something that may happen adds it here."""

ANSWERS = 30
"""Final answers, at least, that are asked for again after each of them."""


@pytest.mark.parametrize("seed", range(2))
async def test_what_was_once_final_is_served_again_for_ever(engine, server, seed, monkeypatch):
    """Reports, their parts, entries, trends and seals: while facts pour in, and after all that may happen.

    In the end what moved each sealed figure adds up to the difference.
    """
    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION)
    load = Losable(engine, Random(seed), server=server)  # noqa: S311 - to be drawn again
    await load.apply(programme().programme.definition())
    await load.work(150, rebuilt, another_rule)
    while len(load.served) < ANSWERS:
        await load.ask()
    for happens in AFTERWARDS:
        await happens(load)
        await load.again()

    async with snapshot(engine) as connection:
        sealed = await read_seals(connection)
        assert sealed
        for one in sealed:
            for row in (await read_restatement(connection, one, known_at=None, now=NOW)).moved:
                assert Decimal(row.difference) == Decimal(row.by_definition or 0) + sum(
                    move.quantity for move in row.moves
                )
    assert await seals.verify(engine, NOW) == []
    assert await building.verify(engine) == []


async def another_rule(load: Load) -> None:
    """Another programme file comes into force while everything else goes on."""
    definition = other_definition()
    definition["indicators"][0]["target"] = 1
    await load.apply(definition)
