"""After a database was restored from a backup: what its service had told since is on the topic, and it must know of it.

Offline, before anything of the service runs. Its own facts on the topic that its outbox does not know are taken back:
into the outbox, as sent, with their ids and numbers, so that no number is given twice; and into the states they had
changed. Facts of others are heard on the way, as the worker would, but what was answered to them is not decided anew.
So erasures hold again before anybody is served. Every fact taken back is listed.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.deciding import NETWORK, Kind
from lotse_shared.envelope import Cause, Envelope, from_headers, header
from lotse_shared.erasing import fingerprint
from lotse_shared.messaging import outbox, positions
from lotse_shared.messaging.kafka import ensure_topic, offsets, read_stretch
from lotse_shared.messaging.records import Record
from lotse_shared.messaging.subjects import Row, Subjects, changes_the_past
from lotse_shared.settings import Settings

BATCH: Final = 1_000
_ID: Final = re.compile(rb'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')

Again = Callable[[AsyncConnection, str], Awaitable[None]]
"""What goes with a fact besides states: `(connection, subject)`, before the fact is taken back."""

Receive = Callable[[str, Sequence[Record]], Awaitable[Mapping[int, int]]]
Receiving = Callable[[Mapping[str, Sequence[Envelope]]], Receive]
"""From what was answered before, by the fact it answers, to what takes in the facts the service hears."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A fact on the topic that the restored database did not know."""

    id: str
    type: str
    subject: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Brings one service's restored database up to what it has told. `again`: by type of fact, what goes with it."""

    service: str
    kinds: Mapping[str, Kind[Any]]
    engine: AsyncEngine
    settings: Settings
    new_id: Callable[[], str]
    real_time: Callable[[], datetime]
    receiving: Receiving
    again: Mapping[str, Again] = field(default_factory=dict)

    async def run(self) -> AsyncIterator[Lost]:
        """Read the topic from where the restored database stands to its end; gives what was not known, one by one.

        Ended half-way it is run again.

        Raises:
            FactsGone: the topic is not the one that was read, or no longer holds what is needed.
            Undecodable: a fact was told by a later version of this service: run that one.
        """
        topic_id = await ensure_topic(self.settings)
        beginnings, ends = await offsets(self.settings)
        async with transaction(self.engine) as connection:
            following = await positions.begin(connection, topic_id, beginnings, ends)
        async for one in self.take_back(topic_id, lambda: read_stretch(self.settings, following, ends)):
            yield one

    async def take_back(self, topic_id: str, stretch: Callable[[], AsyncIterator[Record]]) -> AsyncIterator[Lost]:
        """Bring the database up to the end of a stretch of records, which is read twice; gives what was not known.

        Raises:
            Undecodable: as `run`.
        """
        lacking = await self._lacking(stretch())
        receive = self.receiving(lacking.answers)
        async for records in _runs(stretch(), lacking):
            if header(records[0].headers, "ce_id") in lacking.decisions:
                for one in await self._take_back(records, lacking):
                    yield Lost(one.id, one.type, one.subject, one.time)
            await receive(topic_id, records)

    async def _lacking(self, records: AsyncIterator[Record]) -> "_Lacking":
        """What was told on this stretch that the outbox does not know to be sent."""
        lacking = _Lacking()
        async for batch in _batches(records):
            own = [one for one in batch if header(one.headers, "ce_source") == self.service]
            told = [from_headers(one.headers, one.value) for one in own if header(one.headers, "ce_subject")]
            async with transaction(self.engine) as connection:
                sent = await _in_outbox(connection, told)
            for envelope in told:
                if not sent.get(envelope.id, False):
                    lacking.add(envelope, known=envelope.id in sent)
        return lacking

    async def _take_back(self, records: Sequence[Record], lacking: "_Lacking") -> list[Envelope]:
        """Have these records' facts in the outbox as sent; gives those it did not know before this was begun."""
        ids = list(dict.fromkeys(header(one.headers, "ce_id") or "" for one in records))  # sent twice, taken once
        facts = [one for identity in ids for one in lacking.decisions[identity]]
        async with transaction(self.engine) as connection:
            known = {*await _in_outbox(connection, facts)}
            subjects = Subjects(connection, self.service, self.kinds, self.new_id)
            for identity in ids:
                if identity not in known:  # an answer is there since what it answers was heard
                    await self._tell_again(connection, subjects, lacking.decisions[identity])
                    known |= {one.id for one in lacking.decisions[identity]}
            await subjects.store()
            await _mark_sent(connection, records, self.real_time())
        return [lacking.unknown.pop(identity) for identity in ids if identity in lacking.unknown]

    async def _tell_again(self, connection: AsyncConnection, subjects: Subjects, told: Sequence[Envelope]) -> None:
        """Take a decision back with all its facts, as it was carried out: those it touched share them."""
        if any(one.emptied is not None for one in told):
            await outbox.write(connection, [(one, [one.subject]) for one in told])
            return
        facts = [one.event() for one in told]
        named = {found.decode() for one in told for found in _ID.findall(one.value)}
        if any(map(changes_the_past, facts)):
            touched = await subjects.touched_by(sorted(named))
            named |= {one for ids in touched.values() for one in ids}
        await subjects.lock({*named, *(one.subject for one in told)})
        for one in told:
            if one.type in self.again:
                await self.again[one.type](connection, one.subject)
        rows: dict[str, Row] = {}
        for envelope, fact in zip(told, facts, strict=True):
            if envelope.subject not in rows:
                rows[envelope.subject] = subjects.by_id(envelope.subject) or subjects.start(
                    envelope.subject, self.kinds[fact.about], envelope.operation, envelope.partner or NETWORK
                )
        rows |= {one: row for one in sorted(named - rows.keys()) if (row := subjects.by_id(one)) is not None}
        subjects.tell_again([*rows.values()], told)
        await subjects.refold_where_needed([*rows.values()], facts)


