"""HTTP of a service: one route per declared command, bulk, reading a subject, the clock, and errors as problems."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from joserfc.jwk import KeySet
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.base import RequestResponseEndpoint

from lotse_shared import metrics, security
from lotse_shared.commands import Answer, Executor
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import is_away, transaction
from lotse_shared.deciding import Command, CommandRule, Kind
from lotse_shared.envelope import Cause
from lotse_shared.messaging import clock
from lotse_shared.problems import MEDIA_TYPE, NOT_FOUND, UNAUTHENTICATED, Problem, forbidden, is_id
from lotse_shared.security import Caller

log = structlog.get_logger()

LARGEST_BODY: Final = 256 * 1024
LARGEST_BULK: Final = 8 * 1024 * 1024
AFTER_TIMEOUT: Final = 5.0
"""Seconds that `Lotse-After` waits for a fact to be taken in."""

_TOO_MUCH_AT_ONCE: Final = 1_000


class ProblemRaised(Exception):  # noqa: N818 - carries a problem to the edge
    """Ends a request with a problem."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.headers = headers


class ProblemBody(BaseModel):
    """An error that says what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    way_out: str
    field: str | None = None


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


class ClockBody(BaseModel):
    """What time it is in an operation."""

    model_config = ConfigDict(extra="forbid")

    now: AwareDatetime


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    return JSONResponse(problem.content(), problem.status, headers, MEDIA_TYPE)


def application(service: str, keys: KeySet, ready: Callable[[], Awaitable[bool]]) -> FastAPI:
    """A FastAPI application with what every process has: problems, limits, metrics, health."""
    app = FastAPI(
        title=f"Lotse {service}",
        version="1",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.keys = keys

    @app.exception_handler(ProblemRaised)
    async def on_problem(_: Request, error: ProblemRaised) -> Response:
        return problem_response(error.problem, error.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        unknown, broken = first["type"] == "extra_forbidden", first["type"] == "json_invalid"
        inside = [str(part) for part in first["loc"][1:] if not broken]  # the first part says where: body, query, ...
        field = ".".join(inside) or "body"
        reason = "no such field" if unknown else "not JSON" if broken else first["msg"]
        way_out = "Leave the field out or check its spelling." if unknown else "Correct the field and send it again."
        return problem_response(Problem(422, "invalid", "Invalid input", f"{field}: {reason}", way_out, field))

    @app.exception_handler(StarletteHTTPException)
    async def on_http(_: Request, error: StarletteHTTPException) -> Response:
        if error.status_code == NOT_FOUND.status:
            return problem_response(NOT_FOUND)
        title = str(error.detail)
        return problem_response(
            Problem(error.status_code, "http", title, title, "See /openapi.json for what can be asked."),
            error.headers,  # type: ignore[arg-type] # a mapping
        )

    @app.exception_handler(SQLAlchemyError)
    @app.exception_handler(OSError)
    async def on_away(_: Request, error: Exception) -> Response:
        if not is_away(error):
            raise error
        log.warning("the database is away", reason=type(error).__name__)
        return problem_response(_AWAY, {"Retry-After": "1"})

    @app.middleware("http")
    async def measure(request: Request, answer: RequestResponseEndpoint) -> Response:
        started = perf_counter()
        limit = LARGEST_BULK if request.url.path == "/bulk" else LARGEST_BODY
        length = request.headers.get("content-length", "0")
        if request.method in ("POST", "PUT") and (not length.isdigit() or int(length) > limit):
            response: Response = problem_response(_too_large(limit))
        elif request.method in ("POST", "PUT") and "content-length" not in request.headers:
            response = problem_response(_no_length())
        else:
            response = await answer(request)
        route = getattr(request.scope.get("route"), "path", "none")
        metrics.HTTP_REQUESTS.labels(method=request.method, route=route, status=str(response.status_code)).inc()
        metrics.HTTP_SECONDS.labels(method=request.method, route=route).observe(perf_counter() - started)
        return response

    app.include_router(operations_router(ready))
    return app


def operations_router(ready: Callable[[], Awaitable[bool]], ill: Callable[[], str | None] = lambda: None) -> APIRouter:
    """Health and metrics of a process. Alive means: the event loop turns, and it has nothing to say against itself.

    `ill` says why the process makes no progress, or None; it never means that a neighbour is away.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> Response:
        why = ill()
        return JSONResponse({"status": why or "alive"}, 503 if why else 200)

    @router.get("/health/ready")
    async def is_ready() -> Response:
        try:
            async with asyncio.timeout(5):
                good = await ready()
        except Exception:  # noqa: BLE001 - whatever it is, the process cannot work now
            good = False
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)

    @router.get("/metrics")
    async def scrape() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def caller(request: Request) -> Caller:
    """Who is calling, by the bearer token; 401 where nobody is known."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        return security.check(token if scheme.lower() == "bearer" else None, request.app.state.keys, datetime.now(UTC))
    except security.BadToken:
        raise ProblemRaised(UNAUTHENTICATED, {"WWW-Authenticate": "Bearer"}) from None


SubjectId = Annotated[str, Path(description="The id of the subject, from the answer that made it")]
CallerDep = Annotated[Caller, Depends(caller)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200, pattern=r"^[!-~]+$")]


def allow(who: Caller, what: str, *roles: str) -> None:
    """Ends the request with 403 unless the caller has one of the roles."""
    if who.role not in roles:
        raise ProblemRaised(forbidden(what, roles))


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

    @router.post("/bulk", tags=["bulk"], operation_id="bulk")
    async def bulk(request: Request, body: Bulk, who: CallerDep) -> dict[str, Any]:
        """Many commands in one transaction; each result has its own status."""
        requests = [CommandRequest(one.command, one.subject, one.body, one.key) for one in body.items]
        answers = await executor.run(who, requests, _cause(request, executor))
        return {
            "results": [
                {"status": one.status, **one.content}
                if one.status == 200  # noqa: PLR2004 - HTTP's OK
                else {"status": one.status, "problem": one.content}
                for one in answers
            ]
        }

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
        router.include_router(_clock_router(executor))
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


def clock_router(engine: AsyncEngine, real_time: Callable[[], datetime]) -> APIRouter:
    """The clock of an operation, for a local play."""
    router = APIRouter(tags=["clock"])

    @router.get("/operations/{operation}/clock")
    async def read(operation: str, who: CallerDep) -> dict[str, str]:
        """What time it is in this operation."""
        allow(who, "read the clock", "coordinator", "administrator")
        async with transaction(engine, who.partner) as connection:
            times = await clock.read(connection, [operation], real_time())
        return {"now": times[operation].isoformat()}

    @router.put("/operations/{operation}/clock")
    async def move(operation: str, body: ClockBody, who: CallerDep) -> dict[str, str]:
        """Move the clock forwards."""
        allow(who, "move the clock", "coordinator", "administrator")
        try:
            async with transaction(engine, who.partner) as connection:
                await clock.move(connection, operation, body.now)
        except clock.Backwards as error:
            raise ProblemRaised(
                Problem(409, "backwards", "Refused", str(error), "Name a later instant.", "now")
            ) from None
        return {"now": body.now.isoformat()}

    return router


def _clock_router(executor: Executor) -> APIRouter:
    return clock_router(executor.engine, executor.real_time)


def after(engine: AsyncEngine, hears: frozenset[str]) -> Callable[..., Awaitable[None]]:
    """Read your writes: a dependency that waits until a fact told elsewhere was taken in here."""

    async def wait(fact: Annotated[str | None, Header(alias="Lotse-After", max_length=200)] = None) -> None:
        if not fact:
            return
        named, _, kind = fact.partition(";type=")
        if kind and kind not in hears:
            return
        try:
            identity = UUID(named.strip())
        except ValueError:
            raise ProblemRaised(_NO_FACT_ID) from None
        loop, pause = asyncio.get_running_loop(), 0.01
        until = loop.time() + AFTER_TIMEOUT
        while not await _is_known(engine, identity):
            if loop.time() > until:
                raise ProblemRaised(_NOT_HEARD, {"Retry-After": "1"})
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    return wait


async def _is_known(engine: AsyncEngine, identity: UUID) -> bool:
    """Whether a fact was heard, or told, here; ends the request where it was put aside."""
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                select exists (select from inbox where id = :id) or exists (select from outbox where id = :id) as known,
                       exists (select from dead_letter where id = :name and state = 'open') as parked"""),
            {"id": identity, "name": str(identity)},
        )
        row = found.one()
    if row.parked and not row.known:
        raise ProblemRaised(_PARKED)
    return bool(row.known)


