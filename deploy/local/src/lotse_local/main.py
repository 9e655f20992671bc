"""`lotse`: one network on this machine, from the command line."""

import asyncio
import errno
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from lotse_local import backup, figures, incomplete, processes, publications, republish, restore, running, seals, status
from lotse_local import logs as log_files
from lotse_local.errors import CannotRun
from lotse_local.letters import letters_app
from lotse_local.parts import Parts
from lotse_local.platform import BASE_PORT, HOME, Platform

RUNNING: Final = "The platform"
LOOKING: Final = "Looking in"

app = typer.Typer(
    cls=Parts,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with `lotse up`. Every command has its own manual: `lotse up --help`.",
)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Name = Annotated[str, typer.Argument(help="A process of `lotse status`, or a service for both of its processes.")]


@app.callback()
def lotse(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(envvar=HOME, help="State folder of the platform.", show_default=".lotse")
    ] = None,
) -> None:
    """Runs labour-market integration networks: Kafka, PostgreSQL and four services on this machine, no container."""
    context.obj = home


@app.command(rich_help_panel=RUNNING)
def up(
    context: typer.Context,
    base_port: Annotated[
        int | None,
        typer.Option(
            envvar="LOTSE_BASE_PORT",
            help="The pages' port; the others follow it (`lotse ports`). Remembered.",
            show_default=str(BASE_PORT),
        ),
    ] = None,
    port: Annotated[
        list[str] | None, typer.Option(help="One listener's port, as NAME=NUMBER; may be repeated. Remembered.")
    ] = None,
) -> None:
    """Start Kafka, PostgreSQL and the services, and return when all are ready.

    The first time takes longer: Kafka is fetched and prepared. Data are kept between runs. Whatever ends is started
    again within five seconds, until `lotse down`.
    """
    with _progress() as tell:
        platform = running.up(context.obj, base_port, dict(map(_named_port, port or ())), tell)
    console.print(f"Lotse is ready. Pages: {platform.url('reporting')}")
    console.print("Sign in: `lotse sign-in --role coordinator`. Look: `lotse status`. End: `lotse down`.")


@app.command(rich_help_panel=RUNNING)
def demo(context: typer.Context) -> None:
    """Start everything, play the MEHRLiN network through the public interfaces, and print its funder report.

    All goes on running. Killed and started again it goes on where it was; a second run adds nothing.
    """
    from lotse_local.play import command as play  # noqa: PLC0415 - a part, loaded when it is needed
    from lotse_local.play import mehrlin  # noqa: PLC0415 - the same

    with _progress() as tell:
        try:
            platform = running.up(context.obj, None, {}, tell)
        except running.AlreadyRunning:
            platform = Platform.read(context.obj)
            running.until_ready(platform, processes.names(), tell)
    play.run(platform, mehrlin.plan())
    figures.report(context, "mehrlin")
    console.print(f"\nThe report as a page, where each figure opens: {platform.sign_in_link(role='coordinator')}")
    console.print("The link is good once, for ten minutes; another one: `lotse sign-in --role coordinator`.")
    console.print("Everything goes on running: `lotse explain mehrlin INDICATOR`, `lotse status`. End: `lotse down`.")


@app.command(rich_help_panel=RUNNING)
def down(context: typer.Context) -> None:
    """End everything. Data are kept."""
    ran = running.down(Platform.read(context.obj))
    console.print("Lotse is down; its data are kept." if ran else "Lotse was not running.")


@app.command(rich_help_panel=RUNNING)
def stop(context: typer.Context, name: Name) -> None:
    """End one process and leave it so, until `lotse start`. Try it with `kafka`: the services go on taking commands."""
    console.print(f"Stopped: {', '.join(running.stop(Platform.read(context.obj), name))}")


@app.command(rich_help_panel=RUNNING)
def start(context: typer.Context, name: Name) -> None:
    """Start a stopped process again, or one that refused its settings."""
    console.print(f"Ready: {', '.join(running.start(Platform.read(context.obj), name))}")


