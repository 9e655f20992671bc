"""What waits: facts of merged units until the watermark has passed them, facts of parked units until a human decided.

Whatever is applied late is applied in the order of knowledge time, and posts with the knowledge time it came with.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from lotse_shared.envelope import SPECVERSION, Undecodable
from lotse_shared.messaging.dead_letters import CONFLICT, FAILED, GAP, UNDECODABLE
from lotse_shared.messaging.erasures import empty_letters, erased_among
from lotse_shared.messaging.records import Record
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting import erasing
from lotse_reporting.decoding import Heard, body_of, read
from lotse_reporting.desk import APPLIED, DISCARDED, WAITING, joined_by, row_of
from lotse_reporting.store import JOURNAL_COLUMNS, copy
from lotse_reporting.taking import PARKING, Taking

log = structlog.get_logger()

_COLUMNS: Final = ", ".join(name for name in JOURNAL_COLUMNS if name != "id")


@dataclass(frozen=True, slots=True)
class Letter:
    """An open dead letter, locked. `record.appended` is its knowledge time."""

    number: int
    kind: str
    reason: str
    topic_id: str
    id: str | None
    subject: str | None
    operation: str | None
    record: Record


async def letter(connection: AsyncConnection, number: int) -> Letter:
    """Lock a dead letter.

    Raises:
        LookupError: there is no open one of that number.
    """
    found = await connection.execute(
        text("select * from dead_letter where number = :number and state = 'open' for update"), {"number": number}
    )
    row = found.first()
    if row is None:
        raise LookupError(f"there is no open dead letter {number}; `lotse dead-letters list` shows what there is")
    headers = tuple((name, content.encode()) for name, content in row.headers)
    record = Record(row.partition, row.kafka_offset, row.appended, row.key, headers, row.value)
    return Letter(row.number, row.kind, row.reason, row.topic_id, row.id, row.subject, row.operation, record)


async def settle(taking: Taking, one: Letter, by: str, why: str, complete: int, *, discard: bool) -> int:
    """Carry out a human's decision about a dead letter; gives how many facts were applied thereby."""
    connection = taking.connection
    await connection.execute(
        text("""
            update dead_letter set state = :state, settled_at = now(), settled_by = :by, settled_why = :why,
                attempts = attempts + 1
            where number = :number"""),
        {"number": one.number, "state": "discarded" if discard else "retried", "by": by, "why": why},
    )
    subjects = {one.subject: one.operation} if one.subject and one.operation else {}
    accepted: set[str] = set()
    if discard and one.id and one.kind == FAILED:
        await _mark(connection, [one.id], DISCARDED)
    elif discard and one.id and one.kind == GAP:
        accepted.add(one.id)
    elif not discard and one.kind == CONFLICT:
        await _reopen(connection, one.number, CONFLICT, one.reason)
        return 0
    elif not discard and one.kind == UNDECODABLE:
        try:
            subjects = await _read_again(taking, one)
        except Undecodable as error:
            await _reopen(connection, one.number, UNDECODABLE, str(error))
            return 0
    applied = await _release(taking, subjects, complete, accepted) if subjects else 0
    for again in taking.letters:
        if again.record.place == one.record.place:
            await _reopen(connection, one.number, again.kind, again.reason)
    taking.letters = [other for other in taking.letters if other.record.place != one.record.place]
    if one.subject:
        await empty_letters(connection, await erased_among(connection, [one.subject]))
    log.info("dead letter settled", number=one.number, discarded=discard, applied=applied, by=by)
    return applied


async def _read_again(taking: Taking, one: Letter) -> dict[str, str]:
    """Put a record that can be read at last into the journal, to be applied; gives its subject with its operation.

    Raises:
        Undecodable: it still cannot be read.
    """
    heard = read(one.record, await _known(taking.connection, one))
    if await erasing.keep_late(taking, [(one.record, heard)]):
        if heard.fault is not None:
            raise heard.fault
        await copy(taking.connection, "journal", JOURNAL_COLUMNS, [row_of(heard, one.topic_id, WAITING)])
    return {heard.subject: heard.operation}


async def _known(connection: AsyncConnection, one: Letter) -> int:
    """The knowledge time of a record that can be read at last: the one it came with.

    Unless later facts of its subject were applied meanwhile (its subject could not be read, so that nothing was
    parked): then it becomes known now.
    """
    found = await connection.execute(
        text("""
            select max(known) as applied, (select known from position where topic_id = :topic_id
                and partition = :partition) as now
            from journal where subject = :subject and state = 'applied' and topic_id = :topic_id
            and (known, partition, kafka_offset) > (:known, :partition, :offset)"""),
        {
            "topic_id": one.topic_id,
            "partition": one.record.partition,
            "offset": one.record.offset,
            "known": one.record.appended,
            "subject": (one.record.key or b"").decode("utf-8", "replace"),
        },
    )
    row = found.one()
    return int(row.now) if row.applied is not None else one.record.appended


