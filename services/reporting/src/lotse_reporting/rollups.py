"""Rollups: sums of what became known, kept beside the ledger, so that a report reads thousands of rows, not millions.

A posting is what an entry adds when it becomes known, and takes away when it is closed. The postings of a build are
cut, in the order of their knowledge times, into stretches of about LONG; CHAPTER stretches are a chapter. Rows are only
added up, never changed: what is posted late into a stretch is listed (`store.post`) and added by reports one by one,
until it is rolled up as rows of its own. A small build needs no rollups, and has none.

Nothing that reports read here can be wrong, whoever posts meanwhile:
- whoever posts holds its builds' rows locked (`editions.posted_to`), and lists what lies before `closed_up_to`;
- that moves before a stretch is rolled up, and waits for all who posted by the one before. So whoever is not seen by
  the transaction that rolls a stretch up lists what it posts into it;
- rolling up, and taking from the list what was seen there, is one transaction, and a report is one snapshot.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import structlog
from lotse_shared.database import to_be_repeated, transaction
from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Numeric, Table, Text, Uuid, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.positions import complete_up_to
from lotse_reporting.store import tables

rollup = Table(
    "rollup",
    tables.metadata,
    Column("build", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("effective", Date, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("partner", Text),
    Column("site", Text),
    Column("gender", Text),
    Column("quantity", Numeric, nullable=False),
)
"""Sums of postings by effective month, cumulated: all that became known before `known`. Rows of one key are added up.

Kinds: `chapters` from the first on, where a chapter ends; `stretches` from the beginning of the chapter on, where a
stretch ends before it; `gender`, `partner`, `site` like chapters, in those parts.
"""
Index("rollup_known", rollup.c.build, rollup.c.kind, rollup.c.known, rollup.c.effective)

rollup_day = Table(
    "rollup_day",
    tables.metadata,
    Column("build", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("effective", Date, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("partner", Text),
    Column("site", Text),
    Column("gender", Text),
    Column("quantity", Numeric, nullable=False),
)
"""Sums of postings by effective day, not cumulated.

Kinds: `chapter` and `stretch` (known: a moment in it); `parts` by chapter, in parts.
"""
Index("rollup_day_effective", rollup_day.c.build, rollup_day.c.kind, rollup_day.c.effective, rollup_day.c.known)

stretch = Table(
    "stretch",
    tables.metadata,
    Column("build", Integer, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("chapter", BigInteger, nullable=False),
    Column("ends_chapter", Boolean, nullable=False),
)
"""What is rolled up: without gaps from the first on, since <= knowledge time < until. `chapter`: where its began."""

late_posting = Table(
    "late_posting",
    tables.metadata,
    Column("build", Integer, nullable=False),
    Column("entry", Uuid, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("opened", Boolean, nullable=False),
)
"""Entries opened, or closed, with a knowledge time in a stretch that was rolled up, or was about to be."""
Index("late_posting_build", late_posting.c.build, late_posting.c.known)

LONG: Final = 2_500
"""Postings in a stretch: what a report reads one by one at most, besides what is newer than the last look."""
CHAPTER: Final = 16
"""Stretches in a chapter: a broken-down report reads as many from the ledger at most."""
LOOK_EVERY: Final = 10.0
EVERYTHING: Final = 2**63 - 1

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Knowledge times from `since` on, before `until`; where its chapter began, and whether it ends with it."""

    since: int
    until: int
    chapter: int
    ends_chapter: bool


class Reach(NamedTuple):
    """How far rollups answer a question: all before `until`, in whole chapters all before `chapter` (0: nothing)."""

    until: int
    chapter: int


async def keep_rolled_up(engine: AsyncEngine) -> None:
    """A task of the worker: rolls up what the watermark has passed."""
    while True:
        try:
            await roll_up(engine)
        except DBAPIError as error:
            if not to_be_repeated(error):
                raise
        await asyncio.sleep(LOOK_EVERY)


async def roll_up(engine: AsyncEngine, long: int = LONG, chapter: int = CHAPTER) -> int:
    """Roll up whatever can be, of all live builds; gives how many stretches. What was replaced is forgotten."""
    async with transaction(engine) as connection:
        found = await connection.execute(text("select number from build where state = 'live' order by number"))
        numbers = [row.number for row in found]
        await _forget_retired(connection)
    return sum([await roll_up_build(engine, number, long, chapter) for number in numbers])


