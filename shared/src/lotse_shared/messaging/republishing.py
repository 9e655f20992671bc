"""Writing the topic anew from the outboxes, should Kafka be lost. Offline: no worker of any service runs meanwhile.

All that was ever sent goes out again with its ids and headers, in the order of the old topic: that of append times, and
of offsets where these are equal. Whoever knows a fact drops it; what somebody had not heard yet is heard now. Facts of
people who were erased go out as what is left of them. What was never sent is sent by the relays when they run again.
"""

import contextlib
import heapq
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.messaging import positions
from lotse_shared.messaging.kafka import Outgoing, Producer, renew_topic
from lotse_shared.messaging.relay import lock_key
from lotse_shared.settings import Settings

BATCH: Final = 2_000


class StillRunning(Exception):  # noqa: N818 - what is in the way
    """A worker of this service runs: it would read and send while the topic is written."""


async def count(engines: Mapping[str, AsyncEngine]) -> int:
    """How many facts there are to be sent again."""
    total = 0
    for engine in engines.values():
        async with transaction(engine) as connection:
            found = await connection.execute(text("select count(*) from outbox where sent_at is not null"))
            total += int(found.scalar_one())
    return total


async def republish(
    settings: Settings, engines: Mapping[str, AsyncEngine], progress: Callable[[int], None] = lambda _: None
) -> int:
    """Make the topic anew, write everything on it, and let every service begin at its start; gives how many facts.

    When it is ended before that, no service starts on the unfinished topic: it is to be run again.

    Raises:
        StillRunning: a worker runs; names its service.
        NotAcknowledged: Kafka did not take it; run it again.
    """
    async with contextlib.AsyncExitStack() as stack:
        for service, engine in engines.items():
            connection = await stack.enter_async_context(engine.connect())
            stack.push_async_callback(connection.invalidate)  # back in the pool it would keep the lock
            await _alone(connection, service)
        topic_id = await renew_topic(settings)
        written = 0
        async with Producer(settings) as producer:
            async for batch in _batches(_merged(engines)):
                await producer.send(batch)
                written += len(batch)
                progress(written)
        for engine in engines.values():
            async with transaction(engine) as connection:
                await positions.begin_anew(connection, topic_id, settings.partitions)
    return written


async def _alone(connection: AsyncConnection, service: str) -> None:
    """Hold the lock of a service's relay: whoever has it sends for that service."""
    found = await connection.execute(text("select pg_try_advisory_lock(hashtext(:key))"), {"key": lock_key(service)})
    if not found.scalar_one():
        raise StillRunning(service)


async def _merged(engines: Mapping[str, AsyncEngine]) -> AsyncIterator[Outgoing]:
    """The facts of all outboxes in the order of the old topic."""
    async with contextlib.AsyncExitStack() as stack:
        streams = []
        for engine in engines.values():
            connection = await stack.enter_async_context(transaction(engine))
            streams.append(aiter(await connection.stream(_SENT)))
        heads: list[tuple[tuple[int, int, int], int, Any]] = []
        for number, stream in enumerate(streams):
            await _push(heads, number, stream)
        while heads:
            _, number, row = heapq.heappop(heads)
            yield Outgoing(
                key=row.subject.encode(),
                value=row.value,
                headers=[(name, content.encode()) for name, content in row.headers],
            )
            await _push(heads, number, streams[number])


async def _push(heads: list[tuple[tuple[int, int, int], int, Any]], number: int, stream: AsyncIterator[Any]) -> None:
    row = await anext(stream, None)
    if row is not None:
        heapq.heappush(heads, ((row.appended, row.partition, row.kafka_offset), number, row))


_SENT: Final = text("""
    select appended, partition, kafka_offset, subject, headers, value from outbox
    where sent_at is not null order by appended, partition, kafka_offset""")


async def _batches(records: AsyncIterator[Outgoing]) -> AsyncIterator[list[Outgoing]]:
    batch: list[Outgoing] = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
