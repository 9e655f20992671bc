"""`lotse programme`: files that say what is counted, and how, are checked and put into force."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform

_ROLE: Final = "coordinator"

programme_app = typer.Typer(no_args_is_help=True, help="Programme files: what is counted, and how.")
console = Console(highlight=False, soft_wrap=True, markup=False)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@programme_app.command("check")
def check_programme(file: File) -> None:
    """Say whether a programme file can be used; a mistake is named with its line. Nothing has to run."""
    console.print(f"{file.name}: {_checked(file)} indicators, all of their words are known.")


@programme_app.command("apply")
def apply_programme(context: typer.Context, file: File) -> None:
    """Put a programme file into force. The same file again changes nothing."""
    _checked(file)
    answer = call(
        Platform.read(context.obj), "reporting", "POST", "/programmes", role=_ROLE,
        content=file.read_bytes(), headers={"Content-Type": "application/yaml"},
    ).json()  # fmt: skip
    if not answer["facts"]:
        console.print(f"{file.name} is in force already.")
    else:
        console.print(f"{file.name} is in force for {answer['subject']}: {answer['facts'][0]['id']}")


def _checked(file: Path) -> int:
    """How many indicators a file has that can be used.

    Raises:
        CannotRun: it cannot; names file, line and the way out.
    """
    from lotse_reporting import editions  # noqa: PLC0415 - the vocabulary takes a moment to load
    from lotse_shared.programme import ProgrammeError, read  # noqa: PLC0415 - the same

    try:
        found = read(file.name, file.read_text("utf-8"))
        editions.check(found)
    except UnicodeDecodeError:
        raise CannotRun(f"{file.name} is not UTF-8 text.") from None
    except ProgrammeError as error:
        raise CannotRun(str(error)) from None
    return len(found.programme.indicators)
