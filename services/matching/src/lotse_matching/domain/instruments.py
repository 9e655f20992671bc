"""What the law and the programmes say about wage subsidies, as dated data.

Sources: SGB II paragraphs 16e and 16i, SGB III paragraphs 88 to 92, the ESF federal programme against long-term
unemployment (LZA), the Dortmund premium, MiLoG and its ordinances. The rule is chosen by the first day of the subsidy.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lotse_shared.contracts.codes import Instrument
from lotse_shared.contracts.matching import SubsidyPhase
from lotse_shared.deciding import Refused


@dataclass(frozen=True, slots=True)
class Rule:
    """How one instrument pays for subsidies that start on these days."""

    instrument: Instrument
    schedules: tuple[tuple[SubsidyPhase, ...], ...] = ()
    """What the law fixes, the usual one first; a shorter subsidy is the beginning of one. None: up to the limits."""
    most_percent: int = 100
    most_months: int = 60
    employer_share: int = 0
    """Lump sum for the employer's share of social insurance, in percent of the wage."""
    minimum_wage_base: bool = False
    """An employer that is not bound by a tariff gets the minimum wage paid, whatever it pays."""
    least_months: int = 0
    """The contract is permanent or lasts at least this long."""
    least_hours: int = 0
    """A week."""
    before_contract: bool = False
    """Approved before the contract is signed."""
    reclaim_months: int | None = None
    """Whoever ends the job early pays back what these last months brought, at most half of all (SGB III 92(2))."""
    first_start: date = date.min
    last_start: date = date.max


def _phases(*pairs: tuple[int, int]) -> tuple[SubsidyPhase, ...]:
    return tuple(SubsidyPhase(months=months, percent=percent) for months, percent in pairs)


_TEILHABECHANCEN: Final = date(2019, 1, 1)

RULES: Final = (
    Rule(
        Instrument.SECTION_16E,
        schedules=(_phases((12, 75), (12, 50)),),
        employer_share=19,
        least_months=24,
        reclaim_months=6,
        first_start=_TEILHABECHANCEN,
    ),
    Rule(Instrument.SECTION_16E, most_percent=75, most_months=24, last_start=date(2018, 12, 31)),
    Rule(
        Instrument.SECTION_16I,
        schedules=(_phases((24, 100), (12, 90), (12, 80), (12, 70)),),
        employer_share=19,
        minimum_wage_base=True,
        first_start=_TEILHABECHANCEN,
    ),
    Rule(
        Instrument.LZA,
        schedules=(_phases((6, 75), (9, 50), (3, 25)), _phases((12, 75), (12, 65), (12, 50))),
        least_months=24,
        least_hours=20,
        before_contract=True,
        first_start=date(2015, 1, 1),
        last_start=date(2017, 12, 31),
    ),
    # The longest and highest of its variants, for people with severe disabilities: the agency says who gets what.
    Rule(Instrument.EGZ, most_percent=70, most_months=96, reclaim_months=12),
    Rule(Instrument.PREMIUM, schedules=(_phases((1, 100)),)),
    Rule(Instrument.OTHER),
)

MINIMUM_WAGES: Final = (
    (date(2015, 1, 1), "8.50"),
    (date(2017, 1, 1), "8.84"),
    (date(2019, 1, 1), "9.19"),
    (date(2020, 1, 1), "9.35"),
    (date(2021, 1, 1), "9.50"),
    (date(2021, 7, 1), "9.60"),
    (date(2022, 1, 1), "9.82"),
    (date(2022, 7, 1), "10.45"),
    (date(2022, 10, 1), "12.00"),
    (date(2024, 1, 1), "12.41"),
    (date(2025, 1, 1), "12.82"),
    (date(2026, 1, 1), "13.90"),
    (date(2027, 1, 1), "14.60"),
)
"""Euros an hour, from a day on (MiLoG paragraph 1 and the ordinances on it)."""


def rule_for(instrument: Instrument, starts_on: date) -> Rule:
    """The rule of an instrument for a subsidy that starts on a day.

    Raises:
        Refused: nothing of this instrument could start on that day.
    """
    for rule in RULES:
        if rule.instrument == instrument and rule.first_start <= starts_on <= rule.last_start:
            return rule
    raise Refused(
        f"no subsidy of the instrument {instrument} could start on {starts_on}",
        field="starts_on",
        way_out="Check the first day and the instrument.",
    )
