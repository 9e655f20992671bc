"""Units and their entries with two clocks: facts in, postings out. Pure: the same facts give the same postings.

Each fact posts its own difference: an entry that no longer holds is closed, a new one opened, at the fact's knowledge
time, and never at the end of a batch. So live and rebuilt ledgers are the same, both clocks included.
"""

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from lotse_shared.contracts.intake import CaseAbsorbed, CasesMerged, CasesSeparated
from lotse_shared.contracts.matching import EmployerAbsorbed, EmployersMerged

from lotse_reporting.case import (
    RETRACTED,
    Context,
    Fact,
    Moment,
    Told,
    context_of,
    holding,
    moment_of,
    moments_of,
)
from lotse_reporting.indicators import Candidate, Cell, Rules


class Unit:
    """One unit in memory: its facts, the moments in them, and the candidates of every cell.

    `advance` costs the same in a case of ten facts as of a thousand, except for facts that change what earlier
    moments were judged on; those fold the unit again. Both ways lead to the same state.
    """

    __slots__ = ("_placed", "cells", "context", "facts", "ids", "moments", "retracted", "rules", "settled", "threads")

    def __init__(self, rules: Rules, facts: Iterable[Fact] = ()) -> None:
        self.rules = rules
        self.facts: list[Fact] = []
        """Those that matter to these rules, and all retractions."""
        self.ids: dict[str, int] = {}
        self.retracted: set[str] = set()
        self.settled: set[str] = set()
        """Ids that succeed others or are succeeded: taking one of them back folds the unit again."""
        self.context: Context | None = None
        self.threads: dict[str, list[Told]] = {}
        self.moments: dict[str, Sequence[Moment]] = {}
        self._placed: dict[str, list[tuple[Cell, Candidate]]] = {}
        self.cells: dict[Cell, list[Candidate]] = {}
        """The candidates of each cell, least first."""
        for fact in facts:
            self._remember(fact)
        if self.facts:
            self._fold()

    def advance(self, fact: Fact) -> Iterable[Cell]:
        """Take one more fact in; gives the cells that may have changed."""
        if fact.type == RETRACTED:
            return self._retract(fact)
        handling = self.rules.handling.get(fact.type)
        replaces = fact.body.supersedes
        if replaces is not None:
            self._remember(fact)
            return self._again()
        if handling is None:
            return ()
        place = len(self.facts)
        self._remember(fact)
        if fact.id in self.retracted:
            return ()
        told = Told(place, fact.id, fact.type, fact.body)
        alone, thread = handling
        changed: list[Cell] = []
        if alone:
            self._place(fact.id, (moment_of(told),), changed)
        if thread is not None:
            self.threads.setdefault(thread, []).append(told)
            changed += self._derive(thread)
        return changed

    def _remember(self, fact: Fact) -> None:
        if fact.type == RETRACTED:
            self.retracted.add(fact.body.retracts)
        elif fact.body.supersedes is not None:
            self.settled |= {fact.id, fact.body.supersedes}
        elif fact.type not in self.rules.handling:
            return
        self.ids[fact.id] = len(self.facts)
        self.facts.append(fact)

    def _retract(self, fact: Fact) -> Iterable[Cell]:
        target = fact.body.retracts
        again = target in self.retracted
        self._remember(fact)
        if again or target not in self.ids:
            return ()
        if target in self.settled:
            return self._again()
        alone, thread = self.rules.handling.get(self.facts[self.ids[target]].type, (False, None))
        changed: list[Cell] = []
        if alone:
            self._displace(target, changed)
        if thread is not None:
            self.threads[thread] = [one for one in self.threads[thread] if one.id != target]
            changed += self._derive(thread)
        return changed

    def _derive(self, thread: str) -> Iterable[Cell]:
        told = self.threads[thread]
        changed: list[Cell] = []
        if thread == "entry":
            context = context_of(told)
            if context != self.context:
                self.context = context
                for name, moments in list(self.moments.items()):
                    self._place(name, moments, changed)
        self._place(thread, moments_of(thread, told), changed)
        return changed

    def _place(self, name: str, moments: Sequence[Moment], changed: list[Cell]) -> None:
        """Judge the moments of a thread, in place of those it had before."""
        if name in self._placed:
            self._displace(name, changed)
        self.moments[name] = moments
        placed = [found for moment in moments for found in self.rules.judge(moment, self.context)]
        if placed:
            self._placed[name] = placed
            for cell, candidate in placed:
                insort(self.cells.setdefault(cell, []), candidate)
                changed.append(cell)

    def _displace(self, name: str, changed: list[Cell]) -> None:
        self.moments.pop(name, None)
        for cell, candidate in self._placed.pop(name, ()):
            candidates = self.cells[cell]
            del candidates[bisect_left(candidates, candidate)]
            if not candidates:
                del self.cells[cell]
            changed.append(cell)

    def _again(self) -> Iterable[Cell]:
        before = self.cells
        self.context = None
        self.threads, self.moments, self._placed, self.cells = {}, {}, {}, {}
        self._fold()
        return dict.fromkeys((*before, *self.cells))

    def _fold(self) -> None:
        changed: list[Cell] = []
        simple: list[Told] = []
        for told in holding(self.facts, self.retracted):
            alone, thread = self.rules.handling.get(told.type, (False, None))
            if alone:
                simple.append(told)
            if thread is not None:
                self.threads.setdefault(thread, []).append(told)
        if "entry" in self.threads:
            self.context = context_of(self.threads["entry"])
        for told in simple:
            self._place(told.id, (moment_of(told),), changed)
        for thread, facts in self.threads.items():
            self._place(thread, moments_of(thread, facts), changed)


