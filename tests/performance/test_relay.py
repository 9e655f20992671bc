"""How fast one relay empties an outbox into a real Kafka, beside the bare idempotent producer."""

import asyncio
import json
import time

import pytest
from lotse_shared.database import connect, transaction
from lotse_shared.messaging.kafka import Outgoing, Producer, ensure_topic
from lotse_shared.messaging.relay import BATCH, Relay
from lotse_shared.security import utc_now
from lotse_shared.service import new_id
from lotse_shared.settings import Settings
from sqlalchemy import text

pytestmark = pytest.mark.bench

FACTS = 60_000
VALUE = json.dumps({"operation": "bench", "case": "c" * 36, "partner": "spi", "note": "x" * 300}).encode()


@pytest.fixture
async def engine(migrated):
    """Reading and writing intake's schema as its own role."""
    made = connect(migrated("intake"), "intake", 5)
    yield made
    await made.dispose()


async def test_relay_beside_the_bare_producer(engine, kafka, topic, figures):
    """A relay sends at least 20,000 facts a second and stays near the producer it stands on."""
    here = Settings(kafka=[kafka.bootstrap], topic=topic, partitions=12)
    await ensure_topic(here)
    headers = [("ce_type", b"visit-held.v1"), ("ce_id", b"x" * 36), ("ce_source", b"intake"), ("ce_subject", b"s" * 36)]
    async with Producer(here) as producer:
        outgoing = [Outgoing(f"case-{n % 5_000}".encode(), VALUE, headers) for n in range(FACTS)]
        await producer.send(outgoing[:BATCH])
        started = time.perf_counter()
        for at in range(0, FACTS, BATCH):
            await producer.send(outgoing[at : at + BATCH])
        bare = FACTS / (time.perf_counter() - started)

    await _fill(engine)
    relay = Relay("intake", here, engine, utc_now)
    started = time.perf_counter()
    running = asyncio.create_task(relay.run())
    while await _unsent(engine):
        await asyncio.wait({running}, timeout=0.05)
    ours = FACTS / (time.perf_counter() - started)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    title = "Relay"
    figures.note(title, "bare idempotent producer, acks=all", f"{bare:,.0f}/s", "1.00")
    figures.note(title, "outbox to Kafka, marked as sent", f"{ours:,.0f}/s", f"{ours / bare:.2f} of bare", "20,000/s")


async def _fill(engine) -> None:
    headers = json.dumps([["ce_type", "visit-held.v1"], ["ce_id", "x" * 36], ["ce_source", "intake"]])
    async with transaction(engine) as connection:
        await connection.execute(
            text("""
                insert into outbox (id, type, subject, touched, headers, value, recorded_at)
                select id, 'visit-held.v1', 'case-' || n % 5000, array['case'], cast(:headers as jsonb), :value, now()
                from unnest(cast(:ids as uuid[])) with ordinality as new (id, n)"""),
            {"ids": [new_id() for _ in range(FACTS)], "headers": headers, "value": VALUE},
        )


async def _unsent(engine) -> bool:
    """Whether anything is left; counting it all, many times, would be what is measured."""
    async with transaction(engine) as connection:
        found = await connection.execute(text("select exists (select from outbox where sent_at is null)"))
        return bool(found.scalar_one())
