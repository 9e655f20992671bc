"""What a play comes to, as seen on a day and as known at a moment: figures worked out by hand, beside the report's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import typer
from rich.console import Console
from rich.table import Table

from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.play.journal import marks_of

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class View:
    """One report of a play and the figures it has to have, by the ids of the indicators in the programme file."""

    operation: str
    title: str
    figures: Mapping[str, int | str | None]
    """None for a ratio that there is not yet."""
    as_of: date | None = None
    """The operation's today where it is left out."""
    known: date | None = None
    """As known when this quarter of the play had ended; live where it is left out."""


def compare_views(platform: Platform, views: Sequence[View]) -> None:
    """Print every view beside what is reported; ends with 1 where a reported figure is not the known one."""
    differ = [_compare(platform, view) for view in views]
    if any(differ):
        raise typer.Exit(1)


def _compare(platform: Platform, view: View) -> bool:
    """Print one view; whether a figure differs."""
    query = {
        "as_of": view.as_of.isoformat() if view.as_of else None,
        "known_at": _instant(platform, view.operation, view.known) if view.known else None,
    }
    answer = call(platform, "reporting", "GET", f"/operations/{view.operation}/report", role="coordinator", query=query)
    reported = {one["id"]: one["result"] for one in answer.json()["report"]["indicators"]}
    differ = {one for one, figure in view.figures.items() if str(reported.get(one)) != str(figure)}
    table = Table(view.title, box=None, pad_edge=False)
    for column in ("known", "reported"):
        table.add_column(column, justify="right")
    for one, figure in view.figures.items():
        table.add_row(one, str(figure), f"{reported.get(one)}{' (differs)' if one in differ else ''}")
    console.print(table)
    console.print()
    return bool(differ)


def _instant(platform: Platform, operation: str, quarter: date) -> str:
    """The real instant at which a quarter of the play had ended."""
    found = marks_of(platform.home, operation).read()
    if quarter.isoformat() not in found:
        raise CannotRun(f"The quarter up to {quarter} of {operation} was not played here: `lotse play {operation}`.")
    return found[quarter.isoformat()]
