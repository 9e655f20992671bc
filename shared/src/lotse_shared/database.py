"""PostgreSQL: connections that see what their caller may see, and migrations in a service's own schema."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.resources import files
from typing import Final

from pydantic import PostgresDsn
from sqlalchemy import MetaData, pool, text
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from lotse_shared.deciding import EVERYBODY


def connect(url: PostgresDsn | str, schema: str, size: int = 8) -> AsyncEngine:
    """A pool of connections as the service's role. Parameters never appear in logs or error texts.

    Whether a pooled connection still lives is found out by `transaction`, not by a ping before each use: three round
    trips less.
    """
    return create_async_engine(
        str(url),
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"server_settings": {"search_path": schema, "application_name": schema, "timezone": "UTC"}},
    )


_REPEATABLE: Final = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock detected."""


def to_be_repeated(error: DBAPIError) -> bool:
    """Whether the transaction failed only because of others running beside it: the same again may succeed."""
    return getattr(error.orig, "sqlstate", None) in _REPEATABLE


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, is starting or stopping, or has no connection to spare."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return error.connection_invalidated or isinstance(error, InterfaceError) or state[:2] in ("08", "53", "57")
    return isinstance(error, OSError | SQLAlchemyTimeout)


_ACT_FOR: Final = text("select set_config('lotse.partner', :partner, true)")


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, partner: str = EVERYBODY, **options: str | bool
) -> AsyncIterator[AsyncConnection]:
    """One transaction that sees the rows of one partner, or of all (EVERYBODY), by row-level security.

    `options` are SQLAlchemy's execution options, such as `isolation_level`.

    The setting is local to the transaction; afterwards it reads as '' in the pooled connection, and the policies
    show nothing to '' and to NULL. A connection that broke while it lay in the pool, as by a restart of the database,
    is found out here, before any work was done, and the transaction begins on a new one.
    """
    chosen = engine.execution_options(**options) if options else engine
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(_begun(chosen, partner))
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            connection = await stack.enter_async_context(_begun(chosen, partner))  # the whole pool was let go of
        yield connection


@asynccontextmanager
async def _begun(engine: AsyncEngine, partner: str) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await connection.execute(_ACT_FOR, {"partner": partner})
        yield connection


def migrate(url: PostgresDsn | str, migrations: str) -> None:
    """Bring a schema up to date, as its owner. `migrations` is `package:folder`."""
    from alembic import command  # noqa: PLC0415 - only migrations need it: an API starts faster without
    from alembic.config import Config  # noqa: PLC0415 - the same

    package, folder = migrations.split(":")
    config = Config()
    config.set_main_option("script_location", str(files(package).joinpath(folder)))
    config.attributes["url"] = str(url)
    command.upgrade(config, "head")


def run_migrations(schema: str, metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls: version table in the service's own schema, one transaction."""
    from alembic import context  # noqa: PLC0415 - the same

    url = context.config.attributes["url"]
    engine = create_async_engine(url, poolclass=pool.NullPool, hide_parameters=True)

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(_run, schema, metadata)
            await connection.commit()
        await engine.dispose()

    asyncio.run(run())


def _run(connection: object, schema: str, metadata: MetaData) -> None:
    from alembic import context  # noqa: PLC0415 - the same

    context.configure(
        connection=connection,  # type: ignore[arg-type] # run_sync hands over a synchronous Connection
        target_metadata=metadata,
        version_table_schema=schema,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == schema,
    )
    with context.begin_transaction():
        context.run_migrations()
