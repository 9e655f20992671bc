"""A worker process: reads Kafka, sends the outbox, looks at deadlines, and is watched by its own progress."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.http import operations_router
from lotse_shared.messaging import dead_letters, positions
from lotse_shared.messaging.kafka import Ahead, Consumer, ensure_topic, offsets
from lotse_shared.messaging.kafka.consuming import BATCH, Receive
from lotse_shared.messaging.relay import Relay
from lotse_shared.settings import Settings
from lotse_shared.watch import BLOCKED, LoopGuard, Watch

log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """What one worker process runs. `tasks` run beside the rest.

    `due_behind` counts deadlines that have come, `to_apply` facts that were heard and wait to be applied.
    """

    service: str
    settings: Settings
    engine: AsyncEngine
    receive: Receive
    real_time: Callable[[], datetime]
    tick_partitions: Sequence[int] = (0,)
    batch: int = BATCH
    """Records that one transaction takes in at most: its locks last as long."""
    ahead: Ahead | None = None
    """What is done with records while they wait for their turn."""
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    due_behind: Callable[[], Awaitable[int]] | None = None
    to_apply: Callable[[], Awaitable[int]] | None = None
    consumer: Consumer | None = field(default=None, init=False)
    relay: Relay | None = field(default=None, init=False)
    watch: Watch | None = field(default=None, init=False)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then let go of everything in order.

        Raises:
            WrongSettings, FactsGone: refuses to start.
            Stuck: no progress although there is something to do.
        """
        topic_id = await ensure_topic(self.settings)
        beginnings, ends = await offsets(self.settings)
        async with transaction(self.engine) as connection:
            await positions.begin(connection, topic_id, beginnings, ends)

        async def reached() -> Mapping[int, int]:
            async with transaction(self.engine) as connection:
                return await positions.read(connection, topic_id)

        self.consumer = Consumer(
            self.settings, f"lotse-{self.service}", self.receive, topic_id, reached, self.batch, self.ahead
        )
        self.relay = Relay(self.service, self.settings, self.engine, self.real_time, self.tick_partitions)
        self.watch = Watch(self.settings, self.engine, self.consumer, self.relay, self.real_time)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stopping.set)
        server = _Server(
            uvicorn.Config(
                self._operations(),
                host=self.settings.host,
                port=self.settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
            )
        )
        await self.consumer.start()
        running: list[asyncio.Task[None]] = [
            asyncio.create_task(job, name=name)
            for name, job in (
                ("deliveries", self.consumer.deliver()),
                ("relay", self.relay.run()),
                ("watch", self.watch.run()),
                ("guard", LoopGuard(max(BLOCKED, self.settings.stuck_after)).turn()),
                ("http", server.serve()),
                *((getattr(task, "__qualname__", "task"), task()) for task in self.tasks),
            )
        ]
        log.info("worker started", partitions=sorted(self.consumer.assigned))
        try:
            await self._until(stopping, running)
        finally:
            server.should_exit = True
            with contextlib.suppress(TimeoutError, Exception):
                await asyncio.wait_for(self.consumer.stop(), 10)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self.engine.dispose()
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(name)
            log.info("worker stopped")

    async def _until(self, stopping: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
        told = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait({told, *running}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        for task in done - {told}:
            error = task.exception()
            if error is not None:
                raise error
            raise RuntimeError(f"{task.get_name()} ended by itself")

    async def ready(self) -> bool:
        """Whether this process can do its work now."""
        async with transaction(self.engine) as connection:
            await connection.execute(text("select 1"))
        return self.consumer is not None and bool(self.consumer.assigned) and not self.consumer.braked

    async def progress(self) -> Mapping[str, Any]:
        """How far the service has come, for `lotse wait` and `lotse status`."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(
                text("""
                    select coalesce(max(position), 0) as last, count(*) filter (where sent_at is null) as unsent
                    from outbox where position > :since or sent_at is null"""),
                {"since": (self.relay.last if self.relay else 0) - 1},
            )
            row = found.one()
            at = await positions.read(connection, self.consumer.topic_id if self.consumer else "")
            letters = await dead_letters.count(connection)
        due = await self.due_behind() if self.due_behind else 0
        waiting = await self.to_apply() if self.to_apply else 0
        return {
            "service": self.service,
            "outbox": {"last": row.last, "unsent": row.unsent},
            "positions": {str(partition): offset for partition, offset in at.items()},
            "due_behind": due,
            "waiting": waiting,
            **letters,
        }

    def _operations(self) -> FastAPI:
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        app.include_router(operations_router(self.ready, lambda: self.watch.ill() if self.watch else None))

        @app.get("/progress")
        async def progress() -> JSONResponse:
            return JSONResponse(dict(await self.progress()))

        return app


class _Server(uvicorn.Server):
    """The worker handles signals itself."""

    def install_signal_handlers(self) -> None:
        """Leave the signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:  # noqa: ANN401 - a generator
        """Leave the signals alone."""
        yield
