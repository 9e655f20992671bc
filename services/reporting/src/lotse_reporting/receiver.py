"""Hearing: records into journal and ledger, each once, in one transaction with the position.

Nothing is lost: a fact that cannot be folded yet waits in the journal with the knowledge time it came with, and what
comes of it later is the same as if nothing had stood in its way.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from asyncpg import UniqueViolationError
from lotse_shared import metrics
from lotse_shared.database import transaction
from lotse_shared.envelope import Undecodable, header
from lotse_shared.messaging.dead_letters import CONFLICT, UNDECODABLE
from lotse_shared.messaging.inbox import Brake
from lotse_shared.messaging.records import TICK, Record
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_reporting import erasing, positions, waiting
from lotse_reporting.building import begin_editions_of_this_case_function
from lotse_reporting.decoding import Heard, read_at
from lotse_reporting.desk import APPLIED, WAITING, Desk, Memory, joined_by, row_of
from lotse_reporting.ledger import JOINING
from lotse_reporting.store import JOURNAL_COLUMNS, copy
from lotse_reporting.taking import Taking

FACTS_IN_MEMORY: Final = 300_000


class Receiver:
    """Takes in everything the topic holds. One instance a process: it keeps units in memory between batches."""

    def __init__(
        self,
        engine: AsyncEngine,
        partitions: int,
        real_time: Callable[[], datetime],
        facts_in_memory: int = FACTS_IN_MEMORY,
    ) -> None:
        self._engine = engine
        self._partitions = partitions
        self._real_time = real_time
        self._memory = Memory(facts_in_memory)
        self._brake = Brake()
        self._begun = False
        self._looks = False
        """Whether facts come that were heard before."""

    async def receive(self, topic_id: str, records: Sequence[Record]) -> Mapping[int, int]:
        """Take in a batch: what is new goes to the journal and, unless something stands in its way, to the ledger."""
        metrics.RECORDS_READ.inc(len(records))
        await self._begin()
        try:
            reached, bad = await self._hear_once(topic_id, records)
            async with transaction(self._engine) as connection:
                await self._apply_ripe(Taking(connection, topic_id, Desk(connection, self._memory)))
            await self._settle_erased()
        except BaseException:
            self._memory.clear()
            raise
        if reached.fresh:
            now = self._real_time().timestamp()
            metrics.LAST_PROGRESS.set(now)
            self._brake.note(now, bad, len(reached.fresh))
        return reached.following

    async def _hear_once(self, topic_id: str, records: Sequence[Record]) -> tuple[positions.Reached, int]:
        """Take a batch in, each fact once.

        Hardly ever is a fact sent twice (after a publisher died, or all of them after Kafka was lost). So ids are not
        looked up before the journal's key refuses one, or something is wrong that a known id would explain.
        """
        if not self._looks:
            try:
                return await self._hear(topic_id, records, look=False)
            except (UniqueViolationError, _MayBeKnown):
                self._memory.clear()
        return await self._hear(topic_id, records, look=True)

    async def _hear(self, topic_id: str, records: Sequence[Record], *, look: bool) -> tuple[positions.Reached, int]:
        """Take a batch in, in one transaction: where it leads, and how many were put aside."""
        async with transaction(self._engine) as connection:
            reached = await positions.take(connection, topic_id, records, self._partitions)
            taking = Taking(connection, topic_id, Desk(connection, self._memory))
            await self._take(taking, reached.fresh, look=look)
            await positions.move(connection, topic_id, reached)
            await taking.finish()
        return reached, len(taking.letters)

    async def retry(self, number: int, by: str, why: str) -> int:
        """Take in a dead letter again, with all that waits behind it; gives how many facts were taken in.

        Raises:
            LookupError: no such open dead letter.
        """
        return await self._settle(number, by, why, discard=False)

    async def discard(self, number: int, by: str, why: str) -> int:
        """Decide that a dead letter is never taken in (a gap: to do without what is missing); the rest goes on."""
        return await self._settle(number, by, why, discard=True)

    async def _take(self, taking: Taking, fresh: Sequence[tuple[Record, int]], *, look: bool) -> None:
        heard: list[tuple[Record, Heard]] = []
        ticks: dict[str, str] = {}
        unreadable: list[tuple[Record, int, Undecodable]] = []
        for record, known in fresh:
            try:
                one = read_at(record, known)
            except Undecodable as error:
                if header(record.headers, "ce_type") != TICK:  # rare, so it is not looked for in every record
                    unreadable.append((record, known, error))
                    continue
            else:
                if one.type != TICK:
                    heard.append((record, one))
                    continue
            publisher, sent = header(record.headers, "ce_source"), header(record.headers, "sent_up_to")
            if publisher and sent:
                ticks[publisher] = sent
        await positions.note_ticks(taking.connection, ticks)
        new = await self._new(taking, heard, look=look)
        if new:
            await self._take_new(taking, new)
        if taking.letters and not look:
            raise _MayBeKnown
        for record, known, why in unreadable:
            taking.put_aside(record, known, UNDECODABLE, str(why))

    async def _new(
        self, taking: Taking, heard: Sequence[tuple[Record, Heard]], *, look: bool
    ) -> Sequence[tuple[Record, Heard]]:
        """Those not heard before; a known id with other content is put aside."""
        before = await _heard_before(taking, heard) if look and heard else {}
        self._looks = bool(before)
        if not before and len({one.id for _, one in heard}) == len(heard):
            return heard
        new = []
        for record, one in heard:
            same = before.get(one.id)
            if same is None:
                before[one.id] = (one.source, one.digest)
                new.append((record, one))
            elif same == (one.source, one.digest):
                metrics.DUPLICATES.inc()
            else:
                taking.put_aside(record, one.known, CONFLICT, "this event id was heard before with other content")
        return new

    async def _take_new(self, taking: Taking, new: Sequence[tuple[Record, Heard]]) -> None:
        subjects: dict[str, str] = {}
        knowns: dict[str, int] = {}
        joins = []
        for _, one in new:
            if one.fault is None:
                if one.subject not in knowns:
                    subjects.setdefault(one.subject, one.operation)
                    knowns[one.subject] = one.known
                if one.type in JOINING and (other := joined_by(one.type, one.body)):
                    subjects.setdefault(other, one.operation)
                    joins.append((one.subject, other))
        await taking.open(subjects, knowns, joins)
        new = await erasing.keep_late(taking, new)
        rows: list[tuple[Any, ...]] = []
        for told in _by_subject(new):
            at = 0
            while at < len(told):
                plain, failure = taking.run([one for _, one in told[at:]])
                rows += [row_of(one, taking.topic_id, APPLIED) for _, one in told[at : at + plain]]
                at += plain
                if at < len(told):
                    rows += await self._look_at(taking, *told[at], failure)
                    at += 1
        await copy(taking.connection, "journal", JOURNAL_COLUMNS, rows)
        kinds = Counter([one.type if one.body is not None else "unknown" for _, one in new])
        for kind, facts in kinds.items():  # a type nobody here knows must not become a label
            metrics.FACTS_HEARD.labels(type=kind).inc(facts)

    async def _look_at(
        self, taking: Taking, record: Record, one: Heard, failure: tuple[str, str] | None
    ) -> list[tuple[Any, ...]]:
        """Take in a fact that is not plain; gives its row of the journal, if it gets one."""
        if one.fault is not None:
            taking.put_aside(record, one.known, UNDECODABLE, str(one.fault))
            return []
        if not taking.fits(one):
            reason = "operation: differs from what was heard before about the same subject"
            taking.put_aside(record, one.known, UNDECODABLE, reason)
            return []
        waits = taking.desk.root[one.subject] in taking.parked or taking.desk.is_merged(one.subject)
        if failure is None and not waits:
            failure = await taking.apply(one)
            if failure is None:
                return [row_of(one, taking.topic_id, APPLIED)]
        if failure is not None:
            taking.put_aside(record, one.known, *failure)
        return [row_of(one, taking.topic_id, WAITING)]

    async def _apply_ripe(self, taking: Taking) -> None:
        complete = await positions.complete_up_to(taking.connection)
        age = self._real_time().timestamp() - complete / 1000 if complete else 0.0
        metrics.WATERMARK_AGE.set(max(0.0, age))
        roots = await waiting.ripe(taking.connection, complete)
        if roots:
            await waiting.release(taking, roots, complete)
            await taking.finish()

    async def _begin(self) -> None:
        """Before the first fact: what another case function computed ends, and goes on by this one."""
        if not self._begun:
            await begin_editions_of_this_case_function(self._engine)
            self._begun = True

    async def _settle_erased(self) -> None:
        async with transaction(self._engine) as connection:
            waiting = await erasing.count_open(connection)
            metrics.ERASURES_OPEN.set(waiting)
            if waiting:
                complete = await positions.complete_up_to(connection)
                due = await erasing.due(connection, complete)
                await erasing.settle(connection, Desk(connection, self._memory), due, complete)

    async def _settle(self, number: int, by: str, why: str, *, discard: bool) -> int:
        await self._begin()
        try:
            async with transaction(self._engine) as connection:
                letter = await waiting.letter(connection, number)
                taking = Taking(connection, letter.topic_id, Desk(connection, self._memory))
                complete = await positions.complete_up_to(connection)
                taken = await waiting.settle(taking, letter, by, why, complete, discard=discard)
                await taking.finish()
        except BaseException:
            self._memory.clear()
            raise
        return taken


class _MayBeKnown(Exception):  # noqa: N818 - what it may be
    """Something was put aside, and whether its id was heard before was not looked up."""


async def _heard_before(taking: Taking, heard: Sequence[tuple[Record, Heard]]) -> dict[str, tuple[str, bytes]]:
    found = await taking.connection.execute(
        text("select id::text as id, source, digest from journal where id = any(cast(:ids as uuid[]))"),
        {"ids": [one.id for _, one in heard]},
    )
    return {row.id: (row.source, row.digest) for row in found}


def _by_subject(new: Sequence[tuple[Record, Heard]]) -> list[list[tuple[Record, Heard]]]:
    """The facts of a batch, those of each subject together in their order, those about operations before all others.

    A subject's facts concern its unit alone. Only definitions, which are told about an operation, concern its cases,
    and what they change there depends on knowledge times, not on who is looked at first.
    """
    found: dict[str, list[tuple[Record, Heard]]] = {}
    for pair in new:
        found.setdefault(pair[1].subject, []).append(pair)
    return sorted(found.values(), key=lambda told: told[0][1].subject != told[0][1].operation)
