"""Settling the units of people who were erased: what was counted stays, what it rests on goes.

From participant-erased on nothing changes a unit any more (`ledger.Family`). Once the watermark has passed it, nothing
of the family waits or is a dead letter, and the editions in force are computed, the unit is settled: its entries stay
without events, of its facts stay type, times and hash. What such a unit holds in a build is given from then on: a
rebuild takes it over, `verify` compares it with the digest that was kept, and a new edition has it as it was, named as
not recomputed.

Somebody else may have been one unit with it before, and separated. What was counted of that person until now rests on
facts of both, and cannot be computed any more either: it stays, without the events of the erased, and is given. Since
they were separated the person is counted by its own facts alone. So what is open of it is closed and opened again, the
same, at the watermark; no sum at any moment moves, and from there on a rebuild computes it from those facts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import structlog
from lotse_shared import metrics
from lotse_shared.erasing import ERASED, fingerprint, fingerprints
from lotse_shared.messaging.dead_letters import CONFLICT
from lotse_shared.messaging.erasures import empty_letters
from lotse_shared.messaging.records import Record
from lotse_shared.programme import Period
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.building import given
from lotse_reporting.case import Fact
from lotse_reporting.decoding import Heard
from lotse_reporting.desk import APPLIED, Desk, applied, history, row_of
from lotse_reporting.editions import posted_to
from lotse_reporting.indicators import compile_rules
from lotse_reporting.ledger import Given, Postings, fold
from lotse_reporting.store import JOURNAL_COLUMNS, Build, copy, post
from lotse_reporting.taking import Taking

AT_ONCE: Final = 200
_COUNTING_NOTHING: Final = compile_rules((), Period.model_validate({"from": date.min, "until": date.max}))

log = structlog.get_logger()


def left_of(one: Heard) -> Heard:
    """What is kept of a fact whose person was erased; the fact of the erasure itself is kept as it was told."""
    if one.type == ERASED or not one.value:
        return one
    return replace(
        one,
        id=fingerprint(one.id),
        partner=None,
        correlation="",
        causation=None,
        traceparent=None,
        value=b"",
        body=None,
        fault=None,
    )


async def keep_late(taking: Taking, told: Sequence[tuple[Record, Heard]]) -> Sequence[tuple[Record, Heard]]:
    """Keep the facts of settled units, emptied; they change nothing, whatever they say. Gives all other facts."""
    settled = await _settled_among(taking, {one.subject for _, one in told})
    late = [(record, one, left_of(one)) for record, one in told if one.subject in settled] if settled else []
    if not late:
        return told
    found = await taking.connection.execute(
        text("select id::text as id, digest from journal where id = any(cast(:ids as uuid[]))"),
        {"ids": [left.id for _, _, left in late]},
    )
    before = {row.id: bytes(row.digest) for row in found}
    rows = []
    for record, one, left in late:
        if left.id not in before:
            before[left.id] = left.digest
            rows.append(row_of(left, taking.topic_id, APPLIED))
        elif before[left.id] == left.digest:
            metrics.DUPLICATES.inc()
        else:
            taking.put_aside(record, one.known, CONFLICT, "this event id was heard before with other content")
    await copy(taking.connection, "journal", JOURNAL_COLUMNS, rows)
    return [pair for pair in told if pair[1].subject not in settled]


async def _settled_among(taking: Taking, subjects: Iterable[str]) -> set[str]:
    desk = taking.desk
    unlocked = sorted(set(subjects) - desk.root.keys())
    settled = {one for one in desk.root if desk.is_settled(one)}
    if unlocked:
        found = await taking.connection.execute(
            text("select id from unit where id = any(:ids) and settled is not null"), {"ids": unlocked}
        )
        settled |= set(found.scalars())
    return settled


async def count_open(connection: AsyncConnection) -> int:
    """Of how many people who were erased something is yet to be emptied."""
    found = await connection.execute(text("select count(*) from erasure where not done"))
    return int(found.scalar_one())


async def due(connection: AsyncConnection, complete: int) -> dict[str, str]:
    """Subjects (with their operations) of people whose erasure the watermark has passed and that are not settled."""
    found = await connection.execute(
        text("""
            select unit.id, unit.operation from erasure join unit on unit.id = erasure.subject
            where not erasure.done and not exists (
                select from journal where journal.subject = erasure.subject and type = :erased and known >= :complete)
            and not exists (select from journal where journal.subject = erasure.subject and state = 'waiting')
            and not exists (select from dead_letter where dead_letter.subject = erasure.subject and state = 'open')
            and not exists (
                select from build where build.operation = unit.operation and state = 'building' and replaces is null)
            order by unit.id limit :limit"""),
        {"erased": ERASED, "complete": complete, "limit": AT_ONCE},
    )
    return {row.id: row.operation for row in found}


async def settle(connection: AsyncConnection, desk: Desk, subjects: dict[str, str], complete: int) -> list[str]:
    """Settle the units of these subjects where nothing holds them back; gives what was settled."""
    await desk.lock(subjects)
    builds = await posted_to(connection, map(desk.operation_of, subjects))
    posted: dict[str, Postings] = {}
    forgotten = _Forgotten()
    for root in sorted({desk.root[one] for one in subjects}):
        members = desk.members[root]
        if await _held_back(connection, members, complete):
            continue
        facts = applied(await history(connection, members))
        one = _forgotten(desk, members, facts)
        operation = desk.operation_of(root)
        taking = [build for build in builds.get(operation, ()) if build.takes(root, complete)]
        postings = await _begin_anew(connection, taking, one, facts, desk.given(members), complete)
        if postings is None:
            log.error("a unit leads to other entries than are open; its family is not settled", family=root)
            continue
        posted.setdefault(operation, Postings()).add(postings)
        forgotten = _Forgotten(forgotten.gone + one.gone, forgotten.others + one.others)
    if not forgotten.gone:
        return []
    await post(connection, posted, builds)
    await _let_go_of_events(connection, forgotten, complete)
    await given.note(connection, [*forgotten.gone, *forgotten.others])
    await _empty_facts(connection, forgotten.gone)
    await empty_letters(connection, forgotten.gone)
    await connection.execute(
        text("update erasure set done = true where subject = any(:gone)"), {"gone": list(forgotten.gone)}
    )
    for root in {desk.root[one] for one in forgotten.gone}:
        desk.drop(root)
    log.info("settled: people were erased", units=len(forgotten.gone), others=len(forgotten.others))
    return list(forgotten.gone)


class _Forgotten(NamedTuple):
    """Subjects whose facts are to be emptied, and those that were one unit with them for a while."""

    gone: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


async def _held_back(connection: AsyncConnection, members: Sequence[str], complete: int) -> bool:
    """Whether something of a family waits, or a human has yet to decide about a part of it."""
    found = await connection.execute(
        text("""
            select exists (select from journal where subject = any(:members) and state = 'waiting')
                or exists (select from dead_letter where subject = any(:members) and state = 'open')
                or exists (select from journal where subject = any(:members) and type = :erased and known >= :complete)
            """),
        {"members": list(members), "erased": ERASED, "complete": complete},
    )
    return bool(found.scalar_one())


def _forgotten(desk: Desk, members: Sequence[str], facts: Sequence[Fact]) -> _Forgotten:
    """Who of a family is erased, by what was merged and separated until then, and who was one with them before."""
    family, _ = fold(0, _COUNTING_NOTHING, facts, given=desk.given(members), quiet=True)
    gone = family.erased
    others: set[str] = set()
    groups = [group for group in family.together if group - gone]
    reached = gone
    while touched := [group for group in groups if group & reached and group - gone - others]:
        others |= frozenset.union(*touched) - gone
        reached = gone | others
    mine = {one for one in members if not desk.is_settled(one)}
    return _Forgotten(tuple(sorted(gone & mine)), tuple(sorted(others & mine)))


async def _begin_anew(
    connection: AsyncConnection,
    builds: Sequence[Build],
    forgotten: _Forgotten,
    facts: Sequence[Fact],
    before: Mapping[str, Given],
    complete: int,
) -> Postings | None:
    """Close what is open of those who stay, and open the same from their own facts; None where it is not the same."""
    changed = Postings()
    if not forgotten.others:
        return changed
    left = [fact for fact in facts if fact.subject not in forgotten.gone or fact.type == ERASED]
    now_given = {
        **before,
        **{one: Given(complete, erased=True) for one in forgotten.gone},
        **{one: Given(complete, erased=False) for one in forgotten.others},
    }
    for build in builds:
        _, postings = fold(build.number, build.rules, left, build.known_until, given=now_given)
        opened = [one for one in postings.opened.values() if one.unit in forgotten.others]
        found = await connection.execute(
            text("""
                select id, unit, indicator, key, effective, quantity, partner, site, gender, event_ids from entry
                where build = :build and unit = any(:others) and known_until is null"""),
            {"build": build.number, "others": list(forgotten.others)},
        )
        rows = found.all()
        leads_to = Counter((one.unit, one.indicator, one.key, *one.candidate.says()) for one in opened)
        if leads_to != Counter((*row[1:-1], tuple(map(str, row.event_ids))) for row in rows):
            return None
        for one in opened:
            changed.open(one)
        for row in rows:
            changed.close(row.id.hex, complete)
    return changed


async def _let_go_of_events(connection: AsyncConnection, forgotten: _Forgotten, complete: int) -> None:
    """Take the events away that entries of the erased rest on, and theirs from entries of those they were one with."""
    values = {"gone": list(forgotten.gone), "others": list(forgotten.others), "complete": complete, "erased": ERASED}
    await connection.execute(text("update unit set settled = :complete where id = any(:gone)"), values)
    await connection.execute(
        text("""
            update entry set event_ids = '{}', key = left_of_key(key)
            where unit = any(:gone) and event_ids <> '{}'"""),
        values,
    )
    if not forgotten.others:
        return
    await connection.execute(text("update unit set given_until = :complete where id = any(:others)"), values)
    await connection.execute(
        text("""
            with gone as (
                select array_agg(id) as ids from journal where subject = any(:gone) and type <> :erased)
            update entry set key = left_of_key(key), event_ids = array(
                select one from unnest(event_ids) with ordinality as resting (one, place)
                where one <> all(gone.ids) order by place)
            from gone where unit = any(:others) and event_ids && gone.ids"""),
        values,
    )


async def _empty_facts(connection: AsyncConnection, subjects: Sequence[str]) -> None:
    found = await connection.execute(
        text("""
            select id::text as id, value <> '' and type <> :erased as full from journal where subject = any(:subjects)
            """),
        {"subjects": list(subjects), "erased": ERASED},
    )
    rows = found.all()
    full = [row.id for row in rows if row.full]
    await connection.execute(
        text("""
            update journal set id = left_over, partner = null, correlation = '', causation = null, traceparent = null,
                value = ''
            from unnest(cast(:ids as uuid[]), cast(:left_over as uuid[])) as emptied (was, left_over)
            where journal.id = was"""),
        {"ids": full, "left_over": fingerprints(full, [row.id for row in rows])},
    )
