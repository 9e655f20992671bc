"""The attacker: what somebody can compute of the hidden numbers from everything that was published.

A gate of its own before a release. It is given what is published, not how that was chosen, and builds its programs for
itself: it shares no code with `suppression`, so that a mistake there is found here.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import highspy
import numpy as np

from lotse_reporting.disclosure.solver import Program

Name = tuple[str, ...]
Number = int | Decimal
_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that holds for the numbers, and that an attacker may know: low <= weighed sum <= high."""

    weights: Mapping[Name, int]
    low: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Guarded:
    """A weighed sum of numbers that must not be found out: its range must reach from `low` to `high`.

    `by_whom` is the partner who looks and knows its own share of each number; empty for the public.
    """

    weights: Mapping[Name, int]
    low: float
    high: float
    by_whom: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """All that is public: each number, or None where it is hidden; and what binds the numbers together.

    `counts` are the numbers that are known to be whole. `shares` is what each partner knows besides: for numbers of its
    own, how much of them is its own. Zeros are never hidden, which the attacker knows as well.
    """

    numbers: Mapping[Name, Number | None]
    facts: Sequence[Fact]
    counts: frozenset[Name]
    ceiling: float
    """No number is greater, and everybody knows it: twice the greatest, say. Without it nothing would have an end."""
    shares: Mapping[str, Mapping[Name, Number]] = field(default_factory=dict)
    makes: Mapping[str, frozenset[Name]] = field(default_factory=dict)
    """Numbers that a partner makes alone, and therefore knows, hidden or not."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an attacker knows of a guarded number: it lies between `least` and `most`.

    `most` of a single number is what somebody computes who knows besides that no hidden number is zero.
    """

    guarded: Guarded
    least: float
    most: float

    @property
    def tells(self) -> bool:
        """Whether that is too much."""
        return self.least > self.guarded.low + _SLACK or self.most < self.guarded.high - _SLACK

    @property
    def exact(self) -> bool:
        """Whether the number is found out."""
        return self.most - self.least < 1 - _SLACK


def attack(published: Published, guarded: Iterable[Guarded]) -> list[Bounds]:
    """What can be computed of each guarded number."""
    attackers: dict[str, _Attacker] = {}
    found = []
    for one in guarded:
        if one.by_whom not in attackers:
            attackers[one.by_whom] = _Attacker(published, one.by_whom)
        attacker = attackers[one.by_whom]
        found.append(Bounds(one, attacker.extreme(one.weights, -1), attacker.extreme(one.weights, 1)))
    return found


def leaks(published: Published, guarded: Iterable[Guarded]) -> list[Bounds]:
    """What is told too much about; empty when the release may go out."""
    return [one for one in attack(published, guarded) if one.tells]


