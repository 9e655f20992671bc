"""What tests on a real Kafka share: waiting on conditions, workers in this process and in processes of their own."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import toy_process
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from lotse_local.kafka import free_port
from lotse_shared.database import transaction
from lotse_shared.messaging.kafka import offsets
from lotse_shared.messaging.records import TICK, Record
from lotse_shared.settings import Settings
from lotse_shared.worker import Worker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import SERVICE

FOLDER = Path(toy_process.__file__).parent


async def until(condition: Callable[[], Awaitable[object]], within: float = 30.0) -> None:
    """Wait for a condition, never for a time."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - the condition lies in a database or another process
            await asyncio.sleep(0.02)


async def number(engine: AsyncEngine, query: str) -> int:
    """One number out of the database."""
    async with transaction(engine) as connection:
        return (await connection.execute(text(query))).scalar_one()


async def assigned(worker: Worker, running: asyncio.Task[None]) -> bool:
    """Whether a worker reads; raises what ended it."""
    if running.done():
        running.result()
    return worker.consumer is not None and bool(worker.consumer.assigned)


@contextlib.asynccontextmanager
async def working(engine: AsyncEngine, settings: Settings) -> AsyncIterator[tuple[Worker, asyncio.Task[None]]]:
    """A worker of the toy service in this process."""
    worker = SERVICE.worker(engine, settings)
    running = asyncio.create_task(worker.run())
    try:
        await until(lambda: assigned(worker, running))
        yield worker, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def start(settings: Settings, address: str) -> asyncio.subprocess.Process:
    """A worker of the toy service in a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(FOLDER / "toy_process.py"),
        "worker",
        env={
            **os.environ,
            "LOTSE_DATABASE_URL": address,
            "LOTSE_KAFKA": ",".join(settings.kafka),
            "LOTSE_TOPIC": settings.topic,
            "LOTSE_PARTITIONS": str(settings.partitions),
            "LOTSE_PORT": str(free_port()),
            "LOTSE_STUCK_AFTER": str(settings.stuck_after),
        },
        stderr=asyncio.subprocess.PIPE,
    )


async def publish(settings: Settings, records: Sequence[Record]) -> None:
    """Append records as a publisher would."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    await producer.start()
    try:
        sent = [
            await producer.send(settings.topic, record.value, record.key, headers=list(record.headers))
            for record in records
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def facts_on(settings: Settings) -> list[ConsumerRecord]:
    """Everything on the topic but the ticks, partition by partition, in order."""
    _, ends = await offsets(settings)
    partitions = [TopicPartition(settings.topic, one) for one in ends]
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        async with asyncio.timeout(60):
            while any([await consumer.position(one) < ends[one.partition] for one in partitions]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
    finally:
        await consumer.stop()
    return [one for one in found if dict(one.headers).get("ce_type") != TICK.encode()]