async def roll_up_build(engine: AsyncEngine, number: int, long: int = LONG, chapter: int = CHAPTER) -> int:
    """Roll up whatever can be of one build that every fact is posted to; gives how many stretches.

    Afterwards a report reads one by one, of all that the watermark has passed, fewer postings than a stretch has.
    """
    rolled = 0
    while True:
        try:
            if not await roll_up_next(engine, number, long, chapter):
                return rolled
            rolled += 1
        except DBAPIError as error:
            if not to_be_repeated(error):
                raise


async def roll_up_anew(engine: AsyncEngine, number: int) -> None:
    """Forget what was rolled up of a build, and roll it up from the ledger again; reports scan meanwhile."""
    async with transaction(engine) as connection:
        await connection.execute(  # waits for whoever posts to it or rolls it up
            text("update build set closed_up_to = 0 where number = :number"), {"number": number}
        )
        await _forget(connection, number)
    await roll_up_build(engine, number)


async def _forget_retired(connection: AsyncConnection) -> None:
    found = await connection.execute(
        text("""
            select number from build
            where state = 'retired' and exists (select from stretch where stretch.build = build.number)""")
    )
    for row in found.all():
        await _forget(connection, row.number)


async def _forget(connection: AsyncConnection, number: int) -> None:
    for table in ("rollup", "rollup_day", "late_posting", "stretch"):
        await connection.execute(text(f"delete from {table} where build = :number"), {"number": number})  # noqa: S608 - constants


async def roll_up_next(engine: AsyncEngine, number: int, long: int = LONG, chapter: int = CHAPTER) -> bool:
    """Roll up the next stretch of a build, if there is one, and what was posted late into those before.

    Raises:
        DBAPIError: somebody else did the same at the same time (`to_be_repeated`).
    """
    following = await close_next(engine, number, long, chapter)
    async with transaction(engine, isolation_level="REPEATABLE READ") as connection:
        await connection.execute(
            text("select from build where number = :number for share"), {"number": number}
        )  # nobody rolls it up anew meanwhile
        await _add_late(connection, number)
        if following is None:
            return False
        await _add_stretch(connection, number, following)
    return True


async def reach(connection: AsyncConnection, number: int, known: int) -> Reach:
    """How far the rollups of a build go that hold nothing known after a moment."""
    found = await connection.execute(
        text("""
            select until, case when ends_chapter then until else chapter end as chapter from stretch
            where build = :number and until - 1 <= :known order by since desc limit 1"""),
        {"number": number, "known": known},
    )
    row = found.first()
    return Reach(row.until, row.chapter) if row else Reach(0, 0)


async def close_next(engine: AsyncEngine, number: int, long: int = LONG, chapter: int = CHAPTER) -> Stretch | None:
    """See which stretch comes next; from now on whoever posts into it says so. Waits for who does already."""
    async with transaction(engine) as connection:
        following = await _next(connection, number, long, chapter)
        if following:
            await connection.execute(
                text("update build set closed_up_to = :until where number = :number and closed_up_to < :until"),
                {"number": number, "until": following.until},
            )
    return following


async def _next(connection: AsyncConnection, number: int, long: int, chapter: int) -> Stretch | None:
    """The stretch that comes next, once there are enough postings that the watermark has passed."""
    reached = await reach(connection, number, EVERYTHING)
    found = await connection.execute(
        text("""
            with opened as (
                select known_from as known from entry
                where build = :number and known_from >= :since order by known_from limit :long
            ), closed as (
                select known_until as known from entry
                where build = :number and known_until >= :since order by known_until limit :long
            ), following as (
                select known from (select known from opened union all select known from closed) as posted
                order by known limit :long
            )
            select max(known) + 1 as until, count(*) as postings,
                (select count(*) from stretch where build = :number and since >= :chapter) as stretches
            from following"""),
        {"number": number, "since": reached.until, "chapter": reached.chapter, "long": long},
    )
    row = found.one()
    if row.postings < long or row.until > await complete_up_to(connection):
        return None
    return Stretch(reached.until, row.until, reached.chapter, ends_chapter=row.stretches + 1 >= chapter)


_POSTED: Final = """
    select {known} as known, effective, indicator, partner, site, gender, quantity from entry
    where build = :number and known_from >= :since and known_from < :until
    union all
    select {known}, effective, indicator, partner, site, gender, -quantity from entry
    where build = :number and known_until >= :since and known_until < :until"""
_LATE: Final = """
    select {known} as known, effective, indicator, partner, site, gender,
        case when late.opened then quantity else -quantity end as quantity
    from unnest(cast(:entries as uuid[]), cast(:knowns as bigint[]), cast(:opened as boolean[]))
        as late (entry, known, opened)
    join entry on entry.id = late.entry {where}"""

