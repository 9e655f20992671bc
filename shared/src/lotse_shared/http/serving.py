"""The FastAPI application that every process of ours serves."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from joserfc.jwk import KeySet
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as StarletteHTTPException

from lotse_shared.database import is_away
from lotse_shared.http.answering import ProblemRaised, problem_response
from lotse_shared.http.edge import Edge
from lotse_shared.http.health import operations_router
from lotse_shared.problems import NOT_FOUND, Problem
from lotse_shared.security import Gate

log = structlog.get_logger()


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
    app.state.gate = Gate(keys)

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

    app.add_middleware(Edge)
    app.include_router(operations_router(ready))
    return app


_AWAY: Final = Problem(
    503,
    "away",
    "Not available",
    "The service cannot reach its database at the moment.",
    "Send the same request, with the same Idempotency-Key, again in a moment.",
)