@app.command(rich_help_panel=RUNNING)
def reset(
    context: typer.Context, *, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """End everything and throw all data and keys of this platform away."""
    platform = Platform.read(context.obj)
    if not yes:
        typer.confirm(f"Throw away all data and keys in {platform.home}?", abort=True)
    running.reset(platform)
    console.print("All gone. `lotse up` begins anew.")


@app.command(rich_help_panel=LOOKING)
def wait(
    context: typer.Context,
    within: Annotated[float, typer.Option(min=0.1, help="Seconds to wait at most.")] = 60,
) -> None:
    """Wait until all facts that are there are sent, heard and answered, and no deadline is behind."""
    from lotse_local.waiting import until_quiet  # noqa: PLC0415 - Kafka's client takes a second to load

    asyncio.run(until_quiet(Platform.read(context.obj), within))
    console.print("Quiet: all is sent, heard and answered.")


@app.command("status", rich_help_panel=LOOKING)
def show_status(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show what runs, where, and whether it can do its work."""
    platform = Platform.read(context.obj)
    overview = status.overview(platform)
    if as_json:
        typer.echo(json.dumps(overview, indent=2))
        return
    table = Table("process", "state", "pid", "port", "restarts", box=None, pad_edge=False)
    for row in overview["processes"]:
        table.add_row(
            row["process"], row["state"], str(row["pid"] or "-"), str(row["port"]), str(row["restarts"] or "-")
        )
    console.print(table)
    for row in overview["processes"]:
        if row["last_line"]:
            console.print(f"{row['process']}: {row['last_line']}", markup=False)
    console.print(f"\nKafka {overview['kafka']}  database {overview['database']}  pages {overview['page']}")
    console.print(backup.age_in_words(overview["last_backup"], datetime.now(UTC)), markup=False)


@app.command(rich_help_panel=LOOKING)
def logs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A process or a service; all where none is named.")] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("-n", min=0, help="How many lines of each.")] = 50,
) -> None:
    """Print the ends of the processes' logs."""
    for line in log_files.read(Platform.read(context.obj), name, lines, follow=follow):
        typer.echo(line)


@app.command(rich_help_panel=LOOKING)
def ports(context: typer.Context) -> None:
    """Print every listener and its port."""
    for name, port in Platform.read(context.obj).ports.items():
        typer.echo(f"{name:<18}{port}")


@app.command(rich_help_panel=LOOKING)
def token(
    context: typer.Context,
    role: Annotated[
        str, typer.Option(help="coach, job-acquirer, coordinator, funder, auditor, administrator or jobcenter")
    ],
    partner: Annotated[str, typer.Option(help="Slug of the partner; * for the whole network.")] = "*",
    name: Annotated[str, typer.Option(help="Who it is for.")] = "lotse",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 31, help="How long it is valid.")] = 12,
) -> None:
    """Print a bearer token for calls: `curl -H "Authorization: Bearer $(lotse token --role coordinator)" ...`."""
    platform = Platform.read(context.obj)
    try:
        typer.echo(platform.token(role=role, partner=partner, name=name, lasts=timedelta(hours=hours)))
    except ValueError as error:
        raise CannotRun(f"No token: {error}.") from None


@app.command(rich_help_panel=LOOKING)
def sign_in(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="As for `lotse token`.")],
    partner: Annotated[str, typer.Option(help="Slug of the partner; * for the whole network.")] = "*",
    name: Annotated[str, typer.Option(help="Who it is for.")] = "lotse",
) -> None:
    """Print a link to the pages that lets somebody in once, within ten minutes."""
    try:
        typer.echo(Platform.read(context.obj).sign_in_link(role=role, partner=partner, name=name))
    except ValueError as error:
        raise CannotRun(f"No link: {error}.") from None


def _named_port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdigit():
        raise CannotRun(f"--port {text} is not of the form NAME=NUMBER, as in --port kafka=9092.")
    return name, int(number)


@contextmanager
def _progress() -> Iterator[running.Tell]:
    """Shows what is being done; nothing where standard error is no terminal."""
    columns = (SpinnerColumn(), BarColumn(bar_width=20), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("")

        def tell(doing: str, ready: int, total: int) -> None:
            shown = doing if len(doing) < 60 else f"{doing[:57]}..."  # noqa: PLR2004 - fits a line
            progress.update(task, description=shown, completed=ready, total=total)

        yield tell


figures.register(app)
seals.register(app)
incomplete.register(app)
publications.register(app)
backup.register(app, RUNNING)
restore.register(app, RUNNING)
republish.register(app, RUNNING)
app.add_typer(letters_app, name="dead-letters", rich_help_panel=LOOKING)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; what cannot be done is said in one paragraph, never as a trace."""
    try:
        app(arguments)
    except CannotRun as error:
        typer.echo(f"lotse: {error}", err=True)
        sys.exit(1)
    except PermissionError as error:
        typer.echo(f"lotse: {error.filename or 'A process'} belongs to another account: run as that one.", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        typer.echo("lotse: The disk is full: make room and run the same again; nothing is lost.", err=True)
        sys.exit(1)