async def _reopen(connection: AsyncConnection, number: int, kind: str, reason: str) -> None:
    await connection.execute(
        text("""
            update dead_letter set state = 'open', kind = :kind, reason = :reason, settled_at = null,
                settled_by = null, settled_why = null
            where number = :number"""),
        {"number": number, "kind": kind, "reason": reason},
    )


_OF_MERGED_UNITS: Final = """
    from journal j join unit u on u.id = j.subject
    where j.state = 'waiting' and u.merged and not exists (
        select from dead_letter d join unit m on m.id = d.subject
        where d.state = 'open' and d.kind = any(:parking) and m.root = u.root)"""


async def ripe(connection: AsyncConnection, complete: int) -> dict[str, str]:
    """Merged units (with their operations) with facts that the watermark has passed and that nothing holds back."""
    found = await connection.execute(
        text(f"select distinct u.root, u.operation {_OF_MERGED_UNITS} and j.known < :complete"),
        {"complete": complete, "parking": list(PARKING)},
    )
    return {row.root: row.operation for row in found}


async def to_apply(connection: AsyncConnection) -> int:
    """How many facts of merged units wait for the watermark alone, and for nothing that a human has to decide."""
    found = await connection.execute(text(f"select count(*) {_OF_MERGED_UNITS}"), {"parking": list(PARKING)})
    return int(found.scalar_one())


async def release(taking: Taking, subjects: Mapping[str, str], complete: int) -> int:
    """Apply what waits of these units' families and is ripe, until something stands in the way."""
    return await _release(taking, subjects, complete, ())


async def _release(taking: Taking, subjects: Mapping[str, str], complete: int, accepted: Collection[str]) -> int:
    """`accepted`: ids of facts before which others may be missing."""
    desk = taking.desk
    await desk.lock(subjects)
    rows = await _waiting(taking)
    facts = [_heard(row) for row in rows]
    joins = [(one.subject, other) for one in facts if (other := joined_by(one.type, one.body))]
    await desk.lock({other: desk.operation_of(subject) for subject, other in joins})
    knowns: dict[str, int] = {}
    for one in facts:
        knowns.setdefault(one.subject, one.known)
    await taking.open(subjects, knowns, joins)
    taking.expected = {(one.subject, one.source, one.sequence) for one in facts}
    applied = []
    for row, one in zip(rows, facts, strict=True):
        if desk.root[one.subject] in taking.parked or (desk.is_merged(one.subject) and one.known >= complete):
            continue
        stands_in_the_way = await taking.apply(one, accepted=one.id in accepted)
        if stands_in_the_way is None:
            applied.append(one.id)
        else:
            taking.put_aside(_record(row), one.known, *stands_in_the_way)
    await _mark(taking.connection, applied, APPLIED)
    return len(applied)


async def _waiting(taking: Taking) -> list[Any]:
    found = await taking.connection.execute(
        text(f"""
            select id::text as id, {_COLUMNS} from journal
            where subject = any(:subjects) and state = 'waiting' order by known, partition, kafka_offset"""),  # noqa: S608 - constants
        {"subjects": sorted(taking.desk.root)},
    )
    return list(found)


async def _mark(connection: AsyncConnection, ids: list[str], state: str) -> None:
    if ids:
        await connection.execute(
            text("update journal set state = :state where id = any(cast(:ids as uuid[]))"), {"state": state, "ids": ids}
        )


def _heard(row: Any) -> Heard:  # noqa: ANN401 - a result row
    fields = {name: getattr(row, name) for name in Heard.__struct_fields__ if name not in ("offset", "body", "fault")}
    body = body_of(row.type, row.value, row.subject, row.operation) if row.value else None  # emptied: it says nothing
    return Heard(**fields, offset=row.kafka_offset, body=body)


def _record(row: Any) -> Record:  # noqa: ANN401 - a result row
    """A journal row as the record it came as, for a dead letter."""
    attributes = {
        "specversion": SPECVERSION,
        "id": row.id,
        "source": row.source,
        "type": row.type,
        "subject": row.subject,
        "time": row.time.isoformat().replace("+00:00", "Z"),
        "sequence": str(row.sequence),
        "operation": row.operation,
        "partner": row.partner,
        "correlationid": row.correlation,
        "causationid": row.causation,
        "traceparent": row.traceparent,
    }
    headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None)
    return Record(row.partition, row.kafka_offset, row.known, row.subject.encode(), headers, row.value)
