"""Deadlines that have come: each is turned into a decision, once, on the operation's own clock."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import metrics
from lotse_shared.calendar import berlin_day
from lotse_shared.database import transaction
from lotse_shared.deciding import Commands, Kind, Now
from lotse_shared.envelope import Cause
from lotse_shared.messaging import clock
from lotse_shared.messaging.subjects import Subjects

BATCH: Final = 200
EVERY: Final = 1.0

log = structlog.get_logger()

_DUE: Final = """
    from due left join clock using (operation)
    where due_on <= (coalesce(clock.now, :real) at time zone 'Europe/Berlin')::date
    and kind || '/' || name = any(:decided)
"""
"""Only deadlines with a decision; others are lists for people to look at."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Looks at what has come due in one service."""

    commands: Commands
    kinds: Mapping[str, Kind[Any]]
    engine: AsyncEngine
    real_time: Callable[[], datetime]
    new_id: Callable[[], str]

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            try:
                while await self.once() == BATCH:
                    pass
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the database is away: the deadlines stay
                log.warning("deadlines not looked at", reason=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """Decide about one batch of deadlines that have come; gives how many were decided about."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(
                text(f"select subject, name, operation {_DUE} order by subject limit {BATCH}"),
                self._parameters(),
            )
            rows = found.all()
            decided = await self._decide(connection, rows) if rows else 0
            behind = await self.behind(connection)
        metrics.DUE_BEHIND.set(behind)
        return decided

    async def behind(self, connection: AsyncConnection) -> int:
        """How many deadlines have come and were not decided about."""
        found = await connection.execute(text(f"select count(*) {_DUE}"), self._parameters())
        return int(found.scalar_one())

    def _parameters(self) -> dict[str, Any]:
        return {"real": self.real_time(), "decided": [f"{kind}/{name}" for kind, name in self.commands.due]}

    async def _decide(self, connection: AsyncConnection, rows: Any) -> int:  # noqa: ANN401 - result rows
        subjects = Subjects(connection, self.commands.service, self.kinds, self.new_id)
        await subjects.lock(row.subject for row in rows)
        times = await clock.read(connection, {row.operation for row in rows}, self.real_time())
        decided = 0
        for due in rows:
            row = subjects.by_id(due.subject)
            decide = self.commands.due.get((row.kind.name, due.name)) if row else None
            still = row.kind.deadlines(row.state).get(due.name) if row else None
            today = berlin_day(times[due.operation])
            if row and decide and still and still <= today:
                now = Now(
                    subject=row.id,
                    today=today,
                    at=times[due.operation],
                    operation=row.operation,
                    partner=row.owner,
                    role="",
                    new_id=self.new_id,
                    owner=row.owner,
                )
                try:
                    subjects.tell([row], decide(row.state, now), Cause(self.new_id()), self.real_time())
                except Exception:
                    log.exception("a deadline could not be decided about; it stays", subject=row.id, name=due.name)
                    continue
            decided += 1
            await connection.execute(  # one that was moved while the lock was waited for stays
                text("delete from due where subject = :subject and name = :name and due_on <= :today"),
                {"subject": due.subject, "name": due.name, "today": today},
            )
        await subjects.store()
        return decided
