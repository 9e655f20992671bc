"""Looks through all that a service's database keeps, every byte of every column, for what must not be there."""

from collections.abc import Iterable

from lotse_shared.database import transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


async def contents(engine: AsyncEngine) -> str:
    """Every row of every table the service's role can read, as text; what is bytes also as the text that it is."""
    async with transaction(engine) as connection:
        names = await connection.execute(
            text("""
                select relname from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'
                and has_table_privilege(oid, 'select') order by relname""")
        )
        found = []
        for name in names.scalars().all():
            rows = (await connection.execute(text(f'select * from "{name}"'))).all()  # noqa: S608 - our tables
            found += [name, *(_readable(value) for row in rows for value in row)]
    return "\n".join(found)


def _readable(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return f"{bytes(value).hex()} {bytes(value).decode('utf-8', 'replace')}"
    return str(value)


def found_in(where: str, canaries: Iterable[str]) -> list[str]:
    """Which canaries are there: as they are written, without hyphens (ids), or in hexadecimal (bytes in JSON)."""
    there = where.lower()
    return sorted(
        {
            one
            for one in canaries
            if one.lower() in there or (len(one) == 36 and one.replace("-", "") in there) or one.encode().hex() in there
        }
    )
