"""The jobs of the play: one table of positions that were first filled by people of the target group.

The source says that 151 of them were there on 26 March 2019, and that there were more than 200 in November; how many
came from where in which quarter is invented.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

ENTERED_BEFORE: Final = timedelta(days=28)
"""People enter the operation four weeks before the first start of their quarter."""


@dataclass(frozen=True, slots=True)
class Row:
    """A quarter, or a part of it: the days on which people start, in turn, and what they start in."""

    name: str
    starts: tuple[date, ...]
    procurement: Mapping[int, int]
    """Jobs by the number of the tender they were promised in."""
    simple: int
    """New simple jobs in enterprises."""
    funded: Mapping[str, int]
    """Funded simple jobs in fields that matter to the city, by the kind of placement."""

    @property
    def entry(self) -> date:
        """The first day on which its people enter the operation; the last one is four days later."""
        return self.starts[0] - ENTERED_BEFORE


def _days(*days: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, days))


PROCUREMENT, SIMPLE, FUNDED = "procurement", "new-simple-work", "funded"
SHORT: Final = {PROCUREMENT: "procurement", SIMPLE: "simple", FUNDED: "funded"}
EGZ, E16, I16 = "insured-egz", "subsidised-16e", "subsidised-16i"

ROWS: Final = (
    Row("2017-q4", _days("2017-10-02", "2017-11-06", "2017-12-04"), {1: 4}, 0, {EGZ: 3}),
    Row("2018-q1", _days("2018-01-08", "2018-02-05", "2018-03-05"), {2: 3, 3: 3}, 3, {EGZ: 4}),
    Row("2018-q2", _days("2018-04-09", "2018-05-07", "2018-06-04"), {4: 4, 5: 3}, 8, {EGZ: 5}),
    Row("2018-q3", _days("2018-07-09", "2018-08-06", "2018-09-03"), {6: 4, 7: 4}, 12, {EGZ: 6}),
    Row("2018-q4", _days("2018-10-08", "2018-11-05", "2018-12-03"), {8: 5, 9: 4}, 14, {EGZ: 8}),
    Row(
        "2019-q1",
        _days("2019-01-07", "2019-01-21", "2019-02-04", "2019-02-18", "2019-03-04", "2019-03-26"),
        {10: 4, 11: 3, 12: 3},
        20,
        {I16: 16, E16: 8},
    ),
    Row("2019-03-27", _days("2019-03-27"), {}, 1, {I16: 1}),
    Row("2019-q2", _days("2019-04-08", "2019-05-06", "2019-06-03"), {13: 3, 14: 3}, 10, {I16: 7, E16: 4}),
    Row("2019-q3", _days("2019-07-08", "2019-08-05", "2019-09-02"), {15: 3, 16: 2}, 8, {I16: 6, E16: 3}),
    Row("2019-q4", _days("2019-10-07", "2019-10-21", "2019-11-26"), {17: 2}, 4, {I16: 2, E16: 1}),
    Row("2019-11-27", _days("2019-11-27", "2019-12-09"), {17: 1}, 2, {I16: 1, E16: 1}),
)


@dataclass(frozen=True, slots=True)
class Job:
    """A position, and its first holder's start."""

    name: str
    row: Row
    origin: str
    kind: str
    starts_on: date
    entry: date
    tender: int | None = None


def jobs() -> Iterator[Job]:
    """Every job of the table, named by its quarter, origin and number."""
    for row in ROWS:
        count: Counter[str] = Counter()
        for number, (origin, kind, tender) in enumerate(_openings(row)):
            name = f"{row.name}/{SHORT[origin]}-{count[origin]:02d}"
            count[origin] += 1
            starts_on = row.starts[number % len(row.starts)]
            yield Job(name, row, origin, kind, starts_on, row.entry + timedelta(days=number % 5), tender)


def _openings(row: Row) -> Iterator[tuple[str, str, int | None]]:
    """Origin, kind of placement and tender of each job, in the order in which people take their turns."""
    for tender, count in row.procurement.items():
        yield from [(PROCUREMENT, "insured", tender)] * count
    yield from [(SIMPLE, "insured", None)] * row.simple
    for kind, count in row.funded.items():
        yield from [(FUNDED, kind, None)] * count
