"""`lotse republish`: Kafka was lost; the topic is written anew from the services' outboxes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lotse_local import processes, reconcile, running
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.postgres import SERVICES
from lotse_local.state import holder

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def republish(
    context: typer.Context, *, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Write the topic anew from the outboxes after Kafka was lost, and go on: nothing is lost, nothing counts twice.

    What is on the topic now is thrown away. The workers are stopped meanwhile; the APIs go on taking commands. Where
    the platform is down it is started. Killed half-way it is run again.
    """
    platform = Platform.read(context.obj)
    if not yes:
        typer.confirm("Throw away what is on the topic, and write it anew from the outboxes?", abort=True)
    if holder(platform.home / "run" / "supervisor.lock") is None:
        running.up(context.obj, None, {}, lambda *_: None, _write)
    else:
        workers = [name for name in processes.names() if name.endswith("-worker")]
        for name in (*workers, "kafka"):
            running.stop(platform, name)
        processes.kafka_command(platform)  # makes its folder where that is gone
        running.start(platform, "kafka")
        _write(platform)
        for name in workers:
            running.start(platform, name)
    console.print("The services read it from its start; `lotse wait` waits until they have.")


def _write(platform: Platform) -> None:
    with _progress() as progress:
        written = asyncio.run(_written(platform, progress))
    reconcile.done(platform)  # on the new topic is nothing that the databases do not have
    console.print(f"The topic is written anew: {written} facts.")


async def _written(platform: Platform, progress: Progress) -> int:
    from lotse_shared.database import connect  # noqa: PLC0415 - with Kafka's client this takes a second to load
    from lotse_shared.messaging import republishing  # noqa: PLC0415 - the same
    from lotse_shared.messaging.kafka import NotAcknowledged  # noqa: PLC0415 - the same
    from lotse_shared.settings import Settings  # noqa: PLC0415 - the same

    engines = {service: connect(platform.database_url(service), service, 3) for service in SERVICES}
    try:
        task = progress.add_task("writing facts", total=await republishing.count(engines))
        return await republishing.republish(
            Settings(kafka=[platform.kafka]), engines, lambda done: progress.update(task, completed=done)
        )
    except republishing.StillRunning as error:
        raise CannotRun(f"The worker of {error} still runs: end it, then run this again.") from None
    except NotAcknowledged as error:
        raise CannotRun(f"Kafka did not take the facts ({error}): see `lotse logs kafka`, then run it again.") from None
    finally:
        for engine in engines.values():
            await engine.dispose()


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        yield progress


def register(app: typer.Typer, panel: str) -> None:
    """Add this command to `lotse`."""
    app.command(rich_help_panel=panel)(republish)
