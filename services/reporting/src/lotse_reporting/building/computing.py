"""Computing builds: family after family, beside the live ledger and all that is heard meanwhile.

A build goes through the families in the order of their roots, in chunks, each in one transaction under the units'
locks. Facts that are heard meanwhile are posted to it only for families it has passed (`editions.posted_to`).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from lotse_shared.database import to_be_repeated, transaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.building import given
from lotse_reporting.building.comparing import keep_what_ended
from lotse_reporting.desk import Desk, Memory, applied, history
from lotse_reporting.editions import retire, rules_of
from lotse_reporting.ledger import Postings, fold
from lotse_reporting.rollups import roll_up_build
from lotse_reporting.store import CHANNEL, post

CHUNK: Final = 300
LOOK_EVERY: Final = 0.5
TRY_AGAIN_AFTER: Final = 10.0
EVERYTHING: Final = "~"
"""A cursor past all ids: they are written in digits, small letters and hyphens."""

log = structlog.get_logger()


async def build_new_editions(engine: AsyncEngine) -> None:
    """A task of the worker: computes every edition that has come into force, and keeps what those that ended held.

    An edition whose computing fails stays as it is: reports go by the one before and say that it is not computed.
    """
    while True:
        pause = LOOK_EVERY
        for number in await unfinished(engine):
            try:
                await finish(engine, number)
            except Exception as error:
                log.exception("an edition cannot be computed; trying again", build=number, reason=type(error).__name__)
                pause = TRY_AGAIN_AFTER
        await keep_what_ended(engine)
        await asyncio.sleep(pause)


async def unfinished(engine: AsyncEngine) -> list[int]:
    """The editions that are still to be computed, by the numbers of their builds."""
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select number from build where state = 'building' and replaces is null order by number")
        )
        return [row.number for row in found]


async def finish(engine: AsyncEngine, number: int) -> None:
    """Compute a build to its end and let it go live."""
    await complete(engine, number)
    await go_live(engine, number)


async def complete(engine: AsyncEngine, number: int, progress: Callable[[int], None] = lambda _: None) -> None:
    """Compute a build to its end: from then on every fact is posted to it. `progress` is told how many units."""
    done = 0
    while True:
        try:
            more = await advance(engine, number)
        except DBAPIError as error:
            if not to_be_repeated(error):
                raise
            continue
        if more is not None:
            done += more
            progress(done)
        elif await _pass_everything(engine, number):
            return


async def advance(engine: AsyncEngine, number: int, chunk: int = CHUNK) -> int | None:
    """Compute the next families of a build; gives how many, or None when there are no more."""
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select operation, definition, known_until, cursor from build where number = :number"),
            {"number": number},
        )
        build = found.one()
        families = await next_families(connection, build.operation, build.cursor, chunk)
        if not families:
            return None
        desk = Desk(connection, Memory(0))
        await desk.lock(dict.fromkeys(families, build.operation))
        members = {one: desk.members[one] for one in families if one in desk.members}
        rows: dict[str, list[Any]] = {root: [] for root in members}
        for row in await history(connection, desk.root):
            if desk.root[row.subject] in rows:
                rows[desk.root[row.subject]].append(row)
        rules = rules_of(build.definition)
        posted: dict[str, Postings] = {}
        for root, facts in rows.items():
            given_of = desk.given(members[root])
            _, posted[root] = fold(number, rules, applied(facts), build.known_until, given=given_of)
            await asyncio.sleep(0)  # what is heard meanwhile waits for one family, not for all of them
        last = await _settle_cursor(connection, number, build, list(posted))
        everything = Postings()
        for root, postings in posted.items():
            if last is not None and root <= last:
                everything.add(postings)
        await post(connection, {build.operation: everything}, {})  # no rollups before it is live
        return len(posted)


async def next_families(connection: AsyncConnection, operation: str, cursor: str, chunk: int) -> list[str]:
    """The roots of the next families past a cursor, in their order."""
    found = await connection.execute(
        text("""
            select id from unit where operation = :operation and id > :cursor and root = id
            order by id limit :chunk"""),
        {"operation": operation, "cursor": cursor, "chunk": chunk},
    )
    return [row.id for row in found]


async def _settle_cursor(connection: AsyncConnection, number: int, build: Any, roots: Sequence[str]) -> str | None:  # noqa: ANN401 - a result row
    """Move the cursor past these families, but not past one that became known while they were computed.

    Locking the row waits for everybody who has read the cursor; whoever reads it from now on posts by the new one.
    """
    found = await connection.execute(
        text("select cursor, state from build where number = :number for update"), {"number": number}
    )
    row = found.one()
    if row.state != "building" or row.cursor != build.cursor or not roots:
        return None  # somebody else computes the same build: leave it to them
    between = await connection.execute(
        text("""
            select min(id) as first from unit
            where operation = :operation and id > :cursor and id <= :last and id <> all(:roots) and root = id"""),
        {"operation": build.operation, "cursor": build.cursor, "last": max(roots), "roots": list(roots)},
    )
    first = between.scalar_one()
    passed = [root for root in roots if first is None or root < first]
    if not passed:
        return None
    await connection.execute(
        text("update build set cursor = :cursor where number = :number"), {"number": number, "cursor": max(passed)}
    )
    return max(passed)


async def _pass_everything(engine: AsyncEngine, number: int) -> bool:
    """Set the cursor past all units there can be, unless there are some that were not computed yet.

    Settled units are not computed: the build has them as the one before it.
    """
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select operation, cursor from build where number = :number for update"), {"number": number}
        )
        build = found.one()
        if await next_families(connection, build.operation, build.cursor, 1):
            return False
        await given.take_over(connection, number)
        await connection.execute(
            text("update build set cursor = :everything where number = :number"),
            {"number": number, "everything": EVERYTHING},
        )
        return True


async def go_live(engine: AsyncEngine, number: int) -> None:
    """Let a computed build answer from now on, in place of the one that it replaces.

    It is rolled up before, so that its first report is as quick as those of the other were.
    """
    await roll_up_build(engine, number)
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                update build set state = 'live' where number = :number and state = 'building'
                returning operation, replaces"""),
            {"number": number},
        )
        build = found.first()
        if build is None:
            return
        if build.replaces is not None:
            await retire(connection, build.replaces)
        await connection.execute(text(f"select pg_notify('{CHANNEL}', :operation)"), {"operation": build.operation})
        log.info("edition live", build=number, operation=build.operation)


async def remove_retired(engine: AsyncEngine) -> None:
    """Delete the entries of builds that were replaced."""
    async with transaction(engine) as connection:
        await connection.execute(
            text("delete from entry where build in (select number from build where state = 'retired')")
        )
