"""Routes of seals: ask for one, see what it waits for or what it holds, hand it in."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import transaction
from lotse_shared.envelope import Cause
from lotse_shared.http import CallerDep, ProblemBody, ProblemRaised, allow
from lotse_shared.http.calling import Key
from lotse_shared.problems import KEY_REUSED, MEDIA_TYPE, NOT_FOUND, Problem
from lotse_shared.security import Caller, utc_now
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.api import View, known_at, may_see, problem
from lotse_reporting.report import NoReport, NotYet, written
from lotse_reporting.seals.requests import KeyUsed, SealRequest, ask, read_requests, waits_for
from lotse_reporting.seals.sealed import Sealed, read_seals

SEALS: tuple[str, ...] = ("coordinator", "administrator")
"""Who may seal, and hand in."""

OK = 200
_NOT_KNOWN_YET = Problem(
    422,
    "not-yet",
    "Not yet",
    "that moment has not come: nobody knows what will be known then",
    "Name an earlier moment, or none: the report is then sealed as soon as all is known that there is now.",
    "known_at",
)
_NOT_SEALED = Problem(
    409,
    "not-sealed",
    "Not sealed yet",
    "this report is not sealed yet: nothing can have moved since",
    "Wait until it is sealed; the seal says what it waits for.",
)

router = APIRouter(tags=["seals"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 422, 425)})


class SealAsked(BaseModel):
    """A report to be sealed: as of a day, as known at a moment or, without one, at the first that has all."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    as_of: date
    """Up to which day effects count."""
    known_at: Annotated[str, Field(max_length=40)] | None = None
    """A date (its end in Germany) or an instant with its zone, not in the future."""


SealId = Annotated[UUID, Path(description="The id of the seal, from the answer that asked for it")]


@router.post("/operations/{operation}/seals", status_code=202)
async def ask_for_seal(
    request: Request, operation: str, body: SealAsked, who: CallerDep, key: Key = None
) -> dict[str, Any]:
    """Ask for a seal. It is kept, and sealed as soon as it is final; the same key again is the same request."""
    allow(who, "seal a report", *SEALS)
    now, known = utc_now(), known_at(body.known_at)
    if known is not None and known > now:
        raise ProblemRaised(_NOT_KNOWN_YET)
    async with transaction(request.app.state.engine) as connection:
        await may_see(connection, operation, who)
        try:
            seal = await ask(
                connection,
                operation,
                seal=request.app.state.executor.new_id(),
                as_of=body.as_of,
                known_at=known,
                by=who.name,
                key=key,
                now=now,
            )
        except (NoReport, NotYet) as error:
            raise problem(error) from None
        except KeyUsed:
            raise ProblemRaised(KEY_REUSED) from None
        return await _content(connection, seal)


@router.get("/operations/{operation}/seals")
async def show_seals(operation: str, who: CallerDep, connection: View) -> dict[str, Any]:
    """The seals of an operation, the oldest first, and those that wait."""
    await may_see(connection, operation, who)
    sealed = {one.seal: one for one in await read_seals(connection, operation=operation)}
    waiting = [one for one in await read_requests(connection, operation=operation) if one.seal not in sealed]
    return {
        "seals": [_sealed(one) for one in sealed.values()]
        + [_waiting(one, await waits_for(connection, one, utc_now())) for one in waiting]
    }


@router.get("/seals/{seal}")
async def show_seal(seal: SealId, who: CallerDep, connection: View) -> dict[str, Any]:
    """A seal: its figures and definitions, its hashes and moments; or what it waits for."""
    return await _content(connection, str(seal), who)


@router.post("/seals/{seal}/submit")
async def submit_seal(request: Request, seal: SealId, who: CallerDep) -> Response:
    """Hand a sealed report in to the funder; once handed in, the same again tells no fact."""
    allow(who, "hand a report in", *SEALS)
    async with transaction(request.app.state.engine) as connection:
        found = await _content(connection, str(seal), who)
    executor = request.app.state.executor
    command = CommandRequest("submit-report", found["operation"], {"seal": str(seal)})
    [answer] = await executor.run(who, [command], Cause(correlation=executor.new_id()))
    media = "application/json" if answer.status == OK else MEDIA_TYPE
    return JSONResponse(dict(answer.content), answer.status, media_type=media)


async def sealed_for(connection: AsyncConnection, seal: str, who: Caller) -> Sealed:
    """A sealed report that the caller may see; ends the request with 404 otherwise, with 409 where it waits."""
    for found in await read_seals(connection, seal=seal):
        await may_see(connection, found.operation, who)
        return found
    for waiting in await read_requests(connection, seal=seal):
        await may_see(connection, waiting.operation, who)
        raise ProblemRaised(_NOT_SEALED)
    raise ProblemRaised(NOT_FOUND)


async def _content(connection: AsyncConnection, seal: str, who: Caller | None = None) -> dict[str, Any]:
    for sealed in await read_seals(connection, seal=seal):
        if who is not None:
            await may_see(connection, sealed.operation, who)
        return _sealed(sealed) | {"report": sealed.report, "definition": sealed.definition}
    for request in await read_requests(connection, seal=seal):
        if who is not None:
            await may_see(connection, request.operation, who)
        return _waiting(request, await waits_for(connection, request, utc_now()))
    raise ProblemRaised(NOT_FOUND)


def _sealed(one: Sealed) -> dict[str, Any]:
    return {
        "seal": one.seal,
        "operation": one.operation,
        "state": "submitted" if one.submitted_on else "sealed",
        "as_of": one.as_of.isoformat(),
        "known_at": written(one.known),
        "edition": one.edition,
        "digest": one.digest,
        "journal_digest": one.journal_digest,
        "sealed_at": one.sealed_at.isoformat().replace("+00:00", "Z"),
        "event": one.event,
        "submitted_on": one.submitted_on.isoformat() if one.submitted_on else None,
        "waits_for": [],
    }


def _waiting(one: SealRequest, reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "seal": one.seal,
        "operation": one.operation,
        "state": "waiting",
        "as_of": one.as_of.isoformat(),
        "known_at": written(one.known),
        "waits_for": reasons,
    }
