"""`lotse publish` and `lotse publications`: reports for everybody, through disclosure control."""

from typing import Annotated, Final

import typer
from rich.console import Console

from lotse_local.calling import call
from lotse_local.figures import PANEL, Operation
from lotse_local.platform import Platform

_ROLE: Final = "coordinator"
_SIGN: Final = "•"

console = Console(highlight=False, soft_wrap=True, markup=False)


def publish(
    context: typer.Context,
    operation: Operation,
    as_of: Annotated[str, typer.Option(help="Up to which day effects count.")],
    known_at: Annotated[
        str | None, typer.Option(help="As known at this instant; else the latest at which the report is final.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="gender, partner, site or quarter; may be repeated. Gender and partner.")
    ] = None,
) -> None:
    """Publish a final report; numbers that could be about one or two people are hidden, beside all earlier ones too.

    What is out cannot be taken back. The more breakdowns, and the more often, the more has to be hidden.
    """
    platform = Platform.read(context.obj)
    body = {"as_of": as_of, "known_at": known_at} | ({"by": by} if by is not None else {})
    told = call(platform, "reporting", "POST", f"/operations/{operation}/publications", role=_ROLE, json=body).json()
    for row in told["indicators"]:
        console.print(row["id"], _SIGN if row["suppressed"] else row["result"])
    console.print(
        f"Release {told['number']} is out, {told['disclosure']['suppressed']} numbers hidden: "
        f"{platform.url('reporting')}/public/operations/{operation}/report"
    )


def publications(context: typer.Context, operation: Operation) -> None:
    """List what was published about an operation."""
    path = f"/operations/{operation}/publications"
    told = call(Platform.read(context.obj), "reporting", "GET", path, role=_ROLE).json()
    for one in told["publications"]:
        console.print(
            one["number"], one["published_on"], "as of", one["as_of"], f"{one['suppressed']} hidden", one["digest"][:12]
        )


def register(app: typer.Typer) -> None:
    """Add these commands to `lotse`."""
    for command in (publish, publications):
        app.command(rich_help_panel=PANEL)(command)
