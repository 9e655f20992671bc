"""Invented tables to be published: flat ones, hierarchies of three dimensions, and the series of an operation."""

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

from lotse_reporting.disclosure.audit import Fact, Guarded, Published
from lotse_reporting.disclosure.figures import Figure, Place, Release, Within
from lotse_reporting.disclosure.table import Name, Number, Relation, Secret, Table, adds_up
from lotse_shared.calendar import add_months
from lotse_shared.programme import Counts

TOTAL = "all"


def small_counts(values: Mapping[Name, Number]) -> list[Secret]:
    """Everything of one or two is a secret."""
    return [Secret({name: 1}, 0, 3) for name, value in values.items() if value in (1, 2)]


def table_of(
    values: Mapping[Name, Number], relations: Iterable[Relation], secrets: Iterable[Secret] | None = None
) -> Table:
    """A first release; all cells cost the same, totals a little more."""
    found = small_counts(values) if secrets is None else list(secrets)
    return Table(values, tuple(relations), found, {name: 1.0 + 0.01 * name.count(TOTAL) for name in values})


def cube(chance: random.Random, *sizes: int, districts: int = 0) -> Table:
    """A table with all its margins; with `districts`, the first dimension adds up to districts in between."""
    codes = [[str(number) for number in range(size)] for size in sizes]
    inner = {cell: _count(chance) for cell in product(*codes)}
    upper = {code: f"district-{int(code) % districts}" if districts else TOTAL for code in codes[0]}
    parents = [upper if districts and place == 0 else dict.fromkeys(found, TOTAL) for place, found in enumerate(codes)]
    values: dict[Name, Number] = {}
    for cell, value in inner.items():
        for name in product(*(sorted({code, parents[place][code], TOTAL}) for place, code in enumerate(cell))):
            values[name] = values.get(name, 0) + value
    relations = []
    for place, parent in enumerate(parents):
        tree: dict[str, list[str]] = {}
        for code, above in parent.items():
            tree.setdefault(above, []).append(code)
        if districts and place == 0:
            tree[TOTAL] = sorted(set(parent.values()))
        relations += [
            adds_up(name, [(*name[:place], code, *name[place + 1 :]) for code in tree[name[place]]])
            for name in values
            if name[place] in tree
        ]
    return table_of(values, relations)


def _count(chance: random.Random) -> int:
    return chance.choice((0, 0, 1, 2, 3, 4, 5, 7, 9, 12, 20, 31))


def as_published(table: Table, hidden: Iterable[Name]) -> Published:
    """What is public of a table when these cells are hidden: what the attacker is given."""
    away = {*hidden, *table.hidden}
    return Published(
        {name: None if name in away else value for name, value in table.values.items()},
        [Fact(one.terms, one.low, one.high) for one in table.relations],
        frozenset(name for name, value in table.values.items() if isinstance(value, int)),
        2.0 * max(float(value) for value in table.values.values()) + 6,
        table.own,
        table.known,
    )


def guarded(table: Table) -> list[Guarded]:
    """What the attacker is after."""
    return [Guarded(one.terms, one.low, one.high, one.knower) for one in table.secrets]


def gone_by(chance: random.Random, months: int, people: int) -> list[Release]:
    """Month by month what an operation would publish: people come, and some records are corrected or taken back."""
    everybody: list[dict[str, str | date]] = []
    releases = []
    for month in range(months):
        last = add_months(date(2024, 1, 1), month + 1)[0] - timedelta(days=1)
        for _ in range(chance.randrange(people + 1)):
            day = last.replace(day=chance.randrange(1, 28))
            everybody.append(
                {
                    "gender": chance.choice(("female", "male")),
                    "partner": chance.choice(("spi", "bbi", "awo")),
                    "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
                    "employment": chance.choice(("unemployed", "inactive", "employed")),
                }
            )
        if everybody and chance.random() < 0.3:
            chance.choice(everybody)["gender"] = chance.choice(("female", "male", "non-binary"))
        if everybody and chance.random() < 0.2:
            everybody.remove(chance.choice(everybody))
        releases.append(release_of(f"{month + 1:02}", last, everybody))
    return releases


def release_of(name: str, as_of: date, people: Iterable[Mapping[str, str | date]]) -> Release:
    """Who entered, by gender, partner and quarter, and the three groups that make them up."""
    figures: dict[Place, Figure] = {}
    for one in people:
        for indicator in ("entered", str(one["employment"])):
            breakdowns = ("gender", "partner", "quarter") if indicator == "entered" else ()
            places = [("", ""), *((by, str(one[by])) for by in breakdowns)]
            for by, part in places:
                before = figures.get((indicator, by, part), Figure(0, 0))
                partner = str(one["partner"])
                own = {**before.own, partner: before.own.get(partner, 0) + 1}
                figures[indicator, by, part] = Figure(before.value + 1, before.cases + 1, own=own)
    groups = ("unemployed", "inactive", "employed")
    for indicator in ("entered", *groups):
        figures.setdefault((indicator, "", ""), Figure(0, 0))
    counts = dict.fromkeys(("entered", *groups), Counts.PERSONS)
    return Release(name, as_of, as_of.toordinal(), counts, figures, (Within("entered", groups),))


def document(release: Release) -> dict[str, Any]:
    """A release as it is published."""
    rows: dict[str, dict[str, Any]] = {}
    for place, figure in release.figures.items():
        row = rows.setdefault(place[0], {"id": place[0], "breakdown": {}})
        result = None if place in release.hidden else figure.value
        if place[1]:
            row["breakdown"].setdefault(place[1], []).append({"part": place[2], "result": result})
        else:
            row["result"] = result
    return {"indicators": list(rows.values())}
