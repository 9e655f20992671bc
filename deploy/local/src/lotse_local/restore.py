"""`lotse restore DIR`: a lost database is brought back, and what was told since the backup is taken back from Kafka."""

import json
import shutil
import subprocess
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from lotse_local import running
from lotse_local.backup import FILES, KEYS, MANIFEST, digest, fingerprint
from lotse_local.errors import CannotRun
from lotse_local.keys import Keys
from lotse_local.platform import Platform, chosen_home
from lotse_local.postgres import Postgres
from lotse_local.reconcile import MARKER, facts
from lotse_local.state import holder

SHOWN: Final = 20

console = Console(highlight=False, soft_wrap=True)


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder that `lotse backup` wrote.")],
    base_port: Annotated[int | None, typer.Option(help="As for `lotse up`.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Bring the database back as it was when the backup was made, start everything, and list what was told since.

    A database that is there is moved aside. Before anything is served, each service takes back from Kafka what it had
    told since the backup, and hears what others told: also who was erased. Killed half-way, `lotse up` goes on.
    """
    home, folder = chosen_home(context.obj), folder.absolute()
    if holder(home / "run" / "supervisor.lock") is not None:
        raise CannotRun("The platform is running: end it first with `lotse down`.")
    manifest = _checked(folder)
    keys = _matching_keys(home, folder, manifest)
    if not yes:
        typer.confirm(f"Restore the database of {home} as it was at {manifest['made_at']}?", abort=True)
    if keys != home / KEYS:
        shutil.copytree(keys, home / KEYS)
    platform = running.chosen_platform(home, base_port, {})
    server = platform.postgres()
    _verify(server, folder)
    facts(platform).unlink(missing_ok=True)
    (platform.home / MARKER).write_text(json.dumps({"made_at": manifest["made_at"], "from": str(folder)}) + "\n")
    put(server, folder / FILES)
    if not (home / "kafka" / "data" / "meta.properties").exists():
        console.print("The database is back. Kafka's data are not here: `lotse republish` writes the topic anew.")
        return
    running.up(home, None, {}, lambda *_: None)
    _tell(platform)


def _checked(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (FileNotFoundError, ValueError):
        raise CannotRun(f"{folder} holds no finished backup: there is no readable {MANIFEST} in it.") from None
    if digest(folder / FILES / "backup_manifest") != manifest["files_sha256"]:
        raise CannotRun(f"The backup in {folder} was altered or is damaged: take another one.")
    return manifest


def _matching_keys(home: Path, folder: Path, manifest: dict[str, Any]) -> Path:
    """Where the keys of the platform are that the backup was made of."""
    for keys in (home / KEYS, folder / KEYS):
        if keys.exists():
            if not Keys(keys).complete or fingerprint(Keys(keys)) != manifest["keys"]:
                raise CannotRun(
                    f"The keys in {keys} are not those of the backup: names could not be read, and nobody could "
                    f"connect. Put the `keys` folder of the platform it was made of in their place."
                )
            return keys
    raise CannotRun(
        f"The backup holds no keys (it was made without --with-keys), and there are none in {home}: copy the `keys` "
        "folder of the platform it was made of there, then run this again."
    )


def _verify(server: Postgres, folder: Path) -> None:
    """Every file is as it was written, and the log that is needed is there."""
    done = subprocess.run(  # noqa: S603 - the wheel's own program
        [str(server.program("pg_verifybackup")), "--quiet", str(folder / FILES)], capture_output=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()[:1]
        raise CannotRun(f"The backup in {folder} is damaged ({' '.join(said)}): take another one.")


def put(server: Postgres, files: Path) -> None:
    """Put a copy of a server's files in the place of the data folder, which is moved aside: whole, or not at all."""
    part = server.data.with_name("data.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(files, part, symlinks=True)
    server.own(part)
    if server.data.exists():
        names = (server.data.with_name(f"data.before-{number}") for number in count(1))
        aside = next(name for name in names if not name.exists())
        server.data.rename(aside)
        console.print(f"The database that was there is kept in {aside}: remove it when all is well.")
    part.rename(server.data)


def _tell(platform: Platform) -> None:
    listed = facts(platform)
    told = [json.loads(line) for line in listed.read_text().splitlines()] if listed.exists() else []
    console.print(
        f"The database is back, and everything runs. Told since the backup and taken back: {len(told)} facts."
    )
    for kind, times in sorted(Counter((one["service"], one["type"]) for one in told).items()):
        console.print(f"  {times:>6}  {kind[0]}  {kind[1]}")
    for one in told[:SHOWN]:
        console.print(f"  {one['time']}  {one['type']}  {one['subject']}  {one['id']}")
    if told:
        console.print(f"All of them: {listed}. What is not on the topic is to be entered again: docs/runbooks.")


def register(app: typer.Typer, panel: str) -> None:
    """Add this command to `lotse`."""
    app.command(rich_help_panel=panel)(restore)
