"""`lotse report` and its kin: figures, and what they rest on."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import typer
from rich.console import Console

from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.processes import console_script
from lotse_local.programmes import programme_app

PANEL: Final = "Reports"
_ROLE: Final = "coordinator"
_PAGE: Final = 1_000
_TRIES: Final = 3
"""How often figure and entries are read together while facts go on arriving."""

console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def _part_of_address(name: str) -> str:
    """Quoted; what may be the name of an operation stays as it is."""
    return quote(name, safe="")


Operation = Annotated[
    str, typer.Argument(help="The operation, as in its programme file: mehrlin.", callback=_part_of_address)
]
AsOf = Annotated[str | None, typer.Option(help="Up to which day effects count; the operation's today if not named.")]
KnownAt = Annotated[str | None, typer.Option(help="As known at this instant, as in 2014-09-30T22:00:00Z; live if not.")]


class Format(StrEnum):
    """How a report is written."""

    table = "table"
    json = "json"
    csv = "csv"


class By(StrEnum):
    """What a report is broken down by."""

    gender = "gender"
    partner = "partner"
    site = "site"
    quarter = "quarter"


def report(
    context: typer.Context,
    operation: Operation,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    by: Annotated[By | None, typer.Option(help="Beside each figure its parts, which add up to it.")] = None,
    expected: Annotated[bool, typer.Option("--expected", help="What counts by waiting: effective later.")] = False,  # noqa: FBT002 - a switch
    form: Annotated[
        Format, typer.Option("--format", help="json is the answer of the service, as it is.")
    ] = Format.table,
) -> None:
    """Print the funder report of an operation; whether it is final is told on standard error."""
    if expected and (by or form is Format.csv):
        raise CannotRun("--expected has no parts and is no table of figures: leave --by and --format csv out.")
    platform = Platform.read(context.obj)
    query = {"as_of": as_of, "known_at": known_at, "by": by}
    path = f"/operations/{operation}/{'expected' if expected else 'report'}"
    answer = call(platform, "reporting", "GET", path, role=_ROLE, query=query)
    body = answer.json()
    if form is Format.json:
        sys.stdout.buffer.write(answer.content)
        sys.stdout.flush()
    if expected:
        if form is Format.table:
            typer.echo("\n".join(expected_lines(body)))
        return
    parts = body["breakdown"]["parts"] if by else []
    if form is Format.csv:
        typer.echo(as_csv(body["report"], parts), nl=False)
    elif form is Format.table:
        typer.echo("\n".join(as_table(body["report"], parts)))
        if source := _source(platform, operation):
            typer.echo(f"\nQuelle: {source}")
    errors.print(state_line(body))


def explain(
    context: typer.Context, operation: Operation, indicator: str, as_of: AsOf = None, known_at: KnownAt = None
) -> None:
    """Open a figure: print the entries it is the sum of, each with the events it rests on."""
    platform = Platform.read(context.obj)
    query = {"as_of": as_of, "known_at": known_at}
    for _ in range(1 if known_at else _TRIES):
        figure = _figure(platform, operation, indicator, query)
        entries = list(_entries(platform, operation, indicator, query))
        summed = sum((Decimal(str(entry["quantity"])) for entry in entries), Decimal(0))
        if figure == summed:
            break
    if entries:
        typer.echo("\n".join(entry_lines(entries)))
    if figure != summed:
        raise CannotRun(f"{len(entries)} entries sum to {summed}, but the report says {figure}: run `lotse verify`.")
    console.print(f"{len(entries)} entries, sum {_german(summed)}: the figure in the report.")


def entry_lines(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Entries as a table with headings. Events stand last, since their number differs."""
    rows = [
        (entry["effective"], str(entry["quantity"]), entry["partner"] or "-", entry["unit"], " ".join(entry["events"]))
        for entry in entries
    ]
    heads = ("effective", "quantity", "partner", "unit", "events")
    effective, quantity, partner, unit, _ = (max(len(row[place]) for row in (heads, *rows)) for place in range(5))
    for row in (heads, *rows):
        line = f"{row[0]:<{effective}}  {row[1]:>{quantity}}  {row[2]:<{partner}}  {row[3]:<{unit}}  {row[4]}"
        yield line.rstrip()


def rebuild(context: typer.Context) -> None:
    """Compute the ledger anew from the journal, beside the live one, then switch."""
    _run_reporting(Platform.read(context.obj), "rebuild")


def verify(
    context: typer.Context,
    *,
    seals: Annotated[bool, typer.Option("--seals", help="Only the seals, and the facts they rest on.")] = False,
) -> None:
    """Compare ledger, journal and seals with what they must be; exit code 1 and a name for each that was altered."""
    _run_reporting(Platform.read(context.obj), "verify", *(["--seals"] if seals else []))


