"""What `docker compose up` needs once: keys, each service's in a folder of its own, and the database with its roles.

Run in the image of a service, with this package beside it: `python -m lotse_local.containers TASK`, where TASK is keys,
database, token or sign-in.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg
from lotse_shared import security

from lotse_local.keys import Keys
from lotse_local.postgres import SERVICES, SUPERUSER, Passwords, make_database

FOLDER: Final = Path("/keys")
"""Where the volume of keys is mounted."""

SERVER: Final = "postgres"
DATABASE: Final = "lotse"


def make_keys(folder: Path) -> None:
    """Make all keys, and for each service a folder with those that it alone may read. What is there stays."""
    keys = Keys(folder / "all")
    keys.make()
    passwords = keys.passwords()
    for service in SERVICES:
        own = folder / service
        own.mkdir(mode=0o700, exist_ok=True)
        _write(own / "pgpass", _password_line(passwords, f"lotse_{service}"))
        _write(own / "owner.pgpass", _password_line(passwords, f"lotse_{service}_owner"))
        shutil.copyfile(keys.token_public, own / keys.token_public.name)
    _write(folder / "intake" / keys.vault.name, keys.vault.read_text())
    _write(folder / "reporting" / keys.pseudonyms.name, keys.pseudonyms.read_text())
    (folder / "postgres").mkdir(mode=0o700, exist_ok=True)
    _write(folder / "postgres" / "password", passwords.by_role[SUPERUSER])


def _password_line(passwords: Passwords, role: str) -> str:
    """A line of a PostgreSQL password file, as clients read it: no password stands in a setting."""
    return f"*:*:*:{role}:{passwords.by_role[role]}\n"


def _write(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)


async def prepare_database(folder: Path, host: str = SERVER, port: int = 5432, database: str = DATABASE) -> None:
    """Make the database with every service's schema and roles; does nothing twice."""
    passwords = Keys(folder / "all").passwords()

    async def connect(name: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=host, port=port, user=SUPERUSER, password=passwords.by_role[SUPERUSER], database=name
        )

    await make_database(connect, passwords, database)


def main() -> None:
    """Run one of the tasks."""
    parser = argparse.ArgumentParser(prog="lotse_local.containers")
    parser.add_argument("task", choices=("keys", "database", "token", "sign-in"))
    parser.add_argument("--role", default="coordinator")
    parser.add_argument("--partner", default="*")
    parser.add_argument("--page", default="http://127.0.0.1:7400", help="where the pages are")
    chosen = parser.parse_args()
    if chosen.task == "keys":
        make_keys(FOLDER)
    elif chosen.task == "database":
        asyncio.run(prepare_database(FOLDER))
    else:
        key, now = Keys(FOLDER / "all").token_key(), security.utc_now()
        who = {"name": "lotse", "role": chosen.role, "partner": chosen.partner}
        try:
            if chosen.task == "token":
                told = security.issue(key, now=now, lasts=timedelta(hours=12), **who)
            else:
                ticket = security.issue_ticket(key, ticket=secrets.token_urlsafe(16), now=now, **who)
                told = f"{chosen.page}/sign-in?ticket={ticket}"
        except ValueError as error:
            sys.exit(str(error))
        sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main()
