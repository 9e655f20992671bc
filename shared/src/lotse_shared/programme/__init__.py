"""The programme file: what an operation promised its funder, as data. One file in deploy/programmes per operation."""

from lotse_shared.programme.mistakes import Place, nearest
from lotse_shared.programme.model import (
    Bounds,
    Condition,
    Counts,
    Enrolment,
    Include,
    Indicator,
    IndicatorSet,
    Moments,
    Per,
    Period,
    Programme,
    Ratio,
    Title,
    Unbounded,
    Value,
    Written,
)
from lotse_shared.programme.places import ProgrammeError
from lotse_shared.programme.reading import ProgrammeFile, read
from lotse_shared.programme.sets import SetFile, known_sets, read_set

__all__ = [
    "Bounds",
    "Condition",
    "Counts",
    "Enrolment",
    "Include",
    "Indicator",
    "IndicatorSet",
    "Moments",
    "Per",
    "Period",
    "Place",
    "Programme",
    "ProgrammeError",
    "ProgrammeFile",
    "Ratio",
    "SetFile",
    "Title",
    "Unbounded",
    "Value",
    "Written",
    "known_sets",
    "nearest",
    "read",
    "read_set",
]
