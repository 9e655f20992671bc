"""Kafka is lost with all that was on it: the topic is written anew, and everything goes on as if nothing had been."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from intake_world import APPROVED, JOINED
from kafka_world import facts_on, number, until
from lotse_reporting import building
from lotse_shared.database import connect
from lotse_shared.messaging.positions import FactsGone
from lotse_shared.messaging.republishing import StillRunning, republish
from network_world import Network, done, enter, figures
from reporting_world import PROGRAMMES, letters, select

pytestmark = pytest.mark.kafka

SERVICES = ("intake", "coaching", "reporting")


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
