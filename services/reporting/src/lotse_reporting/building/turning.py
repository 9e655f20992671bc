"""A release with another case function: editions of the one before end, and go on by this one."""

from lotse_shared.database import transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting import case, editions
from lotse_reporting.positions import complete_up_to


async def begin_editions_of_this_case_function(engine: AsyncEngine) -> None:
    """A release with another case function begins new editions, from the first moment that is not final yet.

    Answers about earlier moments go on by the editions that were in force then, as they were posted; nothing is posted
    to those any more. To be called before this release takes in its first fact; when it has been done, it does nothing.
    """
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                select number, operation, definition, known_from, known_until, state from build
                where state <> 'retired' and replaces is null and case_function <> :number
                order by number for update"""),
            {"number": case.CASE_FUNCTION},
        )
        for row in found.all():
            open_from = await first_not_final(connection, row.operation)
            since = row.known_from if row.state == "building" else max(row.known_from, open_from)
            if row.known_until is None or since < row.known_until:
                await editions.go_on(connection, row.number, row.operation, row.definition, since, row.known_until)
            if row.state == "building":
                await editions.retire(connection, row.number)


async def first_not_final(connection: AsyncConnection, operation: str) -> int:
    """From which knowledge time on an operation's figures may still move."""
    found = await connection.execute(
        text("""
            select least(
                (select min(known) from journal where state = 'waiting' and operation = :operation),
                (select min(appended) from dead_letter
                    where state = 'open' and (operation is null or operation = :operation
                        or not exists (select from unit where unit.operation = dead_letter.operation)))) as known"""),
        {"operation": operation},
    )
    known = found.scalar_one()
    complete = await complete_up_to(connection)
    return complete if known is None else min(complete, int(known))
