"""Sending: idempotent, acknowledged by all replicas, in the order given, with the append time of each record."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from lotse_shared.settings import Settings

DEADLINE: Final = 30.0
"""Seconds after which a batch counts as not acknowledged: with too few replicas the client's future never resolves."""

LARGEST: Final = 1_000_000
"""Bytes of one request; the broker's own limit (message.max.bytes) is 1,048,588."""


class NotAcknowledged(Exception):  # noqa: N818 - what happened
    """Kafka did not acknowledge in time. The same records must be sent again, in the same order."""


class Outgoing(NamedTuple):
    """A record to be sent; with a partition it goes there, else where its key leads."""

    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    partition: int | None = None


class Sent(NamedTuple):
    """Where a record came to lie. `appended`: the broker's append time in milliseconds."""

    partition: int
    offset: int
    appended: int


class Producer:
    """A producer of one topic. After `NotAcknowledged` it must be thrown away: nobody knows what it still holds."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topic
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka,
            acks="all",
            enable_idempotence=True,
            max_batch_size=256 * 1024,
            linger_ms=5,
            max_request_size=LARGEST,
            request_timeout_ms=int(DEADLINE * 1000),
        )

    async def __aenter__(self) -> Self:
        """Connect; raises when no broker answers."""
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go, without waiting for what will not be acknowledged."""
        try:
            await asyncio.wait_for(self._producer.stop(), 5)
        except (KafkaError, TimeoutError, asyncio.CancelledError):
            return

    async def send(self, records: Sequence[Outgoing]) -> list[Sent]:
        """Send in order and wait for every acknowledgement.

        Raises:
            NotAcknowledged: at least one was not acknowledged within the deadline.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                futures = [
                    await self._producer.send(
                        self._topic,
                        value=record.value,
                        key=record.key,
                        headers=list(record.headers),
                        partition=record.partition,
                    )
                    for record in records
                ]
                done = await asyncio.gather(*futures)
        except (KafkaError, TimeoutError) as error:
            raise NotAcknowledged(type(error).__name__) from error
        return [Sent(one.partition, one.offset, one.timestamp) for one in done]
