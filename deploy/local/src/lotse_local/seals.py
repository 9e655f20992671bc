"""`lotse seal` and its kin: reports set down for ever, handed in, what has moved since; editions side by side."""

import json
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from lotse_local.calling import call
from lotse_local.figures import PANEL, AsOf, KnownAt, Operation
from lotse_local.platform import Platform

LOOK_EVERY: Final = 0.5
_ROLE: Final = "coordinator"

edition_app = typer.Typer(no_args_is_help=True, help="Editions: by which definitions figures are computed.")
console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

Seal = Annotated[str, typer.Argument(help="The id of a seal, from `lotse seals`.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


def seal(
    context: typer.Context,
    operation: Operation,
    as_of: Annotated[str, typer.Option(help="Up to which day effects count.")],
    known_at: Annotated[
        str | None,
        typer.Option(help="As known at this instant; else at the first by which all was sent that is there now."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="Asked again with the same key it is the same seal.")] = None,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="End when it is sealed, or at once.")] = True,
) -> None:
    """Seal a report: as soon as it can no longer change it is set down with its definitions and hashes.

    Until then the request is kept, whether this command waits for it or not; what it waits for is told on standard
    error. Later corrections never change a seal: see `lotse restatement`.
    """
    platform = Platform.read(context.obj)
    body = {"as_of": as_of, "known_at": known_at}
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/operations/{operation}/seals"
    found = call(platform, "reporting", "POST", path, role=_ROLE, json=body, headers=headers).json()
    told: list[str] = []
    while wait and found["state"] == "waiting":
        reasons = list(_reasons(found))
        for reason in reasons:
            if reason not in told:
                errors.print(f"waits: {reason}")
        told = reasons
        time.sleep(LOOK_EVERY)
        found = call(platform, "reporting", "GET", f"/seals/{found['seal']}", role=_ROLE).json()
    if found["state"] == "waiting":
        errors.print("The request is kept; it is sealed as soon as it is final. Look: `lotse seals`.")
    else:
        errors.print(
            f"Sealed as of {found['as_of']}, known at {found['known_at']}, edition {found['edition']}, "
            f"SHA-256 {found['digest']}."
        )
    typer.echo(found["seal"])


def seals(
    context: typer.Context,
    operation: Annotated[str | None, typer.Argument(help="One operation; all where none is named.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the seals, and those that wait with what they wait for."""
    platform = Platform.read(context.obj)
    listed = call(platform, "reporting", "GET", "/operations", role=_ROLE).json()["operations"]
    found = [
        one
        for name in ([operation] if operation else [one["id"] for one in listed])
        for one in call(platform, "reporting", "GET", f"/operations/{name}/seals", role=_ROLE).json()["seals"]
    ]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    if not found:
        console.print("No seals.")
        return
    for one in found:
        state = f"submitted {one['submitted_on']}" if one["state"] == "submitted" else one["state"]
        known, edition = one["known_at"] or "-", one.get("edition") or "-"
        console.print(f"{one['seal']}  {one['operation']}  as of {one['as_of']}  known at {known}  {edition}  {state}")
        for reason in _reasons(one):
            console.print(f"  waits: {reason}")


def submit(context: typer.Context, seal: Seal) -> None:
    """Hand a sealed report in to the funder: recorded once, on the operation's day."""
    answer = call(Platform.read(context.obj), "reporting", "POST", f"/seals/{seal}/submit", role=_ROLE).json()
    console.print("Handed in." if answer["facts"] else "It was handed in before.")


def restatement(context: typer.Context, seal: Seal, known_at: KnownAt = None, *, as_json: AsJson = False) -> None:
    """Print what has become of a sealed report: each figure that moved, as sealed and now, and what moved it."""
    path = f"/seals/{seal}/restatement"
    found = call(Platform.read(context.obj), "reporting", "GET", path, role=_ROLE, query={"known_at": known_at}).json()
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    now = found["now"]["known_at"] or "now"
    console.print(f"As of {found['as_of']}: as sealed, known at {found['sealed']['known_at']}, and as known {now}.")
    for one in found["indicators"]:
        console.print(f"\n{one['title']['de']}: {_or_dash(one['sealed'])} -> {_or_dash(one['now'])}")
        if one["words"]:
            console.print(f"  {_signed(one['by_definition'])}  {one['words']['de']}")
        for move in one["moves"]:
            events = " ".join(move["events"])
            console.print(f"  {_signed(move['quantity'])}  {move['words']['de']}  {move['unit']}  {events}")
        if one["moves_left_out"]:
            console.print(f"  ... and {one['moves_left_out']} more")
        if one["follows"]:
            console.print(f"  follows {' and '.join(one['follows'])}")
    console.print(f"\nUnchanged: {len(found['unchanged'])} figures.")


def _signed(quantity: str | int | None) -> str:
    return f"{Decimal(quantity):>+8}" if quantity is not None else " " * 8


@edition_app.command()
def compare(
    context: typer.Context,
    operation: Operation,
    before: Annotated[str | None, typer.Option("--from", help="An edition; else the one before the other.")] = None,
    after: Annotated[str | None, typer.Option("--to", help="Another edition; else the latest.")] = None,
    as_of: AsOf = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what an edition counts otherwise than another, from the same facts: figures, units, and why."""
    query = {"from": before, "to": after, "as_of": as_of}
    path = f"/operations/{operation}/editions/compare"
    found = call(Platform.read(context.obj), "reporting", "GET", path, role=_ROLE, query=query).json()
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    one, other = found["from"], found["to"]
    console.print(f"{one['edition']} -> {other['edition']}, as of {found['as_of']}, known at {found['known_at']}.")
    if one["case_function"] != other["case_function"]:
        console.print(f"Case function: {one['case_function']} -> {other['case_function']}")
    for change in found["programme"]:
        console.print(change["words"]["de"])
    for row in found["indicators"]:
        console.print(
            f"\n{row['title']['de']}: {_or_dash(row['before'])} -> {_or_dash(row['after'])} ({row['because']})"
        )
        for change in row["changes"]:
            console.print(f"  {change['words']['de']}")
        for unit in row["units"]:
            console.print(f"  {unit['unit']}: {unit['before']} -> {unit['after']}")
        if (more := row["units_moved"] - len(row["units"])) > 0:
            console.print(f"  ... and {more} more")
    console.print(f"\nUnchanged: {len(found['unchanged'])} figures.")
    if found["not_recomputed"]:
        console.print(f"Not computed anew, since their people were erased: {len(found['not_recomputed'])} units.")


def _or_dash(result: str | int | None) -> str:
    return "-" if result is None else str(result)


def _reasons(found: Mapping[str, Any]) -> Iterator[str]:
    """What a request waits for, in words, with the way out where a human has to decide."""
    for one in found["waits_for"]:
        if one["number"] is None:
            yield one["reason"]
        else:
            yield (
                f"{one['type'] or 'a record'} is dead letter {one['number']}: {one['reason']}; "
                f"decide: `lotse dead-letters show reporting {one['number']}`"
            )


def register(app: typer.Typer) -> None:
    """Add these commands to `lotse`."""
    for command in (seal, seals, submit, restatement):
        app.command(rich_help_panel=PANEL)(command)
    app.add_typer(edition_app, name="edition", rich_help_panel=PANEL)
