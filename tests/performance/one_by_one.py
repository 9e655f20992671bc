"""What most consumers look like: FastStream, one event and one transaction each, an inbox row and a count."""

import asyncio
import json
import time

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

TABLES = """
create table simple_inbox (id uuid primary key);
create table simple_count (operation text, type text, partner text, n bigint, primary key (operation, type, partner));
"""


async def rate(url: str, bootstrap: str, topic: str, events: int) -> float:
    """Events a second over the first so many of a topic."""
    engine = create_async_engine(url, connect_args={"server_settings": {"search_path": "reporting"}})
    async with engine.begin() as connection:
        for statement in filter(str.strip, TABLES.split(";")):
            await connection.execute(text(statement))
    broker = KafkaBroker([bootstrap], logger=None)
    done = asyncio.Event()
    times: list[float] = []

    @broker.subscriber(topic, group_id="one-by-one", auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR)
    async def count(message: KafkaMessage) -> None:
        headers = message.headers
        if headers["ce_type"] == "tick.v1":
            return
        body = json.loads(message.body)
        async with engine.begin() as connection:
            new = await connection.execute(
                text("insert into simple_inbox values (cast(:id as uuid)) on conflict do nothing returning id"),
                {"id": headers["ce_id"]},
            )
            if new.first() is not None:
                await connection.execute(
                    text("""
                        insert into simple_count values (:operation, :type, :partner, 1)
                        on conflict (operation, type, partner) do update set n = simple_count.n + 1"""),
                    {"operation": body["operation"], "type": headers["ce_type"], "partner": body.get("partner") or "-"},
                )
        times.append(time.perf_counter())
        if len(times) == events:
            done.set()

    await broker.start()
    try:
        await asyncio.wait_for(done.wait(), 120)
    finally:
        await broker.stop()
        await engine.dispose()
    return (events - 1) / (times[-1] - times[0])
