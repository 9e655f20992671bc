"""The journal's digest at a moment: what a seal holds on to, so that no fact before it can be changed in silence."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def journal_digests(connection: AsyncConnection, operation: str, knowns: Iterable[int]) -> dict[int, str]:
    """The digest of an operation's journal at each of these knowledge times (milliseconds).

    SHA-256 over a line for each fact known by then: its knowledge time and its own hash, in the order of these. Neither
    where a fact stood on the topic nor its id is part of it, and what it says only through its hash: so the digest
    outlives a topic written anew, and the erasure of a person.
    """
    wanted = sorted(set(knowns))
    found: dict[int, str] = {}
    if not wanted:
        return found
    rows = await connection.stream(
        text("""
            select known, digest from journal
            where operation = :operation and known <= :last order by known, digest"""),
        {"operation": operation, "last": wanted[-1]},
    )
    running = hashlib.sha256()
    pending = iter(wanted)
    at = next(pending)
    async for row in rows:
        while row.known > at:
            found[at] = running.hexdigest()
            at = next(pending)
        running.update(f"{row.known} {row.digest.hex()}\n".encode())
    found[at] = running.hexdigest()
    return found | dict.fromkeys(pending, running.hexdigest())
