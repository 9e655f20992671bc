"""The database is lost and restored from a backup: what was told since is on the topic, and comes back from there."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from intake_world import APPROVED, JOINED, PERSON, REFERRED
from kafka_world import number, until
from lotse_coaching.main import COACHING
from lotse_local.testing import TestDatabase
from lotse_matching.main import MATCHING
from lotse_reporting import building
from lotse_reporting import main as reporting
from lotse_shared.database import connect, transaction
from lotse_shared.messaging.reconciling import Lost
from lotse_shared.service import Service
from network_world import Network, done, enter, figures
from reporting_world import PROGRAMMES, letters, select
from toy_service import KEYS, Client, token

pytestmark = pytest.mark.kafka

SERVICES = ("intake", "matching", "coaching", "reporting")
WHAT_IS_KEPT = {
    "outbox": "select id::text, type, subject, touched, sent_at is not null from outbox order by id",
    "subject": "select id, kind, operation, partners, cast(state as text), sequence from subject order by id",
    "due": "select subject, name, kind, operation, due_on from due order by subject, name",
}


@dataclass
class Restorable:
    """A network whose database can be kept aside and brought back."""

    network: Network
    database: TestDatabase

    async def copy(self, source: str, target: str) -> None:
        """The whole database as another one: all schemas at one moment, since nobody works meanwhile."""
        await self.disconnect()
        admin = await self.database.server.connect()
        await admin.execute(f"drop database if exists {target} with (force)")
        await admin.execute(f"create database {target} template {source}")
        await admin.close()
        await self.database.server.make_database(target)
        self.network.engines = {one: connect(self.database.url(one), one, 8) for one in SERVICES}

    async def backup(self) -> None:
        """Keep it as it is now."""
        await self.copy(self.database.name, f"{self.database.name}_backup")

    async def restore(self) -> None:
        """Lose it, and bring back what was kept."""
        await self.copy(f"{self.database.name}_backup", self.database.name)

    async def disconnect(self) -> None:
        """Let go of all connections: a database that is used cannot be copied."""
        for engine in self.network.engines.values():
            await engine.dispose()

    async def reconcile(self) -> dict[str, list[Lost]]:
        """All services, before any of them runs."""
        deciding = [self.network.intake, MATCHING, COACHING]
        engines, settings = self.network.engines, self.network.settings
        found = {one.name: [lost async for lost in one.reconcile(engines[one.name], settings)] for one in deciding}
        found["reporting"] = [lost async for lost in reporting.reconcile(engines["reporting"], settings)]
        return found

    async def kept(self) -> dict[tuple[str, str], list]:
        """What services know of their subjects and of what they told."""
        return {
            (service, name): await select(engine, query)
            for service, engine in self.network.engines.items()
            for name, query in WHAT_IS_KEPT.items()
        }


@pytest.fixture
async def restorable(database, migrated) -> AsyncIterator[Restorable]:
    for service in SERVICES:
        migrated(service)
    with tempfile.TemporaryDirectory(prefix="lotse-test-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "kafka").mkdir()
        network = Network(Path(folder), {one: connect(database.url(one), one, 8) for one in SERVICES})
        network.kafka.start()
        made = Restorable(network, database)
        yield made
        network.kafka.stop()
        await made.disconnect()


def calling(restorable: Restorable, service: str) -> Client:
    """The coordinator at a service."""
    network = restorable.network
    engine = network.engines[service]
    if service == "reporting":
        return Client(reporting.application(engine, network.settings, KEYS), token("*", "coordinator"))
    deciding = {"intake": network.intake, "matching": MATCHING, "coaching": COACHING}[service]
    return Client(deciding.api(engine, network.settings, KEYS), token("*", "coordinator"))


async def everywhere(restorable: Restorable, query: str) -> list[int]:
    """One number out of each service's schema."""
    return [await number(engine, query) for engine in restorable.network.engines.values()]


async def settled(restorable: Restorable) -> None:
    """All that was told is sent, and heard by everybody who hears it; no deadline is behind."""
    network = restorable.network

    async def behind(service: Service) -> int:
        engine = network.engines[service.name]
        async with transaction(engine) as connection:
            return await service.deadlines(engine).behind(connection)

    async def quiet() -> bool:
        if any([await behind(one) for one in (network.intake, MATCHING, COACHING)]):
            return False
        unsent = await everywhere(restorable, "select count(*) from outbox where sent_at is null")
        intake, *others, _ = await everywhere(restorable, "select count(*) from subject where kind = 'case'")
        return sum(unsent) == 0 and others == [intake, intake] and await network.heard()

    await until(quiet, 60)


@dataclass(frozen=True)
class Cases:
    """Who is in the operation when the backup is made: one who will be erased, and three who take part."""

    leaving: str
    staying: list[str]


