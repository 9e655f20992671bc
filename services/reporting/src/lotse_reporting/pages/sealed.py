"""The pages of seals: what was sealed and handed in, what waits, and what has become of each sealed figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from lotse_shared import security
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import transaction
from lotse_shared.envelope import Cause
from lotse_shared.programme import Counts
from lotse_shared.security import Caller
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.pages.choice import Choice
from lotse_reporting.pages.forms import Fields
from lotse_reporting.pages.rendering import HEADERS, page
from lotse_reporting.pages.reports import View, operation_of
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor
from lotse_reporting.report import NoReport, NotYet, figure, settle, written
from lotse_reporting.restatement.api import sees_units
from lotse_reporting.restatement.moves import Move
from lotse_reporting.restatement.reading import Restated, read_restatement
from lotse_reporting.seals.api import SEALS
from lotse_reporting.seals.requests import KeyUsed, SealRequest, ask, read_requests, waits_for
from lotse_reporting.seals.sealed import Sealed, read_seals

MOST: Final = 100
"""Moves of one figure that are listed one by one."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a figure moved, and how much all moves for this reason add up to."""

    words: Mapping[str, str]
    quantity: int | str
    moves: int


def reasons(one: Restated) -> Sequence[Reason]:
    """The moves of a figure by what moved it, the greatest first."""
    added: dict[tuple[tuple[str, str], ...], list[Move]] = {}
    for move in one.moves:
        added.setdefault(tuple(sorted(move.words.items())), []).append(move)
    sums = {words: sum((move.quantity for move in moves), Decimal(0)) for words, moves in added.items()}
    return [
        Reason(dict(words), figure(Counts(one.counts), sums[words]), len(added[words]))
        for words in sorted(sums, key=lambda words: (-abs(sums[words]), words))
    ]


@router.get("/operations/{operation}/sealed")
async def seals(request: Request, operation: str, who: Visitor, connection: View) -> Response:
    """All seals of an operation and those that wait; coordinators ask for another one here."""
    return await _seals(request, operation, who, connection)


async def _seals(
    request: Request, operation: str, who: Caller, connection: AsyncConnection, wrong: str = "", told: str = ""
) -> Response:
    about = await operation_of(connection, operation, who)
    sealed = await read_seals(connection, operation=operation)
    known = {one.seal for one in sealed}
    now = security.utc_now()
    waiting = [one for one in await read_requests(connection, operation=operation) if one.seal not in known]
    return page(
        request,
        "seals.html",
        422 if wrong else 200,
        about=about,
        chosen=Choice(),
        sealed=list(reversed(sealed)),
        waiting=[(one, await waits_for(connection, one, now)) for one in waiting],
        may_seal=who.role in SEALS,
        key=request.app.state.executor.new_id(),
        day=told or await _today(connection, operation),
        wrong=wrong,
    )


async def _today(connection: AsyncConnection, operation: str) -> str:
    try:
        question = await settle(connection, operation, as_of=None, known_at=None, now=security.utc_now())
    except NoReport:
        return ""
    return min(question.today, question.edition.programme.period.last).isoformat()


@router.post("/operations/{operation}/sealed")
async def seal(request: Request, operation: str, who: Visitor, connection: View, told: Fields) -> Response:
    """Ask for a seal; the same form sent twice is one seal."""
    await operation_of(connection, operation, who)
    if who.role not in SEALS:
        raise PageEnds(403, "not_allowed.html")
    day = told.get("as_of", "").strip()[:40]
    try:
        async with transaction(request.app.state.engine) as writing:
            made = await ask(
                writing,
                operation,
                seal=request.app.state.executor.new_id(),
                as_of=date.fromisoformat(day),
                known_at=None,
                by=who.name,
                key=told.get("key", "")[:200] or None,
                now=security.utc_now(),
            )
    except NotYet:
        return await _seals(request, operation, who, connection, "not_yet", day)
    except KeyUsed:
        return await _seals(request, operation, who, connection, "sent_before", day)
    except NoReport:
        return await _seals(request, operation, who, connection, "none", day)
    except ValueError:
        return await _seals(request, operation, who, connection, "as_of", day)
    return RedirectResponse(f"/operations/{operation}/sealed/{made}", 303, HEADERS)


@router.get("/operations/{operation}/sealed/{seal}")
async def show(request: Request, operation: str, seal: str, who: Visitor, connection: View) -> Response:
    """A sealed report: its figures, what it was made by, and what has become of it since; or what it waits for."""
    about = await operation_of(connection, operation, who)
    found = await _find(connection, operation, seal)
    now = security.utc_now()
    if isinstance(found, SealRequest):
        waits = await waits_for(connection, found, now)
        return page(
            request,
            "seal_waits.html",
            about=about,
            chosen=Choice(),
            waiting=found,
            waits=waits,
            at=written(found.known),
        )
    restatement = await read_restatement(connection, found, known_at=None, now=now)
    moved = [(one, reasons(one), [_listed(move, one.counts) for move in one.moves[:MOST]]) for one in restatement.moved]
    return page(
        request,
        "seal.html",
        about=about,
        chosen=Choice(),
        sealed=found,
        known_at=written(found.known),
        moved=moved,
        edition=restatement.edition,
        in_full=sees_units(who),
        may_submit=who.role in SEALS,
    )


def _listed(move: Move, counts: str) -> dict[str, Any]:
    return {
        "unit": move.unit,
        "effective": move.effective,
        "quantity": figure(Counts(counts), move.quantity),
        "known_at": written(move.known),
        "words": move.words,
        "events": move.events,
    }


@router.post("/operations/{operation}/sealed/{seal}/hand-in")
async def hand_in(request: Request, operation: str, seal: str, who: Visitor, connection: View, _: Fields) -> Response:
    """Hand a sealed report in to the funder; once handed in, the same again changes nothing."""
    await operation_of(connection, operation, who)
    found = await _find(connection, operation, seal)
    if who.role not in SEALS:
        raise PageEnds(403, "not_allowed.html")
    if isinstance(found, Sealed):
        executor = request.app.state.executor
        command = CommandRequest("submit-report", operation, {"seal": found.seal})
        await executor.run(who, [command], Cause(correlation=executor.new_id()))
    return RedirectResponse(f"/operations/{operation}/sealed/{seal}?handed-in=yes", 303, HEADERS)


async def _find(connection: AsyncConnection, operation: str, seal: str) -> Sealed | SealRequest:
    try:
        name = str(UUID(seal))
    except ValueError:
        raise PageEnds(*NOT_FOUND) from None
    for one in await read_seals(connection, operation=operation, seal=name):
        return one
    for asked in await read_requests(connection, operation=operation, seal=name):
        return asked
    raise PageEnds(*NOT_FOUND)
