"""A topic in memory, facts to put on it, and what the ledger says: for tests of the reporting service."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from lotse_reporting import building
from lotse_reporting.case import Fact
from lotse_reporting.editions import digest
from lotse_reporting.gaps import is_built_in
from lotse_reporting.receiver import Receiver
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import AttendanceRecorded, GatheringHeld, MeasureJoined
from lotse_shared.contracts.codes import Audience, RetractionReason
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    OperationApproved,
    ParticipantEnrolled,
    PartnerJoined,
)
from lotse_shared.contracts.matching import EmployerAdvised, EmployerRegistered, PlacementMade
from lotse_shared.contracts.reporting import ProgrammeApplied
from lotse_shared.database import to_be_repeated, transaction
from lotse_shared.envelope import Cause, Envelope, Event, seal, to_headers
from lotse_shared.messaging.records import TICK, Record
from lotse_shared.programme import ProgrammeFile, read
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

PROGRAMMES = Path(__file__).parents[3] / "deploy" / "programmes"
BEGAN = 1_767_225_600_000
"""Append time of the first record: 2026-01-01 in milliseconds."""
PARTITIONS = 3
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def number(of: int) -> str:
    """An id that says which one it is."""
    return str(UUID(int=of))


def programme(name: str = "mehrlin") -> ProgrammeFile:
    """A programme file of the repository."""
    return read(f"{name}.yaml", (PROGRAMMES / f"{name}.yaml").read_text())


def other_definition() -> dict[str, Any]:
    """MEHRLiN with another age in its first row: another edition."""
    found = programme().programme.definition()
    found["indicators"][0]["moments"][0]["where"]["entry.age"] = {"at-least": 14, "at-most": 27}
    return found


class Topic:
    """Facts as a broker keeps them: partitions by key, offsets, append times; sequences as publishers count them."""

    def __init__(self, partitions: int = PARTITIONS) -> None:
        self.partitions: list[list[Record]] = [[] for _ in range(partitions)]
        self.at = BEGAN
        self.envelopes: dict[str, Envelope] = {}
        self._sequences: dict[tuple[str, str], int] = defaultdict(int)
        self._ids = 1_000_000

    def partition_of(self, subject: str) -> int:
        """Where a key goes."""
        return zlib.crc32(subject.encode()) % len(self.partitions)

    def tell(self, event: Event, *, source: str | None = None, skip: int = 0, later: int = 1) -> str:
        """Put a fact on the topic; gives its id. `skip`: numbers that the publisher counts but nobody hears."""
        self._ids += 1
        told_by = source or (event.source if event.source != "any" else "intake")
        self._sequences[told_by, event.subject] += 1 + skip
        envelope = seal(
            event,
            id=number(self._ids),
            source=told_by,
            time=datetime.fromtimestamp(BEGAN / 1000, UTC) + timedelta(milliseconds=self._ids),
            sequence=self._sequences[told_by, event.subject],
            cause=Cause(number(1)),
        )
        self.envelopes[envelope.id] = envelope
        self.put(envelope, later=later)
        return envelope.id

    def next_id(self, steps: int) -> str:
        """The id of a fact that will be told."""
        return number(self._ids + steps)

    def put(self, envelope: Envelope, *, later: int = 1) -> Record:
        """One record of a fact; called again it is a second delivery of the same fact."""
        return self.raw(tuple(to_headers(envelope)), envelope.value, envelope.subject.encode(), later=later)

    def raw(
        self,
        headers: tuple[tuple[str, bytes], ...],
        value: bytes | None,
        key: bytes = b"k",
        partition: int | None = None,
        later: int = 1,
    ) -> Record:
        """A record of any shape."""
        self.at += later
        where = self.partition_of(key.decode("utf-8", "replace")) if partition is None else partition
        record = Record(where, len(self.partitions[where]), self.at, key, headers, value)
        self.partitions[where].append(record)
        return record

    def remove(self, identity: str) -> None:
        """Take the last delivery of a fact off the topic, as if it had never been sent."""
        for records in self.partitions:
            for place, record in enumerate(records):
                if dict(record.headers).get("ce_id") == identity.encode():
                    del records[place]
                    records[place:] = [replace(one, offset=one.offset - 1) for one in records[place:]]
                    return

    def headers_of(self, envelope: Envelope, **changed: bytes) -> tuple[tuple[str, bytes], ...]:
        """The headers of a fact, some of them otherwise."""
        return tuple((dict(to_headers(envelope)) | changed).items())

    def tick(self, publisher: str = "reporting") -> None:
        """Control records in every partition: all that was appended before was heard."""
        sent = datetime.fromtimestamp(self.at / 1000, UTC).isoformat().encode()
        for partition in range(len(self.partitions)):
            headers = (("ce_type", TICK.encode()), ("ce_source", publisher.encode()), ("sent_up_to", sent))
            self.raw(headers, b"{}", partition=partition)

    def apply_programme(self, definition: Mapping[str, Any] | None = None) -> str:
        """A programme file comes into force."""
        found = dict(definition) if definition is not None else programme().programme.definition()
        return self.tell(
            ProgrammeApplied(
                operation=found["operation"],
                programme=found["programme"],
                digest=digest(found),
                definition=found,
            )
        )

    @property
    def records(self) -> list[Record]:
        """Everything in the order in which it was appended."""
        return sorted((one for partition in self.partitions for one in partition), key=lambda one: one.appended)


def facts_of(topic: Topic) -> list[Fact]:
    """What stands on a topic, as the fold sees it, in the order of positions."""
    found = []
    for record in topic.records:
        identity = dict(record.headers)["ce_id"].decode()
        envelope = topic.envelopes[identity]
        position = (record.appended, record.partition, record.offset)
        found.append(Fact(identity, envelope.type, envelope.subject, envelope.event(), position))
    return sorted(found, key=lambda one: one.position)


def network(operation: str = "mehrlin") -> Topic:
    """A topic on which an operation was approved and the partners spi and bbi joined."""
    topic = Topic()
    topic.tell(
        OperationApproved(
            operation=operation,
            programme="biwaq-2007-2013",
            approved_on=date(2011, 9, 1),
            first_day=date(2011, 10, 1),
            last_day=date(2014, 9, 30),
        )
    )
    for partner in ("spi", "bbi"):
        topic.tell(PartnerJoined(operation=operation, joined=partner, role="network-partner", joined_on="2011-10-01"))
    return topic


def enrolled(case: str, day: str = "2012-03-01", partner: str = "spi", **what: Any) -> ParticipantEnrolled:
    return ParticipantEnrolled(operation="mehrlin", case=case, partner=partner, entry_date=day, **what)


def joined(
    case: str, kind: str = "education", day: str = "2012-04-01", partner: str = "spi", measure: int = 77, **what: Any
) -> MeasureJoined:
    return MeasureJoined(
        operation="mehrlin", case=case, partner=partner, measure=number(measure), kind=kind, joined_on=day, **what
    )


def attended(
    case: str, day: str = "2012-05-01", measure: int = 78, presence: str = "present", kind: str = "health"
) -> AttendanceRecorded:
    return AttendanceRecorded(
        operation="mehrlin",
        case=case,
        partner="bbi",
        measure=number(measure),
        kind=kind,
        attended_on=day,
        presence=presence,
    )


def placed(
    case: str, kind: str = "insured", day: str = "2012-06-01", placement: int = 501, **what: Any
) -> PlacementMade:
    return PlacementMade(
        operation="mehrlin",
        case=case,
        partner="spi",
        placement=number(placement),
        kind=kind,
        labour_market=what.pop("labour_market", "first"),
        insured=what.pop("insured", True),
        starts_on=day,
        **what,
    )


def registered(employer: str, headcount: int | None = None) -> EmployerRegistered:
    return EmployerRegistered(
        operation="mehrlin", employer=employer, partner="bbi", headcount=headcount, registered_on="2012-01-10"
    )


def advised(employer: str, headcount: int | None, day: str = "2012-02-01", partner: str = "bbi") -> EmployerAdvised:
    return EmployerAdvised(
        operation="mehrlin",
        employer=employer,
        partner=partner,
        advised_on=day,
        advice="hiring",
        headcount=headcount,
    )


def gathered(gathering: str, heads: int, kind: str = "health", day: str = "2012-07-01") -> GatheringHeld:
    return GatheringHeld(
        operation="mehrlin",
        gathering=gathering,
        partner="spi",
        kind=kind,
        held_on=day,
        unlisted=heads,
        audience=Audience.PUBLIC,
    )


def retracted(subject: str, identity: str) -> FactRetracted:
    return FactRetracted(
        operation="mehrlin",
        subject_id=subject,
        partner="spi",
        retracts=identity,
        reason=RetractionReason.ENTERED_BY_MISTAKE,
    )


def merged(survivor: str, absorbed: str) -> tuple[Event, Event]:
    return (
        CasesMerged(operation="mehrlin", case=survivor, partner="spi", absorbed=absorbed),
        CaseAbsorbed(operation="mehrlin", case=absorbed, partner="spi", into=survivor),
    )


def separated(one: str, other: str) -> tuple[Event, Event]:
    return (
        CasesSeparated(operation="mehrlin", case=one, partner="spi", from_case=other),
        CasesSeparated(operation="mehrlin", case=other, partner="spi", from_case=one),
    )


def receiver(engine: AsyncEngine, partitions: int = PARTITIONS, facts_in_memory: int = 100_000) -> Receiver:
    return Receiver(engine, partitions, lambda: NOW, facts_in_memory)


async def hear(engine: AsyncEngine, topic: Topic, name: str = "topic", one: Receiver | None = None) -> None:
    """Read everything not yet read, in the order of append times, and compute new editions."""
    hearing = one or receiver(engine, len(topic.partitions))
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select partition, next_offset from position where topic_id = :name"), {"name": name}
        )
        at = {row.partition: row.next_offset for row in found}
    fresh = [record for record in topic.records if record.offset >= at.get(record.partition, 0)]
    if fresh:
        await hearing.receive(name, fresh)
    await build(engine)


async def begun(engine: AsyncEngine) -> Topic:
    """MEHRLiN with its programme in force, and nobody in it."""
    topic = network()
    topic.apply_programme()
    topic.tick()
    await hear(engine, topic)
    return topic


async def relay(engine: AsyncEngine, topic: Topic) -> None:
    """Put what reporting itself told on the topic, as its relay does."""
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("update outbox set sent_at = now() where sent_at is null returning position, subject, headers, value")
        )
        for row in sorted(found, key=lambda one: one.position):
            headers = tuple((name, content.encode()) for name, content in row.headers)
            topic.raw(headers, row.value, row.subject.encode())


async def build(engine: AsyncEngine) -> None:
    """Compute the editions that came into force, as the worker's task does."""
    for found in await building.unfinished(engine):
        await building.finish(engine, found)


