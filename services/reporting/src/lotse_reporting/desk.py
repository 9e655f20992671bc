"""Units under lock: families in memory as of their version, folded from the journal where they are not."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import astuple
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.case import Fact
from lotse_reporting.decoding import Heard, body_of
from lotse_reporting.ledger import JOINING, Family, Given, Postings, fold
from lotse_reporting.store import JOURNAL_COLUMNS, Build

APPLIED: Final = "applied"
WAITING: Final = "waiting"
DISCARDED: Final = "discarded"
_JOURNALLED: Final = len(JOURNAL_COLUMNS) - 2


@dataclass(slots=True)
class Folder:
    """What is kept in memory about one family: right as long as the version of its root is this one."""

    version: int
    operation: str
    merged: bool
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    """(subject, source) to the last number of that publisher's facts that was taken in."""
    families: dict[int, Family] = field(default_factory=dict)
    """By build."""
    weight: int = 0
    """Facts in memory, about, when it was kept."""

    def weigh(self) -> None:
        """Note how many facts it keeps in memory now."""
        self.weight = 1
        for family in self.families.values():
            self.weight += family.size


class Memory:
    """The folders of the units heard of last, bounded by the number of their facts."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._folders: OrderedDict[str, Folder] = OrderedDict()

    def get(self, root: str) -> Folder | None:
        """A folder as it was left."""
        return self._folders.get(root)

    def put(self, root: str, folder: Folder) -> None:
        """Keep a folder, and let go of those not used for longest."""
        self.drop(root)
        folder.weigh()
        self._folders[root] = folder
        self._size += folder.weight
        while self._size > self._limit and len(self._folders) > 1:
            _, oldest = self._folders.popitem(last=False)
            self._size -= oldest.weight

    def drop(self, root: str) -> None:
        """Forget a folder: it is no longer right."""
        found = self._folders.pop(root, None)
        if found is not None:
            self._size -= found.weight

    def clear(self) -> None:
        """Forget everything: a transaction that changed folders was undone."""
        self._folders.clear()
        self._size = 0


def row_of(heard: Heard, topic_id: str, state: str) -> tuple[Any, ...]:
    """A record as a row of the journal, in the order of its columns."""
    return astuple(heard)[:_JOURNALLED] + (topic_id, state)  # noqa: RUF005 - twice as fast, and once for every fact


def fact_of(heard: Heard) -> Fact:
    """A record as the fold sees it."""
    return Fact(heard.id, heard.type, heard.subject, heard.body, (heard.known, heard.partition, heard.offset))


def applied(rows: Iterable[Any]) -> list[Fact]:
    """The journal rows that were applied, as the fold sees them.

    Facts of types not known here mean nothing to it, and emptied ones nothing any more.
    """
    found = []
    for row in rows:
        if row.state == APPLIED and row.value:
            body = body_of(row.type, row.value, row.subject, row.operation)
            if body is not None:
                found.append(Fact(row.id, row.type, row.subject, body, (row.known, row.partition, row.kafka_offset)))
    return found


async def history(connection: AsyncConnection, subjects: Iterable[str]) -> Sequence[Any]:
    """All journal rows about these subjects, in the order of their positions."""
    found = await connection.execute(
        text("""
            select id::text as id, source, type, subject, operation, sequence, value, known, partition, kafka_offset,
                state
            from journal where subject = any(:subjects) order by known, partition, kafka_offset"""),
        {"subjects": sorted(set(subjects))},
    )
    return found.all()


def given_of(settled: int | None, given_until: int | None) -> Given | None:
    """What is given of a unit, by these two of its columns, if anything is."""
    if settled is not None:
        return Given(settled, erased=True)
    return None if given_until is None else Given(given_until, erased=False)


class Desk:
    """The families of one transaction, locked in the order of their ids."""

    def __init__(self, connection: AsyncConnection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self.root: dict[str, str] = {}
        """Subject to the root of its family, of all that is locked."""
        self.members: dict[str, list[str]] = {}
        self.folders: dict[str, Folder] = {}
        """By root. Complete once `open_folders` was called."""
        self._operation: dict[str, str] = {}
        self._version: dict[str, int] = {}
        self._merged: set[str] = set()
        self._settled: set[str] = set()
        self._given: dict[str, Given] = {}
        self._new: set[str] = set()

    def operation_of(self, subject: str) -> str:
        """The operation a locked subject belongs to."""
        return self._operation[subject]

    async def lock(self, operations: Mapping[str, str]) -> None:
        """Lock subjects (with the operation they are heard of in) and their families, in the order of their ids.

        Subjects that nobody has heard of yet become units.
        """
        wanted = sorted(operations.keys() - self.root.keys())
        if not wanted:
            return
        await self._lock(wanted)
        missing = [one for one in wanted if one not in self.root]
        if missing:
            made = await self._connection.execute(
                text("""
                    insert into unit (id, root, operation)
                    select id, id, operation from unnest(cast(:ids as text[]), cast(:operations as text[]))
                        as new (id, operation) order by id
                    on conflict do nothing returning id, root, operation, merged, version, settled, given_until"""),
                {"ids": missing, "operations": [operations[one] for one in missing]},
            )
            for row in made:
                self._take(row)
                self._new.add(row.id)
            raced = [one for one in missing if one not in self.root]
            await self._lock(raced, have=sorted(self._merged))
        await self._lock(sorted(self._merged), have=sorted(self._merged))  # who joined while locks were waited for

    async def _lock(self, names: Sequence[str], have: Sequence[str] = ()) -> None:
        """Lock units and their families in the order of their ids, and count their versions up."""
        if not names:
            return
        locked = await self._connection.execute(
            text("""
                update unit set version = unit.version + 1
                from (
                    select id from unit
                    where id in (
                        select unnest(cast(:names as text[]))
                        union
                        select member.id from unit named join unit member on member.root = named.root
                        where named.id = any(:names) and named.merged and member.merged)
                    and id <> all(:have)
                    order by id for update) as mine
                where unit.id = mine.id
                returning unit.id, unit.root, unit.operation, unit.merged, unit.version, unit.settled,
                    unit.given_until"""),
            {"names": list(names), "have": list(have)},
        )
        for row in locked:
            self._take(row)

    def _take(self, row: Any) -> None:  # noqa: ANN401 - a result row
        subject, root, operation, merged, version, settled, given_until = row
        self.root[subject] = root
        self.members.setdefault(root, []).append(subject)
        self._operation[subject] = operation
        self._version[subject] = version
        if merged:
            self._merged.add(subject)
        if settled is not None:
            self._settled.add(subject)
        given = given_of(settled, given_until)
        if given is not None:
            self._given[subject] = given

    def is_settled(self, subject: str) -> bool:
        """Whether a locked subject's person was erased, so that nothing changes it any more."""
        return subject in self._settled

    def given(self, members: Iterable[str]) -> dict[str, Given]:
        """What is given of these locked subjects, where something is."""
        return {one: self._given[one] for one in members if one in self._given}

    def is_merged(self, subject: str) -> bool:
        """Whether a locked subject ever merged: its facts wait for the watermark."""
        return subject in self._merged

    async def join(self, one: str, other: str) -> tuple[str, dict[str, list[str]]]:
        """Make one family of two locked subjects; gives its root, and the members of the families that were."""
        before = {old: self.members.pop(old) for old in sorted({self.root[one], self.root[other]})}
        root = next(iter(before))
        members = sorted(member for old in before.values() for member in old)
        await self._connection.execute(
            text("update unit set root = :root, merged = true where id = any(:members)"),
            {"root": root, "members": members},
        )
        self.members[root] = members
        for member in members:
            self.root[member] = root
            self._merged.add(member)
            self._new.discard(member)
        for old in before:
            self._memory.drop(old)
        return root, before

    async def open_folders(self, needed: Mapping[str, Iterable[Build]]) -> None:
        """Have the folder of every locked family ready, folded for the builds it will be posted to (by root)."""
        cold: dict[str, list[Build]] = {}
        for root, members in self.members.items():
            if self._settled.issuperset(members):
                continue  # nothing changes it any more
            folder = self._memory.get(root)
            if folder is None or folder.version != self._version[root] - 1:
                folder = Folder(self._version[root], self._operation[root], merged=root in self._merged)
                lacking = list(needed.get(root, ()))
                if not self._new.issuperset(members):
                    cold[root] = lacking
                else:
                    folder.families = {one.number: Family(one.number, one.rules) for one in lacking}
            else:
                folder.version = self._version[root]
                lacking = [one for one in needed.get(root, ()) if one.number not in folder.families]
                if lacking:
                    cold[root] = lacking
            self.folders[root] = folder
        if cold:
            await self._read(cold)

    async def _read(self, cold: Mapping[str, Sequence[Build]]) -> None:
        rows: dict[str, list[Any]] = {root: [] for root in cold}
        for row in await history(self._connection, [one for root in cold for one in self.members[root]]):
            rows[self.root[row.subject]].append(row)
        for root, builds in cold.items():
            folder = self.folders[root]
            folder.done = {}
            for row in rows[root]:
                if row.state != WAITING:
                    key = (row.subject, row.source)
                    folder.done[key] = max(folder.done.get(key, 0), row.sequence)
            facts, given = applied(rows[root]), self.given(self.members[root])
            for build in builds:
                folder.families[build.number], _ = fold(
                    build.number, build.rules, facts, build.known_until, given=given, quiet=True
                )

    def keep(self) -> None:
        """Leave the folders in memory for the next transaction."""
        for root, folder in self.folders.items():
            self._memory.put(root, folder)

    def drop(self, root: str) -> None:
        """A folder is no longer right: whoever needs it next folds it from the journal."""
        self.folders.pop(root, None)
        self._memory.drop(root)


def apply(folder: Folder, root: str, builds: Sequence[Build], fact: Fact, postings: Postings) -> None:
    """Advance a family in every build that takes the fact, and post what changes: for all of them or for none.

    When it raises, the folder is no longer right.
    """
    taking = [build for build in builds if build.takes(root, fact.position[0])]
    if len(taking) == 1:
        folder.families[taking[0].number].advance(fact, postings)
    elif taking:
        changed = Postings()
        for build in taking:
            folder.families[build.number].advance(fact, changed)
        postings.add(changed)


def joined_by(kind: str, body: Any) -> str | None:  # noqa: ANN401 - the fields of any fact
    """The other unit that a fact makes or unmakes a family with."""
    name = JOINING.get(kind)
    return str(getattr(body, name)) if name and body is not None else None
