"""One unit in memory: facts in, the candidates of every cell out, and which of them may have changed. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

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
    thread_of,
)
from lotse_reporting.indicators import Candidate, Cell, Rules


class Unit:
    """One unit in memory: its facts, the moments in them, and the candidates of every cell.

    `advance` costs the same in a case of ten facts as of a thousand, except for facts that change what earlier
    moments were judged on; those fold the unit again. Both ways lead to the same state.
    """

    __slots__ = (
        "_derived",
        "_placed",
        "cells",
        "context",
        "facts",
        "ids",
        "moments",
        "retracted",
        "rules",
        "settled",
        "threads",
    )

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
        self._derived: dict[str, Mapping[str, Moment]] = {}
        """The moments of each thread, by name."""
        self.moments: dict[str, Moment] = {}
        """By the id of the fact that is one, or by the name of one that follows from several."""
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
        if fact.body.supersedes is not None:
            self._remember(fact)
            return self._again()
        handling = self.rules.handling.get(fact.type)
        if handling is None:
            return ()
        place = self.ids[fact.id] = len(self.facts)
        self.facts.append(fact)
        if fact.id in self.retracted:
            return ()
        told = Told(place, fact.id, fact.type, fact.body)
        alone, kinds = handling
        changed: list[Cell] = []
        if alone:
            self._place(fact.id, moment_of(told), changed)
        for kind in kinds:
            thread = thread_of(kind, fact.body)
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
        taken_back = self.facts[self.ids[target]]
        alone, kinds = self.rules.handling.get(taken_back.type, (False, ()))
        changed: list[Cell] = []
        if alone:
            self._displace(target, changed)
        for kind in kinds:
            thread = thread_of(kind, taken_back.body)
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
                for name, moment in list(self.moments.items()):
                    self._place(name, moment, changed)
        self._put(thread, moments_of(thread, told, self.context), changed)
        return changed

    def _put(self, thread: str, moments: Iterable[Moment], changed: list[Cell]) -> None:
        """Judge the moments of a thread; those that it had before just so stay as they were judged."""
        before = self._derived.get(thread, {})
        now = {f"{thread} {one.kind} {one.place}": one for one in moments}
        self._derived[thread] = now
        for name, moment in before.items():
            if now.get(name) != moment:
                self._displace(name, changed)
        for name, moment in now.items():
            if before.get(name) != moment:
                self._place(name, moment, changed)

    def _place(self, name: str, moment: Moment, changed: list[Cell]) -> None:
        """Judge a moment, in place of the one of that name before."""
        if name in self._placed:
            self._displace(name, changed)
        self.moments[name] = moment
        cells = self.cells
        placed = self.rules.judge(moment, self.context)
        if placed:
            self._placed[name] = placed
            for cell, candidate in placed:
                candidates = cells.get(cell)
                if candidates is None:
                    cells[cell] = [candidate]
                else:
                    insort(candidates, candidate)
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
        self.threads, self._derived, self.moments, self._placed, self.cells = {}, {}, {}, {}, {}
        self._fold()
        return dict.fromkeys((*before, *self.cells))

    def _fold(self) -> None:
        changed: list[Cell] = []
        simple: list[Told] = []
        for told in holding(self.facts, self.retracted):
            alone, kinds = self.rules.handling.get(told.type, (False, ()))
            if alone:
                simple.append(told)
            for kind in kinds:
                self.threads.setdefault(thread_of(kind, told.body), []).append(told)
        if "entry" in self.threads:
            self.context = context_of(self.threads["entry"])
        for told in simple:
            self._place(told.id, moment_of(told), changed)
        for thread, facts in self.threads.items():
            self._put(thread, moments_of(thread, facts, self.context), changed)
