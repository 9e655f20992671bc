"""`lotse`: one network on this machine, from the command line."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from lotse_local.contracts.command import contracts_app
from lotse_local.errors import CannotRun
from lotse_local.platform import HOME, Platform

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(contracts_app, name="contracts", rich_help_panel="For developers")


@app.callback()
def lotse(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(envvar=HOME, help="State folder of the platform.", show_default=".lotse")
    ] = None,
) -> None:
    """Runs labour-market integration networks: Kafka, PostgreSQL and four services on this machine."""
    context.obj = home


@app.command(rich_help_panel="People and calls")
def token(
    context: typer.Context,
    role: Annotated[
        str, typer.Option(help="coach, job-acquirer, coordinator, funder, auditor, administrator, jobcenter")
    ],
    partner: Annotated[str, typer.Option(help="Slug of the partner; * for the whole network.")] = "*",
    name: Annotated[str, typer.Option(help="Who it is for.")] = "lotse",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 31, help="How long it is valid.")] = 12,
) -> None:
    """Print a bearer token for calls: `curl -H "Authorization: Bearer $(lotse token --role coordinator)" ...`."""
    try:
        typer.echo(
            Platform.read(context.obj).token(role=role, partner=partner, name=name, lasts=timedelta(hours=hours))
        )
    except ValueError as error:
        raise CannotRun(f"No token: {error}.") from None


@app.command(rich_help_panel="Looking in")
def ports(context: typer.Context) -> None:
    """Print every listener and its port."""
    for name, port in Platform.read(context.obj).ports.items():
        typer.echo(f"{name:<18}{port}")


def main() -> None:
    """Run the command; what cannot be done is said in one paragraph, never as a trace."""
    try:
        app()
    except CannotRun as error:
        typer.echo(f"lotse: {error}", err=True)
        sys.exit(1)
