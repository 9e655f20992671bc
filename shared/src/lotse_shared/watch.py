"""Whether a worker makes progress: a watch over what it reads and sends, and a guard over its event loop.

Health is progress, not connection: a consumer can hang with every task alive, and a broker or database that is away
is no illness of the process (kafka-facts.md section 5). Who hangs ends itself, and the supervisor starts it again.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_shared import metrics
from lotse_shared.database import is_away, transaction
from lotse_shared.messaging import dead_letters
from lotse_shared.messaging.kafka import Consumer, offsets
from lotse_shared.messaging.relay import Relay
from lotse_shared.settings import Settings

WATCH_EVERY: Final = 5.0
"""Seconds between two looks, unless `stuck_after` asks for more."""

ANSWER_WITHIN: Final = 10.0
"""Seconds after which a broker that does not answer counts as away."""

BLOCKED: Final = 30.0
"""Seconds an event loop may stand still at least: a machine that was paused is no illness of the process."""

log = structlog.get_logger()


class Stuck(Exception):  # noqa: N818 - what is the matter
    """The process lives but makes no progress; it ends itself, and its supervisor starts it again."""


@dataclass(slots=True)
class Watch:
    """Looks at one worker's consumer and relay."""

    settings: Settings
    engine: AsyncEngine
    consumer: Consumer
    relay: Relay
    real_time: Callable[[], datetime]
    stuck_for: float = field(default=0.0, init=False)
    """Seconds without progress although there is something to read."""

    def ill(self) -> str | None:
        """Why this process makes no progress; None while it does, or while it waits for a neighbour."""
        if self.consumer.braked:
            return f"stopped, too much is bad: {self.consumer.braked}"
        if self.stuck_for > self.settings.stuck_after:
            return f"nothing was taken in for {self.stuck_for:.0f} s although there is something to read"
        return None

    async def run(self) -> None:
        """Look until cancelled.

        Raises:
            Stuck: no progress for `stuck_after` seconds, or what is read is not what was begun with.
        """
        loop = asyncio.get_running_loop()
        moved, seen = loop.time(), dict(self.consumer.positions)
        while True:
            await asyncio.sleep(min(WATCH_EVERY, self.settings.stuck_after / 4))
            waiting = await self._waiting()
            failed = self.consumer.failed
            excused = self.consumer.braked or (failed is not None and is_away(failed))
            if not waiting or excused or seen != self.consumer.positions:
                moved, seen = loop.time(), dict(self.consumer.positions)
            self.stuck_for = loop.time() - moved
            metrics.RED.set(self.ill() is not None)
            newest = self.consumer.newest / 1000
            metrics.LAG.set(max(0.0, self.real_time().timestamp() - newest) if waiting and newest else 0.0)
            await self._count_letters()
            if self.stuck_for > self.settings.stuck_after:
                raise Stuck(self.ill())
            if self.relay.turned_at and loop.time() - self.relay.turned_at > 2 * self.settings.stuck_after:
                raise Stuck("the relay hangs")

    async def _waiting(self) -> bool:
        """Whether there is something to read, asked of the broker afresh; no answer means there is not.

        Raises:
            Stuck: the topic ends before what was read.
        """
        read, assigned = dict(self.consumer.positions), self.consumer.assigned
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                _, ends = await offsets(self.settings)
        except Exception as error:  # noqa: BLE001 - no broker answers: waiting is all one can do
            log.info("no broker answers", reason=type(error).__name__)
            return False
        if any(offset > ends.get(partition, offset) for partition, offset in read.items()):
            raise Stuck("the topic ends before what was read: it was made anew, or Kafka has lost records")
        return not assigned or any(read.get(one, 0) < ends.get(one, 0) for one in assigned)

    async def _count_letters(self) -> None:
        try:
            async with transaction(self.engine) as connection:
                await dead_letters.count(connection)
        except Exception as error:
            if not is_away(error):
                raise


class LoopGuard:
    """Ends the process when its event loop was blocked too long: nothing else inside it could.

    A thread looks at the time of the last turn; `turn` is the loop's own task.
    """

    def __init__(self, limit: float, end: Callable[[], None] = lambda: os._exit(1)) -> None:
        self._limit = limit
        self._end = end
        self._turned = time.monotonic()
        self._done = threading.Event()

    async def turn(self) -> None:
        """Turn until cancelled, watched by the thread."""
        threading.Thread(target=self._look, name="loop-guard", daemon=True).start()
        try:
            while True:
                self._turned = time.monotonic()
                await asyncio.sleep(min(1.0, self._limit / 8))
        finally:
            self._done.set()

    def _look(self) -> None:
        while not self._done.wait(min(1.0, self._limit / 8)):
            blocked = time.monotonic() - self._turned
            if blocked > self._limit:
                log.error("the event loop is blocked; the process ends", seconds=round(blocked))
                self._end()
                return
