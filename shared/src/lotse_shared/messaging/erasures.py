"""Who was erased, as a service has noted it."""

from collections.abc import Collection, Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def erased_among(connection: AsyncConnection, subjects: Iterable[str]) -> frozenset[str]:
    """Which of these subjects were erased, with all that was there emptied. To be asked when they are locked."""
    found = await connection.execute(
        text("select subject from erasure where done and subject = any(:subjects)"),
        {"subjects": sorted(set(subjects))},
    )
    return frozenset(row.subject for row in found)


async def empty_letters(connection: AsyncConnection, subjects: Collection[str]) -> None:
    """Empty the dead letters of these subjects that were decided about: what they were stays, and what was decided."""
    await connection.execute(
        text("""
            update dead_letter set key = null, headers = '[]', value = null, id = null
            where subject = any(:subjects) and state <> 'open'"""),
        {"subjects": sorted(subjects)},
    )
