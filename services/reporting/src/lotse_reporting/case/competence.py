"""Employability that improved: two analyses of the same instrument, at entry and at exit (BIWAQ, result of field 1)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from lotse_shared.contracts.intake import AnalysisOccasion, CompetenceAnalysed

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind, Word


class Improvement(NamedTuple):
    """How much higher the score at exit is than the one at entry, in points of the instrument."""

    instrument: str
    gain: int


def _improvements(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """The last exit analysis, where its score is higher than that of the first entry analysis; dated on its own day."""
    days = sorted(told, key=lambda one: (one.body.analysed_on, one.place))
    at_entry = next((one for one in days if one.body.occasion == AnalysisOccasion.ENTRY), None)
    at_exit = next((one for one in reversed(days) if one.body.occasion == AnalysisOccasion.EXIT), None)
    if at_entry is None or at_exit is None or at_exit.body.analysed_on < at_entry.body.analysed_on:
        return []
    gain = at_exit.body.score - at_entry.body.score
    if gain <= 0:
        return []
    body = at_exit.body
    return [
        Moment(
            "employability-improved",
            body.analysed_on,
            (at_exit.place, 0),
            Improvement(body.instrument, gain),
            (at_exit.id, at_entry.id),
            body.partner,
            body.site,
            body.instrument,
        )
    ]


COMPETENCE: Final = Thread(
    "competence",
    hears=(CompetenceAnalysed,),
    makes=(
        MomentKind(
            "employability-improved",
            "case",
            USUAL_RANK,
            {
                "competence.instrument": TOLD["competence-analysed"].words["competence.instrument"],
                "competence.gain": Word("gain", int),
            },
        ),
    ),
    derive=_improvements,
    one_for_each="instrument",
)
