"""What people see: server-rendered pages over the same functions as the API; they work without JavaScript."""

from inspect import isawaitable
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lotse_reporting.pages import (
    about,
    entries,
    in_parts,
    live,
    over_time,
    published,
    records,
    reports,
    sealed,
    sign_in,
    to_come,
)
from lotse_reporting.pages.rendering import STATIC, FrontEndMissing, Static, page
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds


def install(app: FastAPI) -> None:
    """Add the pages to the reporting API. They find engine and keys in the application's state."""
    for module in (sign_in, reports, entries, in_parts, over_time, to_come, records, sealed, published, about, live):
        app.include_router(module.router)
    app.mount("/static", Static(directory=STATIC), name="static")
    for_programs = app.exception_handlers.get(HTTPException, http_exception_handler)

    @app.exception_handler(PageEnds)
    async def ends(request: Request, error: PageEnds) -> Response:
        return page(request, error.template, error.status)

    @app.exception_handler(FrontEndMissing)
    async def missing(_: Request, error: FrontEndMissing) -> Response:
        return PlainTextResponse(str(error), 503)

    @app.exception_handler(HTTPException)
    async def no_such_address(request: Request, error: HTTPException) -> Response:
        status, template = NOT_FOUND
        if error.status_code == status and "text/html" in request.headers.get("accept", ""):
            return page(request, template, status)
        answer: Any = for_programs(request, error)
        return cast("Response", await answer if isawaitable(answer) else answer)
