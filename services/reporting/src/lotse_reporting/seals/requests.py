"""Requests for seals: kept until the report they are about is final, and told then."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import structlog
from lotse_shared.commands import Executor
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import transaction
from lotse_shared.deciding import EVERYBODY
from lotse_shared.envelope import Cause
from lotse_shared.messaging.tables import INSTANT
from lotse_shared.security import Caller
from sqlalchemy import BigInteger, Boolean, Column, Date, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.positions import heard_up_to
from lotse_reporting.report import NoReport, NotYet, instant, milliseconds, read_report, report_on, settle, written
from lotse_reporting.seals.anchor import journal_digests
from lotse_reporting.seals.decisions import SealReport
from lotse_reporting.seals.sealed import read_seals
from lotse_reporting.store import snapshot, tables

LOOK_EVERY: Final = 0.5
TRY_AGAIN_AFTER: Final = 10.0
OK: Final = 200

log = structlog.get_logger()


seal_request = Table(
    "seal_request",
    tables.metadata,
    Column("seal", Uuid, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("known", BigInteger),
    Column("asked_known", BigInteger),
    Column("asked_at", INSTANT, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("key", Text),
    Column("told", Boolean, nullable=False),
    UniqueConstraint("operation", "key"),
)
"""What somebody asked to be sealed. `asked_known` is K as asked for, `known` as chosen; `told` once it is sealed."""


class KeyUsed(ValueError):  # noqa: N818 - what is the matter with it
    """The idempotency key came with another question before."""


@dataclass(frozen=True, slots=True)
class SealRequest:
    """Somebody asked for a seal. `known` (milliseconds) is None until it is chosen."""

    seal: str
    operation: str
    as_of: date
    known: int | None
    asked_at: datetime
    told: bool


_COLUMNS: Final = "seal::text as seal, operation, as_of, known, asked_at, told"


async def ask(
    connection: AsyncConnection,
    operation: str,
    *,
    seal: str,
    as_of: date,
    known_at: datetime | None,
    by: str,
    key: str | None,
    now: datetime,
) -> str:
    """Keep a request for a seal; gives the seal's id, which is another one where the key was used before.

    Raises:
        NoReport: no definitions were in force at that moment.
        NotYet: the day has not come in the operation.
        KeyUsed: the key came with another question before.
    """
    known = milliseconds(known_at) if known_at is not None else None
    await settle(connection, operation, as_of=as_of, known_at=known_at, now=now)
    made = await connection.execute(
        text("""
            insert into seal_request (seal, operation, as_of, known, asked_known, asked_at, asked_by, key)
            values (:seal, :operation, :as_of, :known, :known, :now, :by, :key)
            on conflict (operation, key) do nothing returning seal"""),
        {
            "seal": seal, "operation": operation, "as_of": as_of, "known": known, "now": now, "by": by, "key": key,
        },
    )  # fmt: skip
    if made.first() is not None:
        return seal
    found = await connection.execute(
        text("""
            select seal::text as seal, as_of, asked_known from seal_request
            where operation = :operation and key = :key"""),
        {"operation": operation, "key": key},
    )
    earlier = found.one()
    if (earlier.as_of, earlier.asked_known) != (as_of, known):
        raise KeyUsed("this key came with another question before")
    return str(earlier.seal)


async def read_requests(
    connection: AsyncConnection, *, operation: str | None = None, seal: str | None = None
) -> Sequence[SealRequest]:
    """The requests for seals of an operation, or the one for a seal; the oldest first."""
    found = await connection.execute(
        text(f"""
            select {_COLUMNS} from seal_request
            where (cast(:operation as text) is null or operation = :operation)
            and (cast(:seal as uuid) is null or seal = cast(:seal as uuid)) order by asked_at, seal"""),  # noqa: S608 - a constant
        {"operation": operation, "seal": seal},
    )
    return [SealRequest(*row) for row in found]


async def waits_for(connection: AsyncConnection, request: SealRequest, now: datetime) -> list[dict[str, Any]]:
    """What keeps a request from being sealed: `[{kind, number, type, reason}]`; empty when its report is final."""
    if request.told:
        return [_reason("hearing", "sealed; the fact of it has not come back through the topic yet")]
    if request.known is None:
        return await _publishers(connection, request)
    try:
        answer = await read_report(
            connection, request.operation, as_of=request.as_of, known_at=instant(request.known), now=now
        )
    except (NoReport, NotYet) as error:
        return [_reason("no-report", str(error))]
    state = answer.state
    if state["final"]:
        return []
    if state["open"]:
        return list(state["open"])
    heard = state["complete_up_to"] or "nothing yet"
    return [_reason("watermark", f"all is heard up to {heard}; the seal is about {written(request.known)}")]


async def _publishers(connection: AsyncConnection, request: SealRequest) -> list[dict[str, Any]]:
    """Publishers that may still have to send what they had when the seal was asked for."""
    found = await connection.execute(
        text("select publisher, sent_up_to from heard_from where sent_up_to <= :asked order by publisher"),
        {"asked": request.asked_at},
    )
    return [
        _reason(
            "publisher",
            f"{row.publisher} has sent what it had at {_at(row.sent_up_to)}, "
            f"the seal was asked for at {_at(request.asked_at)}",
        )
        for row in found
    ] or await _nobody(connection)


def _at(when: datetime) -> str:
    return str(written(milliseconds(when)))


async def _nobody(connection: AsyncConnection) -> list[dict[str, Any]]:
    found = await connection.execute(text("select count(*) from heard_from"))
    if found.scalar_one():
        return []
    return [_reason("publisher", "no publisher has said yet how far it has sent what it had")]


def _reason(kind: str, reason: str) -> dict[str, Any]:
    return {"kind": kind, "number": None, "type": None, "reason": reason}


async def seal_when_final(engine: AsyncEngine, executor: Executor) -> None:
    """A task of the worker: seals what was asked for as soon as it is final."""
    while True:
        pause = LOOK_EVERY
        async with transaction(engine) as connection:
            found = await connection.execute(text("select seal::text from seal_request where not told order by seal"))
            waiting = list(found.scalars())
        for seal in waiting:
            try:
                await look(engine, executor, seal)
            except Exception as error:
                log.exception("a report cannot be sealed; trying again", seal=seal, reason=type(error).__name__)
                pause = TRY_AGAIN_AFTER
        await asyncio.sleep(pause)


async def look(engine: AsyncEngine, executor: Executor, seal: str) -> bool:
    """Go on with a request as far as it can be gone; gives whether its report is sealed."""
    now = executor.real_time()
    await _choose_moment(engine, seal, now)
    async with snapshot(engine) as connection:
        [request] = await read_requests(connection, seal=seal)
        if request.told:
            return True
        if await read_seals(connection, seal=seal):
            body = None  # told before the database was restored to an earlier state
        elif request.known is None or await waits_for(connection, request, now):
            return False
        else:
            body = await _content(connection, request, request.known, now)
    if body is None:
        async with transaction(engine) as connection:
            await mark_told(connection, seal)
        return True
    [answer] = await executor.run(
        Caller("reporting", "coordinator", EVERYBODY),
        [CommandRequest("seal-report", None, body, f"seal {seal}")],
        Cause(correlation=executor.new_id()),
    )
    if answer.status != OK:
        raise RuntimeError(f"refused: {answer.content.get('detail')}")
    log.info("report sealed", seal=seal, operation=request.operation)
    return True


async def _choose_moment(engine: AsyncEngine, seal: str, now: datetime) -> None:
    """The first moment by which every publisher had sent what it had when the seal was asked for.

    Taken is the latest knowledge time heard when that is seen: what they had sent stands on the topic before the ticks
    that say so, and is known by then.
    """
    async with transaction(engine) as connection:
        [request] = await read_requests(connection, seal=seal)
        if request.told or request.known is not None or await waits_for(connection, request, now):
            return
        await connection.execute(
            text("update seal_request set known = :known where seal = cast(:seal as uuid) and known is null"),
            {"known": await heard_up_to(connection), "seal": seal},
        )


async def _content(connection: AsyncConnection, request: SealRequest, known: int, now: datetime) -> SealReport:
    at = instant(known)
    question = await settle(connection, request.operation, as_of=request.as_of, known_at=at, now=now)
    answer = await report_on(connection, question)
    found = await connection.execute(
        text("select definition from build where number = :number"), {"number": question.edition.build}
    )
    journal = await journal_digests(connection, request.operation, [known])
    return SealReport(
        id=request.operation,
        seal=request.seal,
        as_of=request.as_of,
        known_at=at,
        edition=question.edition.name,
        digest=answer.digest,
        journal_digest=journal[known],
        report=dict(answer.report),
        definition=found.scalar_one(),
    )


async def mark_told(connection: AsyncConnection, seal: str) -> None:
    """The report was sealed: in the transaction of the fact."""
    await connection.execute(
        text("update seal_request set told = true where seal = cast(:seal as uuid)"), {"seal": seal}
    )


async def keep(connection: AsyncConnection, _: str, command: Any) -> None:  # noqa: ANN401 - the body of any command
    """What is kept with the fact that a report was sealed."""
    await mark_told(connection, command.seal)
