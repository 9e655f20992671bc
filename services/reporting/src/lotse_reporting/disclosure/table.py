"""Numbers to be published, what binds them together, and what nobody may learn from them. Plain data, no rule."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

Name = tuple[str, ...]
"""A cell: a number that is published or hidden as a whole."""

Number = int | Decimal
"""What a cell holds. An int is a count: whole, and known to be whole."""

PUBLIC: Final = ""
"""Whoever reads what is published, and knows nothing else."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What everybody knows to hold: low <= sum of coefficient times cell <= high."""

    terms: Mapping[Name, int]
    low: float = 0
    high: float = 0


def adds_up(total: Name, parts: Sequence[Name]) -> Relation:
    """The parts make the total."""
    return Relation({total: 1, **dict.fromkeys(parts, -1)})


def not_less(greater: Name, *lesser: Name) -> Relation:
    """One cell holds what is in others, and perhaps more."""
    return Relation({greater: 1, **dict.fromkeys(lesser, -1)}, 0, math.inf)


def same(one: Name, other: Name) -> Relation:
    """Two cells hold the same number."""
    return Relation({one: 1, other: -1})


@dataclass(frozen=True, slots=True)
class Secret:
    """A number that nobody may learn: the sum of coefficient times cell.

    To `knower` it must look as if it could be as little as `low` and as much as `high`.
    """

    terms: Mapping[Name, int]
    low: float
    high: float
    knower: str = PUBLIC


@dataclass(frozen=True, slots=True)
class Table:
    """What is about to be published, with all that was published before.

    Zeros are always shown: whoever sees a hidden cell knows that it holds something. `free` are the cells whose fate is
    still open, each with the price of hiding it; `hidden` those hidden in earlier releases; all others are shown.
    `own` is how much of each cell a partner knows to be its own; `known` are the cells it knows altogether.
    """

    values: Mapping[Name, Number]
    relations: Sequence[Relation]
    secrets: Sequence[Secret]
    free: Mapping[Name, float]
    hidden: frozenset[Name] = frozenset()
    own: Mapping[str, Mapping[Name, Number]] = field(default_factory=dict)
    known: Mapping[str, frozenset[Name]] = field(default_factory=dict)
