"""`lotse contracts`: derive files from the events, check the promises, record a release."""

from pathlib import Path
from typing import Annotated

import typer
from lotse_shared.contracts import EVENTS

from lotse_local.contracts.examples import read_examples
from lotse_local.contracts.generated import stale, write
from lotse_local.contracts.privacy import personal_fields, unmarked_special
from lotse_local.contracts.releases import broken_promises, release

contracts_app = typer.Typer(help="Events: generate what is derived from them, and check their promises.")

Root = Annotated[Path, typer.Option(help="The clone of the repository.", file_okay=False)]


@contracts_app.command()
def generate(root: Root = Path()) -> None:
    """Write JSON schemas, docs/events.md, docs/events.mmd, docs/asyncapi.json and docs/indicators.md."""
    changed = write(_clone(root))
    for path in changed:
        typer.echo(str(path))
    typer.echo(f"{len(changed)} files changed")


@contracts_app.command()
def check(root: Root = Path()) -> None:
    """Say what is stale, broken, personal or not marked; exit code 1 when there is anything."""
    problems = found_problems(_clone(root))
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{len(EVENTS)} events: examples, schemas, pages and promises hold")


@contracts_app.command(name="release")
def record(version: str, root: Root = Path()) -> None:
    """Record schemas and examples as released under VERSION; from then on they only grow."""
    try:
        path = release(_clone(root), version)
    except FileExistsError:
        typer.echo(f"{version} was released before, and a release never changes: choose the next version", err=True)
        raise typer.Exit(1) from None
    typer.echo(str(path))


def found_problems(root: Path) -> list[str]:
    """Everything that is wrong with the contracts of a clone, one line each."""
    examples, unreadable = read_examples(root)
    found = [f"{one.path}: {one.reason}" for one in unreadable]
    for kind, event in EVENTS.items():
        found += [f"{kind}: no example; put one into shared/examples"] if not examples[kind] else []
        found += [f"{kind}: {problem}" for problem in personal_fields(event)]
        found += [f"{problem}: mark it with SPECIAL" for problem in unmarked_special(event)]
    found += broken_promises(root)
    found += [f"{path}: stale; run `lotse contracts generate`" for path in stale(root)]
    return found


def _clone(root: Path) -> Path:
    if not (root / "shared" / "src" / "lotse_shared").is_dir():
        typer.echo(f"{root.resolve()} is no clone of Lotse: change to one or name it with --root", err=True)
        raise typer.Exit(1)
    return root
