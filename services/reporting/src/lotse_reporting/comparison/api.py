"""Routes of editions: which there are, and what one counts otherwise than another."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from lotse_shared.http import CallerDep, ProblemBody
from lotse_shared.security import utc_now

from lotse_reporting.api import View, may_see, problem
from lotse_reporting.comparison.definitions import Change
from lotse_reporting.comparison.reading import Compared, InForce, compare, list_editions
from lotse_reporting.report import NoReport, NotYet, figure, written
from lotse_reporting.restatement.api import sees_units

router = APIRouter(
    tags=["editions"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 422, 425)}
)

MOST: Final = 1_000
"""Units of one figure that are listed; how many more there are is said."""

Name = Annotated[str | None, Query(max_length=40)]


@router.get("/operations/{operation}/editions")
async def show_editions(operation: str, who: CallerDep, connection: View) -> dict[str, Any]:
    """The editions of an operation, the oldest first, with the knowledge times for which they answer."""
    await may_see(connection, operation, who)
    return {"editions": [_edition(one) for one in await list_editions(connection, operation)]}


@router.get("/operations/{operation}/editions/compare")
async def compare_editions(
    operation: str,
    who: CallerDep,
    connection: View,
    before: Annotated[Name, Query(alias="from")] = None,
    after: Annotated[Name, Query(alias="to")] = None,
    as_of: Annotated[date | None, Query()] = None,
) -> dict[str, Any]:
    """What an edition counts otherwise than another, from the same facts: figures, units, and why."""
    await may_see(connection, operation, who)
    try:
        found = await compare(connection, operation, before=before, after=after, as_of=as_of, now=utc_now())
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    in_full = sees_units(who)
    return {
        "operation": operation,
        "as_of": found.as_of.isoformat(),
        "known_at": written(found.known),
        "from": _edition(found.before),
        "to": _edition(found.after),
        "programme": [_change(one) for one in found.programme],
        "indicators": [_compared(one, in_full=in_full) for one in found.indicators if one.moved],
        "unchanged": [one.indicator.id for one in found.indicators if not one.moved],
        "not_recomputed": list(found.not_recomputed) if in_full else len(found.not_recomputed),
    }


def _edition(one: InForce) -> dict[str, Any]:
    return {
        "edition": one.edition,
        "case_function": one.case_function,
        "known_from": written(one.since),
        "known_until": written(one.until),
    }


def _change(one: Change) -> dict[str, Any]:
    return {"path": list(one.path), "before": one.before, "after": one.after, "words": one.words}


def _compared(one: Compared, *, in_full: bool) -> dict[str, Any]:
    counts = one.indicator.counts
    found = {
        "id": one.indicator.id,
        "title": {"de": one.indicator.title.de, "en": one.indicator.title.en},
        "before": one.before,
        "after": one.after,
        "because": one.because.value if one.because else None,
        "changes": [_change(change) for change in one.changes],
        "units_moved": len(one.units),
    }
    if not in_full:
        return found
    units = [
        {"unit": each.unit, "before": figure(counts, each.before), "after": figure(counts, each.after)}
        for each in one.units[:MOST]
    ]
    return found | {"units": units}
