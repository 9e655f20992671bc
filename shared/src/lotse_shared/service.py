"""A deciding service (intake, matching, coaching) put together: `api`, `worker`, `migrate`."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import structlog
import uuid_utils
import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from joserfc.jwk import KeySet
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import http, logging, security
from lotse_shared.commands import Executor, Keep, Prepare
from lotse_shared.database import connect, migrate, transaction
from lotse_shared.deciding import Commands, Handlers, Kind
from lotse_shared.envelope import Undecodable
from lotse_shared.messaging import dead_letters
from lotse_shared.messaging.due import Deadlines
from lotse_shared.messaging.forgetting import Forgetting
from lotse_shared.messaging.inbox import Inbox
from lotse_shared.messaging.kafka import WrongSettings
from lotse_shared.messaging.positions import FactsGone
from lotse_shared.messaging.reconciling import Again, Lost, Reconciling
from lotse_shared.messaging.tables import Tables
from lotse_shared.settings import WRONG_SETTINGS, Settings
from lotse_shared.worker import Worker

log = structlog.get_logger()


def new_id() -> str:
    """A UUID of version 7: facts of one decision keep their order."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class Service:
    """What makes a service: its decisions, its reactions, its tables."""

    name: str
    commands: Commands
    handlers: Handlers
    kinds: Sequence[Kind[Any]]
    tables: Tables
    migrations: str
    routers: Sequence[APIRouter] = ()
    prepare: Mapping[str, Prepare] = field(default_factory=dict)
    keep: Mapping[str, Keep] = field(default_factory=dict)
    again: Mapping[str, Again] = field(default_factory=dict)
    """What goes with a fact besides states, by its type, when it is taken back into a restored database."""
    secret: bytes = field(default=b"", repr=False)
    """Keys what is remembered of command bodies; needed where they hold personal data."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """What its own routers find in `request.app.state`."""

    def executor(self, engine: AsyncEngine) -> Executor:
        """What runs its commands."""
        return Executor(
            self.commands, self._by_name(), engine, security.utc_now, new_id, self.prepare, self.keep, self.secret
        )

    def inbox(self, engine: AsyncEngine) -> Inbox:
        """What takes in the facts it hears."""
        return Inbox(self.name, self.handlers, self._by_name(), engine, security.utc_now, new_id)

    def deadlines(self, engine: AsyncEngine) -> Deadlines:
        """What looks at its deadlines."""
        return Deadlines(self.commands, self._by_name(), engine, security.utc_now, new_id)

    def forgetting(self, engine: AsyncEngine) -> Forgetting:
        """What empties its facts of people who were erased."""
        return Forgetting(self.name, self._by_name(), engine, new_id)

    async def reconcile(self, engine: AsyncEngine, settings: Settings) -> AsyncIterator[Lost]:
        """Bring a restored database up to what was told since, and forget again whom it had forgotten."""
        inbox = self.inbox(engine)
        reconciling = Reconciling(
            self.name,
            self._by_name(),
            engine,
            settings,
            new_id,
            security.utc_now,
            lambda answered: replace(inbox, answered=answered).receive,
            self.again,
        )
        async for lost in reconciling.run():
            yield lost
        await self.forgetting(engine).once()

    def api(self, engine: AsyncEngine, settings: Settings, keys: KeySet) -> FastAPI:
        """Its HTTP application. Needs the database alone: Kafka may be down for an hour."""

        async def ready() -> bool:
            async with transaction(engine) as connection:
                await connection.execute(text("select count(*) from clock"))
            return True

        async def settle(number: int, by: str, why: str, discard: bool) -> int:  # noqa: FBT001 - one call, from one place
            inbox = self.inbox(engine)
            return await (inbox.discard(number, by, why) if discard else inbox.retry(number, by, why))

        async def listed(connection: AsyncConnection, number: int | None = None) -> Sequence[dict[str, Any]]:
            return await dead_letters.listed(connection, number)

        app = http.application(self.name, keys, ready)
        app.state.engine = engine
        app.state.settings = settings
        for name, value in self.state.items():
            setattr(app.state, name, value)
        app.state.executor = self.executor(engine)
        known_and_heard = [Depends(http.caller), Depends(http.after(engine, self.inbox(engine).hears))]
        for router in self.routers:
            app.include_router(router, dependencies=known_and_heard)
        app.include_router(http.letters_router(engine, settle, listed))
        app.include_router(http.commands_router(app.state.executor, self.inbox(engine).hears, play=settings.play))
        return app

    def worker(self, engine: AsyncEngine, settings: Settings) -> Worker:
        """Its worker."""
        deadlines = self.deadlines(engine)

        async def due_behind() -> int:
            async with transaction(engine) as connection:
                return await deadlines.behind(connection)

        return Worker(
            self.name,
            settings,
            engine,
            self.inbox(engine).receive,
            security.utc_now,
            tasks=(deadlines.run, self.forgetting(engine).run),
            due_behind=due_behind,
        )

    def _by_name(self) -> dict[str, Kind[Any]]:
        return {kind.name: kind for kind in self.kinds}


def main(service: Service) -> None:
    """Run a service from the command line: `api`, `worker`, `migrate` or `reconcile`."""
    settings = read_settings(service.name)
    match sys.argv[1:]:
        case ["api"]:
            engine = connect(settings.database_url, service.name, settings.pool)
            serve(service.api(engine, settings, read_keys(settings)), settings)
        case ["worker"]:
            engine = connect(settings.database_url, service.name, settings.pool)
            run_worker(service.worker(engine, settings))
        case ["migrate"]:
            migrate(settings.owner_database_url or settings.database_url, service.migrations)
        case ["reconcile"]:
            engine = connect(settings.database_url, service.name, settings.pool)
            list_lost(service.reconcile(engine, settings))
        case _:
            sys.exit(f"usage: lotse-{service.name} api|worker|migrate|reconcile")


def read_settings(service: str) -> Settings:
    """The settings, with logging already set up; a wrong one ends the process and is named."""
    try:
        settings = Settings()
    except ValidationError as error:
        names = ", ".join(
            f"LOTSE_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors(include_input=False)
        )
        sys.stderr.write(f"lotse-{service}: settings are wrong: {names}\n")
        sys.exit(WRONG_SETTINGS)
    logging.configure(service, settings.log_level)
    return settings


def read_keys(settings: Settings) -> KeySet:
    """The public keys of tokens; without them no call could be trusted, so the process ends."""
    if settings.token_public_key_file is None:
        sys.stderr.write("LOTSE_TOKEN_PUBLIC_KEY_FILE is not set: name the file with the public keys of tokens\n")
        sys.exit(WRONG_SETTINGS)
    return security.read_public_keys(settings.token_public_key_file)


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve an application until the process is told to stop; requests under way are finished.

    Streams that would never finish by themselves look at `app.state.stopping()`.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=10
        )
    )
    app.state.stopping = lambda: server.should_exit
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def list_lost(found: AsyncIterator[Lost]) -> None:
    """Take back what a restored database does not know, and print each fact as a line of JSON."""

    async def listed() -> None:
        async for one in found:
            sys.stdout.write(json.dumps({**asdict(one), "time": one.time.isoformat()}) + "\n")

    try:
        asyncio.run(listed())
    except (WrongSettings, FactsGone, Undecodable) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_SETTINGS)


def run_worker(worker: Worker) -> None:
    """Run a worker; refuses to start on wrong settings, and says which."""
    try:
        asyncio.run(worker.run())
    except (WrongSettings, FactsGone) as error:
        log.error("refuses to start", reason=str(error))  # noqa: TRY400 - no trace: the text says it all
        sys.exit(WRONG_SETTINGS)
    except Exception as error:  # noqa: BLE001 - the supervisor starts it again
        log.error("worker ends", reason=f"{type(error).__name__}: {error}")  # noqa: TRY400 - the same
        sys.exit(1)
