"""How far each partition was read: rows that move in the effect's transaction. They decide, Kafka's offsets hint."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_shared.messaging.records import Record


class FactsGone(Exception):  # noqa: N818 - what happened
    """The topic no longer holds what was not yet read, or holds less than was read: nothing may go on silently."""


async def begin(
    connection: AsyncConnection, topic_id: str, beginnings: Mapping[int, int], ends: Mapping[int, int]
) -> dict[int, int]:
    """The next offset of every partition; partitions never read begin where the topic does.

    Raises:
        FactsGone: retention has deleted unread records, the topic ends before what was read, or it is another one than
            was read until now and was not written anew from the outboxes.
    """
    others = await connection.execute(
        text("""
            select exists (select from position) and not exists (select from position where topic_id = :topic_id)"""),
        {"topic_id": topic_id},
    )
    if others.scalar_one():
        raise FactsGone(
            "this topic is not the one that was read until now, and what was told before is not on it: write it anew "
            "with `lotse republish`"
        )
    await connection.execute(
        text("""
            insert into position (topic_id, partition, next_offset)
            select :topic_id, partition, next_offset
            from unnest(cast(:partitions as int[]), cast(:offsets as bigint[])) as new (partition, next_offset)
            on conflict do nothing"""),
        {"topic_id": topic_id, "partitions": list(beginnings), "offsets": list(beginnings.values())},
    )
    following = await read(connection, topic_id)
    for partition, offset in following.items():
        if offset < beginnings.get(partition, 0):
            raise FactsGone(
                f"partition {partition} begins at {beginnings[partition]}, but only what is before {offset} was read: "
                "retention was shorter than this service was away; write the topic anew with `lotse republish`"
            )
        if offset > ends.get(partition, offset):
            raise FactsGone(
                f"partition {partition} ends at {ends[partition]}, but {offset} records were read: Kafka has lost "
                "some; write the topic anew with `lotse republish`"
            )
    return following


async def begin_anew(connection: AsyncConnection, topic_id: str, partitions: int) -> None:
    """From now on a topic is read that was written anew: from its start, with the knowledge times reached so far."""
    await connection.execute(
        text("""
            insert into position (topic_id, partition, next_offset, known)
            select :topic_id, number, 0, coalesce((select max(known) from position where partition = number), 0)
            from generate_series(0, :last) as number
            on conflict do nothing"""),
        {"topic_id": topic_id, "last": partitions - 1},
    )


async def read(connection: AsyncConnection, topic_id: str) -> dict[int, int]:
    """The next offset of every partition."""
    found = await connection.execute(
        text("select partition, next_offset from position where topic_id = :topic_id"), {"topic_id": topic_id}
    )
    return {row.partition: row.next_offset for row in found}


async def take(
    connection: AsyncConnection, topic_id: str, records: Sequence[Record]
) -> tuple[dict[int, int], list[Record]]:
    """Lock the position rows of these records' partitions; give the next offsets and the records not yet taken.

    A record before the position was taken already. One after a gap is not taken: the reader has to go back to the
    position (the database was restored, or the offset hint was ahead).
    """
    partitions = sorted({record.partition for record in records})
    await connection.execute(
        text("""
            insert into position (topic_id, partition, next_offset)
            select :topic_id, partition, 0 from unnest(cast(:partitions as int[])) as new (partition)
            on conflict do nothing"""),
        {"topic_id": topic_id, "partitions": partitions},
    )
    found = await connection.execute(
        text("""
            select partition, next_offset from position
            where topic_id = :topic_id and partition = any(:partitions) order by partition for update"""),
        {"topic_id": topic_id, "partitions": partitions},
    )
    following = {row.partition: row.next_offset for row in found}
    fresh = []
    for record in records:
        if record.offset == following[record.partition]:
            following[record.partition] += 1
            fresh.append(record)
    return following, fresh


async def move(connection: AsyncConnection, topic_id: str, following: Mapping[int, int]) -> None:
    """Note how far each partition was read, in the transaction of the effect."""
    await connection.execute(
        text("""
            update position set next_offset = new.next_offset
            from unnest(cast(:partitions as int[]), cast(:offsets as bigint[])) as new (partition, next_offset)
            where position.topic_id = :topic_id and position.partition = new.partition"""),
        {"topic_id": topic_id, "partitions": list(following), "offsets": list(following.values())},
    )