_NO_FACT_ID: Final = Problem(
    422,
    "invalid",
    "Invalid input",
    "Lotse-After: is not the id of a fact.",
    "Send `<id>;type=<type>` from the answer to a command.",
    "Lotse-After",
)
_PARKED: Final = Problem(
    409,
    "parked",
    "Put aside",
    "The fact you want to be waited for could not be taken in here and waits for a human.",
    "Look at it with `lotse dead-letters list`.",
    "Lotse-After",
)
_NOT_HEARD: Final = Problem(
    425,
    "too-early",
    "Not heard yet",
    "The fact you want to be waited for has not arrived here yet.",
    "Send the same request again in a moment.",
    "Lotse-After",
)
_AWAY: Final = Problem(
    503,
    "away",
    "Not available",
    "The service cannot reach its database at the moment.",
    "Send the same request, with the same Idempotency-Key, again in a moment.",
)


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "too-large",
        "Too large",
        f"The body is larger than {limit // 1024} KiB.",
        "Send less at once: single commands are small, and /bulk takes many of them.",
        "body",
    )


def _no_length() -> Problem:
    return Problem(
        411, "no-length", "Length missing", "The request names no Content-Length.", "Send it.", "Content-Length"
    )


def letters_router(
    engine: AsyncEngine,
    settle: Callable[[int, str, str, bool], Awaitable[int]],
    listed: Callable[..., Awaitable[Sequence[dict[str, Any]]]],
) -> APIRouter:
    """Dead letters for administrators: list, show, retry, discard with a reason."""
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    class Why(BaseModel):
        """Why a human decided so; codes and words about the record, no personal data."""

        model_config = ConfigDict(extra="forbid")

        why: Annotated[str, Field(min_length=3, max_length=200)]

    @router.get("")
    async def show_all(who: CallerDep) -> dict[str, Any]:
        """Open dead letters."""
        allow(who, "see dead letters", "administrator")
        async with transaction(engine) as connection:
            return {"dead_letters": await listed(connection)}

    @router.get("/{number}")
    async def show(number: int, who: CallerDep) -> dict[str, Any]:
        """One dead letter with the record as it came."""
        allow(who, "see dead letters", "administrator")
        async with transaction(engine) as connection:
            found = await listed(connection, number)
        if not found:
            raise ProblemRaised(NOT_FOUND)
        return found[0]

    async def decide(number: int, who: Caller, why: str, *, discard: bool) -> dict[str, int]:
        allow(who, "settle dead letters", "administrator")
        try:
            return {"taken": await settle(number, who.name, why, discard)}
        except LookupError:
            raise ProblemRaised(NOT_FOUND) from None

    @router.post("/{number}/retry")
    async def retry(number: int, body: Why, who: CallerDep) -> dict[str, int]:
        """Take it in again, with all that waits behind it."""
        return await decide(number, who, body.why, discard=False)

    @router.post("/{number}/discard")
    async def discard(number: int, body: Why, who: CallerDep) -> dict[str, int]:
        """Decide that it is never taken in; what waits behind it goes on. The decision is recorded."""
        return await decide(number, who, body.why, discard=True)

    return router
