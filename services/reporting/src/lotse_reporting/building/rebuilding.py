"""Computing every live edition anew: where both are equal, the new one takes over."""

from collections.abc import Callable, Sequence
from typing import Any

from lotse_shared.database import transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_reporting import case
from lotse_reporting.building.comparing import Difference, differences, digests
from lotse_reporting.building.computing import complete, go_live, remove_retired
from lotse_reporting.editions import retire
from lotse_reporting.rollups import roll_up_anew
from lotse_reporting.store import snapshot


async def rebuild(engine: AsyncEngine, report: Callable[[str], None]) -> list[Difference]:
    """Compute every live edition anew beside itself; where both are equal, the new one takes over.

    Gives the units that differ; their edition stays as it is, for a human to look at. An edition of another case
    function cannot be computed by this one: what was rolled up of it is made anew.
    """
    differing: list[Difference] = []
    await _forget_unfinished(engine)
    for old in await _live(engine):
        edition = f"{old.operation} {old.edition}"
        if old.case_function != case.CASE_FUNCTION:
            await roll_up_anew(engine, old.number)
            report(f"{edition}: of another release; rolled up anew")
            continue
        async with transaction(engine) as connection:
            made = await connection.execute(
                text("""
                    insert into build (operation, edition, definition, digest, case_function, known_from, known_until,
                                       held, state, replaces)
                    select operation, edition, definition, digest, case_function, known_from, known_until,
                           held, 'building', number
                    from build where number = :number returning number"""),
                {"number": old.number},
            )
            number = int(made.scalar_one())
        await complete(engine, number, lambda done, edition=edition: report(f"{edition}: {done} units"))  # type: ignore[misc] # bound early
        found = await _compare(engine, old, number)
        differing += found
        if found:
            async with transaction(engine) as connection:
                await retire(connection, number)
            report(f"{edition}: differs; left as it is")
        else:
            await go_live(engine, number)
            report(f"{edition}: equal; switched")
        await remove_retired(engine)
    return differing


async def _forget_unfinished(engine: AsyncEngine) -> None:
    async with transaction(engine) as connection:
        await connection.execute(
            text("update build set state = 'retired' where state = 'building' and replaces is not null")
        )
    await remove_retired(engine)


async def _live(engine: AsyncEngine) -> Sequence[Any]:
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                select number, operation, edition, case_function, known_until from build
                where state = 'live' order by operation, number""")
        )
        return found.all()


async def _compare(engine: AsyncEngine, old: Any, number: int) -> list[Difference]:  # noqa: ANN401 - a result row
    async with snapshot(engine) as connection:
        one = await digests(connection, old.number, old.known_until)
        other = await digests(connection, number, old.known_until)
    return differences(old, one, other)
