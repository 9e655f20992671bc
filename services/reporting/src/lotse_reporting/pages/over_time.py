"""The page of figures over time: each one by quarters, beside the straight way to its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.reports import Chosen, View, ask, operation_of
from lotse_reporting.pages.sign_in import Visitor
from lotse_reporting.report import read_trend

WIDTH: Final = 300
HEIGHT: Final = 100

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Chart:
    """A line of results and one of the way to the target, as points of an SVG of WIDTH by HEIGHT."""

    results: str
    path: str
    top: Decimal
    """What the upper edge stands for."""
    last: tuple[float, float]
    """Where the line of results ends."""


def chart(days: Sequence[str], results: Sequence[int | str], path: Sequence[int | None]) -> Chart:
    """Draw one figure. Days lie apart as they do in the calendar; the scale begins at zero and ends at the highest."""
    on = [date.fromisoformat(day) for day in days]
    span = (on[-1] - on[0]).days or 1
    across = [round((day - on[0]).days / span * WIDTH, 1) if len(on) > 1 else float(WIDTH) for day in on]
    values = [Decimal(one) for one in results]
    way = [Decimal(one) for one in path if one is not None]
    top = max([*values, *way, Decimal(1)])

    def points(heights: Sequence[Decimal]) -> list[tuple[float, float]]:
        return [(x, round(float(HEIGHT - value / top * HEIGHT), 1)) for x, value in zip(across, heights, strict=True)]

    drawn = points(values)
    return Chart(_joined(drawn), _joined(points(way)) if len(way) == len(on) else "", top, (drawn[-1][0], drawn[-1][1]))


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


@router.get("/operations/{operation}/over-time")
async def over_time(request: Request, operation: str, who: Visitor, connection: View, chosen: Chosen) -> Response:
    """How each figure grew, by quarters, and where it would be if the target were reached in equal steps."""
    about = await operation_of(connection, operation, who)
    asked = await ask(connection, operation, chosen)
    if asked.question is None:
        return page(request, "over_time.html", asked.status, about=about, chosen=chosen, asked=asked)
    trend = await read_trend(connection, asked.question)
    drawn: list[dict[str, Any]] = [
        {**one, "chart": chart(trend["days"], one["results"], one["path"])} for one in trend["indicators"]
    ]
    return page(
        request, "over_time.html", about=about, chosen=chosen, asked=asked, days=trend["days"], indicators=drawn
    )
