"""Advice to enterprises, and the first one of each."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from lotse_shared.contracts.codes import SizeClass
from lotse_shared.contracts.matching import EmployerAdvised, EmployerRegistered
from msgspec.structs import replace

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind


class Advice(NamedTuple):
    """An advice with the size of the enterprise as at this advice, else as registered (Q-18)."""

    advice: Any
    headcount: int | None
    size: str
    in_area: Any
    subproject: str | None
    advised_on: date


def size_of(headcount: int | None, size: str | None) -> str:
    """The size class of an enterprise, by its heads where they are known: micro under 10, small 50, medium 250."""
    if headcount is None:
        return str(size or SizeClass.UNKNOWN)
    for limit, found in ((10, SizeClass.MICRO), (50, SizeClass.SMALL), (250, SizeClass.MEDIUM)):
        if headcount < limit:
            return str(found)
    return str(SizeClass.LARGE)


def _advices(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """Every advice, and the first one of an enterprise over all partners: it decides (MEHRLiN row 6)."""
    registered = next((one.body for one in told if one.type == EmployerRegistered.type), None)
    moments = []
    for one in told:
        if one.type != EmployerAdvised.type:
            continue
        body = one.body
        unknown = body.headcount is None and str(body.size) == "unknown"
        source = registered if unknown and registered is not None else body
        advice = Advice(
            body.advice,
            source.headcount,
            size_of(source.headcount, source.size),
            body.in_area or (registered.in_area if registered else None),
            body.subproject,
            body.advised_on,
        )
        moments.append(
            Moment("employer-advised", body.advised_on, (one.place, 0), advice, (one.id,), body.partner, None, one.id)
        )
    if moments:
        first = min(moments, key=lambda one: (one.on, one.place))
        moments.append(replace(first, kind="employer-first-advised"))
    return moments


ADVICES: Final = Thread(
    "employer",
    hears=(EmployerRegistered, EmployerAdvised),
    makes=(
        "employer-advised",
        MomentKind("employer-first-advised", "employer", USUAL_RANK, TOLD["employer-advised"].words),
    ),
    derive=_advices,
)
