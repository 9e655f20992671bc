"""Services of the real network on a Kafka of their own, whose folder can be lost."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from intake_world import KEY, REFERRED
from kafka_world import assigned, number, until
from lotse_coaching.main import COACHING
from lotse_intake.main import intake
from lotse_intake.vault import Vault
from lotse_local.kafka import Kafka
from lotse_matching.main import MATCHING
from lotse_reporting import main as reporting
from lotse_shared.settings import Settings
from lotse_shared.worker import Worker
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import KEYS, Client, token


class Network:
    """The services that have a database, on a Kafka of their own whose folder can be lost."""

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
        deciding = [one for one in (self.intake, MATCHING, COACHING) if one.name in self.engines]
        return [
            *(one.worker(self.engines[one.name], self.settings) for one in deciding),
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