def _run_reporting(platform: Platform, *command: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [console_script("reporting"), *command],
        env={**os.environ, **platform.environment("reporting", "worker")},
        check=False,
    )
    raise typer.Exit(done.returncode)


def as_table(told: Mapping[str, Any], parts: Sequence[Mapping[str, Any]] = ()) -> Iterator[str]:
    """A report as funders print it: German words and thousands; and a column for each part of its figures."""
    rows = [
        (
            one["title"]["de"],
            _german(one["target"]),
            _german(one["result"]),
            _german(one["percent"]),
            *(_german(part["results"].get(one["id"])) for part in parts),
        )
        for one in told["indicators"]
    ]
    heads = ("Indikator", "Zielwert", "Ergebnis", "%", *(part["part"] or "ohne Angabe" for part in parts))
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        yield row[0].ljust(widths[0]) + "".join(f"  {cell:>{width}}" for cell, width in _with(row, widths))


def _with(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, int]]:
    return zip(row[1:], widths[1:], strict=True)


def expected_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """What counts by waiting, as printed: each indicator with its sum and what each month adds."""
    yield f"Erwartet nach dem {told['after']}"
    for one in told["indicators"]:
        months = ", ".join(f"{month['month']}: {_german(month['expected'])}" for month in one["months"])
        yield f"{one['title']['de']}: {_german(one['expected'])} ({months})"


def as_csv(told: Mapping[str, Any], parts: Sequence[Mapping[str, Any]] = ()) -> str:
    """A report for spreadsheets: figures as the service gives them, and a column for each part."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = (part["part"] or "not stated" for part in parts)
    writer.writerow(("indicator", "title_de", "title_en", "counts", "target", "result", "percent", *names))
    for one in told["indicators"]:
        title = one["title"]
        figures = (one["target"], one["result"], one["percent"], *(part["results"].get(one["id"]) for part in parts))
        writer.writerow((one["id"], title["de"], title.get("en"), one["counts"], *figures))
    return out.getvalue()


def state_line(body: Mapping[str, Any]) -> str:
    """Whether the figures can still move, and what keeps them from being final."""
    state, told = body["state"], body["report"]
    known = "live" if told["known_at"] is None else f"known at {told['known_at']}"
    line = f"As of {told['as_of']}, {known}, {'final' if state['final'] else 'not final'}; "
    line += f"all heard up to {state['complete_up_to'] or 'nothing yet'}"
    if state["open"]:
        line += f"; {len(state['open'])} facts wait for a human: `lotse dead-letters list reporting`"
    return line


def _german(figure: Decimal | str | int | None) -> str:
    """A figure with German thousands: 10360 is 10.360, 1234.50 is 1.234,50; a dash where there is none."""
    if figure is None:
        return "-"
    return f"{Decimal(figure):,}".translate(str.maketrans(",.", ".,"))


def _source(platform: Platform, operation: str) -> str | None:
    """The source line printed under an operation's table."""
    listed = call(platform, "reporting", "GET", "/operations", role=_ROLE).json()
    operations = listed["operations"] if isinstance(listed, dict) else listed
    return next((one.get("source") for one in operations if one["id"] == operation), None)


def _figure(platform: Platform, operation: str, indicator: str, query: Mapping[str, str | None]) -> Decimal:
    told = call(platform, "reporting", "GET", f"/operations/{operation}/report", role=_ROLE, query=query).json()
    results = {one["id"]: one["result"] for one in told["report"]["indicators"]}
    if indicator not in results:
        raise CannotRun(f"{operation} has no indicator {indicator}. There are: {', '.join(results)}.")
    return Decimal(results[indicator])


def _entries(
    platform: Platform, operation: str, indicator: str, query: Mapping[str, str | None]
) -> Iterator[Mapping[str, Any]]:
    """All pages of the entries behind a figure."""
    path = f"/operations/{operation}/indicators/{indicator}/entries"
    cursor = None
    while True:
        asked = {**query, "cursor": cursor, "limit": _PAGE}
        page = call(platform, "reporting", "GET", path, role=_ROLE, query=asked).json()
        yield from page["entries"]
        cursor = page.get("next")
        if cursor is None:
            return


def register(app: typer.Typer) -> None:
    """Add these commands to `lotse`."""
    for command in (report, explain, rebuild, verify):
        app.command(rich_help_panel=PANEL)(command)
    app.add_typer(programme_app, name="programme", rich_help_panel=PANEL)
