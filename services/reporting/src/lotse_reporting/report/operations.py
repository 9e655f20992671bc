"""The operations that somebody may see."""

from typing import Any

from lotse_shared.deciding import EVERYBODY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def list_operations(connection: AsyncConnection, partner: str) -> list[dict[str, Any]]:
    """The operations a partner may see (EVERYBODY: all): {id, title, source, programme, first_day, last_day, partners}.

    `title` and `source` (who answers for the figures) are those of the latest programme file, None where there is none.
    """
    found = await connection.execute(
        text("""
            with seen as (
                select id, programme, first_day, last_day, partners from operation
                where :partner = :everybody or :partner = any(partners)
                union
                select distinct operation, definition ->> 'programme', null::date, null::date, '{}'::text[] from build
                where :partner = :everybody and operation not in (select id from operation)
            )
            select seen.*, latest.definition -> 'title' as title, latest.definition ->> 'source' as source
            from seen left join lateral (
                select definition from build where operation = seen.id
                order by known_from desc, number desc limit 1
            ) latest on true
            order by id"""),
        {"partner": partner, "everybody": EVERYBODY},
    )
    return [
        {
            "id": row.id,
            "title": row.title,
            "source": row.source,
            "programme": row.programme,
            "first_day": row.first_day.isoformat() if row.first_day else None,
            "last_day": row.last_day.isoformat() if row.last_day else None,
            "partners": row.partners,
        }
        for row in found
    ]