class _Attacker:
    """Somebody with a solver and everything published."""

    def __init__(self, published: Published, name: str) -> None:
        self._ceiling = published.ceiling
        self._names = list(published.numbers)
        self._at = {one: place for place, one in enumerate(self._names)}
        shares = published.shares.get(name, {})
        makes = published.makes.get(name, frozenset())
        self._low: list[float] = []
        self._floor: list[float] = []
        self._high: list[float] = []
        for one, number in published.numbers.items():
            share = float(shares.get(one, 0))
            seen = share if one in makes else None if number is None else float(number)
            self._low.append(share if seen is None else seen)
            self._floor.append(max(share, 1.0) if seen is None else seen)
            self._high.append(math.inf if seen is None else seen)
        self._counts = np.array(
            [
                highspy.HighsVarType.kInteger if one in published.counts else highspy.HighsVarType.kContinuous
                for one in self._names
            ]
        )
        self._lines = [(fact, [self._at[one] for one in fact.weights]) for fact in published.facts]
        self._groups = self._connected()
        self._models: dict[tuple[int, bool], tuple[Program, dict[int, int], list[int]]] = {}

    def extreme(self, weights: Mapping[Name, int], way: int) -> float:
        """The greatest (way 1) or least (way -1) value of a weighed sum that agrees with everything."""
        fixed = 0.0
        by_group: dict[int, dict[int, int]] = {}
        for one, weight in weights.items():
            place = self._at[one]
            if self._high[place] < math.inf:
                fixed += weight * self._high[place]
            else:
                by_group.setdefault(self._groups[place], {})[place] = weight
        filled = way > 0 and len(weights) == 1
        return fixed + sum(self._best(group, terms, way, filled=filled) for group, terms in by_group.items())

    def _best(self, group: int, terms: Mapping[int, int], way: int, *, filled: bool) -> float:
        model, columns, places = self._model(group, filled=filled)
        count = len(places)
        every = np.arange(count, dtype=np.int32)
        prices = np.zeros(count)
        for place, weight in terms.items():
            prices[columns[place]] = weight * -way
        model.changeColsCost(count, every, prices)
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Contradiction("what is published does not fit together: no numbers agree with all of it")
        values = model.getSolution().col_value
        kinds = self._counts[places]
        whole = kinds == highspy.HighsVarType.kInteger
        if np.all(np.abs(np.array(values)[whole] - np.round(np.array(values)[whole])) < _SLACK):
            return -way * float(model.getObjectiveValue())
        model.changeColsIntegrality(count, every, kinds)
        model.run()
        best = -way * float(model.getObjectiveValue())
        model.changeColsIntegrality(count, every, np.array([highspy.HighsVarType.kContinuous] * count))
        return best

    def _model(self, group: int, *, filled: bool) -> tuple[Program, dict[int, int], list[int]]:
        if (group, filled) not in self._models:
            self._models[group, filled] = self._build(group, filled=filled)
        return self._models[group, filled]

    def _build(self, group: int, *, filled: bool) -> tuple[Program, dict[int, int], list[int]]:
        """The hidden numbers of a group and everything that binds them; the shown ones are constants."""
        places = [place for place, one in enumerate(self._groups) if one == group and self._high[place] == math.inf]
        columns = {place: column for column, place in enumerate(places)}
        low = self._floor if filled else self._low
        model = Program()
        model.addVars(len(places), np.array([low[place] for place in places]), np.full(len(places), self._ceiling))
        for fact, members in self._lines:
            hidden = [place for place in members if place in columns]
            if not hidden:
                continue
            shown = sum(
                weight * self._high[place]
                for place, weight in zip(members, fact.weights.values(), strict=True)
                if place not in columns
            )
            weights = [weight for place, weight in zip(members, fact.weights.values(), strict=True) if place in columns]
            model.addRow(
                fact.low - shown,
                fact.high - shown,
                len(hidden),
                np.array([columns[place] for place in hidden], dtype=np.int32),
                np.array(weights, dtype=float),
            )
        return model, columns, places

    def _connected(self) -> list[int]:
        """Which hidden numbers hang together: those in one fact, and so on."""
        group = list(range(len(self._names)))
        neighbours: list[list[int]] = [[] for _ in group]
        for number, (_, members) in enumerate(self._lines):
            for place in members:
                if self._high[place] == math.inf:
                    neighbours[place].append(number)
        seen_facts: set[int] = set()
        seen: set[int] = set()
        for start in range(len(group)):
            if start in seen:
                continue
            reach = [start]
            seen.add(start)
            while reach:
                place = reach.pop()
                group[place] = start
                for number in neighbours[place]:
                    if number in seen_facts:
                        continue
                    seen_facts.add(number)
                    fresh = [one for one in self._lines[number][1] if self._high[one] == math.inf and one not in seen]
                    seen.update(fresh)
                    reach.extend(fresh)
        return group


class Contradiction(Exception):  # noqa: N818 - what is the matter
    """The published numbers cannot all be true: a fault of ours, and no release."""
