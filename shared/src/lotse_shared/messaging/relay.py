"""The relay: sends what the outbox holds, in order, and says how far it has come.

One per service, by an advisory lock on the connection it reads with. After a crash it sends some records again, with
the same ids; whoever reads drops them. Never two relays, never SKIP LOCKED: both break the order per subject.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import metrics
from lotse_shared.envelope import CONTENT_TYPE, SPECVERSION
from lotse_shared.messaging.kafka import NotAcknowledged, Outgoing, Producer
from lotse_shared.messaging.outbox import CHANNEL
from lotse_shared.messaging.records import TICK
from lotse_shared.settings import Settings

BATCH: Final = 2_000
TICK_EVERY: Final = 2.0
"""Seconds between control records, whether there is something to send or not."""

log = structlog.get_logger()


def tick(service: str, at: datetime, sent_up_to: datetime | None, partition: int) -> Outgoing:
    """A control record: having read it, one has heard all that was appended before.

    `sent_up_to` is how far the publisher had sent: the time of its oldest unsent fact, else its own now. A CloudEvent
    like the facts around it, so that foreign readers of the topic do not stumble.
    """
    headers = [
        ("ce_specversion", SPECVERSION.encode()),
        ("ce_id", f"{at.isoformat()}/{partition}".encode()),
        ("ce_type", TICK.encode()),
        ("ce_source", service.encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", CONTENT_TYPE.encode()),
    ]
    if sent_up_to is not None:
        headers.append(("sent_up_to", sent_up_to.isoformat().encode()))
    return Outgoing(key=None, value=b"{}", headers=headers, partition=partition)


def lock_key(service: str) -> str:
    """What the lock is called that whoever sends for a service holds."""
    return f"lotse-relay-{service}"


class Relay:
    """Sends one service's outbox. `tick_partitions`: where its control records go."""

    def __init__(
        self,
        service: str,
        settings: Settings,
        engine: AsyncEngine,
        real_time: Callable[[], datetime],
        tick_partitions: Sequence[int] = (0,),
    ) -> None:
        self._service = service
        self._settings = settings
        self._engine = engine
        self._real_time = real_time
        self._tick_partitions = tick_partitions
        self._woken = asyncio.Event()
        self.unsent = 0
        self.last = 0
        """Position of the newest fact in the outbox."""
        self.turned_at = 0.0
        """When the loop last went round, by the event loop's clock: a relay that hangs is noticed by it."""

    async def run(self) -> None:
        """Send until cancelled. Whatever fails, it begins again with a new connection and a new producer."""
        while True:
            try:
                await self._run_once()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - Kafka or the database away: both come back
                log.warning("relay begins again", reason=type(error).__name__)
                self._turned()  # who fails and tries again does not hang
                await asyncio.sleep(1)

    async def _run_once(self) -> None:
        async with self._engine.connect() as raw:
            connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
            try:
                while not await self._lock(connection):
                    self._turned()
                    await asyncio.sleep(1)
                await self._measure(connection)
                driver = (await connection.get_raw_connection()).driver_connection
                await driver.add_listener(CHANNEL, self._wake)  # type: ignore[union-attr] # asyncpg's connection
                async with Producer(self._settings) as producer:
                    await self._send_for_ever(connection, producer)
            finally:
                await connection.invalidate()  # back in the pool it would keep the lock, and no relay could send again

    async def _send_for_ever(self, connection: AsyncConnection, producer: Producer) -> None:
        loop = asyncio.get_running_loop()
        ticked = 0.0
        while True:
            self._woken.clear()
            rows = await self._unsent(connection)
            if rows:
                await self._send(connection, producer, rows)
            if not rows or loop.time() - ticked >= TICK_EVERY:
                await self._measure(connection)
            if loop.time() - ticked >= TICK_EVERY:
                await self._tick(connection, producer)
                ticked = loop.time()
            self._turned()
            if len(rows) < BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), max(0.05, TICK_EVERY - (loop.time() - ticked)))

    async def _lock(self, connection: AsyncConnection) -> bool:
        key = {"key": lock_key(self._service)}
        found = await connection.execute(text("select pg_try_advisory_lock(hashtext(:key))"), key)
        return bool(found.scalar_one())

    async def _unsent(self, connection: AsyncConnection) -> Sequence[Any]:
        found = await connection.execute(
            text("""
                select position, subject, headers, value,
                    (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory') as locks
                from outbox where sent_at is null order by position limit :limit"""),
            {"limit": BATCH},
        )
        rows = found.all()
        if rows and not rows[0].locks:
            raise ConnectionError("the relay's lock is gone")
        return rows

    async def _send(self, connection: AsyncConnection, producer: Producer, rows: Sequence[Any]) -> None:
        outgoing = [
            Outgoing(
                key=row.subject.encode(),
                value=row.value,
                headers=[(name, content.encode()) for name, content in row.headers],
            )
            for row in rows
        ]
        try:
            sent = await producer.send(outgoing)
        except NotAcknowledged:
            log.warning("not acknowledged; the same facts will be sent again", facts=len(rows))
            raise
        metrics.RELAY_LAST_ACK.set(self._real_time().timestamp())
        await connection.execute(
            text("""
                update outbox set sent_at = :now, partition = new.partition, kafka_offset = new.kafka_offset,
                    appended = new.appended
                from unnest(cast(:positions as bigint[]), cast(:partitions as int[]), cast(:offsets as bigint[]),
                            cast(:appended as bigint[])) as new (position, partition, kafka_offset, appended)
                where outbox.position = new.position"""),
            {
                "now": self._real_time(),
                "positions": [row.position for row in rows],
                "partitions": [one.partition for one in sent],
                "offsets": [one.offset for one in sent],
                "appended": [one.appended for one in sent],
            },
        )

    async def _tick(self, connection: AsyncConnection, producer: Producer) -> None:
        at = self._real_time()
        oldest = (
            await connection.execute(text("select min(recorded_at) from outbox where sent_at is null"))
        ).scalar_one()
        up_to = (oldest or at).astimezone(UTC)
        await producer.send([tick(self._service, at, up_to, partition) for partition in self._tick_partitions])
        metrics.RELAY_LAST_ACK.set(self._real_time().timestamp())

    async def _measure(self, connection: AsyncConnection) -> None:
        found = await connection.execute(
            text("""
                select count(*) as unsent, min(recorded_at) as oldest, (select max(position) from outbox) as last
                from outbox where sent_at is null""")
        )
        row = found.one()
        self.unsent, self.last = row.unsent, row.last or 0
        metrics.OUTBOX_UNSENT.set(self.unsent)
        age = (self._real_time() - row.oldest).total_seconds() if row.oldest else 0.0
        metrics.OUTBOX_AGE.set(age)

    def _turned(self) -> None:
        self.turned_at = asyncio.get_running_loop().time()

    def _wake(self, _connection: object, _pid: int, _channel: str, schema: str) -> None:
        if schema == self._service:
            self._woken.set()
