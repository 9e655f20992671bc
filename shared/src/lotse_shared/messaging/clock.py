"""The operation's clock: real, unless a local play moves it, and then only forwards.

Commands and deadlines take *now* from here. Event times, ids, tokens, append times and logs stay real.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Backwards(ValueError):  # noqa: N818 - named by what was tried
    """Somebody tried to turn an operation's clock back."""


async def read(connection: AsyncConnection, operations: Iterable[str], real: datetime) -> Mapping[str, datetime]:
    """What time it is in each of these operations."""
    wanted = sorted(set(operations))
    moved = await connection.execute(
        text("select operation, now from clock where operation = any(:operations)"), {"operations": wanted}
    )
    return {**dict.fromkeys(wanted, real), **{row.operation: row.now for row in moved}}


async def move(connection: AsyncConnection, operation: str, to: datetime) -> None:
    """Move an operation's clock forwards.

    Raises:
        Backwards: the clock already stands later than `to`.
    """
    done = await connection.execute(
        text("""
            insert into clock (operation, now) values (:operation, :to)
            on conflict (operation) do update set now = excluded.now where clock.now <= excluded.now
            returning operation"""),
        {"operation": operation, "to": to},
    )
    if done.first() is None:
        raise Backwards("the clock of an operation only moves forwards")
