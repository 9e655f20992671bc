"""Entries with two clocks: facts in, postings out. Pure: the same facts give the same postings.

Each fact posts its own difference: an entry that no longer holds is closed, a new one opened, at the fact's knowledge
time, and never at the end of a batch. So live and rebuilt ledgers are the same, both clocks included.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from lotse_shared.contracts.intake import CaseAbsorbed, CasesMerged, CasesSeparated
from lotse_shared.contracts.matching import EmployerAbsorbed, EmployersMerged
from lotse_shared.erasing import ERASED
from msgspec import Struct
from msgspec.structs import replace

from lotse_reporting.case import Fact
from lotse_reporting.indicators import Candidate, Cell, Rules
from lotse_reporting.unit import Unit


class Opened(Struct, frozen=True, gc=False):
    """A new entry. `known_until` is set when it was closed again before it was written."""

    id: str
    build: int
    indicator: str
    unit: str
    key: str
    candidate: Candidate
    known_from: int
    known_until: int | None = None


@dataclass(slots=True)
class Postings:
    """What some facts change in the ledger of one build."""

    opened: dict[str, Opened] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)

    def open(self, entry: Opened) -> None:
        """Write a new entry."""
        self.opened[entry.id] = entry

    def close(self, identity: str, known: int) -> None:
        """End what an entry is known for."""
        if identity in self.opened:
            self.opened[identity] = replace(self.opened[identity], known_until=known)
        else:
            self.closed[identity] = known

    def known_before(self, known: int) -> Iterator[tuple[str, int, bool]]:
        """What was posted with an earlier knowledge time: entry, knowledge time, whether it was opened or closed."""
        for one in self.opened.values():
            if one.known_from < known:
                yield one.id, one.known_from, True
            if one.known_until is not None and one.known_until < known:
                yield one.id, one.known_until, False
        for identity, closed in self.closed.items():
            if closed < known:
                yield identity, closed, False

    def add(self, other: "Postings") -> None:
        """Take over later postings."""
        for entry in other.opened.values():
            self.open(entry)
        for identity, known in other.closed.items():
            self.close(identity, known)


def entry_id(build: int, indicator: str, unit: str, key: str, turn: int) -> str:
    """The id of a cell's entry: whoever folds the unit knows it, so that nothing has to be read to close an entry."""
    text = f"{build}\n{indicator}\n{unit}\n{key}\n{turn}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class Book:
    """The open entries of one unit with their turns, and the next turn of each cell that was closed."""

    open: dict[Cell, tuple[int, Candidate]] = field(default_factory=dict)
    turns: dict[Cell, int] = field(default_factory=dict)
    first: int = 0
    """The number of a cell's first turn: no other book of this unit has used it."""


class Given(NamedTuple):
    """What is counted of a subject before a moment (milliseconds) rests on facts that are emptied, and is given.

    Whoever was `erased` stays as it was. Anybody else was one with an erased person before: what it leads to by its own
    facts is opened anew at that moment, and goes on from there.
    """

    until: int
    erased: bool


_MERGED: Final = {CasesMerged.type: "absorbed", EmployersMerged.type: "absorbed"}
_ABSORBED: Final = {CaseAbsorbed.type: "into", EmployerAbsorbed.type: "into"}
MERGING: Final[Mapping[str, str]] = {**_MERGED, **_ABSORBED}
JOINING: Final[Mapping[str, str]] = {**MERGING, CasesSeparated.type: "from_case"}
"""Facts that make and unmake a family: type and the field that names the other unit."""

CONCERNING_FAMILIES: Final = frozenset({*JOINING, ERASED})
"""Facts that are about whole units, not about what happened in one."""


