"""A release as it really is: every figure with what stands behind it. Kept for the releases that follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lotse_shared.programme import Counts

from lotse_reporting.disclosure.table import Name, Number

Place = tuple[str, str, str]
"""Indicator, what it is broken down by (empty: the whole), and the part."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and who is behind it. `largest` is the share of the greatest employer; `own` what each partner did."""

    value: Number
    cases: int
    employers: int = 0
    largest: Decimal = Decimal(0)
    own: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Within:
    """Indicators, no person in two of them, whose persons all are in another one: known from their definitions."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """What one release is about, true values and all, and which of them it hides."""

    id: str
    as_of: date
    known: int
    counts: Mapping[str, Counts]
    figures: Mapping[Place, Figure]
    within: Sequence[Within] = ()
    hidden: frozenset[Place] = frozenset()

    def cell(self, place: Place) -> Name:
        """The name of a figure among those of all releases."""
        return (self.id, *place)

    def broken_down(self) -> Mapping[tuple[str, str], Sequence[Place]]:
        """The parts of each indicator by each breakdown."""
        found: dict[tuple[str, str], list[Place]] = {}
        for place in self.figures:
            if place[1]:
                found.setdefault(place[:2], []).append(place)
        return found

    def content(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "id": self.id,
            "as_of": self.as_of.isoformat(),
            "known": self.known,
            "counts": {name: one.value for name, one in self.counts.items()},
            "within": [[one.whole, *one.parts] for one in self.within],
            "figures": [
                [*place, _written(one.value), one.cases, one.employers, str(one.largest),
                 {name: _written(value) for name, value in one.own.items()}, place in self.hidden]
                for place, one in self.figures.items()
            ],
        }  # fmt: skip

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Release":
        """From JSON."""
        figures: dict[Place, Figure] = {}
        hidden = set()
        for indicator, by, part, value, cases, employers, largest, own, away in content["figures"]:
            place = (indicator, by, part)
            figures[place] = Figure(
                _number(value), cases, employers, Decimal(largest), {name: _number(one) for name, one in own.items()}
            )
            if away:
                hidden.add(place)
        return cls(
            content["id"],
            date.fromisoformat(content["as_of"]),
            content["known"],
            {name: Counts(one) for name, one in content["counts"].items()},
            figures,
            tuple(Within(whole, tuple(parts)) for whole, *parts in content["within"]),
            frozenset(hidden),
        )


def _written(value: Number) -> int | str:
    return value if isinstance(value, int) else str(value)


def _number(value: int | str) -> Number:
    return value if isinstance(value, int) else Decimal(value)
