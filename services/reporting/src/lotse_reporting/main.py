"""Reporting, wired: read from top to bottom."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any, TextIO

from fastapi import FastAPI
from joserfc.jwk import KeySet
from lotse_shared import http, security
from lotse_shared.commands import Executor
from lotse_shared.database import connect, migrate, transaction
from lotse_shared.messaging import dead_letters
from lotse_shared.messaging.reconciling import Lost, Reconciling
from lotse_shared.service import list_lost, new_id, read_keys, read_settings, run_worker, serve
from lotse_shared.settings import Settings
from lotse_shared.worker import Worker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting import (
    api,
    building,
    comparison,
    exports,
    incomplete,
    narrative,
    pages,
    profile,
    programmes,
    publications,
    restatement,
    rollups,
    seals,
    waiting,
)
from lotse_reporting.decoding import look_ahead
from lotse_reporting.receiver import Receiver
from lotse_reporting.store import SCHEMA
from lotse_reporting.visibility import Pseudonyms

MIGRATIONS = "lotse_reporting:migrations"

CATCHING_UP = 30_000
"""Facts that one transaction takes in at most. No command waits for reporting's locks, and a large batch locks each
unit once for many facts: a third faster than 5,000 when there is much to read."""


def receiver(engine: AsyncEngine, settings: Settings) -> Receiver:
    """What takes in the facts."""
    return Receiver(engine, settings.partitions, security.utc_now)


def executor(engine: AsyncEngine) -> Executor:
    """What runs reporting's own commands: programme files come into force, reports are sealed and handed in."""
    return Executor(
        programmes.commands,
        {"operation": programmes.OPERATION},
        engine,
        security.utc_now,
        new_id,
        keep={"seal-report": seals.keep},
    )


def application(engine: AsyncEngine, settings: Settings, keys: KeySet) -> FastAPI:
    """The HTTP application: reports, programme files, dead letters, pages."""

    async def ready() -> bool:
        async with transaction(engine) as connection:
            await connection.execute(text("select count(*) from build"))
        return True

    async def settle(number: int, by: str, why: str, discard: bool) -> int:  # noqa: FBT001 - one call, from one place
        hearing = receiver(engine, settings)
        return await (hearing.discard(number, by, why) if discard else hearing.retry(number, by, why))

    async def listed(connection: AsyncConnection, number: int | None = None) -> Sequence[dict[str, Any]]:
        return await dead_letters.listed(connection, number)

    app = http.application(SCHEMA, keys, ready)
    app.state.engine = engine
    app.state.settings = settings
    app.state.executor = executor(engine)
    app.state.pseudonyms = Pseudonyms.from_file(settings.pseudonym_key_file)
    app.include_router(api.router)
    app.include_router(seals.router)
    app.include_router(restatement.router)
    app.include_router(comparison.router)
    app.include_router(profile.router)
    app.include_router(narrative.router)
    app.include_router(exports.router)
    app.include_router(publications.router)
    app.include_router(incomplete.router)
    app.include_router(http.letters_router(engine, settle, listed))
    if settings.play:
        app.include_router(http.clock_router(engine, security.utc_now))
    pages.install(app)
    return app


def worker(engine: AsyncEngine, settings: Settings) -> Worker:
    """The worker: hears everything, computes editions, rolls up, seals what is final, ticks in every partition."""
    _spare_the_collector()

    async def build_new_editions() -> None:
        await building.build_new_editions(engine)

    async def seal_when_final() -> None:
        await seals.seal_when_final(engine, executor(engine))

    async def keep_rolled_up() -> None:
        await rollups.keep_rolled_up(engine)

    async def to_apply() -> int:
        async with transaction(engine) as connection:
            return await waiting.to_apply(connection)

    return Worker(
        SCHEMA,
        settings,
        engine,
        receiver(engine, settings).receive,
        security.utc_now,
        tick_partitions=range(settings.partitions),
        batch=CATCHING_UP,
        ahead=look_ahead,
        tasks=(build_new_editions, seal_when_final, keep_rolled_up, _collect_now_and_then),
        to_apply=to_apply,
    )


def reconciling(engine: AsyncEngine, settings: Settings) -> Reconciling:
    """What brings a restored database up to what is on the topic: what reporting told itself, and all it hears."""
    hearing = receiver(engine, settings)
    return Reconciling(
        SCHEMA,
        {"operation": programmes.OPERATION},
        engine,
        settings,
        new_id,
        security.utc_now,
        lambda _: hearing.receive,
    )


async def reconcile(engine: AsyncEngine, settings: Settings) -> AsyncIterator[Lost]:
    """Bring a restored database up to what is on the topic, before anything is served; gives what was not known."""
    async for lost in reconciling(engine, settings).run():
        yield lost


def _spare_the_collector() -> None:
    """Look for cycles less often: the facts kept in memory make none, and walking them costs a third of the time."""
    gc.freeze()
    gc.set_threshold(3_000_000, 10, 100)


async def _collect_now_and_then() -> None:
    """Each delivery leaves a few objects in cycles: what is young is looked at once a minute, which is little then."""
    while True:
        await asyncio.sleep(60)
        gc.collect(0)


def rebuild(engine: AsyncEngine) -> int:
    """Compute the ledger anew beside the live one, and switch where both are equal."""
    differences = asyncio.run(building.rebuild(engine, lambda line: _say(sys.stderr, line)))
    return _tell([str(one) for one in differences])


def verify(engine: AsyncEngine, *, only_seals: bool = False) -> int:
    """Compare the ledger with what the journal leads to, and journal, definitions and seals with what they were."""

    async def look() -> list[str]:
        units = [] if only_seals else await building.verify(engine, lambda line: _say(sys.stderr, line))
        return [*map(str, units), *map(str, await seals.verify(engine, security.utc_now()))]

    return _tell(asyncio.run(look()))


def _tell(differences: Sequence[str]) -> int:
    for one in differences:
        _say(sys.stdout, one)
    if differences:
        _say(sys.stderr, "Mend nothing by hand: docs/runbooks/altered.md says how to go on.")
        return 1
    _say(sys.stdout, "equal")
    return 0


def _say(where: TextIO, line: str) -> None:
    where.write(f"{line}\n")
    where.flush()


def main() -> None:
    """`lotse-reporting api|worker|migrate|reconcile|rebuild|verify [--seals]`."""
    settings = read_settings(SCHEMA)
    match sys.argv[1:]:
        case ["api"]:
            serve(
                application(connect(settings.database_url, SCHEMA, settings.pool), settings, read_keys(settings)),
                settings,
            )
        case ["worker"]:
            run_worker(worker(connect(settings.database_url, SCHEMA, settings.pool), settings))
        case ["migrate"]:
            migrate(settings.owner_database_url or settings.database_url, MIGRATIONS)
        case ["reconcile"]:
            list_lost(reconcile(connect(settings.database_url, SCHEMA, settings.pool), settings))
        case ["rebuild"]:
            sys.exit(rebuild(connect(settings.database_url, SCHEMA, settings.pool)))
        case ["verify"]:
            sys.exit(verify(connect(settings.database_url, SCHEMA, settings.pool)))
        case ["verify", "--seals"]:
            sys.exit(verify(connect(settings.database_url, SCHEMA, settings.pool), only_seals=True))
        case _:
            sys.exit("usage: lotse-reporting api|worker|migrate|reconcile|rebuild|verify [--seals]")
