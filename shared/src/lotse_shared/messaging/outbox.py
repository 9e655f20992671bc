"""The outbox: facts written in the transaction that decided them, as the bytes they will be sent as."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_shared import metrics
from lotse_shared.envelope import Envelope, to_headers

CHANNEL: Final = "lotse_outbox"
"""Where the relay listens; the schema's name is the payload, so that services in one database tell each other apart."""


async def places(connection: AsyncConnection, identities: Sequence[str]) -> dict[str, int]:
    """The next positions in the one order of facts told and heard, for these ids in their order."""
    found = await connection.execute(
        text("select nextval('fact_position') as position from generate_series(1, :count)"), {"count": len(identities)}
    )
    return dict(zip(identities, sorted(found.scalars()), strict=True))


async def write(
    connection: AsyncConnection, told: Sequence[tuple[Envelope, Sequence[str]]], taken: Mapping[str, int] | None = None
) -> None:
    """Write facts, each with the subjects it touched, while those subjects' rows are locked by this transaction.

    The order of `position` is then the commit order per subject, which the relay keeps on the topic. `taken`: places
    that some of these facts have already, between facts that were heard; the others get the next ones.
    """
    if not told:
        return
    envelopes = [envelope for envelope, _ in told]
    await connection.execute(
        _WRITE,
        {
            "channel": CHANNEL,
            "positions": [(taken or {}).get(envelope.id) for envelope in envelopes],
            "ids": [envelope.id for envelope in envelopes],
            "types": [envelope.type for envelope in envelopes],
            "subjects": [envelope.subject for envelope in envelopes],
            "touched": [",".join(touched) for _, touched in told],
            "headers": [json.dumps([[name, raw.decode()] for name, raw in to_headers(one)]) for one in envelopes],
            "values": [envelope.value for envelope in envelopes],
            "times": [envelope.time for envelope in envelopes],
        },
    )
    for envelope in envelopes:
        metrics.FACTS_TOLD.labels(type=envelope.type).inc()


_WRITE: Final = text("""
    with written as (
        insert into outbox (position, id, type, subject, touched, headers, value, recorded_at)
        select coalesce(position, nextval('fact_position')), id, type, subject, string_to_array(touched, ','),
            headers::jsonb, value, recorded_at
        from unnest(cast(:positions as bigint[]), cast(:ids as uuid[]), cast(:types as text[]),
                    cast(:subjects as text[]), cast(:touched as text[]), cast(:headers as text[]),
                    cast(:values as bytea[]), cast(:times as timestamptz[]))
            with ordinality
            as new (position, id, type, subject, touched, headers, value, recorded_at, place)
        order by place
    )
    select pg_notify(:channel, current_schema())""")
