"""Kafka is lost with all that was on it: the topic is written anew, and everything goes on as if nothing had been."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from intake_world import APPROVED, JOINED, KEY, REFERRED
from kafka_world import assigned, facts_on, number, until
from lotse_coaching.main import COACHING
from lotse_intake.main import intake
from lotse_intake.vault import Vault
from lotse_local.kafka import Kafka
from lotse_reporting import building
from lotse_reporting import main as reporting
from lotse_shared.database import connect
from lotse_shared.messaging.positions import FactsGone
from lotse_shared.messaging.republishing import StillRunning, republish
from lotse_shared.settings import Settings
from lotse_shared.worker import Worker
from reporting_world import PROGRAMMES, letters, select
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import KEYS, Client, token

pytestmark = pytest.mark.kafka

SERVICES = ("intake", "coaching", "reporting")


class Network:
    """Intake, coaching and reporting on a Kafka of their own, whose folder can be lost."""

    def __init__(self, folder: Path, engines: dict[str, AsyncEngine]) -> None:
        self._folder = folder
        self.engines = engines
        self.kafka = Kafka(folder / "kafka")
        self.settings = Settings(kafka=[self.kafka.bootstrap], partitions=3, port=0, stuck_after=20, play=True)
        self.intake = intake(Vault(KEY))

    def lose_kafka(self) -> None:
        """The node and its folder are gone; another one starts at the same address, empty."""
        self.kafka.kill()
        shutil.rmtree(self._folder / "kafka")
        (self._folder / "kafka").mkdir()
        self.kafka = Kafka(self._folder / "kafka", self.kafka.port)
        self.kafka.start()

    def workers(self) -> list[Worker]:
        """A worker of each service."""
        return [
            self.intake.worker(self.engines["intake"], self.settings),
            COACHING.worker(self.engines["coaching"], self.settings),
            reporting.worker(self.engines["reporting"], self.settings),
        ]

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """All workers run."""
        workers = self.workers()
        running = [asyncio.create_task(one.run()) for one in workers]
        try:
            for worker, task in zip(workers, running, strict=True):
                await until(lambda worker=worker, task=task: assigned(worker, task), 60)
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def told(self) -> int:
        """How many facts all services have told."""
        return sum([await number(engine, "select count(*) from outbox") for engine in self.engines.values()])

    async def heard(self) -> bool:
        """Whether reporting has heard all that was told, and coaching of every case."""
        cases = "select count(*) from outbox where type = 'participant-referred.v1'"
        kept = "select count(*) from subject where kind = 'case'"
        facts = await number(self.engines["reporting"], "select count(*) from journal where state = 'applied'")
        return facts == await self.told() and (
            await number(self.engines["intake"], cases) == await number(self.engines["coaching"], kept)
        )

    @contextlib.asynccontextmanager
    async def calling(self) -> AsyncIterator[tuple[Client, Client]]:
        """The coordinator at intake and at reporting."""
        apps = (
            self.intake.api(self.engines["intake"], self.settings, KEYS),
            reporting.application(self.engines["reporting"], self.settings, KEYS),
        )
        async with Client(apps[0], token("*", "coordinator")) as one, Client(apps[1], token("*", "coordinator")) as two:
            yield one, two


@pytest.fixture
async def network(database, migrated) -> AsyncIterator[Network]:
    for service in SERVICES:
        migrated(service)
    engines = {service: connect(database.url(service), service, 8) for service in SERVICES}
    with tempfile.TemporaryDirectory(prefix="lotse-test-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "kafka").mkdir()
        made = Network(Path(folder), engines)
        made.kafka.start()
        yield made
        made.kafka.stop()
    for engine in engines.values():
        await engine.dispose()


async def done(client: Client, path: str, **body) -> dict:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def enter(client: Client) -> str:
    """Somebody is referred to spi and enters; gives the case."""
    case = (await done(client, "/cases/refer-participant", **REFERRED, partner="spi"))["subject"]
    entry = {"entry_date": "2012-03-01", "age_at_entry": 20, "foreign_background": "yes", "partner": "spi"}
    await done(client, f"/cases/{case}/enrol-participant", **entry)
    return case


async def figures(client: Client, known_at: str | None = None) -> dict:
    asked = {"known_at": known_at} if known_at else {}
    answer = await client.get("/operations/mehrlin/report", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_after_kafka_was_lost_everything_goes_on(network):
    """Written anew: final answers to the byte, no effect twice, unheard facts heard, erased people stay erased."""
    engines = network.engines
    async with network.calling() as (at_intake, at_reporting):
        async with network.working():
            await done(at_intake, "/operations/approve-operation", **APPROVED)
            await done(at_intake, "/operations/mehrlin/join-partner", **{**JOINED, "joined": "spi"})
            file = (PROGRAMMES / "mehrlin.yaml").read_bytes()
            applied = await at_reporting.post("/programmes", content=file, headers={"content-type": "application/yaml"})
            assert applied.status_code == 200, applied.text
            cases = [await enter(at_intake) for _ in range(5)]
            await until(network.heard, 60)
            await done(at_intake, f"/cases/{cases[0]}/erase-participant", basis="wish")

            async def forgotten() -> bool:
                done = [await number(one, "select count(*) from erasure where done") for one in engines.values()]
                gone = await number(engines["reporting"], "select count(*) from unit where settled is not null")
                return (done, gone) == ([1, 1, 1], 1)

            await until(forgotten, 60)
            known = datetime.now(UTC).isoformat()

            async def final() -> bool:
                return (await figures(at_reporting, known))["state"]["final"]

            await until(final, 60)
            before, live = await figures(at_reporting, known), await figures(at_reporting)
            with pytest.raises(StillRunning):
                await republish(network.settings, engines)
        unheard = await enter(at_intake)  # told while no worker runs
        outbox = await network.told()
        answers = await number(engines["coaching"], "select count(*) from outbox")
        network.lose_kafka()
        for worker in network.workers():
            with pytest.raises(FactsGone, match="lotse republish"):
                await worker.run()

        seen: list[int] = []
        written = await republish(network.settings, engines, seen.append)
        there = await facts_on(network.settings)
        async with network.working():
            await until(network.heard, 60)
            await until(final, 60)
            again = await figures(at_reporting, known)
            await enter(at_intake)
            await until(network.heard, 60)

        assert written == len(there) == seen[-1] == outbox - 2
        assert again["report"] == before["report"]
        assert again["digest"] == before["digest"]
        assert await number(engines["coaching"], "select count(*) from outbox") == answers
        assert [await letters(one) for one in engines.values()] == [[], [], []]
        assert await select(engines["reporting"], "select id from unit where settled is not null") == [(cases[0],)]
        assert await select(engines["reporting"], "select id from unit where id = :one", one=unheard) == [(unheard,)]
        facts = await select(engines["reporting"], "select distinct source, subject, sequence from journal")
        assert len(facts) == await number(engines["reporting"], "select count(*) from journal") == await network.told()
        assert await building.verify(engines["reporting"]) == []
        assert live["report"]["indicators"]


async def test_written_anew_half_way_nobody_starts(network):
    """Ended in the middle, no service takes the unfinished topic for the whole; run again, all is there."""
    engines = network.engines
    async with network.calling() as (at_intake, _), network.working():
        await done(at_intake, "/operations/approve-operation", **APPROVED)
        await done(at_intake, "/operations/mehrlin/join-partner", **{**JOINED, "joined": "spi"})
        await enter(at_intake)
        await until(network.heard, 60)

    class Killed(Exception):  # noqa: N818 - what happens
        pass

    def killed(_: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        await republish(network.settings, engines, killed)
    for worker in network.workers():
        with pytest.raises(FactsGone):
            await worker.run()
    written = await republish(network.settings, engines)
    async with network.working():
        await until(network.heard, 60)

    assert written == await network.told()
