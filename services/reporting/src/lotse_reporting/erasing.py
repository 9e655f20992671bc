"""Settling the units of people who were erased: what was counted stays, what it rests on goes.

From participant-erased on nothing changes a unit any more (`ledger.Family`). Once the watermark has passed it, nothing
of the family waits or is a dead letter, and the editions in force are computed, the unit is settled: its entries stay
without events, of its facts stay type, times and hash. What such a unit holds in a build is given from then on: a
rebuild takes it over, `verify` compares it with the digest that was kept, and a new edition has it as it was, named as
not recomputed.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

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
from lotse_reporting.decoding import Heard
from lotse_reporting.desk import APPLIED, Desk, applied, history, row_of
from lotse_reporting.indicators import compile_rules
from lotse_reporting.ledger import fold
from lotse_reporting.store import JOURNAL_COLUMNS, copy
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


async def keep_late(taking: Taking, told: Sequence[tuple[Record, Heard]]) -> list[tuple[Record, Heard]]:
    """Keep the facts of settled units, emptied; they change nothing, whatever they say. Gives all other facts."""
    settled = await _settled_among(taking, {one.subject for _, one in told})
    late = [(record, one, left_of(one)) for record, one in told if one.subject in settled]
    if not late:
        return list(told)
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
    gone: list[str] = []
    for root in sorted({desk.root[one] for one in subjects}):
        members = desk.members[root]
        if not await _held_back(connection, members, complete):
            gone += await _gone(connection, desk, members)
    if not gone:
        return []
    await connection.execute(
        text("update unit set settled = :complete where id = any(:gone)"), {"complete": complete, "gone": gone}
    )
    await connection.execute(
        text("""
            update entry set event_ids = '{}', key = left_of_key(key)
            where unit = any(:gone) and event_ids <> '{}'"""),
        {"gone": gone},
    )
    await given.note(connection, gone)
    await _empty_facts(connection, gone)
    await empty_letters(connection, gone)
    await connection.execute(text("update erasure set done = true where subject = any(:gone)"), {"gone": gone})
    for root in {desk.root[one] for one in gone}:
        desk.drop(root)
    log.info("settled: people were erased", units=len(gone))
    return gone


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


async def _gone(connection: AsyncConnection, desk: Desk, members: Sequence[str]) -> list[str]:
    """The subjects of a family whose person was erased, by what was merged and separated until then.

    None where some were one unit with others for a while that are not erased: what was counted of those others in the
    meantime rests on facts of both.
    """
    family, _ = fold(0, _COUNTING_NOTHING, applied(await history(connection, members)), quiet=True)
    gone = family.erased
    if any(group & gone and group - gone for group in family.together):
        return []
    return sorted(one for one in gone & set(members) if not desk.is_settled(one))


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