class Opened(NamedTuple):
    """A new entry. `known_until` is set when it was closed again before it was written."""

    id: UUID
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

    opened: dict[UUID, Opened] = field(default_factory=dict)
    closed: dict[UUID, int] = field(default_factory=dict)

    def open(self, entry: Opened) -> None:
        """Write a new entry."""
        self.opened[entry.id] = entry

    def close(self, identity: UUID, known: int) -> None:
        """End what an entry is known for."""
        if identity in self.opened:
            self.opened[identity] = self.opened[identity]._replace(known_until=known)
        else:
            self.closed[identity] = known

    def add(self, other: "Postings") -> None:
        """Take over later postings."""
        for entry in other.opened.values():
            self.open(entry)
        for identity, known in other.closed.items():
            self.close(identity, known)


def entry_id(build: int, indicator: str, unit: str, key: str, turn: int) -> UUID:
    """The id of a cell's entry: whoever folds the unit knows it, so that nothing has to be read to close an entry."""
    text = f"{build}\n{indicator}\n{unit}\n{key}\n{turn}"
    return UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest())


@dataclass(slots=True)
class Book:
    """The open entries of one unit, and how often each cell was opened."""

    open: dict[Cell, tuple[int, Candidate]] = field(default_factory=dict)
    turns: dict[Cell, int] = field(default_factory=dict)


_MERGED: Final = {CasesMerged.type: "absorbed", EmployersMerged.type: "absorbed"}
_ABSORBED: Final = {CaseAbsorbed.type: "into", EmployerAbsorbed.type: "into"}
JOINING: Final[Mapping[str, str]] = {**_MERGED, **_ABSORBED, CasesSeparated.type: "from_case"}
"""Facts that make and unmake a family: type and the field that names the other unit."""


