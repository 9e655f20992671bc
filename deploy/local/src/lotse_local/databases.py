"""The platform's database: made once, each service's schema brought up to date when its migrations say so."""

import asyncio
import os
import time
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import asyncpg
from alembic.script import ScriptDirectory

from lotse_local.errors import CannotRun
from lotse_local.platform import DATABASE, Platform
from lotse_local.postgres import Postgres
from lotse_local.processes import console_script

WITHIN: Final = 60.0


async def bring_up_to_date(platform: Platform, services: Sequence[str]) -> list[str]:
    """Make what is missing and run the migrations that are due; gives the services that were migrated.

    Raises:
        CannotRun: the server does not answer or refuses us, or a migration failed.
    """
    server = platform.postgres()
    await _make(server)
    versions = await _versions(server, services)
    behind = [service for service in services if versions[service] != _newest(service)]
    await asyncio.gather(*(_migrate(platform, service) for service in behind))
    return behind


async def _make(server: Postgres) -> None:
    until = time.monotonic() + WITHIN
    while True:
        try:
            return await server.make_database(DATABASE)
        except (OSError, asyncpg.CannotConnectNowError) as error:
            if time.monotonic() > until:
                raise CannotRun(f"PostgreSQL does not answer ({error}); see `lotse logs postgres`.") from error
            await asyncio.sleep(0.1)
        except asyncpg.InvalidPasswordError as error:
            raise CannotRun(
                "The database was made with other passwords than those in the state folder. Bring the old `keys` "
                "folder back, or begin anew with `lotse reset`."
            ) from error


async def _versions(server: Postgres, services: Sequence[str]) -> dict[str, str | None]:
    """The migration each schema stands at, None where there was none yet."""
    connection = await server.connect(DATABASE)
    try:
        return {
            service: await connection.fetchval(f"select version_num from {service}.alembic_version")  # noqa: S608 - our own names
            if await connection.fetchval("select to_regclass($1)", f"{service}.alembic_version")
            else None
            for service in services
        }
    finally:
        await connection.close()


def _newest(service: str) -> str | None:
    return ScriptDirectory(str(files(f"lotse_{service}").joinpath("migrations"))).get_current_head()


async def _migrate(platform: Platform, service: str) -> None:
    process = await asyncio.create_subprocess_exec(
        console_script(service),
        "migrate",
        env={
            **os.environ,
            **platform.environment(service),
            "LOTSE_OWNER_DATABASE_URL": platform.database_url(service, owner=True),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    if process.returncode != 0:
        (platform.logs / f"{service}-migrate.log").write_bytes(told)
        last = told.decode(errors="replace").strip().splitlines()[-1:]
        raise CannotRun(f"The migrations of {service} failed: {' '.join(last)} (logs/{service}-migrate.log)")
