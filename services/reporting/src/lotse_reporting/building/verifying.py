"""The ledger against the journal: every unit folded in memory, and compared; the rollups against the ledger."""

from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting import case
from lotse_reporting.building import given
from lotse_reporting.building.comparing import Difference, differences, digests, digests_of, held
from lotse_reporting.building.computing import CHUNK, next_families
from lotse_reporting.building.summing import Missum, missums
from lotse_reporting.desk import applied, given_of, history
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import Given, fold
from lotse_reporting.store import snapshot

log = structlog.get_logger()


async def verify(engine: AsyncEngine, report: Callable[[str], None] = lambda _: None) -> list[Difference | Missum]:
    """Fold every unit from the journal in memory and compare with the ledger; gives the units that differ.

    Editions of other case functions cannot be computed by this one: they must hold what they held when they ended.
    What was rolled up of any edition must be what its entries add up to. `report` is told how far it is.
    """
    found: list[Difference | Missum] = []
    async with snapshot(engine) as connection:
        live = await connection.execute(
            text("""
                select number, operation, edition, definition, known_until, case_function, held, closed_up_to
                from build
                where state = 'live' order by operation, number""")
        )
        for build in live.all():
            if build.case_function == case.CASE_FUNCTION:
                report(f"{build.operation} {build.edition}: units")
                for kept, leads_to in (
                    (False, await _folded(connection, build)),
                    (True, await given.kept(connection, build.number)),
                ):
                    holds = await digests(connection, build.number, build.known_until, given=kept)
                    found += differences(build, holds, leads_to)
            if build.held is not None and build.held != await held(connection, build.number, build.known_until):
                found.append(Difference(build.operation, build.edition, None))
            found += await missums(connection, build, report)
    return found


async def _folded(connection: AsyncConnection, build: Any) -> dict[str, bytes]:  # noqa: ANN401 - a result row
    rules = rules_of(build.definition)
    folded: dict[str, bytes] = {}
    cursor = ""
    while families := await next_families(connection, build.operation, cursor, CHUNK):
        cursor = families[-1]
        members = await connection.execute(
            text("select id, root, settled, given_until from unit where root = any(:roots)"), {"roots": families}
        )
        root: dict[str, str] = {}
        of_family: dict[str, dict[str, Given]] = {one: {} for one in families}
        for row in members:
            root[row.id] = row.root
            what = given_of(row.settled, row.given_until)
            if what is not None:
                of_family[row.root][row.id] = what
        rows: dict[str, list[Any]] = {one: [] for one in families}
        for row in await history(connection, root):
            rows[root[row.subject]].append(row)
        for family, found in rows.items():
            try:
                facts = applied(found)
                _, postings = fold(build.number, rules, facts, build.known_until, given=of_family[family])
            except Exception as error:  # noqa: BLE001 - a row that was altered may say anything
                log.warning("the facts of a unit cannot be folded", unit=family, reason=type(error).__name__)
                continue
            folded |= digests_of(postings, build.known_until)
    return folded
