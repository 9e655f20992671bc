"""Taking facts in: each once, in order per subject, with its effect and the position in one transaction."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import metrics
from lotse_shared.calendar import berlin_day
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.database import transaction
from lotse_shared.deciding import NETWORK, Handlers, Kind, Now
from lotse_shared.envelope import Cause, Envelope, Event, Undecodable, from_headers, header
from lotse_shared.erasing import ERASED, emptied
from lotse_shared.messaging import clock, dead_letters, positions
from lotse_shared.messaging.dead_letters import CONFLICT, FAILED, UNDECODABLE, WAITING, DeadLetter
from lotse_shared.messaging.erasures import empty_letters, erased_among
from lotse_shared.messaging.kafka import TooMuchBad
from lotse_shared.messaging.records import TICK, Record
from lotse_shared.messaging.subjects import Subjects

BRAKE_COUNT: Final = 50
BRAKE_SHARE: Final = 0.05
BRAKE_WINDOW: Final = 60.0
"""More than 5 % and at least 50 bad records within a minute: stop instead of draining the topic (promises.md 1.7)."""

_OTHER_CONTENT: Final = "this event id was heard before with other content"

log = structlog.get_logger()


def digest(envelope: Envelope) -> bytes:
    """What makes two records the same fact: SHA-256 over type, subject, time and value as received.

    An emptied fact brings the hash of what it was: it is the same fact as before.
    """
    if envelope.emptied is not None:
        return bytes.fromhex(envelope.emptied)
    head = f"{envelope.type}\n{envelope.subject}\n{envelope.time.isoformat()}\n".encode()
    return hashlib.sha256(head + envelope.value).digest()


async def _what_is_kept(connection: AsyncConnection, heard: Sequence[Envelope]) -> list[Envelope]:
    """Of people who were erased what is left of their facts, else all. To be asked when the subjects are locked."""
    erased = await erased_among(connection, [one.subject for one in heard])
    return [emptied(one, digest(one)) if one.subject in erased and one.type != ERASED else one for one in heard]


@dataclass(slots=True)
class Brake:
    """Counts what was bad in the last minute."""

    seen: deque[tuple[float, int, int]] = field(default_factory=deque)

    def note(self, at: float, bad: int, total: int) -> None:
        """Note a batch at an instant (seconds).

        Raises:
            TooMuchBad: the share and the number of bad records within the window are too great.
        """
        self.seen.append((at, bad, total))
        while self.seen and self.seen[0][0] < at - BRAKE_WINDOW:
            self.seen.popleft()
        all_bad, everything = sum(one[1] for one in self.seen), sum(one[2] for one in self.seen)
        if all_bad >= BRAKE_COUNT and all_bad > BRAKE_SHARE * everything:
            raise TooMuchBad(f"{all_bad} of {everything} records within a minute")


@dataclass(frozen=True, slots=True)
class Inbox:
    """Takes in the facts one service hears and lets its handlers answer them."""

    service: str
    handlers: Handlers
    kinds: Mapping[str, Kind[Any]]
    engine: AsyncEngine
    real_time: Callable[[], datetime]
    new_id: Callable[[], str]
    brake: Brake = field(default_factory=Brake)
    answered: Mapping[str, Sequence[Envelope]] = field(default_factory=dict)
    """By the id of a fact heard what was answered to it before the database was restored: it is told again as it was,
    instead of being decided anew (reconciling.py)."""

    @property
    def hears(self) -> frozenset[str]:
        """The types taken in; retractions are always heard, since they may be of a fact taken in before."""
        return self.handlers.hears(*self.kinds.values()) | {FactRetracted.type}

    async def receive(self, topic_id: str, records: Sequence[Record]) -> Mapping[int, int]:
        """Take in a batch: what is new, heard here and readable has its effect, the rest is skipped or put aside."""
        metrics.RECORDS_READ.inc(len(records))
        async with transaction(self.engine) as connection:
            following, fresh = await positions.take(connection, topic_id, records)
            bad = await self._take(connection, topic_id, fresh)
            await positions.move(connection, topic_id, following)
        if fresh:
            metrics.LAST_PROGRESS.set(self.real_time().timestamp())
            self.brake.note(self.real_time().timestamp(), bad, len(fresh))
        return following

    async def retry(self, number: int, by: str, why: str) -> int:
        """Take in a dead letter again, with all that waits behind it; gives how many are in now, by this or before.

        Raises:
            LookupError: no such open dead letter.
        """
        return await self._settle(number, by, why, discard=False)

    async def discard(self, number: int, by: str, why: str) -> int:
        """Decide that a dead letter is never taken in; what waits behind it goes on."""
        return await self._settle(number, by, why, discard=True)

    async def _settle(self, number: int, by: str, why: str, *, discard: bool) -> int:
        async with transaction(self.engine) as connection:
            letters = await dead_letters.behind(connection, number)
            taken = 0
            for one, record in letters:
                if discard and one == number:
                    await dead_letters.settle(connection, one, "discarded", by, why)
                    continue
                put_aside = await self._take_again(connection, record)
                if put_aside is None:
                    await dead_letters.settle(connection, one, "retried", by, why)
                    taken += 1
                    continue
                await dead_letters.still_put_aside(connection, one, put_aside)
                if put_aside.kind == FAILED:
                    break  # what is behind goes on waiting
            keys = [(record.key or b"").decode(errors="replace") for _, record in letters]
            await empty_letters(connection, await erased_among(connection, keys))
        log.info("dead letter settled", number=number, discarded=discard, taken=taken, by=by)
        return taken

    async def _take_again(self, connection: AsyncConnection, record: Record) -> DeadLetter | None:
        try:
            envelope = from_headers(record.headers, record.value)
        except Undecodable as error:
            return DeadLetter(record, UNDECODABLE, str(error))
        subjects = Subjects(connection, self.service, self.kinds, self.new_id)
        await subjects.lock([envelope.subject])
        [envelope] = await _what_is_kept(connection, [envelope])
        known = (await self._known(connection, [envelope])).get((envelope.source, envelope.id))
        if known is not None:
            return None if known == digest(envelope) else DeadLetter(record, CONFLICT, _OTHER_CONTENT)
        if envelope.emptied is not None:
            await self._note(connection, [envelope], {})
            return None
        times = await clock.read(connection, [envelope.operation], self.real_time())
        taken_back = await self._was_taken_back(connection, envelope)
        put_aside = None if taken_back else await self._apply(subjects, record, envelope, times)
        if put_aside is None:
            await self._store(connection, subjects, [envelope])
        return put_aside

    async def _take(self, connection: AsyncConnection, topic_id: str, records: Sequence[Record]) -> int:
        letters: list[DeadLetter] = []
        heard: list[tuple[Record, Envelope]] = []
        hears = self.hears
        for record in records:
            kind = header(record.headers, "ce_type")
            if kind == TICK or (kind is not None and kind not in hears):
                continue
            try:
                envelope = from_headers(record.headers, record.value)
            except Undecodable as error:
                letters.append(DeadLetter(record, UNDECODABLE, str(error)))
                continue
            if envelope.source != self.service:
                heard.append((record, envelope))
        if heard:
            letters += await self._take_heard(connection, heard)
        await dead_letters.keep(connection, topic_id, letters)
        return sum(letter.kind != WAITING for letter in letters)

    async def _take_heard(
        self, connection: AsyncConnection, heard: Sequence[tuple[Record, Envelope]]
    ) -> list[DeadLetter]:
        letters: list[DeadLetter] = []
        parked = await dead_letters.parked(connection, [envelope.subject for _, envelope in heard])
        subjects = Subjects(connection, self.service, self.kinds, self.new_id)
        await subjects.lock(envelope.subject for _, envelope in heard)
        kept = await _what_is_kept(connection, [envelope for _, envelope in heard])
        heard = [(record, envelope) for (record, _), envelope in zip(heard, kept, strict=True)]
        known = await self._known(connection, kept)
        times = await clock.read(connection, {envelope.operation for _, envelope in heard}, self.real_time())
        taken: list[Envelope] = []
        for record, envelope in heard:
            identity = (envelope.source, envelope.id)
            if identity in known:
                if known[identity] == digest(envelope):
                    metrics.DUPLICATES.inc()
                else:
                    letters.append(DeadLetter(record, CONFLICT, _OTHER_CONTENT))
                continue
            if envelope.emptied is not None:
                known[identity] = digest(envelope)
                taken.append(envelope)
                continue
            if envelope.subject in parked:
                letters.append(DeadLetter(record, WAITING, "waits behind a failed fact of the same subject"))
                continue
            put_aside = await self._apply(subjects, record, envelope, times)
            if put_aside is None:
                known[identity] = digest(envelope)
                taken.append(envelope)
            else:
                letters.append(put_aside)
                if put_aside.kind == FAILED:
                    parked.add(envelope.subject)
        await self._store(connection, subjects, taken)
        return letters

    async def _apply(
        self,
        subjects: Subjects,
        record: Record,
        envelope: Envelope,
        times: Mapping[str, datetime],
    ) -> DeadLetter | None:
        try:
            event = envelope.event()
        except Undecodable as error:
            return DeadLetter(record, UNDECODABLE, str(error))
        try:
            await self._effect(subjects, envelope, event, times[envelope.operation])
        except Exception as error:
            log.exception("a handler failed; its subject is parked", type=envelope.type, id=envelope.id)
            return DeadLetter(record, FAILED, f"{type(error).__name__} while handling {envelope.type}")
        return None

    async def _effect(self, subjects: Subjects, envelope: Envelope, event: Event, at: datetime) -> None:
        row = subjects.by_id(envelope.subject)
        if row is None:
            about = event.about if event.about in self.kinds else None
            if about is None or isinstance(event, FactRetracted):
                return  # a retraction of something never heard of, or a kind of subject this service does not keep
            row = subjects.start(envelope.subject, self.kinds[about], envelope.operation, envelope.partner or NETWORK)
        before = row.state
        subjects.hear(row, envelope.id, event)
        try:
            await subjects.refold_where_needed([row], [event])
            now = Now(
                subject=row.id,
                today=berlin_day(at),
                at=at,
                operation=row.operation,
                partner=envelope.partner or row.owner,
                role="",
                new_id=self.new_id,
                owner=row.owner,
                led_to=await subjects.led_to(row, event.retracts) if isinstance(event, FactRetracted) else {},
            )
            cause = Cause(envelope.cause.correlation, envelope.id, envelope.cause.traceparent)
            before_loss = self.answered.get(envelope.id, ())
            facts: Sequence[Event] = subjects.tell_again([row], before_loss) if before_loss else []
            if not before_loss:
                facts = [
                    fact
                    for kind, react in self.handlers.reactions.get(event.type, ())
                    if kind.name == row.kind.name
                    for fact in react(row.state, event, now)
                ]
                subjects.tell([row], facts, cause, self.real_time())
            await subjects.refold_where_needed([row], facts)
        except Exception:
            subjects.unhear(row, before)
            raise
        metrics.FACTS_HEARD.labels(type=event.type).inc()

    async def _was_taken_back(self, connection: AsyncConnection, envelope: Envelope) -> bool:
        """Whether a fact that lay among the dead letters was retracted meanwhile: it is noted then, without effect."""
        found = await connection.execute(
            text("""
                select exists (select from inbox where subject = :subject and type = :retraction and source = :source
                and convert_from(nullif(value, ''), 'UTF8')::jsonb ->> 'retracts' = :id)"""),
            {
                "subject": envelope.subject,
                "retraction": FactRetracted.type,
                "source": envelope.source,
                "id": envelope.id,
            },
        )
        return bool(found.scalar_one())

    async def _known(self, connection: AsyncConnection, envelopes: Sequence[Envelope]) -> dict[tuple[str, str], bytes]:
        found = await connection.execute(
            text("select source, id::text as id, digest from inbox where id = any(cast(:ids as uuid[]))"),
            {"ids": [envelope.id for envelope in envelopes]},
        )
        return {(row.source, row.id): row.digest for row in found}

    async def _store(self, connection: AsyncConnection, subjects: Subjects, envelopes: Sequence[Envelope]) -> None:
        places = await subjects.places()
        await self._note(connection, envelopes, places)
        await subjects.store(places)

    async def _note(
        self, connection: AsyncConnection, envelopes: Sequence[Envelope], places: Mapping[str, int]
    ) -> None:
        if not envelopes:
            return
        await connection.execute(
            text("""
                insert into inbox (position, source, id, digest, type, subject, value)
                select coalesce(position, nextval('fact_position')), source, id, digest, type, subject, value
                from unnest(cast(:positions as bigint[]), cast(:sources as text[]), cast(:ids as uuid[]),
                            cast(:digests as bytea[]), cast(:types as text[]), cast(:subjects as text[]),
                            cast(:values as bytea[]))
                    with ordinality as new (position, source, id, digest, type, subject, value, place)
                order by place"""),
            {
                "positions": [places.get(one.id) for one in envelopes],
                "sources": [one.source for one in envelopes],
                "ids": [one.id for one in envelopes],
                "digests": [digest(one) for one in envelopes],
                "types": [one.type for one in envelopes],
                "subjects": [one.subject for one in envelopes],
                "values": [one.value for one in envelopes],
            },
        )
