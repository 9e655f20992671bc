"""Which cells to hide: as few as possible, so that every secret could be anything from its low to its high.

For each secret and each side of it there must be a witness: whole numbers for the hidden cells that agree with
everything shown and put the secret at that side. Whoever computes bounds from what is shown, by a linear program or by
trying all whole numbers, then finds both sides within them. Finding the witnesses together with the cells that have to
be hidden for them is a mixed-integer program (the model behind Fischetti and Salazar's complementary suppression).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from lotse_reporting.disclosure.solver import Program
from lotse_reporting.disclosure.table import Name, Number, Relation, Secret, Table

_TOGETHER: Final = 600
"""Witnesses times cells that one program finds together; beyond it each attacker's are found one after the other."""
_MOST_NODES: Final = 60
"""Branches looked at for the fewest cells; a count, not a time, so that the same table is always hidden alike."""
_ROOM: Final = 4
"""How far a cell may move in a witness, in units of the furthest that a secret has to move."""
_NEARLY: Final = 1e-6


class CannotHide(Exception):  # noqa: N818 - what is the matter
    """Not even hiding every cell that can still be hidden keeps a secret: earlier releases gave too much away."""


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One end of a secret that has to look possible. `sign` is 1 for its high end, -1 for its low one."""

    secret: Secret
    sign: int

    @property
    def eyes(self) -> tuple[str, int, float]:
        """Who looks, at which end, and how little a hidden cell can hold for them.

        Whoever asks how much a single cell holds at most knows that no hidden one is empty; a difference between
        cells is safe only if what is left of one could be nothing.
        """
        return (self.secret.knower, self.sign, 1.0 if self.sign > 0 and len(self.secret.terms) == 1 else 0.0)

    def distance(self, values: Mapping[Name, Number]) -> float:
        """How far the secret has to move from what it is."""
        now = sum(times * float(values[name]) for name, times in self.secret.terms.items())
        return max(0.0, self.secret.high - now if self.sign > 0 else now - self.secret.low)


def suppress(table: Table) -> frozenset[Name]:
    """The free cells to hide.

    Raises:
        CannotHide: see there.
    """
    hidden: set[Name] = set()
    for part in _parts(table):
        hidden |= _Part(part).solve()
    return frozenset(hidden)


class _Part:
    """A table no cell of which is bound to a cell of another part."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._free = [name for name in table.free if table.values[name]]
        self._movable = [*self._free, *(name for name in sorted(table.hidden) if name in table.values)]
        self._place = {name: place for place, name in enumerate(self._movable)}
        self._rows = [row for one in table.relations if (row := _row(one, table.values, self._place))[0]]
        self._whole = [isinstance(table.values[name], int) for name in self._movable]
        sides = [_Side(secret, sign) for secret in table.secrets for sign in (1, -1)]
        self._distance = {side: found for side in sides if (found := side.distance(table.values))}
        self._room = _ROOM * max(self._distance.values(), default=0.0)
        self._trial = _program(len(self._movable), self._rows)
        self._moved: dict[_Side, frozenset[Name]] = {}
        """What moves in the witness of each side."""

    def solve(self) -> set[Name]:
        """Hide what a witness needs, then show again what none needs, the dearest first."""
        hidden: set[Name] = set()
        lacking = self._look(self._distance, hidden)
        if len(lacking) * len(self._movable) <= _TOGETHER:
            hidden |= self._hide([[side] for side in lacking], hidden)
        else:
            for sides in _by_eyes(lacking):
                hidden |= self._hide_one_by_one(self._look(sides, hidden), hidden)
        self._look(self._distance, hidden)
        for name in sorted(hidden, key=lambda one: (-self._table.free[one], one)):
            needing = [side for side, moved in self._moved.items() if name in moved]
            before = dict(self._moved)
            if self._look(needing, hidden - {name}):
                self._moved = before
            else:
                hidden.remove(name)
        return hidden

    def _look(self, sides: Iterable[_Side], hidden: set[Name]) -> list[_Side]:
        """Look for witnesses with no more hidden than this, and give the sides that have none.

        One movement of all numbers often serves many sides: first all are moved as far as they go together.
        """
        lacking = []
        for group in _by_eyes(sides):
            low, high = self._bounds(group[0], hidden)
            left = group
            served = left
            while len(left) > 1 and served:
                movement = _furthest(self._trial, self._aim(left), low, high)
                whole = self._is_whole(movement)
                served = [side for side in left if whole and self._reaches(side, movement)]
                self._note(served, movement)
                left = [side for side in left if side not in served]
            for side in left:
                movement = _furthest(self._trial, self._aim([side]), low, high)
                if self._reaches(side, movement) and not self._is_whole(movement):
                    movement = _furthest(self._trial, self._aim([side]), low, high, self._whole)
                if self._reaches(side, movement):
                    self._note([side], movement)
                else:
                    lacking.append(side)
        return lacking

    def _is_whole(self, movement: Sequence[float]) -> bool:
        return all(abs(one - round(one)) < _NEARLY for one, counts in zip(movement, self._whole, strict=True) if counts)

    def _aim(self, sides: Iterable[_Side]) -> list[float]:
        """How much each cell's movement is worth to these sides."""
        worth = [0.0] * len(self._movable)
        for side in sides:
            for name, times in side.secret.terms.items():
                if name in self._place:
                    worth[self._place[name]] += times * side.sign
        return worth

    def _reaches(self, side: _Side, movement: Sequence[float]) -> bool:
        moved = sum(
            times * side.sign * movement[self._place[name]]
            for name, times in side.secret.terms.items()
            if name in self._place
        )
        return moved >= self._distance[side] - _NEARLY

    def _note(self, sides: Iterable[_Side], movement: Sequence[float]) -> None:
        moved = frozenset(name for name, place in self._place.items() if abs(movement[place]) > _NEARLY)
        for side in sides:
            self._moved[side] = moved

    def _bounds(self, side: _Side, hidden: Collection[Name]) -> tuple[list[float], list[float]]:
        """How far each movable cell may go down and up in the eyes of who must not learn the secret."""
        knower, _, floor = side.eyes
        own = self._table.own.get(knower, {})
        known = self._table.known.get(knower, frozenset())
        low, high = [], []
        for name in self._movable:
            least = max(float(own.get(name, 0)), floor)
            moves = (name in hidden or name not in self._table.free) and name not in known
            low.append(max(least - float(self._table.values[name]), -self._room) if moves else 0.0)
            high.append(self._room if moves else 0.0)
        return low, high

    def _hide_one_by_one(self, sides: Sequence[_Side], hidden: set[Name]) -> set[Name]:
        """The cells that give sides seen by the same eyes a witness: one for all of them, or each its own."""
        try:
            return self._hide([sides], hidden) if sides else set()
        except CannotHide:
            if len(sides) == 1:
                raise
        more: set[Name] = set()
        for side in sides:
            if self._look([side], hidden | more):
                more |= self._hide([[side]], hidden | more)
        return more

    def _hide(self, witnesses: Sequence[Sequence[_Side]], hidden: set[Name]) -> set[Name]:
        """The cheapest cells for so many witnesses, each of some sides seen by the same eyes.

        Raises:
            CannotHide: see there.
        """
        count, choices = len(self._movable), len(self._free)
        if not witnesses:
            return set()
        program = Program()
        prices = [0.0 if name in hidden else self._table.free[name] for name in self._free]
        _columns(program, [0.0] * choices, [1.0] * choices, [True] * choices, prices)
        for number, sides in enumerate(witnesses):
            low, high = self._bounds(sides[0], self._free)
            _columns(program, low, high, self._whole, [0.0] * count)
            first = choices + number * count
            for terms, least, most in self._rows:
                _add(program, least, most, {first + place: times for place, times in terms.items()})
            for place in range(choices):
                _add(program, -np.inf, 0, {first + place: 1.0, place: -high[place]})
                _add(program, 0, np.inf, {first + place: 1.0, place: -low[place]})
            for side in sides:
                aim = {first + place: worth for place, worth in enumerate(self._aim([side])) if worth}
                _add(program, self._distance[side], np.inf, aim)
        program.setOptionValue("mip_max_nodes", _MOST_NODES)
        program.run()
        if not program.getSolution().value_valid:
            program.setOptionValue("mip_max_nodes", 100 * _MOST_NODES)
            program.run()
        solution = program.getSolution()
        if not solution.value_valid:
            raise CannotHide("whatever is hidden now, an earlier release and this one together give a number away")
        return {name for place, name in enumerate(self._free) if solution.col_value[place] > _NEARLY}


