"""`lotse incomplete`: which figures lose how many people, until which answers come."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from lotse_local.calling import call
from lotse_local.figures import PANEL, AsOf, KnownAt, Operation
from lotse_local.platform import Platform

_PAGE: Final = 1_000

console = Console(highlight=False, soft_wrap=True, markup=False)


def incomplete(
    context: typer.Context,
    operation: Operation,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The answer of the service, all people on one page.")] = False,
) -> None:
    """Print whose record lacks which answers, and how many people each figure loses by that."""
    platform = Platform.read(context.obj)
    pages = list(_pages(platform, operation, {"as_of": as_of, "known_at": known_at}))
    people = [one for page in pages for one in page["people"]]
    losses = pages[0]["indicators"]
    if as_json:
        json.dump({**pages[0], "people": people, "next": None}, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    for one in people:
        console.print(one["since"], one["partner"] or "-", one["unit"], ", ".join(one["missing"]))
    for one in losses:
        answers = ", ".join(f"{answer} {count}" for answer, count in one["missing"].items())
        console.print(f"{one['id']}: {one['people']} people, for want of {answers}")
    console.print(f"{len(people)} people with incomplete records, {len(losses)} indicators lose some of them.")


def _pages(platform: Platform, operation: str, query: Mapping[str, str | None]) -> Iterator[Mapping[str, Any]]:
    cursor = None
    while True:
        asked = {**query, "cursor": cursor, "limit": _PAGE}
        path = f"/operations/{operation}/incomplete"
        page = call(platform, "reporting", "GET", path, role="coordinator", query=asked).json()
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def register(app: typer.Typer) -> None:
    """Add this command to `lotse`."""
    app.command(rich_help_panel=PANEL)(incomplete)
