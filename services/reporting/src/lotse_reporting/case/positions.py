"""Positions of a vacancy that are filled for the first time: the jobs created of the Dortmund model."""

from collections.abc import Sequence
from typing import Final

from lotse_shared.contracts.codes import PlacementKind
from lotse_shared.contracts.matching import VacancyFilled
from msgspec.structs import replace

from lotse_reporting.case.history import Context, Moment, Told, moment_of
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind

FILLING: Final = frozenset(
    {
        PlacementKind.INSURED,
        PlacementKind.INSURED_EGZ,
        PlacementKind.INSURED_LZA,
        PlacementKind.SUBSIDISED_16E,
        PlacementKind.SUBSIDISED_16I,
        PlacementKind.APPRENTICESHIP,
        PlacementKind.CITIZEN_WORK,
        PlacementKind.INCLUSION_FIRM,
    }
)
"""Kinds of placement that fill a position: insured work. A minijob or a work opportunity leaves it to be filled."""


def _first_fills(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """The earliest filling of a position with insured work, whoever came; who follows adds nothing (Q-15).

    One day is enough; a minijob or a work opportunity leaves the position to be filled.

    A filling that is taken back, or an earlier one that is told late, moves it: what matching said about being the
    first when it told the fact is not asked.
    """
    fills = [moment_of(one) for one in told if one.body.kind in FILLING]
    if not fills:
        return []
    first = min(fills, key=lambda one: (one.on, one.place))
    return [replace(first, kind="position-first-filled", start=str(first.fact.position))]


POSITIONS: Final = Thread(
    "position",
    hears=(VacancyFilled,),
    makes=(
        MomentKind(
            "position-first-filled",
            "vacancy",
            USUAL_RANK,
            {word: one for word, one in TOLD["vacancy-filled"].words.items() if word != "vacancy.first-fill"},
            position="position",
        ),
    ),
    derive=_first_fills,
    one_for_each="position",
)
