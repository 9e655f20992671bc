"""Dead letters: records that could not be taken in, kept whole until a human has decided about them.

A failed record parks its subject: later facts of the same subject wait behind it, everybody else's flow on.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_shared import metrics
from lotse_shared.envelope import header
from lotse_shared.messaging.records import Record

UNDECODABLE = "undecodable"
CONFLICT = "conflict"
FAILED = "failed"
WAITING = "waiting"
GAP = "gap"
"""Facts of a publisher are missing before this one; only a service that hears every fact can know."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record on its way to the dead letters, and why. The reason never holds content of the record."""

    record: Record
    kind: str
    reason: str


def _text(raw: bytes) -> str:
    """Header bytes as text that can be stored and turned back: what is not UTF-8 is escaped."""
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


async def keep(connection: AsyncConnection, topic_id: str, letters: Sequence[DeadLetter]) -> None:
    """Store records in the transaction that moves the position past them. A record is kept once."""
    for letter in letters:
        record = letter.record
        await connection.execute(
            text("""
                insert into dead_letter (kind, topic_id, partition, kafka_offset, appended, key, headers, value,
                                         source, id, type, subject, operation, reason)
                values (:kind, :topic_id, :partition, :offset, :appended, :key, cast(:headers as jsonb), :value,
                        :source, :id, :type, :subject, :operation, :reason)
                on conflict (topic_id, partition, kafka_offset) do nothing"""),
            {
                "kind": letter.kind,
                "topic_id": topic_id,
                "partition": record.partition,
                "offset": record.offset,
                "appended": record.appended,
                "key": record.key,
                "headers": json.dumps([[_text(name.encode()), _text(raw)] for name, raw in record.headers]),
                "value": record.value,
                "source": header(record.headers, "ce_source"),
                "id": header(record.headers, "ce_id"),
                "type": header(record.headers, "ce_type"),
                "subject": header(record.headers, "ce_subject"),
                "operation": header(record.headers, "ce_operation"),
                "reason": letter.reason,
            },
        )
        if letter.kind == CONFLICT:
            metrics.CONFLICTS.inc()


async def parked(connection: AsyncConnection, subjects: Iterable[str]) -> set[str]:
    """Which of these subjects have an open failed record.

    Their letters stay as they are until this transaction ends, so that nothing is put behind one that is being
    settled.
    """
    found = await connection.execute(
        text("""
            select subject from dead_letter
            where state = 'open' and kind in ('failed', 'waiting') and subject = any(:subjects)
            order by number for share"""),
        {"subjects": sorted(set(subjects))},
    )
    return {row.subject for row in found}


async def behind(connection: AsyncConnection, number: int) -> list[tuple[int, Record]]:
    """A failed record and those that wait behind it, in the order they came; the one alone for other kinds.

    Raises:
        LookupError: there is no open dead letter of that number.
    """
    query = text("""
        select d.* from dead_letter d, dead_letter named
        where named.number = :number and named.state = 'open' and d.state = 'open'
        and (d.number = named.number
             or (named.kind in ('failed', 'waiting') and d.kind in ('failed', 'waiting')
                 and d.subject = named.subject))
        order by d.number for update of d""")
    await connection.execute(query, {"number": number})
    found = await connection.execute(query, {"number": number})  # with what came while the lock was waited for
    rows = [(row.number, _record(row)) for row in found]
    if not rows:
        raise LookupError(f"there is no open dead letter {number}; `lotse dead-letters list` shows what there is")
    return rows


def _record(row: Any) -> Record:  # noqa: ANN401 - a result row
    headers = tuple((name, content.encode()) for name, content in row.headers)
    return Record(row.partition, row.kafka_offset, row.appended, row.key, headers, row.value)


async def settle(connection: AsyncConnection, number: int, state: str, by: str, why: str) -> None:
    """Note a human's decision: `retried` or `discarded`, by whom and why."""
    await connection.execute(
        text("""
            update dead_letter set state = :state, settled_at = now(), settled_by = :by, settled_why = :why,
                attempts = attempts + 1
            where number = :number"""),
        {"number": number, "state": state, "by": by, "why": why},
    )


async def still_put_aside(connection: AsyncConnection, number: int, letter: DeadLetter) -> None:
    """Note that a record was tried again and could not be taken in, and what is the matter with it now."""
    await connection.execute(
        text("update dead_letter set kind = :kind, reason = :reason, attempts = attempts + 1 where number = :number"),
        {"number": number, "kind": letter.kind, "reason": letter.reason},
    )


async def count(connection: AsyncConnection) -> Mapping[str, int]:
    """Open dead letters by kind, and the number of parked subjects; also sets the metrics."""
    found = await connection.execute(
        text(
            "select kind, count(*) as n, count(distinct subject) as s from dead_letter "
            "where state = 'open' group by kind"
        )
    )
    rows = {row.kind: (row.n, row.s) for row in found}
    for kind in (UNDECODABLE, CONFLICT, FAILED, WAITING, GAP):
        metrics.DEAD_LETTERS.labels(kind=kind).set(rows.get(kind, (0, 0))[0])
    parked_subjects = sum(rows.get(kind, (0, 0))[1] for kind in (FAILED, GAP))
    metrics.PARKED.set(parked_subjects)
    return {"dead_letters": sum(n for n, _ in rows.values()), "parked": parked_subjects}


async def listed(connection: AsyncConnection, number: int | None = None) -> list[dict[str, Any]]:
    """Open dead letters (or one, whatever its state) for a human: no content but for the one that was asked for."""
    found = await connection.execute(
        text("""
            select * from dead_letter where (cast(:number as bigint) is null and state = 'open') or number = :number
            order by number limit 1000"""),
        {"number": number},
    )
    letters = []
    for row in found:
        shown = {
            name: getattr(row, name)
            for name in (
                "number", "kind", "state", "partition", "kafka_offset", "appended", "source", "id", "type", "subject",
                "operation", "reason", "attempts", "settled_by", "settled_why",
            )
        }  # fmt: skip
        if number is not None:
            shown["headers"] = row.headers
            shown["value"] = _text(row.value) if row.value is not None else None
        letters.append(shown)
    return letters
