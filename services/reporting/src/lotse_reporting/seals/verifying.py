"""The proof that nothing was altered: every fact is what was heard, every seal what ledger and journal lead to."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice, pairwise
from typing import Any, Final

import rfc8785
from lotse_shared.contracts.reporting import ProgrammeApplied, ReportSealed
from lotse_shared.envelope import Undecodable
from lotse_shared.messaging.dead_letters import GAP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting import editions
from lotse_reporting.positions import complete_up_to
from lotse_reporting.report import NoReport, NotYet, instant, read_report
from lotse_reporting.seals.anchor import journal_digests
from lotse_reporting.seals.sealed import Sealed, read_seals
from lotse_reporting.store import snapshot

SHOWN: Final = 10
"""How many missing numbers are named."""


@dataclass(frozen=True, slots=True)
class Altered:
    """Something that is not what it was: what it is, and how it is known."""

    what: str
    why: str

    def __str__(self) -> str:
        """As a line for people."""
        return f"{self.what}: {self.why}"


async def verify(engine: AsyncEngine, now: datetime) -> list[Altered]:
    """Whatever in journal, definitions and seals is not what it was when it was heard, applied, sealed."""
    async with snapshot(engine) as connection:
        found = [one async for one in _facts(connection)]
        found += [one async for one in _missing(connection)]
        found += [one async for one in _definitions(connection)]
        found += await _seals(connection, now)
    return found


async def _facts(connection: AsyncConnection) -> AsyncIterator[Altered]:
    """Facts whose own hash is not that of their type, subject, time and value.

    Of a fact whose person was erased, under this id or one merged with it, nothing but that hash is left: it is taken
    as given.
    """
    rows = await connection.stream(
        text("""
            select id, type, subject, operation, time, value, digest,
                value = '' and (
                    exists (select from erasure where erasure.subject = journal.subject)
                    or exists (select from unit where unit.id = journal.subject and unit.settled is not null)
                ) as emptied
            from journal""")
    )
    async for row in rows:
        head = f"{row.type}\n{row.subject}\n{row.time.isoformat()}\n".encode()
        if not row.emptied and hashlib.sha256(head + row.value).digest() != row.digest:
            yield Altered(f"fact {row.id} of {row.operation}", f"this {row.type} is not what was heard")


async def _missing(connection: AsyncConnection) -> AsyncIterator[Altered]:
    """Numbers of a publisher's facts about a subject that are not there; those a dead letter accounts for are."""
    found = await connection.execute(
        text("""
            select operation, subject, source, array_agg(sequence order by sequence) as numbers from journal
            group by operation, subject, source having count(distinct sequence) <> max(sequence)"""),
    )
    for row in found.all():
        letters = await connection.execute(
            text("select kind, state, headers from dead_letter where subject = :subject and source = :source"),
            {"subject": row.subject, "source": row.source},
        )
        aside, without = set(), 0
        for letter in letters:
            number = int(dict(letter.headers).get("ce_sequence", 0))
            aside.add(number)
            if letter.kind == GAP and letter.state != "retried":
                without = max(without, number)
        jumps = (range(before + 1, number) for before, number in pairwise((0, *row.numbers)))
        missing = (number for number in chain.from_iterable(jumps) if number > without and number not in aside)
        if named := ", ".join(map(str, islice(missing, SHOWN))):
            yield Altered(
                f"facts of {row.operation}",
                f"{row.source} told number {named} about {row.subject}, and the journal has it no more",
            )


async def _definitions(connection: AsyncConnection) -> AsyncIterator[Altered]:
    """Editions whose definitions are not those of a programme file that was applied."""
    applied = await connection.execute(
        text("select operation, value from journal where type = :type"), {"type": ProgrammeApplied.type}
    )
    known = set()
    for row in applied:
        try:
            known.add((row.operation, editions.digest(ProgrammeApplied.from_bytes(row.value).definition)))
        except Undecodable:
            continue  # named as a fact that is not what was heard
    builds = await connection.execute(
        text("select operation, edition, definition, digest from build where state <> 'retired' order by number")
    )
    for row in builds:
        digest = editions.digest(row.definition)
        if digest != row.digest or (row.operation, digest) not in known:
            yield Altered(f"edition {row.edition} of {row.operation}", "its definitions are none that were applied")


async def _seals(connection: AsyncConnection, now: datetime) -> list[Altered]:
    found = [one async for one in _lost(connection)]
    by_operation: dict[str, list[Sealed]] = {}
    for one in await read_seals(connection):
        by_operation.setdefault(one.operation, []).append(one)
    for operation, seals in by_operation.items():
        digests = await journal_digests(connection, operation, (one.known for one in seals))
        for one in seals:
            found += [Altered(f"seal {one.seal} of {operation}", why) for why in await _broken(connection, one, now)]
            if digests[one.known] != one.journal_digest:
                why = "the facts known when it was sealed are not those that were known then"
                found.append(Altered(f"seal {one.seal} of {operation}", why))
    return found


async def _lost(connection: AsyncConnection) -> AsyncIterator[Altered]:
    """What reporting told itself and must have heard by now."""
    found = await connection.execute(
        text("""
            select outbox.id, outbox.type, outbox.subject from outbox
            where appended < :complete and type = any(:types)
            and not exists (select from journal where journal.id = outbox.id)
            and not exists (select from dead_letter where dead_letter.id = outbox.id::text)"""),
        {"complete": await complete_up_to(connection), "types": [ProgrammeApplied.type, ReportSealed.type]},
    )
    for row in found:
        yield Altered(f"fact {row.id} of {row.subject}", f"this {row.type} was told, and the journal has it no more")


async def _broken(connection: AsyncConnection, one: Sealed, now: datetime) -> list[str]:
    """What of a seal is not what ledger and definitions lead to."""
    found = []
    if hashlib.sha256(rfc8785.dumps(dict(one.report))).hexdigest() != one.digest:
        found.append("its figures are not those of its hash")
    if one.definition and not one.edition.startswith(f"{editions.digest(one.definition)[:12]}-"):
        found.append("its definitions are not those of its edition")
    try:
        again = await read_report(connection, one.operation, as_of=one.as_of, known_at=instant(one.known), now=now)
    except (NoReport, NotYet) as error:
        return [*found, f"it cannot be made again: {error}"]
    if rfc8785.dumps(dict(again.report)) != rfc8785.dumps(dict(one.report)):
        found.append(f"the ledger leads to another report: {_difference(one.report, again.report)}")
    return found


def _difference(sealed: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """The figures that differ, or that something else does."""
    results = {row["id"]: row["result"] for row in again["indicators"]}
    moved = [
        f"{row['id']} is sealed as {row['result']} and leads to {results.get(row['id'])}"
        for row in sealed["indicators"]
        if row["result"] != results.get(row["id"])
    ]
    return "; ".join(moved) or "not a figure, but what stands around them"
