"""What counts as too small to be published, as data with the day from which it holds.

The numbers follow the statistics of the Federal Employment Agency (Bundesagentur fuer Arbeit): at least three cases
behind each value, at least three units behind the cases, no unit that dominates them. Its legal frame is paragraph 281
section 3 SGB III with paragraph 16 BStatG.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lotse_shared.programme import Counts


@dataclass(frozen=True, slots=True)
class Dominance:
    """With this many employers or more behind a value, no single one may make such a share of it."""

    employers: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force from a day on."""

    first_day: date
    fewest_cases: int
    """So many cases stand behind a value that is shown; zero may be shown."""
    fewest_employers: int
    """So many employers stand behind the cases, where any do."""
    dominance: tuple[Dominance, ...]
    margin: Decimal
    """A hidden number that is no small count could be smaller or greater by this share of itself, as seen by others."""
    of_nobody: frozenset[Counts]
    """What is counted that is about nobody: milestones are shown, be it one."""


RULES: Final = (
    Rules(
        first_day=date(2000, 1, 1),
        fewest_cases=3,
        fewest_employers=3,
        dominance=(Dominance(3, Decimal("0.50")), Dominance(10, Decimal("0.85"))),
        margin=Decimal("0.20"),
        of_nobody=frozenset(
            {Counts.MILESTONES, Counts.GATHERINGS, Counts.ORGANISATIONS, Counts.PROJECTS, Counts.TENDERS}
        ),
    ),
)
"""The thresholds of dominance are those the agency usually applies; they are not printed in its rules."""


def rules_on(day: date) -> Rules:
    """The rules that hold for what is published on a day."""
    return max((one for one in RULES if one.first_day <= day), key=lambda one: one.first_day)


def dominated(rules: Rules, employers: int, largest: Decimal) -> bool:
    """Whether one employer makes too much of a value. `largest` is its share, from 0 to 1."""
    limits = [one for one in rules.dominance if employers >= one.employers]
    return bool(limits) and largest >= max(limits, key=lambda one: one.employers).share
