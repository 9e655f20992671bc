"""The gate before a release: reads what will be public, as it will be, and lets the attacker of `audit` at it.

What is guarded is worked out here from the true figures alone, and the bonds between numbers from the documents as they
are published: nothing is taken over from what chose the cells to hide.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lotse_shared.programme import Counts

from lotse_reporting.disclosure.audit import Bounds, Fact, Guarded, Name, Number, Published, leaks
from lotse_reporting.disclosure.figures import Figure, Place, Release
from lotse_reporting.disclosure.rules import Rules

_MONEY: Final = (Counts.EUROS, Counts.HOURS)
_CEILING: Final = 2.0
"""Nobody believes that a figure is more than so many times the greatest one there is."""
_QUARTER_ENDS: Final = {(3, 31), (6, 30), (9, 30), (12, 31)}


@dataclass(frozen=True, slots=True)
class Issued:
    """One release: its public document, and the truth behind it."""

    document: Mapping[str, Any]
    truth: Release


def check(issued: Sequence[Issued], rules: Rules) -> list[Bounds]:
    """What somebody could find out who has all these documents: empty when nothing is told."""
    return leaks(_published(issued, rules), _guarded(issued, rules))


def shown(document: Mapping[str, Any]) -> dict[Place, Number | None]:
    """All numbers of a document, None where they are hidden. Ratios repeat what other figures say."""
    found: dict[Place, Number | None] = {}
    for row in document["indicators"]:
        if "ratio" in row:
            continue
        found[row["id"], "", ""] = _read(row)
        for by, parts in row["breakdown"].items():
            for part in parts:
                found[row["id"], by, part["part"]] = _read(part)
    return found


def _read(row: Mapping[str, Any]) -> Number | None:
    result = row["result"]
    return Decimal(result) if isinstance(result, str) else result


def _published(issued: Sequence[Issued], rules: Rules) -> Published:
    numbers: dict[Name, Number | None] = {}
    counts = set()
    shares: dict[str, dict[Name, Number]] = defaultdict(dict)
    makes: dict[str, set[Name]] = defaultdict(set)
    for one in issued:
        for place, number in shown(one.document).items():
            name = (one.truth.id, *place)
            numbers[name] = number
            if one.truth.counts[place[0]] not in _MONEY:
                counts.add(name)
            for partner, share in one.truth.figures[place].own.items():
                shares[partner][name] = share
                if place[1] == "partner" and place[2] == partner:
                    makes[partner].add(name)
    facts = [*itertools.chain.from_iterable(map(_sums, issued)), *_series(issued)]
    greatest = max((float(figure.value) for one in issued for figure in one.truth.figures.values()), default=0.0)
    return Published(
        numbers,
        facts,
        frozenset(counts),
        _CEILING * (greatest + rules.fewest_cases),
        shares,
        {who: frozenset(what) for who, what in makes.items()},
    )


def _sums(one: Issued) -> Iterator[Fact]:
    """Within a document: parts and their whole, indicators and the one they are within."""
    key = one.truth.id
    for row in one.document["indicators"]:
        for by, parts in row.get("breakdown", {}).items():
            if parts:
                weights: dict[Name, int] = {(key, row["id"], by, part["part"]): -1 for part in parts}
                yield Fact({(key, row["id"], "", ""): 1, **weights})
    for rest, left in _rests(one):
        if rest >= 0:
            yield Fact(left, 0, math.inf if rest else 0)


def _rests(one: Issued) -> Iterator[tuple[Number, dict[Name, int]]]:
    """What is left of an indicator beside those within it: in the whole, and by gender."""
    figures, key = one.truth.figures, one.truth.id
    for nest in one.truth.within:
        for indicator, by, part in figures:
            if indicator != nest.whole or by not in ("", "gender"):
                continue
            inner = [(name, by, part) for name in nest.parts if (name, by, part) in figures]
            if inner:
                whole = (indicator, by, part)
                rest = figures[whole].value - sum(figures[each].value for each in inner)
                yield rest, {(key, *whole): 1, **{(key, *each): -1 for each in inner}}


def _series(issued: Sequence[Issued]) -> Iterator[Fact]:
    """Between documents: what readers expect of figures that are counted up, wherever it is so."""
    for one, other in itertools.permutations(issued, 2):
        early, late = one.truth, other.truth
        if (early.as_of, early.known, early.id) > (late.as_of, late.known, late.id):
            continue
        for place, before in early.figures.items():
            after = late.figures.get(place)
            if after is None or after.value < before.value:
                continue
            others = [(before.value - before.own.get(who, 0), after.value - after.own.get(who, 0))
                      for who in {*before.own, *after.own}]  # fmt: skip
            settled = early.as_of == late.as_of or (place[1] == "quarter" and _ended(place[2], early))
            steady = settled and after.value == before.value
            if steady or all(then <= now for then, now in others):
                yield Fact({(late.id, *place): 1, (early.id, *place): -1}, 0, 0 if steady else math.inf)
        yield from _quarters(early, late)


def _quarters(early: Release, late: Release) -> Iterator[Fact]:
    """The quarters of a later document up to the day of an earlier one make the figure of the earlier one."""
    over: dict[str, list[Place]] = defaultdict(list)
    for place in late.figures:
        if place[1] == "quarter" and _ended(place[2], early):
            over[place[0]].append(place)
    for indicator, places in over.items():
        whole = early.figures.get((indicator, "", ""))
        if whole is None:
            continue
        rest = whole.value - sum(late.figures[place].value for place in places)
        if rest >= 0:
            weights: dict[Name, int] = {(late.id, *place): -1 for place in places}
            yield Fact({(early.id, indicator, "", ""): 1, **weights}, 0, math.inf if rest else 0)


def _ended(quarter: str, release: Release) -> bool:
    day = release.as_of
    now = f"{day.year}-Q{-(-day.month // 3)}"
    return quarter < now or (quarter == now and (day.month, day.day) in _QUARTER_ENDS)


def _guarded(issued: Sequence[Issued], rules: Rules) -> Iterator[Guarded]:
    least = rules.fewest_cases
    for one in issued:
        key = one.truth.id
        for place, figure in one.truth.figures.items():
            if one.truth.counts[place[0]] in rules.of_nobody:
                continue
            name = (key, *place)
            if figure.value != 0 and (figure.value < least or _thin(figure, rules)):
                yield _range(name, figure, rules)
            for partner, own in figure.own.items():
                if 0 < figure.value - own < least:
                    yield Guarded({name: 1}, float(own), float(own) + least, partner)
        for rest, left in _rests(one):
            if 0 < rest < least:
                yield Guarded(left, 0, least)
    for one, other in itertools.combinations(issued, 2):
        early, late = sorted((one.truth, other.truth), key=lambda each: (each.as_of, each.known, each.id))
        yield from _changes(early, late, rules)


def _thin(figure: Figure, rules: Rules) -> bool:
    """Too few people or employers behind a number, or one employer that makes most of it."""
    if 0 < figure.cases < rules.fewest_cases or 0 < figure.employers < rules.fewest_employers:
        return True
    limit = None
    for one in sorted(rules.dominance, key=lambda each: each.employers):
        if one.employers <= figure.employers:
            limit = one.share
    return limit is not None and figure.largest >= limit


def _range(name: Name, figure: Figure, rules: Rules) -> Guarded:
    value = float(figure.value)
    if value < rules.fewest_cases:
        return Guarded({name: 1}, 0, rules.fewest_cases)
    width = max(rules.fewest_cases, math.ceil(value * float(rules.margin)))
    return Guarded({name: 1}, max(0, value - width), value + width)


def _changes(early: Release, late: Release, rules: Rules) -> Iterator[Guarded]:
    """One or two people between two documents: as the public sees it, and a partner that knows its own."""
    least = rules.fewest_cases
    for place, before in early.figures.items():
        after = late.figures.get(place)
        counts = late.counts.get(place[0])
        if after is None or counts is None or counts in rules.of_nobody:
            continue
        weights: dict[Name, int] = {(late.id, *place): 1, (early.id, *place): -1}
        change = after.value - before.value
        if counts in _MONEY:
            if 0 < abs(after.cases - before.cases) < least:
                width = max(float(least), abs(float(change)) * float(rules.margin))
                yield Guarded(weights, float(change) - width, float(change) + width)
            continue
        for partner in ("", *sorted({*before.own, *after.own})):
            if partner and after.own.get(partner) == after.value:
                continue
            mine = after.own.get(partner, 0) - before.own.get(partner, 0)
            others = change - mine
            if 0 < others < least:
                yield Guarded(weights, float(mine), float(mine) + least, partner)
            elif 0 < -others < least:
                yield Guarded({name: -weight for name, weight in weights.items()}, -float(mine), least - float(mine),
                              partner)  # fmt: skip
