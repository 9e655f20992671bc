"""The route of restatements: in full for the network's own people, by month and kind of fact for everybody else."""

from typing import Any, Final

from fastapi import APIRouter
from lotse_shared.deciding import EVERYBODY
from lotse_shared.http import CallerDep, ProblemBody, ProblemRaised
from lotse_shared.problems import Problem
from lotse_shared.programme import Counts
from lotse_shared.security import Caller, utc_now

from lotse_reporting.api import KnownAt, View, problem
from lotse_reporting.report import NoReport, NotYet, figure, written
from lotse_reporting.restatement.moves import Move
from lotse_reporting.restatement.reading import Earlier, Restated, read_restatement
from lotse_reporting.seals.api import SealId, sealed_for
from lotse_reporting.visibility import SEES_EVERYTHING

router = APIRouter(tags=["seals"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 422, 425)})

MOST: Final = 1_000
"""Moves of one figure that are listed; how many more there are is said."""


@router.get("/seals/{seal}/restatement")
async def show_restatement(seal: SealId, who: CallerDep, connection: View, known: KnownAt) -> dict[str, Any]:
    """What a sealed report would say now (or as known at a moment): each figure that moved, and what moved it."""
    sealed = await sealed_for(connection, str(seal), who)
    try:
        found = await read_restatement(connection, sealed, known_at=known, now=utc_now())
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    except Earlier as error:
        raise ProblemRaised(
            Problem(422, "invalid", "Invalid input", str(error), "Ask for a later moment, or for now.", "known_at")
        ) from None
    return {
        "seal": sealed.seal,
        "operation": sealed.operation,
        "as_of": sealed.as_of.isoformat(),
        "sealed": {"known_at": written(sealed.known), "edition": sealed.edition, "digest": sealed.digest},
        "now": {"known_at": written(found.known), "edition": found.edition},
        "indicators": [_restated(one, in_full=sees_units(who)) for one in found.moved],
        "unchanged": list(found.unchanged),
    }


def sees_units(who: Caller) -> bool:
    """Whether somebody may see which units moved a figure, and by which events."""
    return who.partner == EVERYBODY and who.role in SEES_EVERYTHING


def _restated(one: Restated, *, in_full: bool) -> dict[str, Any]:
    counts = Counts(one.counts)
    return {
        "id": one.indicator,
        "title": one.title,
        "sealed": one.sealed,
        "now": one.now,
        "difference": one.difference,
        "by_definition": one.by_definition,
        "words": one.words,
        "follows": list(one.follows),
        "moves": [_move(move, counts, in_full=in_full) for move in one.moves[:MOST]],
        "moves_left_out": max(0, len(one.moves) - MOST),
    }


def _move(move: Move, counts: Counts, *, in_full: bool) -> dict[str, Any]:
    """A move. Others than the network's own people see no day, no unit and no event."""
    shown = {
        "why": move.why.value,
        "words": move.words,
        "quantity": figure(counts, move.quantity),
        "month": move.effective.isoformat()[:7],
    }
    if not in_full:
        return shown
    return shown | {
        "unit": move.unit,
        "effective": move.effective.isoformat(),
        "known_at": written(move.known),
        "events": list(move.events),
    }
