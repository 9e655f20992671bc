"""The outbox: facts written in the transaction that decided them, as the bytes they will be sent as."""

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_shared import metrics
from lotse_shared.envelope import Envelope, to_headers

CHANNEL = "lotse_outbox"
"""Where the relay listens; the schema's name is the payload, so that services in one database tell each other apart."""


async def write(connection: AsyncConnection, told: Sequence[tuple[Envelope, Sequence[str]]]) -> None:
    """Write facts, each with the subjects it touched, while those subjects' rows are locked by this transaction.

    The order of `position` is then the commit order per subject, which the relay keeps on the topic.
    """
    if not told:
        return
    envelopes = [envelope for envelope, _ in told]
    await connection.execute(
        text("""
            insert into outbox (id, type, subject, touched, headers, value, recorded_at)
            select id, type, subject, string_to_array(touched, ','), headers::jsonb, value, recorded_at
            from unnest(cast(:ids as uuid[]), cast(:types as text[]), cast(:subjects as text[]),
                        cast(:touched as text[]), cast(:headers as text[]), cast(:values as bytea[]),
                        cast(:times as timestamptz[]))
                with ordinality as new (id, type, subject, touched, headers, value, recorded_at, place)
            order by place"""),
        {
            "ids": [envelope.id for envelope in envelopes],
            "types": [envelope.type for envelope in envelopes],
            "subjects": [envelope.subject for envelope in envelopes],
            "touched": [",".join(touched) for _, touched in told],
            "headers": [json.dumps([[name, raw.decode()] for name, raw in to_headers(one)]) for one in envelopes],
            "values": [envelope.value for envelope in envelopes],
            "times": [envelope.time for envelope in envelopes],
        },
    )
    await connection.execute(text(f"select pg_notify('{CHANNEL}', current_schema())"))
    for envelope in envelopes:
        metrics.FACTS_TOLD.labels(type=envelope.type).inc()