def _by_eyes(sides: Iterable[_Side]) -> list[list[_Side]]:
    """Sides grouped by who looks at them, and how."""
    groups: dict[tuple[str, int, float], list[_Side]] = {}
    for side in sides:
        groups.setdefault(side.eyes, []).append(side)
    return list(groups.values())


def _furthest(
    trial: Program,
    worth: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    whole: Sequence[bool] = (),
) -> Sequence[float]:
    """The movement that is worth most; by whole numbers where that is asked for."""
    count = len(worth)
    every = np.arange(count, dtype=np.int32)
    trial.changeColsBounds(count, every, np.array(low), np.array(high))
    trial.changeColsCost(count, every, -np.array(worth))
    if whole:
        trial.changeColsIntegrality(count, every, np.array([_kind(one) for one in whole]))
    trial.run()
    found = trial.getSolution().col_value
    if whole:
        trial.changeColsIntegrality(count, every, np.array([_kind(whole=False)] * count))
    return found


def _kind(whole: bool) -> highspy.HighsVarType:  # noqa: FBT001 - one word, in one place
    return highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous


_Row = tuple[dict[int, float], float, float]


def _row(relation: Relation, values: Mapping[Name, Number], place: Mapping[Name, int]) -> _Row:
    """A relation between cells as one between the movements of those that can move."""
    now = sum(times * float(values[name]) for name, times in relation.terms.items())
    terms = {place[name]: float(times) for name, times in relation.terms.items() if name in place}
    return terms, relation.low - now, relation.high - now


