"""A worker that makes no progress is noticed and ends; one that waits for a neighbour stays; a stop loses nothing."""

import asyncio
import json

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from kafka_world import number, publish, start, until, working
from lotse_shared.messaging.kafka import WrongSettings, ensure_topic
from lotse_shared.messaging.positions import FactsGone
from lotse_shared.messaging.republishing import republish
from lotse_shared.service import new_id
from lotse_shared.settings import WRONG_SETTINGS
from lotse_shared.watch import Stuck
from toy_service import SERVICE, Stream, enrolled, joined_network

pytestmark = pytest.mark.kafka

HEARD = "select count(*) from inbox"
VISITS = "select count(*) from outbox where type = 'visit-held.v1'"


async def live(worker) -> httpx.Response:
    """What the worker's own health page says."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker._operations()), base_url="http://w") as client:
        return await client.get("/health/live")


async def test_a_topic_made_anew_under_a_consumer_ends_it(engine, here):
    """The topic is deleted and made again: the worker notices and ends; none goes on until it was written anew."""
    settings = here.model_copy(update={"stuck_after": 3.0})
    stream = joined_network()
    async with working(engine, settings) as (_, running):
        await publish(settings, stream.records)

        async def heard() -> bool:
            return await number(engine, HEARD) == 3

        await until(heard)
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
        await admin.start()
        await admin.delete_topics([settings.topic])

        async def made_again() -> bool:
            try:
                await ensure_topic(settings)
            except (KafkaError, WrongSettings):  # still being deleted
                return False
            return True

        await until(made_again)
        await admin.close()
        done, _ = await asyncio.wait({running}, timeout=30)
        assert done
        with pytest.raises(Stuck):
            running.result()
    with pytest.raises(FactsGone):
        await SERVICE.worker(engine, settings).run()
    await republish(settings, {SERVICE.name: engine})
    later = Stream()
    later.add(enrolled(new_id()), sequence=9)
    await publish(settings, later.records)
    async with working(engine, settings):

        async def heard_more() -> bool:
            return await number(engine, HEARD) == 4

        await until(heard_more)


async def test_a_braked_worker_is_red(engine, here):
    """So much is bad that the consumer stops: liveness turns red and says why, and nothing more is taken in."""
    stream = joined_network()
    for _ in range(120):
        stream.raw((("ce_type", b"\xff"),), b"{}")
    async with working(engine, here) as (worker, running):
        assert (await live(worker)).status_code == 200
        await publish(here, stream.records)

        async def red() -> bool:
            return (await live(worker)).status_code == 503

        await until(red)
        assert "too much is bad" in (await live(worker)).json()["status"]
        assert not await worker.ready()
        assert not running.done()


async def test_a_database_that_is_away_is_waited_for(engine, database, postgres, here):
    """While the database refuses connections the worker is alive, not ready, and goes on by itself afterwards."""
    settings = here.model_copy(update={"stuck_after": 2.0})
    admin = await postgres.connect()
    stream = joined_network()
    case = new_id()
    stream.add(enrolled(case), sequence=9)
    try:
        async with working(engine, settings) as (worker, running):
            await admin.execute(f"alter database {database.name} connection limit 0")
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database.name
            )
            await publish(settings, stream.records)

            async def failing() -> bool:
                return worker.consumer.failed is not None

            await until(failing)
            past = asyncio.get_running_loop().time() + 2.5 * settings.stuck_after

            async def long_enough() -> bool:
                assert not running.done()
                assert (await live(worker)).status_code == 200
                return asyncio.get_running_loop().time() > past

            await until(long_enough)
            await admin.execute(f"alter database {database.name} connection limit -1")

            async def heard() -> bool:
                try:
                    return await number(engine, HEARD) == 4
                except Exception:  # noqa: BLE001 - the pool still has dead connections
                    return False

            await until(heard)
    finally:
        await admin.execute(f"alter database {database.name} connection limit -1")
        await admin.close()


async def test_a_stop_in_the_midst_loses_nothing_and_repeats_nothing(engine, database, here):
    """SIGTERM while facts come in: the process ends with 0, the next one goes on, each effect is there once."""
    await ensure_topic(here)
    stream = joined_network()
    cases = [new_id() for _ in range(300)]
    for place, case in enumerate(cases):
        stream.add(enrolled(case), sequence=place + 10)
    first = await start(here, database.url("coaching"))
    await publish(here, stream.records[:100])

    async def some_heard() -> bool:
        return await number(engine, HEARD) > 20

    await until(some_heard, 90)
    publishing = asyncio.create_task(_bit_by_bit(here, stream.records[100:200]))
    first.terminate()
    _, errors = await asyncio.wait_for(first.communicate(), 30)
    await publishing
    await publish(here, stream.records[200:])
    second = await start(here, database.url("coaching"))

    async def all_sent() -> bool:
        return await number(engine, "select count(*) from outbox where sent_at is not null") >= len(cases)

    await until(all_sent, 90)
    second.terminate()
    await second.communicate()

    assert (first.returncode, second.returncode) == (0, 0), errors.decode()
    assert await number(engine, HEARD) == len(stream.records)
    assert await number(engine, VISITS) == len(cases)
    assert await number(engine, "select count(distinct subject) from outbox") == len(cases)


async def _bit_by_bit(settings, records) -> None:
    for place in range(0, len(records), 3):
        await publish(settings, records[place : place + 3])


async def test_a_wrong_topic_ends_the_process_and_is_named(engine, database, here):
    """A topic that is not as the promises need it ends the process with 78, and its last line says what is wrong."""
    admin = AIOKafkaAdminClient(bootstrap_servers=here.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(here.topic, 3, 1, topic_configs={"retention.ms": "1000"})])
    await admin.close()

    worker = await start(here, database.url("coaching"))
    _, said = await worker.communicate()

    assert worker.returncode == WRONG_SETTINGS
    reason = json.loads(said.decode().strip().splitlines()[-1])["reason"]
    assert "retention.ms is 1000, must be 3024000000" in reason
    assert "LogAppendTime" in reason
