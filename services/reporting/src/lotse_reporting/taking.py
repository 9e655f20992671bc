"""Taking facts in, in one transaction: under lock, into the builds that take them, or to wait with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import structlog
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.reporting import ProgrammeApplied
from lotse_shared.envelope import header
from lotse_shared.erasing import ERASED
from lotse_shared.messaging import dead_letters
from lotse_shared.messaging.dead_letters import FAILED, GAP, UNDECODABLE, DeadLetter
from lotse_shared.messaging.erasures import note_erased
from lotse_shared.messaging.records import Record
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting import editions, operations
from lotse_reporting.decoding import Heard
from lotse_reporting.desk import Desk, applied, apply, fact_of, history, joined_by
from lotse_reporting.ledger import CONCERNING_FAMILIES, MERGING, Postings, fold
from lotse_reporting.store import CHANNEL, Build, post

PARKING: Final = (UNDECODABLE, FAILED, GAP)
"""Kinds of dead letters behind which the later facts of a unit wait."""

SHOWN: Final = 10
"""How many missing numbers are named: enough to see, whatever number a record claims."""

log = structlog.get_logger()


@dataclass(slots=True)
class Taking:
    """One transaction: what it holds, and what it has to write when all facts were looked at."""

    connection: AsyncConnection
    topic_id: str
    desk: Desk
    builds: dict[str, list[Build]] = field(default_factory=dict)
    """By operation."""
    parked: set[str] = field(default_factory=set)
    """Roots of families whose facts wait for a human."""
    expected: set[tuple[str, str, int]] = field(default_factory=set)
    """(subject, source, number) of facts that will be taken in by this transaction as well: no gap before them."""
    posted: dict[str, Postings] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Operations with something new."""
    about_operations: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    """Subjects of people who were erased, or merged with somebody who was: their units are to be settled."""

    async def open(
        self, subjects: Mapping[str, str], knowns: Mapping[str, int], joins: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Lock subjects (with their operations), make families of those that merge, have everything folded.

        `knowns`: the earliest knowledge time of the facts to come, by subject.
        """
        desk = self.desk
        await desk.lock(subjects)
        joined = [
            await desk.join(one, other)
            for one, other in joins
            if desk.operation_of(one) == desk.operation_of(other)
            and not desk.is_settled(one)
            and (desk.root[one] != desk.root[other] or not desk.is_merged(one))
        ]
        self.builds = await editions.posted_to(self.connection, map(desk.operation_of, desk.root))
        for root, before in joined:
            await self._catch_up(root, before)
        earliest: dict[str, int] = {}
        for subject, known in knowns.items():
            root = desk.root[subject]
            earliest[root] = min(known, earliest.get(root, known))
        await desk.open_folders(
            {
                root: [one for one in self.builds.get(desk.operation_of(root), ()) if one.takes(root, known)]
                for root, known in earliest.items()
            }
        )
        self.parked = await self._parked()

    async def _catch_up(self, root: str, before: Mapping[str, Sequence[str]]) -> None:
        """Units that a build in progress has not come to join a family that it has passed: post their past now."""
        for build in self.builds.get(self.desk.operation_of(root), ()):
            if not build.building or root > build.cursor:
                continue
            for old, members in before.items():
                if old > build.cursor:
                    rows = await history(self.connection, members)
                    given = self.desk.given(members)
                    _, postings = fold(build.number, build.rules, applied(rows), build.known_until, given=given)
                    self._postings(build.operation).add(postings)

    async def _parked(self) -> set[str]:
        root = self.desk.root
        found = await self.connection.execute(
            text("""
                select distinct subject from dead_letter
                where state = 'open' and kind = any(:parking) and subject = any(:subjects)"""),
            {"parking": list(PARKING), "subjects": sorted(root)},
        )
        return {root[row.subject] for row in found}

    def fits(self, one: Heard) -> bool:
        """Whether a fact belongs to the operation of its subject, and of the one that it merges that with."""
        if self.desk.operation_of(one.subject) != one.operation:
            return False
        other = joined_by(one.type, one.body)
        return other is None or self.desk.operation_of(other) == one.operation

    def run(self, told: Sequence[Heard]) -> tuple[int, tuple[str, str] | None]:
        """Fold facts of one subject on up to the first that is not plain; gives how many, and why that one failed.

        Nearly every fact is plain: of its subject's operation, the next of its publisher, about nothing but its unit.
        What is to be asked about it is asked once for all of them.
        """
        first = told[0]
        subject, operation = first.subject, first.operation
        root = self.desk.root.get(subject)
        if root is None or subject == operation or root in self.parked or self.desk.is_merged(subject):
            return 0, None
        builds = self.builds.get(operation, ())
        taking = [build for build in builds if build.takes(root, first.known)]
        last_taking = taking if len(told) == 1 else [build for build in builds if build.takes(root, told[-1].known)]
        if len(taking) > 1 or taking != last_taking:
            return 0, None
        folder = self.desk.folders[root]
        done, postings = folder.done, self._postings(operation)
        advance = folder.families[taking[0].number].advance if taking else None
        heeded = taking[0].rules.heeded if taking else frozenset()
        belongs = self.desk.operation_of(subject)
        self.changed.add(operation)
        for number, one in enumerate(told):
            key = (subject, one.source)
            last = done.get(key, 0)
            if (
                one.sequence > last + 1
                or one.body is None
                or one.operation != belongs
                or one.type in CONCERNING_FAMILIES
            ):
                return number, None
            if advance is not None and (one.type in heeded or one.body.supersedes is not None):
                try:
                    advance(fact_of(one), postings)
                except Exception as error:  # noqa: BLE001 - whatever it is, the unit is parked and others flow
                    return number, self._failed(root, one, error)
            if one.sequence > last:
                done[key] = one.sequence
        return len(told), None

    def _failed(self, root: str, one: Heard, error: Exception) -> tuple[str, str]:
        """A fact that cannot be folded: its unit is parked, and what was kept of it in memory is no longer right."""
        log.error("a fact could not be folded; its unit is parked", type=one.type, id=one.id, exc_info=error)
        self.parked.add(root)
        self.desk.drop(root)
        return FAILED, f"{type(error).__name__} while folding {one.type}"

    async def apply(self, one: Heard, *, accepted: bool = False) -> tuple[str, str] | None:
        """Fold a fact on. Otherwise its unit is parked, and (kind, reason) of its dead letter says why.

        `accepted`: whatever is missing before it, a human decided to do without.
        """
        root = self.desk.root[one.subject]
        folder = self.desk.folders[root]
        key = (one.subject, one.source)
        last = folder.done.get(key, 0)
        if one.sequence > last + 1 and not accepted:
            missing = await self._missing(one, last)
            if missing:
                self.parked.add(root)
                return GAP, f"of the facts of {one.source} about this subject, number {missing} is missing"
        if one.body is not None:
            try:
                if one.type == ProgrammeApplied.type:
                    editions.check_definition(one.body.definition)
                apply(folder, root, self.builds.get(one.operation, ()), fact_of(one), self._postings(one.operation))
            except Exception as error:  # noqa: BLE001 - whatever it is, the unit is parked and the others flow
                return self._failed(root, one, error)
            if one.type == ProgrammeApplied.type:
                await editions.begin(self.connection, one.operation, one.body.definition, one.known)
                self.builds |= await editions.posted_to(self.connection, [one.operation])
            elif one.subject == one.operation and one.type in {*operations.FOLLOWED, FactRetracted.type}:
                self.about_operations.add(one.operation)
        folder.done[key] = max(last, one.sequence)
        self.changed.add(one.operation)
        self._note_erasure(one)
        return None

    def _note_erasure(self, one: Heard) -> None:
        other = joined_by(one.type, one.body)
        if one.type == ERASED or (one.type in MERGING and other is not None and self.desk.is_settled(other)):
            self.erased.add(one.subject)

    async def _missing(self, one: Heard, last: int) -> str:
        """The numbers missing before a fact that nobody has decided to do without."""
        found = await self.connection.execute(
            text("select headers from dead_letter where state = 'discarded' and subject = :subject"),
            {"subject": one.subject},
        )
        accepted = {
            number for subject, source, number in self.expected if (subject, source) == (one.subject, one.source)
        }
        for row in found:
            headers = dict(row.headers)
            if headers.get("ce_source") == one.source and headers.get("ce_sequence", "").isdigit():
                accepted.add(int(headers["ce_sequence"]))
        numbers = (number for number in range(last + 1, one.sequence) if number not in accepted)
        missing = list(islice(numbers, SHOWN + 1))
        return ", ".join(map(str, missing[:SHOWN])) + (", ..." if len(missing) > SHOWN else "")

    def put_aside(self, record: Record, known: int, kind: str, reason: str) -> None:
        """Note a dead letter; the later facts of its subject wait behind it, if it is of that kind.

        A dead letter keeps its knowledge time as its append time.
        """
        self.letters.append(DeadLetter(replace(record, appended=known), kind, reason))
        subject = header(record.headers, "ce_subject")
        if kind in PARKING and subject in self.desk.root:
            self.parked.add(self.desk.root[subject])

    def _postings(self, operation: str) -> Postings:
        found = self.posted.get(operation)
        if found is None:
            found = self.posted[operation] = Postings()
        return found

    async def finish(self) -> None:
        """Write ledger and dead letters, leave the units in memory, and tell the pages."""
        await post(self.connection, self.posted, self.builds)
        await dead_letters.keep(self.connection, self.topic_id, self.letters)
        await operations.follow(self.connection, self.about_operations)
        await note_erased(self.connection, self.erased)
        self.desk.keep()
        if self.changed:
            await self.connection.execute(
                text(f"select pg_notify('{CHANNEL}', :operations)"),
                {"operations": " ".join(sorted(self.changed))[:7000]},
            )