async def rows(engine: AsyncEngine, build_state: str = "live") -> list[tuple[Any, ...]]:
    """The ledger without what may differ between builds: both clocks, never ids or numbers of builds.

    What became known when an edition had ended is left out: it was posted before its end was heard.
    """
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                select build.edition, build.known_from as since, unit, indicator, key, entry.partner, site, gender,
                    effective, quantity, event_ids::text, entry.known_from,
                    case when build.known_until is null or entry.known_until < build.known_until
                        then entry.known_until end as known_until
                from entry join build on build.number = entry.build
                where build.state = :state and (build.known_until is null or entry.known_from < build.known_until)"""),
            {"state": build_state},
        )
        return sorted((tuple(row) for row in found), key=repr)


async def counted(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    """The rows behind the figures of the report: without those of people who lack an answer."""
    return [row for row in await rows(engine) if not is_built_in(row[3])]


async def ask(client: httpx.AsyncClient, **asked: str) -> Any:
    """The live report of MEHRLiN, or as asked."""
    answer = await client.get("/operations/mehrlin/report", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def figures(client: httpx.AsyncClient, **asked: str) -> dict[str, int]:
    """Its results, by indicator."""
    return {row["id"]: row["result"] for row in (await ask(client, **asked))["report"]["indicators"]}


async def select(engine: AsyncEngine, query: str, **values: Any) -> Any:
    """Rows of a query."""
    async with transaction(engine) as connection:
        return (await connection.execute(text(query), values)).all()


async def letters(engine: AsyncEngine) -> list[Any]:
    """The open dead letters: number, kind, reason."""
    found = await select(engine, "select number, kind, reason from dead_letter where state = 'open' order by number")
    return [tuple(row) for row in found]


async def consume(engine: AsyncEngine, records: Sequence[Record], batch: int) -> None:
    """Read as a consumer does: batch by batch, a batch that fails again."""
    one = receiver(engine)
    for first in range(0, len(records), batch):
        while True:
            try:
                await one.receive("topic", records[first : first + batch])
                break
            except DBAPIError as error:
                if not to_be_repeated(error):
                    raise