async def until_the_backup(restorable: Restorable) -> Cases:
    """An operation with its programme file, and four people."""
    async with calling(restorable, "intake") as at_intake, calling(restorable, "reporting") as at_reporting:
        await done(at_intake, "/operations/approve-operation", **APPROVED)
        await done(at_intake, "/operations/mehrlin/join-partner", **{**JOINED, "joined": "spi"})
        file = (PROGRAMMES / "mehrlin.yaml").read_bytes()
        applied = await at_reporting.post("/programmes", content=file, headers={"content-type": "application/yaml"})
        assert applied.status_code == 200, applied.text
        person = {**REFERRED, "partner": "spi", "person": PERSON}
        leaving = (await done(at_intake, "/cases/refer-participant", **person))["subject"]
        return Cases(leaving, [await enter(at_intake) for _ in range(3)])


async def until_the_loss(restorable: Restorable, cases: Cases) -> str:
    """Somebody new, a measure that people join, one of them by mistake, two jobs that are answered, an erasure."""
    first, second, _ = cases.staying
    spi = {"partner": "spi"}
    async with (
        calling(restorable, "intake") as at_intake,
        calling(restorable, "matching") as at_matching,
        calling(restorable, "coaching") as at_coaching,
    ):
        new = await enter(at_intake)
        await settled(restorable)
        opened = {"operation": "mehrlin", "kind": "education", "opened_on": "2012-03-01", **spi}
        join = {"measure": (await done(at_coaching, "/measures/open-measure", **opened))["subject"], **spi}
        join["joined_on"] = "2012-03-05"
        await done(at_coaching, f"/cases/{first}/join-measure", **join)
        await done(at_coaching, f"/cases/{new}/join-measure", **join)
        [mistake] = (await done(at_coaching, f"/cases/{second}/join-measure", **join))["facts"]
        taken_back = {"retracts": mistake["id"], "reason": "not-happened", **spi}
        await done(at_coaching, f"/cases/{second}/retract-fact", **taken_back)
        place = {"operation": "mehrlin", "instrument": "other", "funded_on": "2012-03-01"}
        funded = (await done(at_matching, "/places/fund-place", **place))["subject"]
        job = {"kind": "insured", "starts_on": "2012-05-01", **spi}
        await done(at_matching, f"/cases/{first}/make-placement", **job, place=funded)
        await done(at_matching, f"/cases/{new}/make-placement", **job)
        await done(at_intake, f"/cases/{cases.leaving}/erase-participant", basis="wish")

    async def answered() -> bool:
        started = "select count(*) from outbox where type = 'aftercare-started.v1'"
        gone = await everywhere(restorable, "select count(*) from erasure where done")
        return await number(restorable.network.engines["coaching"], started) == 2 and gone == [1, 1, 1, 1]

    await until(answered, 60)
    await settled(restorable)
    return new


async def final(restorable: Restorable, known: str) -> tuple[dict, str]:
    """A report that can never change, and its digest."""
    async with calling(restorable, "reporting") as client:

        async def is_final() -> bool:
            """Not before the edition in force then is computed again: until then there is no report."""
            answer = await client.get("/operations/mehrlin/report", params={"known_at": known})
            return answer.status_code == 200 and answer.json()["state"]["final"]

        await until(is_final, 60)
        found = await figures(client, known)
        return found["report"], found["digest"]


async def test_what_was_told_after_the_backup_comes_back_from_the_topic(restorable):
    """States, numbers, deadlines are as before the loss; nobody answers twice, and nobody erased comes back."""
    network = restorable.network
    async with network.working():
        cases = await until_the_backup(restorable)
        await settled(restorable)
    await restorable.backup()
    async with network.working():
        new = await until_the_loss(restorable, cases)
        known = datetime.now(UTC).isoformat()
        served = await final(restorable, known)
    as_it_was, told = await restorable.kept(), await network.told()

    await restorable.restore()
    missing, names = told - await network.told(), await number(network.engines["intake"], "select count(*) from vault")
    found = await restorable.reconcile()
    names_left = await number(network.engines["intake"], "select count(*) from vault")

    forgotten = await everywhere(restorable, "select count(*) from erasure where done")

    assert (names, names_left) == (1, 0)
    assert forgotten[:3] == [1, 1, 1]  # reporting's worker settles when it has heard all, not before
    assert sum(map(len, found.values())) == missing > 10
    assert {one.type for one in found["coaching"]} == {
        "measure-opened.v1", "measure-joined.v1", "fact-retracted.v1", "aftercare-started.v1", "contact-overdue.v1",
    }  # fmt: skip
    kept = await restorable.kept()
    for name, rows in as_it_was.items():
        assert kept[name] == rows, name
    assert {service: [] for service in SERVICES} == await restorable.reconcile()
    async with network.working():
        assert await final(restorable, known) == served
        async with calling(restorable, "intake") as at_intake:
            leaves = {"exit_date": "2012-08-01", "reason": "planned-end", "partner": "spi"}
            await done(at_intake, f"/cases/{new}/exit-participant", **leaves)
        await until(lambda: _ended(restorable), 60)  # coaching answers that aftercare ends
        await settled(restorable)
    assert await network.told() == told + 2
    assert [await letters(one) for one in network.engines.values()] == [[], [], [], []]
    assert await building.verify(network.engines["reporting"]) == []


async def _ended(restorable: Restorable) -> bool:
    ended = "select count(*) from outbox where type = 'aftercare-ended.v1'"
    return await number(restorable.network.engines["coaching"], ended) == 1
