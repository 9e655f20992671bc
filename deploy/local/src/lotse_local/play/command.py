"""`lotse play`: a network's story through the public interfaces, on a virtual calendar."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from lotse_local import network
from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.play.journal import marks_of
from lotse_local.play.steps import Plan, Tell
from lotse_local.play.views import compare_views

play_app = typer.Typer(no_args_is_help=True, help="Play a network: invented people, real services, known figures.")
console = Console(highlight=False, soft_wrap=True)

Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Stop after this day of the virtual calendar.")
]


@play_app.command("mehrlin")
def play_mehrlin(
    context: typer.Context,
    until: Until = None,
    *,
    truth: Annotated[
        bool, typer.Option("--truth", help="Only compare: printed, reported, and what counting messages would give.")
    ] = False,
) -> None:
    """Play Magdeburg, October 2011 to September 2014: six partners, twelve printed figures.

    It may be ended at any time and goes on where it was; a second run adds nothing.
    """
    from lotse_local.play import mehrlin  # noqa: PLC0415 - names in German take a moment to load

    platform, plan = Platform.read(context.obj), mehrlin.plan()
    if not truth:
        run(platform, plan, until.date() if until else None)
    if truth or until is None:
        compare(platform, plan, "printed", mehrlin.PRINTED, mehrlin.count_messages(plan))


@play_app.command("mila")
def play_mila(context: typer.Context, until: Until = None) -> None:
    """Play MILA in the Harz, 2015 to 2017: one man's way back to work, 23 of 40 places filled."""
    from lotse_local.play import mila  # noqa: PLC0415 - the same

    platform, plan = Platform.read(context.obj), mila.plan()
    run(platform, plan, until.date() if until else None)
    if until is None:
        compare(platform, plan, "known", mila.FIGURES, {})


@play_app.command("dortmund")
def play_dortmund(context: typer.Context, until: Until = None) -> None:
    """Play Dortmund, 2017 to 2019: 151 jobs on 26 March 2019, as is known now and as was known then."""
    from lotse_local.play import dortmund  # noqa: PLC0415 - the same

    platform, plan = Platform.read(context.obj), dortmund.plan()
    run(platform, plan, until.date() if until else None)
    if until is None:
        compare_views(platform, dortmund.VIEWS)


@play_app.command("fixture")
def play_fixture(context: typer.Context, until: Until = None) -> None:
    """Play people worked out by hand, in two operations: what the common indicators of the ESF+ say about them."""
    from lotse_local.play import fixture  # noqa: PLC0415 - the same

    platform = Platform.read(context.obj)
    for plan in (fixture.first.plan(), fixture.second.plan()):
        run(platform, plan, until.date() if until else None)
    if until is None:
        compare_views(platform, (*fixture.first.views(), *fixture.second.views()))


@play_app.command("wir")
def play_wir(context: typer.Context, until: Until = None) -> None:
    """Play WIR, 2022 to 2025: refugees by residence document, support by catalogue, structural measures (ESF Plus)."""
    from lotse_local.play import wir  # noqa: PLC0415 - the same

    platform, plan = Platform.read(context.obj), wir.plan()
    run(platform, plan, until.date() if until else None)
    if until is None:
        compare_views(platform, wir.VIEWS)


@play_app.command("forst")
def play_forst(context: typer.Context, until: Until = None) -> None:
    """Play Forst, 2019 to 2023: both fields of action, competence at entry and exit, meeting place, marketplace."""
    from lotse_local.play import forst  # noqa: PLC0415 - the same

    platform, plan = Platform.read(context.obj), forst.plan()
    run(platform, plan, until.date() if until else None)
    if until is None:
        compare_views(platform, forst.VIEWS)


@play_app.command()
def marks(context: typer.Context, operation: Annotated[str, typer.Argument()] = "mehrlin") -> None:
    """List the real instants at which a play's quarters ended: for `lotse report --as-of DAY --known-at INSTANT`."""
    found = marks_of(Platform.read(context.obj).home, operation).read()
    if not found:
        raise CannotRun(f"No quarter of {operation} has been played yet: `lotse play {operation}`.")
    table = Table("quarter", "virtual day", "real instant", box=None, pad_edge=False)
    for day, instant in found.items():
        ended = date.fromisoformat(day)
        table.add_row(f"{ended.year} Q{ended.month // 3}", day, instant)
    console.print(table)


def run(platform: Platform, plan: Plan, until: date | None = None) -> None:
    """Play a plan with a progress bar, after making its operation from the files of its network and programme."""
    from lotse_local.play.sending import play  # noqa: PLC0415 - Kafka's client takes a second to load

    started = monotonic()
    with _progress(plan) as tell:
        prepare = preparation(platform, plan.operation)
        new = asyncio.run(play(platform, plan, prepare=prepare, until=until, tell=tell))
    console.print(f"{new} of {len(plan.steps)} steps were new; {monotonic() - started:.0f} s.")


def preparation(platform: Platform, operation: str) -> Callable[[], None]:
    """What makes the operation: its network joins, its programme comes into force. Again, it changes nothing."""

    def prepare() -> None:
        network.apply(platform, network.read(network.DEPLOY / "networks" / f"{operation}.yaml"))
        programme = (network.DEPLOY / "programmes" / f"{operation}.yaml").read_bytes()
        headers = {"Content-Type": "application/yaml"}
        call(platform, "reporting", "POST", "/programmes", role="coordinator", content=programme, headers=headers)

    return prepare


def compare(
    platform: Platform, plan: Plan, title: str, known: Mapping[str, int | str], naive: Mapping[str, int]
) -> None:
    """Print figures side by side; ends with 1 where a reported one is not the known one."""
    path = f"/operations/{plan.operation}/report"
    report = call(platform, "reporting", "GET", path, role="coordinator").json()["report"]
    reported = {one["id"]: one["result"] for one in report["indicators"]}
    table = Table("indicator", box=None, pad_edge=False)
    for column in (title, "reported", *(["counting messages"] if naive else [])):
        table.add_column(column, justify="right")
    for indicator, figure in known.items():
        told = reported.get(indicator)
        cells = [indicator, str(figure), f"{told}" if str(told) == str(figure) else f"{told} (differs)"]
        table.add_row(*cells, *([str(naive[indicator])] if naive else []))
    console.print(table)
    if any(str(reported.get(indicator)) != str(figure) for indicator, figure in known.items()):
        console.print("As long as the play is not over, figures are lower.")
        raise typer.Exit(1)


@contextmanager
def _progress(plan: Plan) -> Iterator[Tell]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        TaskProgressColumn(),
        TextColumn("{task.completed:.0f} steps"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"{plan.operation} {plan.first_day}", total=len(plan.steps))
        yield lambda day, done: progress.update(task, description=f"{plan.operation} {day}", completed=done)