class Family:
    """A unit, or several that merge: who is one with whom, their units, their books.

    A merge is told once under each of two ids and holds from the later of the two; a separation likewise. Until then
    each is folded alone; from then on their facts are one history in the order of knowledge time. When somebody was
    erased, the unit stays as it was then, whatever is told later; so does one that is merged with it later.
    """

    __slots__ = ("_build", "_halves", "_rules", "books", "closed", "quiet", "size", "together", "units", "where")

    def __init__(self, build: int, rules: Rules, *, quiet: bool = False) -> None:
        self.quiet = quiet
        """Keeps its books but posts nothing: for what has been posted before."""
        self._build = build
        self._rules = rules
        self._halves: dict[tuple[str, str], dict[str, int]] = {}
        self.units: dict[str, Unit] = {}
        """By the surviving id."""
        self.where: dict[str, str] = {}
        """Subject to surviving id."""
        self.books: dict[str, Book] = {}
        self.closed: set[str] = set()
        """Surviving ids of units that nothing changes any more."""
        self.together: list[frozenset[str]] = []
        """Subjects that were one unit at some time."""
        self.size = 0
        """How many facts it keeps in memory, about."""

    def advance(self, fact: Fact, postings: Postings) -> None:
        """Take one more fact in, and post what it changes in the ledger. Nothing is posted when the fold raises.

        The facts of a family must come in the order of their positions, those of a single unit in theirs.
        """
        self.size += 1
        subject = fact.subject
        if subject not in self.where:
            self.where[subject] = subject
            self.units[subject] = Unit(self._rules)
        unit = self.where[subject]
        if unit in self.closed:
            return
        if fact.type in CONCERNING_FAMILIES:
            self._concern(fact, postings)
            return
        changed = self.units[unit].advance(fact)
        if changed:
            self._post(unit, changed, fact.position[0], postings)

    def go_on(self, known: int, given: Mapping[str, Given], postings: Postings) -> None:
        """From this moment on nothing changes those who were erased, and the others go on by their own facts."""
        mine = {one: what for one, what in given.items() if what.until == known}
        for one, what in mine.items():
            if one not in self.where:
                self.where[one] = one
                self.units[one] = Unit(self._rules)
            if what.erased:
                self.closed.add(self.where[one])
            else:
                self.books[one] = Book(first=known)
        for unit in sorted({self.where[one] for one, what in mine.items() if not what.erased}):
            self._post(unit, list(self.units[unit].cells), known, postings)

    @property
    def erased(self) -> frozenset[str]:
        """All subjects of the units that nothing changes any more."""
        return frozenset(one for one, unit in self.where.items() if unit in self.closed)

    def _concern(self, fact: Fact, postings: Postings) -> None:
        if fact.type == ERASED:
            self.closed.add(self.where[fact.subject])
            return
        other = str(getattr(fact.body, JOINING[fact.type]))
        if self.where.get(other) not in self.closed:
            self._join(fact, postings)
        elif fact.type in MERGING:
            self.closed.add(self.where[fact.subject])

    def _join(self, fact: Fact, postings: Postings) -> None:
        other = str(getattr(fact.body, JOINING[fact.type]))
        for one in (other, fact.subject):
            if one not in self.where:
                self.where[one] = one
                self.units[one] = Unit(self._rules)
        if fact.type in _MERGED:
            self._half((fact.subject, other), "merged")
        elif fact.type in _ABSORBED:
            self._half((other, fact.subject), "absorbed")
        else:
            for pair in ((fact.subject, other), (other, fact.subject)):
                if pair in self._halves:
                    self._half(pair, f"separated {fact.subject}")
        self._regroup(fact.position[0], postings)

    def _half(self, pair: tuple[str, str], half: str) -> None:
        halves = self._halves.setdefault(pair, {})
        halves[half] = halves.get(half, 0) + 1

    def _regroup(self, known: int, postings: Postings) -> None:
        where = self._survivors()
        moved = {one for one in where if where[one] != self.where[one]}
        if not moved:
            return
        touched = {self.where[one] for one in moved} | {where[one] for one in moved}
        facts: dict[str, list[Fact]] = {}
        for unit in touched & self.units.keys():
            for fact in self.units.pop(unit).facts:
                facts.setdefault(where[fact.subject], []).append(fact)
        self.where = where
        for unit in sorted(touched):
            if unit in where.values():
                self.together.append(frozenset(one for one in where if where[one] == unit))
                self.units[unit] = Unit(self._rules, sorted(facts.get(unit, ()), key=lambda fact: fact.position))
            cells = self.units[unit].cells if unit in self.units else {}
            book = self.books.get(unit) or Book()
            self._post(unit, dict.fromkeys((*book.open, *cells)), known, postings)

    def _survivors(self) -> dict[str, str]:
        into: dict[str, str] = {}
        for (survivor, absorbed), halves in self._halves.items():
            merges = min(halves.get("merged", 0), halves.get("absorbed", 0))
            splits = min(halves.get(f"separated {survivor}", 0), halves.get(f"separated {absorbed}", 0))
            if merges > splits:
                into[absorbed] = survivor
        return {one: _last(one, into) for one in self.where}

    def _post(self, unit: str, cells: Iterable[Cell], known: int, postings: Postings) -> None:
        """Post what changed in these cells of a unit."""
        book = self.books.get(unit)
        if book is None:
            book = self.books[unit] = Book()
        candidates = self.units[unit].cells if unit in self.units else {}
        for cell in cells:
            now = candidates[cell][0] if cell in candidates else None
            before = book.open.get(cell)
            if _same(before[1] if before else None, now):
                continue
            if before is not None:
                del book.open[cell]
                book.turns[cell] = before[0] + 1
                self._close(postings, unit, cell, before[0], known)
            if now is not None:
                turn = book.turns.get(cell, book.first)
                book.open[cell] = (turn, now)
                self._open(postings, unit, cell, turn, now, known)

    def _close(self, postings: Postings, unit: str, cell: Cell, turn: int, known: int) -> None:
        if not self.quiet:
            postings.close(entry_id(self._build, self._rules.indicators[cell[0]].id, unit, cell[1], turn), known)

    def _open(self, postings: Postings, unit: str, cell: Cell, turn: int, now: Candidate, known: int) -> None:
        if not self.quiet:
            indicator = self._rules.indicators[cell[0]].id
            identity = entry_id(self._build, indicator, unit, cell[1], turn)
            postings.open(Opened(identity, self._build, indicator, unit, cell[1], now, known))