class Family:
    """A unit, or several that merge: who is one with whom, their units, their books.

    A merge is told once under each of two ids and holds from the later of the two; a separation likewise. Until then
    each is folded alone; from then on their facts are one history in the order of knowledge time.
    """

    __slots__ = ("_build", "_halves", "_rules", "books", "quiet", "size", "units", "where")

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
        self.size = 0
        """How many facts it keeps in memory, about."""

    def advance(self, fact: Fact) -> Postings | None:
        """Take one more fact in; gives what it changes in the ledger, if anything.

        The facts of a family must come in the order of their positions, those of a single unit in theirs.
        """
        self.size += 1
        subject = fact.subject
        if subject not in self.where:
            self.where[subject] = subject
            self.units[subject] = Unit(self._rules)
        if fact.type in JOINING:
            return self._join(fact)
        unit = self.where[subject]
        changed = self.units[unit].advance(fact)
        return self._post(unit, changed, fact.position[0], None) if changed else None

    def _join(self, fact: Fact) -> Postings | None:
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
        return self._regroup(fact.position[0])

    def _half(self, pair: tuple[str, str], half: str) -> None:
        halves = self._halves.setdefault(pair, {})
        halves[half] = halves.get(half, 0) + 1

    def _regroup(self, known: int) -> Postings | None:
        where = self._survivors()
        moved = {one for one in where if where[one] != self.where[one]}
        if not moved:
            return None
        touched = {self.where[one] for one in moved} | {where[one] for one in moved}
        facts: dict[str, list[Fact]] = {}
        for unit in touched & self.units.keys():
            for fact in self.units.pop(unit).facts:
                facts.setdefault(where[fact.subject], []).append(fact)
        self.where = where
        postings = Postings()
        for unit in sorted(touched):
            if unit in where.values():
                self.units[unit] = Unit(
                    self._rules, sorted(facts.get(unit, ()), key=lambda fact: fact.position)
                )
            cells = self.units[unit].cells if unit in self.units else {}
            book = self.books.get(unit) or Book()
            self._post(unit, dict.fromkeys((*book.open, *cells)), known, postings)
        return postings

    def _survivors(self) -> dict[str, str]:
        into: dict[str, str] = {}
        for (survivor, absorbed), halves in self._halves.items():
            merges = min(halves.get("merged", 0), halves.get("absorbed", 0))
            splits = min(halves.get(f"separated {survivor}", 0), halves.get(f"separated {absorbed}", 0))
            if merges > splits:
                into[absorbed] = survivor
        return {one: _last(one, into) for one in self.where}

    def _post(self, unit: str, cells: Iterable[Cell], known: int, postings: Postings | None) -> Postings | None:
        book = self.books.get(unit)
        if book is None:
            book = self.books[unit] = Book()
        candidates = self.units[unit].cells if unit in self.units else {}
        for cell in cells:
            now = candidates[cell][0] if cell in candidates else None
            before = book.open.get(cell)
            if before is None:
                if now is None:
                    continue
            elif now is not None and (now is before[1] or now.says() == before[1].says()):
                continue
            if postings is None:
                postings = Postings()
            indicator, key = self._rules.indicators[cell[0]].id, cell[1]
            if before is not None:
                del book.open[cell]
                if not self.quiet:
                    postings.close(entry_id(self._build, indicator, unit, key, before[0]), known)
            if now is not None:
                turn = book.turns.get(cell, 0)
                book.turns[cell] = turn + 1
                book.open[cell] = (turn, now)
                if not self.quiet:
                    identity = entry_id(self._build, indicator, unit, key, turn)
                    postings.open(Opened(identity, self._build, indicator, unit, key, now, known))
        return postings


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
    build: int, rules: Rules, facts: Iterable[Fact], until: int | None = None, *, quiet: bool = False
) -> tuple[Family, Postings]:
    """A family from all its facts in the order of their positions, and everything that was ever posted for it.

    `until` (milliseconds) leaves out what became known from then on; `quiet` leaves out the postings.
    """
    family = Family(build, rules, quiet=quiet)
    postings = Postings()
    for fact in sorted(facts, key=lambda one: one.position):
        if until is None or fact.position[0] < until:
            changed = family.advance(fact)
            if changed is not None and not quiet:
                postings.add(changed)
    family.quiet = False
    return family, postings
