"""Computing the ledger from the journal beside the live one: for a new edition, and to make sure of the old one.

A build goes through the families in the order of their roots, in chunks, each in one transaction under the units'
locks. Facts that are heard meanwhile are posted to it only for families it has passed (`editions.posted_to`).
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

import structlog
from lotse_shared.database import to_be_repeated, transaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting import editions
from lotse_reporting.case import CASE_FUNCTION
from lotse_reporting.desk import Desk, Memory, applied, history
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import Opened, Postings, fold
from lotse_reporting.positions import complete_up_to
from lotse_reporting.store import CHANNEL, post, snapshot

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
        for number in await _building(engine):
            try:
                await finish(engine, number)
            except Exception as error:
                log.exception("an edition cannot be computed; trying again", build=number, reason=type(error).__name__)
                pause = TRY_AGAIN_AFTER
        await keep_what_ended(engine)
        await asyncio.sleep(pause)


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
            {"number": CASE_FUNCTION},
        )
        for row in found.all():
            open_from = await _first_not_final(connection, row.operation)
            since = row.known_from if row.state == "building" else max(row.known_from, open_from)
            if row.known_until is None or since < row.known_until:
                await editions.go_on(connection, row.number, row.operation, row.definition, since, row.known_until)
            if row.state == "building":
                await _retire(connection, row.number)


async def _first_not_final(connection: AsyncConnection, operation: str) -> int:
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


async def _building(engine: AsyncEngine) -> list[int]:
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select number from build where state = 'building' and replaces is null order by number")
        )
        return [row.number for row in found]


async def finish(engine: AsyncEngine, number: int) -> None:
    """Compute a build to its end and let it go live."""
    await complete(engine, number)
    await _go_live(engine, number)


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
        families = await _next(connection, build.operation, build.cursor, chunk)
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
        posted = {root: fold(number, rules, applied(found), build.known_until)[1] for root, found in rows.items()}
        last = await _settle_cursor(connection, number, build, list(posted))
        everything = Postings()
        for root, postings in posted.items():
            if last is not None and root <= last:
                everything.add(postings)
        await post(connection, {build.operation: everything})
        return len(posted)


async def _next(connection: AsyncConnection, operation: str, cursor: str, chunk: int) -> list[str]:
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
    """Set the cursor past all units there can be, unless there are some that were not computed yet."""
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select operation, cursor from build where number = :number for update"), {"number": number}
        )
        build = found.one()
        if await _next(connection, build.operation, build.cursor, 1):
            return False
        await connection.execute(
            text("update build set cursor = :everything where number = :number"),
            {"number": number, "everything": EVERYTHING},
        )
        return True


async def _go_live(engine: AsyncEngine, number: int) -> None:
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
            await _retire(connection, build.replaces)
        await connection.execute(text(f"select pg_notify('{CHANNEL}', :operation)"), {"operation": build.operation})
        log.info("edition live", build=number, operation=build.operation)


async def _retire(connection: AsyncConnection, number: int) -> None:
    await connection.execute(text("update build set state = 'retired' where number = :number"), {"number": number})


async def remove_retired(engine: AsyncEngine) -> None:
    """Delete the entries of builds that were replaced."""
    async with transaction(engine) as connection:
        await connection.execute(
            text("delete from entry where build in (select number from build where state = 'retired')")
        )


async def keep_what_ended(engine: AsyncEngine) -> None:
    """Keep the digest of each edition that has ended, once nothing can be posted to it any more."""
    async with transaction(engine) as connection:
        ended = await connection.execute(
            text("""
                select number, operation, known_until from build
                where state = 'live' and known_until is not null and held is null order by number""")
        )
        for row in ended.all():
            if row.known_until <= await _first_not_final(connection, row.operation):
                await connection.execute(
                    text("update build set held = :held where number = :number"),
                    {"number": row.number, "held": await _held(connection, row.number, row.known_until)},
                )


async def _held(connection: AsyncConnection, number: int, known_until: int) -> str:
    """The digest of all entries of an ended edition; without the events they rest on, which an erasure takes away."""
    kept = await digests(connection, number, known_until, events=False)
    return sha256(b"".join(kept[unit] for unit in sorted(kept))).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit whose entries are not what its facts lead to; no unit where all that is known is that one was altered."""

    operation: str
    edition: str
    unit: str | None

    def __str__(self) -> str:
        """As a line for people."""
        if self.unit is None:
            return f"{self.operation}: edition {self.edition} does not hold what it held when it ended"
        return f"{self.operation}: unit {self.unit} differs from its facts (edition {self.edition})"