_KEPT: Final[Mapping[str, frozenset[str]]] = {
    "chapters": frozenset(),
    "stretches": frozenset(),
    "gender": frozenset({"gender"}),
    "partner": frozenset({"partner"}),
    "site": frozenset({"partner", "site"}),
    "stretch": frozenset(),
    "chapter": frozenset(),
    "parts": frozenset({"partner", "site", "gender"}),
}
"""What each kind of row keeps, beside effective month (day) and indicator."""
CUMULATED: Final = ("chapters", "stretches", "gender", "partner", "site")
_WHOLE_CHAPTERS: Final = ("chapters", "gender", "partner", "site")
_DAYS_OF_CHAPTERS: Final = ("chapter", "parts")


def kept(kind: str) -> str:
    """Partner, site and gender as a kind of rows keeps them: columns of a query."""
    return ", ".join(one if one in _KEPT[kind] else "null::text" for one in ("partner", "site", "gender"))


async def _add_stretch(connection: AsyncConnection, number: int, following: Stretch) -> None:
    if (await reach(connection, number, EVERYTHING)).until != following.since:
        return  # somebody else was faster, or began anew
    begun = await connection.execute(
        text("""
            insert into stretch (build, since, until, chapter, ends_chapter)
            values (:number, :since, :until, :chapter, :ends_chapter) on conflict do nothing"""),
        {"number": number, **asdict(following)},
    )
    if not begun.rowcount:
        return  # somebody else is at it
    values = {"number": number, "since": following.since, "until": following.until, "before": following.since}
    await _add_days(connection, "stretch", _POSTED.format(known=":since"), values)
    if following.ends_chapter:
        values |= {"since": following.chapter, "before": following.chapter}
        for kind in _DAYS_OF_CHAPTERS:
            await _add_days(connection, kind, _POSTED.format(known=":since"), values)
        await _cumulate(connection, _WHOLE_CHAPTERS, _POSTED.format(known=":until"), values)
    else:
        await _cumulate(connection, ("stretches",), _POSTED.format(known=":until"), values)


async def _add_late(connection: AsyncConnection, number: int) -> None:
    """Roll up what was posted late. What lies in no stretch yet comes with its stretch."""
    found = await connection.execute(
        text("delete from late_posting where build = :number returning entry, known, opened"), {"number": number}
    )
    rows = found.all()
    if not rows:
        return
    reached = await reach(connection, number, EVERYTHING)
    values = {
        "number": number,
        "entries": [row.entry for row in rows],
        "knowns": [row.known for row in rows],
        "opened": [row.opened for row in rows],
        "reached": reached.until,
        "chapter": reached.chapter,
    }
    later = "join stretch on stretch.build = :number and late.known < until"
    days = _LATE.format(known="late.known", where="where late.known < :{reached}")
    chapters = _LATE.format(known="until", where=f"{later} and ends_chapter")
    stretches = _LATE.format(known="until", where=f"{later} and not ends_chapter and late.known >= chapter")
    await _add_days(connection, "stretch", days.format(reached="reached"), values)
    for kind in _DAYS_OF_CHAPTERS:
        await _add_days(connection, kind, days.format(reached="chapter"), values)
    await _cumulate(connection, _WHOLE_CHAPTERS, chapters, values)
    await _cumulate(connection, ("stretches",), stretches, values)


async def _add_days(connection: AsyncConnection, kind: str, postings: str, values: Mapping[str, Any]) -> None:
    await connection.execute(
        text(f"""
            insert into rollup_day (build, kind, known, effective, indicator, partner, site, gender, quantity)
            select :number, cast(:kind as text), known, effective, indicator, {kept(kind)}, sum(quantity)
            from ({postings}) as posting
            group by 3, 4, 5, 6, 7, 8 having sum(quantity) <> 0 order by 3, 4"""),  # noqa: S608 - constants
        {**values, "kind": kind},
    )


async def _cumulate(
    connection: AsyncConnection, kinds: Sequence[str], postings: str, values: Mapping[str, Any]
) -> None:
    """Add up postings by effective month, and what was cumulated `before`, where that is given."""
    if "before" in values:
        postings += """
            union all
            select cast(:until as bigint), effective, indicator, partner, site, gender, quantity
            from rollup where build = :number and kind = :kind and known = :before"""
    for kind in kinds:
        await connection.execute(
            text(f"""
                insert into rollup (build, kind, known, effective, indicator, partner, site, gender, quantity)
                select :number, cast(:kind as text), known, cast(date_trunc('month', effective) as date), indicator,
                    {kept(kind)}, sum(quantity)
                from ({postings}) as posting
                group by 3, 4, 5, 6, 7, 8 having sum(quantity) <> 0 order by 3, 4"""),  # noqa: S608 - constants
            {**values, "kind": kind},
        )
