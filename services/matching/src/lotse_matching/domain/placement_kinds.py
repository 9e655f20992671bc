"""What each kind of placement is to the labour market: one dated table, nowhere else.

Sources: KennzV paragraphs 2 and 5 (what is an integration and what publicly funded work), SGB II paragraphs 16d, 16e
and 16i with their days of entry into force, and the readings of the MEHRLiN programme's rows 4, 7 and 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lotse_shared.contracts.codes import Instrument, LabourMarket, OfferKind, PlacementKind
from lotse_shared.deciding import Refused


@dataclass(frozen=True, slots=True)
class Treatment:
    """How placements of one kind are read that start on these days. Insured: in all branches but unemployment's."""

    labour_market: LabourMarket
    insured: bool
    instrument: Instrument | None = None
    """The instrument that the kind itself names."""
    first_start: date = date.min
    last_start: date = date.max


_FIRST, _SECOND, _THIRD, _NONE = LabourMarket.FIRST, LabourMarket.SECOND, LabourMarket.THIRD, LabourMarket.NONE
_ALWAYS_INSURED: Final = (Treatment(_FIRST, insured=True),)
_TEILHABECHANCEN: Final = date(2019, 1, 1)
"""The new paragraph 16e and paragraph 16i of SGB II came into force."""

TREATMENTS: Final[Mapping[PlacementKind, tuple[Treatment, ...]]] = {
    PlacementKind.INSURED: _ALWAYS_INSURED,
    PlacementKind.INSURED_EGZ: (Treatment(_FIRST, insured=True, instrument=Instrument.EGZ),),
    PlacementKind.INSURED_LZA: (
        Treatment(
            _FIRST,
            insured=True,
            instrument=Instrument.LZA,
            first_start=date(2015, 1, 1),
            last_start=date(2017, 12, 31),
        ),
    ),
    PlacementKind.MINIJOB: (Treatment(_FIRST, insured=False),),
    PlacementKind.HOLIDAY_JOB: (Treatment(_FIRST, insured=False),),
    PlacementKind.SELF_EMPLOYMENT: (Treatment(_FIRST, insured=False),),
    PlacementKind.APPRENTICESHIP: (Treatment(_NONE, insured=True),),
    PlacementKind.SCHOOL_TRAINING: (Treatment(_NONE, insured=False),),
    PlacementKind.SCHOOL: (Treatment(_NONE, insured=False),),
    PlacementKind.SUBSIDISED_16E: (
        # The old paragraph 16e paid for work that nobody else would offer; the new one helps into the first market.
        Treatment(_THIRD, insured=True, instrument=Instrument.SECTION_16E, last_start=date(2018, 12, 31)),
        Treatment(_FIRST, insured=True, instrument=Instrument.SECTION_16E, first_start=_TEILHABECHANCEN),
    ),
    PlacementKind.SUBSIDISED_16I: (
        Treatment(_THIRD, insured=True, instrument=Instrument.SECTION_16I, first_start=_TEILHABECHANCEN),
    ),
    PlacementKind.WORK_OPPORTUNITY: (Treatment(_SECOND, insured=False),),
    PlacementKind.CITIZEN_WORK: (Treatment(_SECOND, insured=True),),
    PlacementKind.INCLUSION_FIRM: (Treatment(_THIRD, insured=True),),
}

_OFFERED: Final[Mapping[PlacementKind, OfferKind]] = {
    PlacementKind.MINIJOB: OfferKind.MINIJOB,
    PlacementKind.HOLIDAY_JOB: OfferKind.HOLIDAY_JOB,
    PlacementKind.APPRENTICESHIP: OfferKind.APPRENTICESHIP,
}
WITHOUT_EMPLOYER: Final = frozenset(
    {PlacementKind.SELF_EMPLOYMENT, PlacementKind.SCHOOL, PlacementKind.SCHOOL_TRAINING}
)
"""Kinds in which nobody is employed."""


def treatment(kind: PlacementKind, starts_on: date) -> Treatment:
    """How a placement of this kind that starts on this day is read.

    Raises:
        Refused: nothing of this kind could start on that day.
    """
    for one in TREATMENTS.get(kind, ()):
        if one.first_start <= starts_on <= one.last_start:
            return one
    raise Refused(
        f"no placement of kind {kind} could start on {starts_on}",
        field="kind",
        way_out="Check the start, or choose the kind that the law had at that time.",
    )


def offered_as(kind: PlacementKind) -> OfferKind | None:
    """What an offer must be for a placement of this kind; None where nobody offers it."""
    return None if kind in WITHOUT_EMPLOYER else _OFFERED.get(kind, OfferKind.JOB)