def _same(before: Candidate | None, now: Candidate | None) -> bool:
    """Whether a cell's entry goes on: both say the same, or there is none."""
    return before is now or (before is not None and now is not None and before.says() == now.says())


def _last(one: str, into: Mapping[str, str]) -> str:
    """Who survives at the end of a chain of merges; a circle, which deciding services refuse, ends at its least id."""
    seen = [one]
    while seen[-1] in into:
        following = into[seen[-1]]
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def fold(
    build: int,
    rules: Rules,
    facts: Iterable[Fact],
    until: int | None = None,
    *,
    given: Mapping[str, Given] = MappingProxyType({}),
    quiet: bool = False,
) -> tuple[Family, Postings]:
    """A family from all its facts in the order of their positions, and all that was posted for it and is not `given`.

    `until` (milliseconds) leaves out what became known from then on; `quiet` leaves out the postings.
    """
    family = Family(build, rules, quiet=quiet)
    postings = Postings()
    moments = sorted({one.until for one in given.values() if until is None or one.until < until})
    for fact in sorted(facts, key=lambda one: one.position):
        if until is not None and fact.position[0] >= until:
            break
        while moments and moments[0] <= fact.position[0]:
            family.go_on(moments.pop(0), given, postings)
        family.advance(fact, postings)
    for moment in moments:
        family.go_on(moment, given, postings)
    if given:
        kept = postings.opened.values()
        postings.opened = {
            one.id: one for one in kept if one.unit not in given or one.known_from >= given[one.unit].until
        }
    family.quiet = False
    return family, postings
