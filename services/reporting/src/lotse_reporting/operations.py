"""The operations heard of and who joined them: what reporting needs to know to show each partner its own."""

from collections.abc import Iterable

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import OperationApproved, PartnerJoined
from lotse_shared.deciding import standing
from lotse_shared.envelope import EVENTS
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FOLLOWED = frozenset({OperationApproved.type, PartnerJoined.type})


async def follow(connection: AsyncConnection, operations: Iterable[str]) -> None:
    """Read these operations again from the journal: who they are and who joined."""
    for operation in sorted(set(operations)):
        found = await connection.execute(
            text("""
                select id::text as id, type, value from journal
                where subject = :operation and state = 'applied' and type = any(:types)
                order by known, partition, kafka_offset"""),
            {"operation": operation, "types": sorted(FOLLOWED | {FactRetracted.type})},
        )
        programme = first_day = last_day = None
        partners: dict[str, None] = {}
        for fact in standing([(row.id, EVENTS[row.type].from_bytes(row.value)) for row in found]):
            if isinstance(fact, OperationApproved):
                programme, first_day, last_day = fact.programme, fact.first_day, fact.last_day
            elif isinstance(fact, PartnerJoined):
                partners[fact.joined] = None
        await connection.execute(
            text("""
                insert into operation (id, programme, first_day, last_day, partners)
                values (:id, :programme, :first_day, :last_day, :partners)
                on conflict (id) do update set programme = excluded.programme, first_day = excluded.first_day,
                    last_day = excluded.last_day, partners = excluded.partners"""),
            {
                "id": operation,
                "programme": programme,
                "first_day": first_day,
                "last_day": last_day,
                "partners": list(partners),
            },
        )