async def rebuild(engine: AsyncEngine, report: Callable[[str], None]) -> list[Difference]:
    """Compute every live edition anew beside itself; where both are equal, the new one takes over.

    Gives the units that differ; their edition stays as it is, for a human to look at.
    """
    differences: list[Difference] = []
    await _forget_unfinished(engine)
    for old in await _live(engine):
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
        edition = f"{old.operation} {old.edition}"
        await complete(engine, number, lambda done, edition=edition: report(f"{edition}: {done} units"))  # type: ignore[misc] # bound early
        found = await _compare(engine, old, number)
        differences += found
        if found:
            async with transaction(engine) as connection:
                await _retire(connection, number)
            report(f"{edition}: differs; left as it is")
        else:
            await _go_live(engine, number)
            report(f"{edition}: equal; switched")
        await remove_retired(engine)
    return differences


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
                select number, operation, edition, definition, known_until from build
                where state = 'live' and case_function = :number order by operation, number"""),
            {"number": CASE_FUNCTION},
        )
        return found.all()


async def _compare(engine: AsyncEngine, old: Any, number: int) -> list[Difference]:  # noqa: ANN401 - a result row
    async with snapshot(engine) as connection:
        one = await digests(connection, old.number, old.known_until)
        other = await digests(connection, number, old.known_until)
    return _differences(old, one, other)


def _differences(build: Any, one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[Difference]:  # noqa: ANN401 - a result row
    units = sorted({*one, *other})
    return [Difference(build.operation, build.edition, unit) for unit in units if one.get(unit) != other.get(unit)]


async def verify(engine: AsyncEngine) -> list[Difference]:
    """Fold every unit from the journal in memory and compare with the ledger; gives the units that differ.

    Editions of other case functions cannot be computed by this one: they must hold what they held when they ended.
    """
    differences = []
    async with snapshot(engine) as connection:
        live = await connection.execute(
            text("""
                select number, operation, edition, definition, known_until, case_function, held from build
                where state = 'live' order by operation, number""")
        )
        for build in live.all():
            if build.case_function == CASE_FUNCTION:
                kept = await digests(connection, build.number, build.known_until)
                differences += _differences(build, kept, await _folded(connection, build))
            if build.held is not None and build.held != await _held(connection, build.number, build.known_until):
                differences.append(Difference(build.operation, build.edition, None))
    return differences


async def _folded(connection: AsyncConnection, build: Any) -> dict[str, bytes]:  # noqa: ANN401 - a result row
    rules = rules_of(build.definition)
    folded: dict[str, bytes] = {}
    cursor = ""
    while families := await _next(connection, build.operation, cursor, CHUNK):
        cursor = families[-1]
        members = await connection.execute(
            text("select id, root from unit where root = any(:roots)"), {"roots": families}
        )
        root = {row.id: row.root for row in members}
        rows: dict[str, list[Any]] = {one: [] for one in families}
        for row in await history(connection, root):
            rows[root[row.subject]].append(row)
        for family, found in rows.items():
            try:
                _, postings = fold(build.number, rules, applied(found), build.known_until)
            except Exception as error:  # noqa: BLE001 - a row that was altered may say anything
                log.warning("the facts of a unit cannot be folded", unit=family, reason=type(error).__name__)
                continue
            folded |= _digests(build.known_until, (_written(one) for one in _by_unit(postings)))
    return folded


def _by_unit(postings: Postings) -> list[Opened]:
    return sorted(postings.opened.values(), key=lambda one: one.unit)


_Written = tuple[str, str, str, str | None, str | None, str | None, str, str, str, int, int | None]


def _written(one: Opened) -> _Written:
    candidate = one.candidate
    return (
        one.unit,
        one.indicator,
        one.key,
        candidate.partner,
        candidate.site,
        candidate.gender,
        str(candidate.effective),
        format(candidate.quantity.normalize(), "f"),
        ",".join(candidate.events),
        one.known_from,
        one.known_until,
    )


async def digests(
    connection: AsyncConnection, number: int, known_until: int | None, *, events: bool = True
) -> dict[str, bytes]:
    """One digest for each unit of a build: over what its entries say, both clocks included, ids and offsets not.

    `events`: the events they rest on as well.
    """
    found = await connection.stream(
        text("""
            select unit, indicator, key, partner, site, gender, effective::text, trim_scale(quantity)::text,
                case when :events then array_to_string(event_ids, ',') else '' end, known_from, known_until
            from entry where build = :number order by unit collate "C" """),
        {"number": number, "events": events},
    )
    written = [tuple(row) async for row in found]
    return _digests(known_until, iter(written))


def _digests(known_until: int | None, rows: Iterator[_Written]) -> dict[str, bytes]:
    """What became known when an edition had ended says nothing about it: it was posted before that was heard."""
    found = {}
    for unit, entries in groupby(rows, key=lambda row: row[0]):
        lines = []
        for row in entries:
            until = row[10] if row[10] is not None and (known_until is None or row[10] < known_until) else None
            if known_until is None or row[9] < known_until:
                lines.append(repr((*row[1:10], until)))
        if lines:
            found[unit] = sha256("\n".join(sorted(lines)).encode()).digest()
    return found
