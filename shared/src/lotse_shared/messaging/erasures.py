"""Who was erased, as a service has noted it."""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def note_erased(connection: AsyncConnection, subjects: Collection[str]) -> None:
    """Note who was erased: their facts are to be emptied, and later ones are kept emptied."""
    if subjects:
        await connection.execute(
            text("insert into erasure (subject) select unnest(cast(:subjects as text[])) on conflict do nothing"),
            {"subjects": sorted(subjects)},
        )


async def erased_among(connection: AsyncConnection, subjects: Iterable[str]) -> frozenset[str]:
    """Which of these subjects were erased, with all that was there emptied. To be asked when they are locked."""
    found = await connection.execute(
        text("select subject from erasure where done and subject = any(:subjects)"),
        {"subjects": sorted(set(subjects))},
    )
    return frozenset(row.subject for row in found)


async def empty_letters(connection: AsyncConnection, subjects: Collection[str]) -> None:
    """Empty the dead letters of these subjects that were decided about.

    What they were stays, with their numbers, so that none seems to be missing, and what was decided.
    """
    if subjects:
        await connection.execute(
            text("""
                update dead_letter set key = null, value = null, id = null, headers = coalesce((
                    select jsonb_agg(one) from jsonb_array_elements(headers) as one
                    where one ->> 0 = any(:stays)), '[]')
                where subject = any(:subjects) and state <> 'open'"""),
            {"subjects": sorted(subjects), "stays": list(_STAYS)},
        )


_STAYS: Final = ("ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence", "ce_operation")