@dataclass(slots=True)
class _Lacking:
    """What a restored database lacks; all of it is held in memory: what was told since the backup."""

    decisions: dict[str, list[Envelope]] = field(default_factory=dict)
    """By the id of each of its facts, all facts of one decision: they have one chain of causes."""
    answers: dict[str, list[Envelope]] = field(default_factory=dict)
    """Decisions by the fact they answer."""
    unknown: dict[str, Envelope] = field(default_factory=dict)
    """Facts that are not in the outbox at all; the others are there and not known to be sent."""
    _by_cause: dict[Cause, list[Envelope]] = field(default_factory=dict)

    def add(self, envelope: Envelope, *, known: bool) -> None:
        """Take note of a fact, once."""
        if envelope.id in self.decisions:
            return
        together = self._by_cause.setdefault(envelope.cause, [])
        together.append(envelope)
        together.sort(key=lambda one: one.id)  # as they were told: ids grow with time
        self.decisions[envelope.id] = together
        if envelope.cause.causation is not None:
            self.answers[envelope.cause.causation] = together
        if not known:
            self.unknown[envelope.id] = envelope

    def changes_the_past(self, identity: str) -> bool:
        """Whether the decision a fact belongs to took back or replaced an earlier fact."""
        told = self.decisions[identity]
        return any(changes_the_past(one.event()) for one in told if one.emptied is None)


async def _in_outbox(connection: AsyncConnection, told: Sequence[Envelope]) -> dict[str, bool]:
    """Which of these facts the outbox knows, and whether as sent; emptied ones it knows by their fingerprints."""
    by_left = {fingerprint(one.id): one.id for one in told}
    found = await connection.execute(
        text("select id::text, sent_at is not null as sent from outbox where id = any(cast(:ids as uuid[]))"),
        {"ids": [*by_left.values(), *by_left]},
    )
    return {by_left.get(row.id, row.id): row.sent for row in found}


async def _mark_sent(connection: AsyncConnection, records: Sequence[Record], now: datetime) -> None:
    await connection.execute(
        text("""
            update outbox set sent_at = :now, partition = new.partition, kafka_offset = new.kafka_offset,
                appended = new.appended
            from unnest(cast(:ids as uuid[]), cast(:partitions as int[]), cast(:offsets as bigint[]),
                        cast(:appended as bigint[])) as new (id, partition, kafka_offset, appended)
            where outbox.id = new.id and outbox.sent_at is null"""),
        {
            "now": now,
            "ids": [header(one.headers, "ce_id") for one in records],
            "partitions": [one.partition for one in records],
            "offsets": [one.offset for one in records],
            "appended": [one.appended for one in records],
        },
    )


async def _batches(records: AsyncIterator[Record]) -> AsyncIterator[list[Record]]:
    batch: list[Record] = []
    async for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _runs(records: AsyncIterator[Record], lacking: _Lacking) -> AsyncIterator[list[Record]]:
    """Stretches of records, each to be taken back or none of them, in their order.

    What changes the past stands alone: the fact it is about has to be in the outbox by then.
    """
    run: list[Record] = []
    kind = ""
    async for record in records:
        identity = header(record.headers, "ce_id")
        if identity not in lacking.decisions:
            this = "others"
        else:
            this = identity or "" if lacking.changes_the_past(identity or "") else "own"
        if run and (this != kind or len(run) == BATCH):
            yield run
            run = []
        kind = this
        run.append(record)
    if run:
        yield run
