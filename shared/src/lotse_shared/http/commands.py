"""Routes of a deciding service: one per declared command, bulk, and reading a subject."""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from lotse_shared.commands import Answer, Executor
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import transaction
from lotse_shared.deciding import Command, CommandRule, Kind
from lotse_shared.envelope import Cause
from lotse_shared.http.answering import ProblemBody, ProblemRaised
from lotse_shared.http.calling import CallerDep, Key, SubjectId, caller
from lotse_shared.http.clock import clock_router
from lotse_shared.http.waiting import after
from lotse_shared.problems import MEDIA_TYPE, NOT_FOUND, is_id
from lotse_shared.security import Caller

_TOO_MUCH_AT_ONCE: Final = 1_000


class Told(BaseModel):
    """A fact that a command told."""

    id: str
    type: str
    subject: str


class CommandAnswer(BaseModel):
    """What came of a command: whom it is about, and the facts it told; read them elsewhere with `Lotse-After`."""

    subject: str
    facts: list[Told]


class BulkItem(BaseModel):
    """One command among many."""

    model_config = ConfigDict(extra="forbid")

    command: str
    subject: str | None = None
    key: Annotated[str, Field(max_length=200, pattern=r"^[!-~]+$")] | None = None
    body: dict[str, Any] = Field(default_factory=dict)


class Bulk(BaseModel):
    """Up to a thousand commands, answered in their order; a refused one stops no other."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[BulkItem], Field(max_length=_TOO_MUCH_AT_ONCE)]


_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def _cause(request: Request, executor: Executor) -> Cause:
    """Where a trace comes from outside it goes on, if it is one (W3C trace context)."""
    traceparent = request.headers.get("traceparent", "")
    sound = _TRACEPARENT.fullmatch(traceparent)
    return Cause(correlation=executor.new_id(), traceparent=traceparent if sound else None)


def commands_router(executor: Executor, hears: frozenset[str], *, play: bool) -> APIRouter:
    """All routes of a deciding service: one per command, bulk, reading, the clock."""
    router = APIRouter(
        dependencies=[Depends(caller), Depends(after(executor.engine, hears))],  # in this order
        responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 413, 422, 425)},
    )
    for rule in executor.commands.rules.values():
        path = f"/{rule.kind.plural}/{rule.name}" if rule.creates else f"/{rule.kind.plural}/{{subject}}/{rule.name}"
        router.add_api_route(
            path,
            _command_endpoint(executor, rule),
            methods=["POST"],
            operation_id=rule.name,
            summary=rule.meaning,
            tags=[rule.kind.plural],
            response_model=CommandAnswer,
        )

    @router.post("/bulk", tags=["bulk"], operation_id="bulk", response_model=dict[str, Any])
    async def bulk(request: Request, body: Bulk, who: CallerDep) -> Response:
        """Many commands in one transaction; each result has its own status."""
        requests = [CommandRequest(one.command, one.subject, one.body, one.key) for one in body.items]
        answers = await executor.run(who, requests, _cause(request, executor))
        results = [
            {"status": one.status, **one.content}
            if one.status == 200  # noqa: PLR2004 - HTTP's OK
            else {"status": one.status, "problem": one.content}
            for one in answers
        ]
        return JSONResponse({"results": results})

    for kind in executor.kinds.values():
        router.add_api_route(
            f"/{kind.plural}/{{subject}}",
            _reading_endpoint(executor, kind),
            methods=["GET"],
            operation_id=f"read-{kind.name}",
            summary=f"What this service keeps about a {kind.name}",
            tags=[kind.plural],
        )
    if play:
        router.include_router(clock_router(executor.engine, executor.real_time))
    return router


def _command_endpoint(executor: Executor, rule: CommandRule) -> Callable[..., Awaitable[Any]]:
    async def endpoint(
        request: Request,
        body: Command,
        who: Caller,
        key: str | None,
        subject: str | None = None,
    ) -> Response:
        [answer] = await executor.run(who, [CommandRequest(rule.name, subject, body, key)], _cause(request, executor))
        return _response(answer)

    kinds = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("request", kinds, annotation=Request),
        inspect.Parameter("body", kinds, annotation=rule.body),
        inspect.Parameter("who", kinds, annotation=CallerDep),
        inspect.Parameter("key", kinds, annotation=Key, default=None),
    ]
    if not rule.creates:
        parameters.append(inspect.Parameter("subject", kinds, annotation=SubjectId))
    endpoint.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what FastAPI reads
    endpoint.__doc__ = rule.decide.__doc__
    return endpoint


def _response(answer: Answer) -> Response:
    media = "application/json" if answer.status == 200 else MEDIA_TYPE  # noqa: PLR2004 - HTTP's OK
    return JSONResponse(dict(answer.content), answer.status, media_type=media)


def _reading_endpoint(executor: Executor, kind: Kind[Any]) -> Callable[..., Awaitable[Any]]:
    """Reads a subject of an operation that the caller takes part in: what all its partners see is not everybody's."""

    async def read(subject: SubjectId, who: CallerDep) -> dict[str, Any]:
        if not is_id(subject):
            raise ProblemRaised(NOT_FOUND)
        async with transaction(executor.engine, who.partner) as connection:
            found = await connection.execute(
                text("""
                    select id, kind, operation, partners, state from subject mine where id = :id and kind = :kind
                    and (kind = 'operation' or exists (
                        select from subject seen where seen.id = mine.operation and seen.kind = 'operation'))"""),
                {"id": subject, "kind": kind.name},
            )
            row = found.first()
        if row is None:
            raise ProblemRaised(NOT_FOUND)
        return {
            "subject": row.id,
            "kind": row.kind,
            "operation": row.operation,
            "partners": row.partners,
            "state": row.state,
        }

    return read
