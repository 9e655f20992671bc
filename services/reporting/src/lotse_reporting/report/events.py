"""Events as they were heard: what an entry rests on."""

from typing import Any
from uuid import UUID

import msgspec
from lotse_shared.erasing import fingerprint
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.question import written


async def read_event(connection: AsyncConnection, identity: str) -> dict[str, Any] | None:
    """An event as heard, or None.

    {id, source, type, subject, operation, partner, time, sequence, correlation, causation, topic, partition, offset,
    known, data}. The person of an emptied event was erased: `data` is None then, and `emptied` true.
    """
    try:
        wanted = UUID(identity)
    except ValueError:
        return None
    found = await connection.execute(
        text("select * from journal where id in (:id, :left)"), {"id": wanted, "left": UUID(fingerprint(identity))}
    )
    row = found.first()
    if row is None:
        return None
    return {
        "id": str(wanted),
        "source": row.source,
        "type": row.type,
        "subject": row.subject,
        "operation": row.operation,
        "partner": row.partner,
        "time": row.time.isoformat().replace("+00:00", "Z"),
        "sequence": row.sequence,
        "correlation": row.correlation or None,
        "causation": row.causation,
        "topic": row.topic_id,
        "partition": row.partition,
        "offset": row.kafka_offset,
        "known": written(row.known),
        "data": _data(row.value) if row.value else None,
        "emptied": not row.value,
    }


def _data(value: bytes) -> Any:  # noqa: ANN401 - whatever somebody told
    """What an event says; a type unknown here may say something that is no JSON, which is then shown as it came."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value.decode("utf-8", "backslashreplace")