def _program(count: int, rows: Iterable[_Row]) -> Program:
    """A program in which nothing moves yet."""
    program = Program()
    _columns(program, [0.0] * count, [0.0] * count, [False] * count, [0.0] * count)
    for terms, low, high in rows:
        _add(program, low, high, terms)
    return program


def _columns(
    program: Program,
    low: Sequence[float],
    high: Sequence[float],
    whole: Sequence[bool],
    prices: Sequence[float],
) -> None:
    first = program.getNumCol()
    count = len(low)
    program.addVars(count, np.array(low), np.array(high))
    places = np.arange(first, first + count, dtype=np.int32)
    program.changeColsCost(count, places, np.array(prices))
    if any(whole):
        program.changeColsIntegrality(count, places, np.array([_kind(one) for one in whole]))


def _add(program: Program, low: float, high: float, terms: Mapping[int, float]) -> None:
    places = np.fromiter(terms, dtype=np.int32, count=len(terms))
    program.addRow(low, high, len(terms), places, np.fromiter(terms.values(), dtype=float, count=len(terms)))


def _parts(table: Table) -> list[Table]:
    """The table cut where nothing binds it together; parts without a secret need nothing."""
    leader = {name: name for name in table.values}

    def find(name: Name) -> Name:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for terms in (*(one.terms for one in table.relations), *(one.terms for one in table.secrets)):
        names = list(terms)
        for name in names[1:]:
            leader[find(name)] = find(names[0])
    groups: dict[Name, dict[Name, Number]] = {}
    for name, value in table.values.items():
        groups.setdefault(find(name), {})[name] = value
    secrets: dict[Name, list[Secret]] = {}
    for secret in table.secrets:
        secrets.setdefault(find(next(iter(secret.terms))), []).append(secret)
    relations: dict[Name, list[Relation]] = {}
    for relation in table.relations:
        relations.setdefault(find(next(iter(relation.terms))), []).append(relation)
    return [
        Table(
            groups[root],
            relations.get(root, ()),
            kept,
            {name: price for name, price in table.free.items() if name in groups[root]},
            frozenset(name for name in table.hidden if name in groups[root]),
            table.own,
            table.known,
        )
        for root, kept in secrets.items()
    ]
