"""How far each partition was read, and up to when everything was heard: rows that move with the effect."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from lotse_shared.messaging.records import Record
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Reached(NamedTuple):
    """Where a batch leads, per partition; and the records that were not taken before, with their knowledge times."""

    following: dict[int, int]
    known: dict[int, int]
    fresh: list[tuple[Record, int]]


async def take(connection: AsyncConnection, topic_id: str, records: Sequence[Record], partitions: int) -> Reached:
    """Lock the position rows of these records' partitions, and give every new record its knowledge time.

    Knowledge time is the running maximum of a partition's append times, since leaders' clocks differ. A topic made
    anew goes on from the knowledge times of the one before. A record after a gap is not taken.
    """
    touched = sorted({record.partition for record in records})
    await connection.execute(
        text("""
            insert into position (topic_id, partition, next_offset, known)
            select :topic_id, number, 0,
                coalesce((select max(known) from position where partition = number and topic_id <> :topic_id), 0)
            from generate_series(0, :partitions - 1) as number
            on conflict do nothing"""),
        {"topic_id": topic_id, "partitions": partitions},
    )
    found = await connection.execute(
        text("""
            select partition, next_offset, greatest(known, (
                select max(known) from position before
                where before.partition = position.partition and before.topic_id <> :topic_id)) as known
            from position where topic_id = :topic_id and partition = any(:partitions) order by partition for update"""),
        {"topic_id": topic_id, "partitions": touched},
    )
    following, known = {}, {}
    for row in found:
        following[row.partition], known[row.partition] = row.next_offset, row.known
    fresh = []
    for partition, told in groupby(records, attrgetter("partition")):
        following_offset, latest = following[partition], known[partition]
        for record in told:
            if record.offset == following_offset:
                following_offset += 1
                if record.appended > latest:  # noqa: PLR1730 - `max` takes three times as long, once for every fact
                    latest = record.appended
                fresh.append((record, latest))
        following[partition], known[partition] = following_offset, latest
    return Reached(following, known, fresh)


async def move(connection: AsyncConnection, topic_id: str, reached: Reached) -> None:
    """Note how far each partition was read, in the transaction of the effect."""
    partitions = sorted(reached.following)
    await connection.execute(
        text("""
            update position set next_offset = new.next_offset, known = new.known
            from unnest(cast(:partitions as int[]), cast(:offsets as bigint[]), cast(:knowns as bigint[]))
                as new (partition, next_offset, known)
            where position.topic_id = :topic_id and position.partition = new.partition"""),
        {
            "topic_id": topic_id,
            "partitions": partitions,
            "offsets": [reached.following[one] for one in partitions],
            "knowns": [reached.known[one] for one in partitions],
        },
    )


async def complete_up_to(connection: AsyncConnection) -> int:
    """The watermark in milliseconds: all that became known before it was heard. Of the topic that is read now."""
    found = await connection.execute(
        text("""
            select coalesce(min(known), 0) from position
            where topic_id = (select topic_id from position order by known desc, topic_id limit 1)""")
    )
    return int(found.scalar_one())


async def heard_up_to(connection: AsyncConnection) -> int:
    """The latest knowledge time of anything heard (milliseconds): it may not be the last of its time."""
    found = await connection.execute(text("select coalesce(max(known), 0) from position"))
    return int(found.scalar_one())


async def note_ticks(connection: AsyncConnection, ticks: Mapping[str, str]) -> None:
    """Keep how far each publisher says it had sent what it had; what is no instant is not listened to."""
    sent = {publisher: at for publisher, written in ticks.items() if (at := _instant(written)) is not None}
    if sent:
        publishers = sorted(sent)
        await connection.execute(
            text("""
                insert into heard_from (publisher, sent_up_to)
                select * from unnest(cast(:publishers as text[]), cast(:sent as timestamptz[]))
                on conflict (publisher) do update
                set sent_up_to = greatest(heard_from.sent_up_to, excluded.sent_up_to)"""),
            {"publishers": publishers, "sent": [sent[one] for one in publishers]},
        )


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
