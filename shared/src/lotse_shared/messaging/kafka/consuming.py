"""Reading: FastStream pumps raw batches; the receiver's database decides where to go on.

FastStream's own parsers raise on headers that are not UTF-8 and then skip a whole batch, and its acknowledgements
commit positions that are not ours, so records pass through a parser that cannot raise and offsets are committed with
their numbers, as a hint for lag tools alone (kafka-facts.md sections 2 and 4).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from lotse_shared.messaging.records import Record
from lotse_shared.settings import Settings

Receive = Callable[[str, Sequence[Record]], Awaitable[Mapping[int, int]]]
"""`(topic id, records) -> next offset to read per partition`. Idempotent; never raises for a bad record."""

Positions = Callable[[], Awaitable[Mapping[int, int]]]
"""The next offset of every partition, as the database has it now."""

Ahead = Callable[[Record], Record]
"""Gives a record with what it says `ahead` of its turn, while the database works on those before; never raises."""


class TooMuchBad(Exception):  # noqa: N818 - the brake
    """So much is bad that going on would drain the topic into the dead letters (promises.md 1.7)."""


BATCH: Final = 5_000
"""Records taken in by one transaction at most, unless a service asks for more."""
PARTS: Final = 20
"""Parts in which the next batch is fetched while one is taken in: reading one keeps the loop for some milliseconds."""
PATIENCE: Final = 5.0
"""Seconds that a batch under way has to be taken in when the process stops."""
log = structlog.get_logger()


class Consumer:
    """Reads one topic for one service until it is told to stop."""

    def __init__(
        self,
        settings: Settings,
        group: str,
        receive: Receive,
        topic_id: str,
        positions: Positions,
        batch: int = BATCH,
        ahead: Ahead | None = None,
    ) -> None:
        self._settings = settings
        self._group = group
        self._receive = receive
        self.topic_id = topic_id
        self._read_positions = positions
        self._batch = batch
        self._ahead = ahead
        self._broker: KafkaBroker | None = None
        self._subscriber: Any = None
        self.positions: dict[int, int] = {}
        """Next offset per partition, as the database has it."""
        self.newest = 0
        """Append time of the newest record taken in (milliseconds)."""
        self.failed: Exception | None = None
        """Why the last delivery failed, while it is being tried again."""
        self.braked: TooMuchBad | None = None
        """Why nothing is read any more until a human starts the process again."""
        self._stopping = asyncio.Event()
        self._fetched: asyncio.Queue[list[Record]] = asyncio.Queue(PARTS)

    async def start(self) -> None:
        """Join the group and begin; raises when no broker answers."""
        broker = KafkaBroker(
            self._settings.kafka,
            client_id=self._group,
            logger=None,
            log_level=logging.WARNING,
            allow_auto_create_topics=False,
        )
        self._subscriber = broker.subscriber(
            self._settings.topic,
            group_id=self._group,
            batch=True,
            max_records=max(1, self._batch // PARTS),
            batch_timeout_ms=1_000,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            listener=_Begin(self),
            parser=_parse,
            decoder=_decode,
            no_reply=True,
            fetch_max_wait_ms=500,
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        self._subscriber(self._take)
        self._broker = broker
        await broker.start()

    async def stop(self) -> None:
        """Leave the group. What could not be delivered is let go: the next process reads it again."""
        self._stopping.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._fetched.join(), PATIENCE)
        if self._broker is not None:
            await self._broker.stop()

    @property
    def assigned(self) -> frozenset[int]:
        """The partitions this process reads now."""
        consumer = self._consumer()
        return frozenset(one.partition for one in consumer.assignment()) if consumer else frozenset()

    async def begin_at_positions(self, assigned: Sequence[TopicPartition]) -> None:
        """Read on where the database stands, for partitions that were just given to this process."""
        self.positions.update(await self._read_positions())
        consumer = self._consumer()
        for partition in assigned:
            if consumer is not None and partition.partition in self.positions:
                consumer.seek(partition, self.positions[partition.partition])

    def _consumer(self) -> AIOKafkaConsumer | None:
        return self._subscriber.consumer if self._subscriber is not None else None

    async def deliver(self) -> None:
        """Deliver what is fetched, batch by batch. A worker runs this beside its other tasks, and ends when it ends."""
        while True:
            parts = [await self._fetched.get()]
            while not self._fetched.empty():
                parts.append(self._fetched.get_nowait())
            try:
                await self._deliver([record for part in parts for record in part])
            finally:
                for _ in parts:
                    self._fetched.task_done()

    async def _take(self, message: KafkaMessage) -> None:
        """Lay records by until those before are delivered; fetching goes on while the database works."""
        records = [record_of(raw) for raw in message.raw_message]
        message.raw_message = ()  # timers of the client hold the message for 40 s more: a backlog would fill the memory
        if self._ahead is not None:
            records = [self._ahead(record) for record in records]
        if not self._stopping.is_set():
            await self._fetched.put(records)

    async def _deliver(self, records: Sequence[Record]) -> None:
        reached = await self._until_taken(records)
        consumer = self._consumer()
        if reached is None or consumer is None:
            return
        self.positions.update(reached)
        last = {record.partition: record for record in records}
        self.newest = max(self.newest, *[record.appended for record in last.values()])
        hints = {}
        for partition, following in reached.items():
            where = TopicPartition(self._settings.topic, partition)
            if where in consumer.assignment():
                hints[where] = following
                if partition not in last or following != last[partition].offset + 1:
                    consumer.seek(where, following)
        if not hints:  # all of them were given to another process meanwhile
            return
        try:
            await consumer.commit(hints)
        except KafkaError as error:
            log.info("offsets not committed", reason=type(error).__name__)  # a hint only: the database has the position

    async def _until_taken(self, records: Sequence[Record]) -> Mapping[int, int] | None:
        """Deliver a batch until the receiver has it: a database that is away is waited for, nothing is skipped.

        Gives None where the process stops before.
        """
        pause = 0.1
        while not self._stopping.is_set():
            try:
                reached = await self._receive(self.topic_id, records)
            except TooMuchBad as error:
                self.braked = error
                log.error("stopped: too much is bad; look at the dead letters, then start again", reason=str(error))  # noqa: TRY400 - the reason says it all
                await self._stopping.wait()
            except Exception as error:  # noqa: BLE001 - whatever it is, the batch must not be lost
                self.failed = error
                log.warning("batch not taken, trying again", reason=type(error).__name__, pause=pause)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)
                pause = min(pause * 2, 10)
            else:
                self.failed = None
                return reached
        return None


class _Begin(ConsumerRebalanceListener):
    """Seeks before the first record of a new assignment is fetched."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Nothing to do: what another process takes in from now on, the positions in the database keep from ours."""

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Begin where the database stands."""
        await self._consumer.begin_at_positions(assigned)


async def _parse(message: tuple[ConsumerRecord, ...]) -> KafkaMessage:
    """A parser that cannot raise: nothing is decoded here."""
    return KafkaMessage(body=[], headers={}, raw_message=message, message_id="", correlation_id="", consumer=None)  # type: ignore[arg-type] # offsets are committed by number, never through the message


async def _decode(_: KafkaMessage) -> list[Any]:
    return []


def record_of(raw: ConsumerRecord) -> Record:
    """A record as the client library gives it, as the rest of Lotse sees it."""
    return Record(raw.partition, raw.offset, raw.timestamp, raw.key, tuple(raw.headers), raw.value)
