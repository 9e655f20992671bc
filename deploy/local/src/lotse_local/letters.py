"""`lotse dead-letters`: what could not be taken in, and what a human decides about it."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lotse_local.calling import call
from lotse_local.platform import Platform
from lotse_local.postgres import SERVICES

letters_app = typer.Typer(
    no_args_is_help=True,
    help="Records that a service could not take in: list, show, retry, discard.",
    epilog="A failed record parks its subject: later facts of it wait behind it, all others flow on.",
)
console = Console(highlight=False, soft_wrap=True)

Service = Annotated[str, typer.Argument(help="The service that keeps it.")]
Number = Annotated[int, typer.Argument(help="Its number in `list`.")]
Why = Annotated[str, typer.Option(help="Recorded with the decision; no personal data.")]

_ROLE = "administrator"


@letters_app.command("list")
def show_all(
    context: typer.Context,
    service: Annotated[str | None, typer.Argument(help="One service; all where none is named.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """List the open ones of every service."""
    platform = Platform.read(context.obj)
    found = [
        {"service": one, **letter}
        for one in ([service] if service else SERVICES)
        for letter in call(platform, _known(one), "GET", "/dead-letters", role=_ROLE).json()["dead_letters"]
    ]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found:
        console.print("No dead letters.")
        return
    columns = ("service", "number", "kind", "type", "subject", "partition", "kafka_offset", "reason")
    table = Table(*(name.replace("kafka_", "") for name in columns), box=None, pad_edge=False)
    for letter in found:
        table.add_row(*(str(letter.get(name) if letter.get(name) is not None else "-") for name in columns))
    console.print(table, markup=False)


@letters_app.command()
def show(context: typer.Context, service: Service, number: Number) -> None:
    """Print one with the record as it came."""
    answer = call(Platform.read(context.obj), _known(service), "GET", f"/dead-letters/{number}", role=_ROLE)
    typer.echo(json.dumps(answer.json(), indent=2, ensure_ascii=False))


@letters_app.command()
def retry(context: typer.Context, service: Service, number: Number, why: Why = "tried again by hand") -> None:
    """Take it in again, and all that waits behind it."""
    _settle(Platform.read(context.obj), service, number, "retry", why)


@letters_app.command()
def discard(context: typer.Context, service: Service, number: Number, why: Why) -> None:
    """Decide that it is never taken in; what waits behind it goes on. Recorded with the reason."""
    _settle(Platform.read(context.obj), service, number, "discard", why)


def _settle(platform: Platform, service: str, number: int, decision: str, why: str) -> None:
    path = f"/dead-letters/{number}/{decision}"
    answer = call(platform, _known(service), "POST", path, role=_ROLE, json={"why": why}).json()
    left = call(platform, service, "GET", f"/dead-letters/{number}", role=_ROLE).json()
    if left["state"] == "open":
        console.print(f"Number {number} of {service} fails still: {left['reason']}", markup=False)
        raise typer.Exit(1)
    console.print(f"Number {number} of {service} is {left['state']}; records taken in: {answer['taken']}.")


def _known(service: str) -> str:
    if service not in SERVICES:
        raise typer.BadParameter(f"{service} is no service; there are {', '.join(SERVICES)}.", param_hint="'service'")
    return service
