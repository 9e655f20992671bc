"""A release and all before it as one table: differences between releases are numbers like any other."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Final

from lotse_shared.programme import Counts

from lotse_reporting.disclosure.figures import Figure, Place, Release
from lotse_reporting.disclosure.rules import Rules, dominated
from lotse_reporting.disclosure.table import (
    PUBLIC,
    Name,
    Number,
    Relation,
    Secret,
    Table,
    adds_up,
    not_less,
    same,
)

QUARTER: Final = "quarter"
_PARTNER: Final = "partner"
_HEADLINE: Final = 3.0
"""What it costs to hide the whole figure of an indicator, when a part costs one: it is what people look for."""
_TIE: Final = 1e-3
"""Of cells that cost the same the smaller one is hidden."""


def table_of(earlier: Sequence[Release], new: Release, rules: Rules) -> Table:
    """What is about to be published, with everything that was."""
    releases = (*earlier, new)
    values = {release.cell(place): one.value for release in releases for place, one in release.figures.items()}
    greatest = max((abs(float(one.value)) for one in new.figures.values()), default=0) + 1
    free = {
        new.cell(place): (1.0 if place[1] else _HEADLINE) + _TIE * float(one.value) / greatest
        for place, one in new.figures.items()
        if new.counts[place[0]] not in rules.of_nobody
    }
    ordered = sorted(releases, key=lambda one: (one.as_of, one.known))
    relations = [*(one for release in releases for one in _in_one(release)), *_between(ordered, values)]
    secrets = {
        (tuple(sorted(one.terms.items())), one.knower): one
        for one in (
            *(secret for release in releases for secret in _small(release, rules)),
            *(secret for one, other in combinations(ordered, 2) for secret in _moved(one, other, rules)),
        )
    }
    hidden = frozenset(release.cell(place) for release in earlier for place in release.hidden)
    own: dict[str, dict[Name, Number]] = {}
    known: dict[str, set[Name]] = {}
    for release in releases:
        for place, figure in release.figures.items():
            for partner, share in figure.own.items():
                own.setdefault(partner, {})[release.cell(place)] = share
                if place[1:] == (_PARTNER, partner):
                    known.setdefault(partner, set()).add(release.cell(place))
    return Table(
        values, relations, tuple(secrets.values()), free, hidden, own,
        {partner: frozenset(names) for partner, names in known.items()},
    )  # fmt: skip


def _in_one(release: Release) -> Iterator[Relation]:
    """Parts add up to the whole; who is in an indicator is also in the one that it is within."""
    for (indicator, _), parts in release.broken_down().items():
        yield adds_up(release.cell((indicator, "", "")), [release.cell(place) for place in parts])
    for whole, parts, rest in _nested(release):
        names = [release.cell(one) for one in parts]
        yield not_less(release.cell(whole), *names) if rest else adds_up(release.cell(whole), names)


def _nested(release: Release) -> Iterator[tuple[Place, list[Place], Number]]:
    """Where definitions put figures within another one, and it is so, and what is left of it beside them.

    By gender as well, which a person brings along; not by partner or quarter, where another moment may have counted.
    """
    for one in release.within:
        for whole in [place for place in release.figures if place[0] == one.whole and place[1] in ("", "gender")]:
            parts = [(name, *whole[1:]) for name in one.parts]
            parts = [place for place in parts if place in release.figures]
            rest = release.figures[whole].value - sum(release.figures[place].value for place in parts)
            if parts and rest >= 0:
                yield whole, parts, rest


def _between(ordered: Sequence[Release], values: Mapping[Name, Number]) -> Iterator[Relation]:
    """What somebody expects who reads one release after the other, where the figures are so.

    A figure only grows; a quarter that is over stays as it is, and the quarters up to a day make the figure as of it.
    """
    places = {place: None for release in ordered for place in release.figures}
    for place in places:
        having = [release for release in ordered if place in release.figures]
        for one, other in pairwise(having):
            earlier, later = one.cell(place), other.cell(place)
            if values[earlier] == values[later] and (_over(place, one.as_of) or one.as_of == other.as_of):
                yield same(earlier, later)
            elif grown(one.figures[place], other.figures[place]):
                yield not_less(later, earlier)
    for one, other in combinations(ordered, 2):
        for (indicator, by), parts in other.broken_down().items():
            whole = (indicator, "", "")
            over = [place for place in parts if _over(place, one.as_of)]
            if by != QUARTER or not over or whole not in one.figures:
                continue
            rest = one.figures[whole].value - sum(other.figures[place].value for place in over)
            if rest == 0:
                yield adds_up(one.cell(whole), [other.cell(place) for place in over])
            elif rest > 0:
                yield not_less(one.cell(whole), *(other.cell(place) for place in over))


def grown(before: Figure, after: Figure) -> bool:
    """Whether a figure did not fall, nor in the eyes of any partner what all others did of it."""
    return after.value >= before.value and all(
        after.value - after.own.get(one, 0) >= before.value - before.own.get(one, 0)
        for one in {*before.own, *after.own}
    )


def _over(place: Place, day: date) -> bool:
    """Whether a part is a quarter that had ended on the evening of a day."""
    following = day + timedelta(days=1)
    return place[1] == QUARTER and place[2] < f"{following.year}-Q{(following.month + 2) // 3}"


def _small(release: Release, rules: Rules) -> Iterator[Secret]:
    """Figures of one or two, or of two employers, or of one that dominates; and those of all but one partner."""
    for place, figure in release.figures.items():
        if release.counts[place[0]] in rules.of_nobody:
            continue
        cell = release.cell(place)
        if _few(figure.value, rules):
            yield Secret({cell: 1}, 0, rules.fewest_cases)
        elif figure.value and too_thin(figure, rules):
            margin = max(float(rules.fewest_cases), math.ceil(abs(float(figure.value)) * float(rules.margin)))
            yield Secret({cell: 1}, max(0.0, float(figure.value) - margin), float(figure.value) + margin)
        for partner, own in _knowing(figure):
            if _few(figure.value - own, rules):
                yield Secret({cell: 1}, float(own), float(own) + rules.fewest_cases, partner)
    for whole, parts, rest in _nested(release):
        if _few(rest, rules):
            terms = {release.cell(whole): 1, **dict.fromkeys(map(release.cell, parts), -1)}
            yield Secret(terms, 0, rules.fewest_cases)


def too_thin(figure: Figure, rules: Rules) -> bool:
    """Whether too few cases or employers stand behind a number, however great it is."""
    return (
        0 < figure.cases < rules.fewest_cases
        or 0 < figure.employers < rules.fewest_employers
        or dominated(rules, figure.employers, figure.largest)
    )


def _moved(one: Release, other: Release, rules: Rules) -> Iterator[Secret]:
    """Figures that one or two people moved from a release to another, as everybody sees it and as a partner does."""
    for place, before in one.figures.items():
        after = other.figures.get(place)
        if after is None or other.counts[place[0]] in rules.of_nobody:
            continue
        cells = (one.cell(place), other.cell(place))
        moved = after.value - before.value
        if other.counts[place[0]] in (Counts.EUROS, Counts.HOURS):
            if _few(abs(after.cases - before.cases), rules):
                margin = max(float(rules.fewest_cases), abs(float(moved)) * float(rules.margin))
                yield _difference(cells, float(moved) - margin, float(moved) + margin, PUBLIC)
            continue
        acting = dict.fromkeys((*before.own, *after.own))
        shares = {
            one: after.own.get(one, 0) - before.own.get(one, 0) for one in acting if after.own.get(one) != after.value
        }
        for knower, its in {PUBLIC: 0, **shares}.items():
            if _few(moved - its, rules):
                yield _difference(cells, float(its), float(its) + rules.fewest_cases, knower)
            elif _few(its - moved, rules):
                yield _difference(cells[::-1], -float(its), rules.fewest_cases - float(its), knower)


def _difference(cells: tuple[Name, ...], low: float, high: float, knower: str) -> Secret:
    """How much more the second cell holds than the first."""
    before, after = cells
    return Secret({after: 1, before: -1}, low, high, knower)


def _knowing(figure: Figure) -> Iterable[tuple[str, Number]]:
    """The partners behind a figure that somebody else is behind as well."""
    return ((partner, own) for partner, own in figure.own.items() if own != figure.value)


def _few(value: Number, rules: Rules) -> bool:
    return 0 < value < rules.fewest_cases
