"""What people see: server-rendered pages over the same functions as the API; they work without JavaScript."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from lotse_reporting.pages import live, reports, sign_in
from lotse_reporting.pages.rendering import STATIC, Static, page
from lotse_reporting.pages.sign_in import PageEnds


def install(app: FastAPI) -> None:
    """Add the pages to the reporting API. They find engine and keys in the application's state."""
    for module in (sign_in, reports, live):
        app.include_router(module.router)
    app.mount("/static", Static(directory=STATIC), name="static")

    @app.exception_handler(PageEnds)
    async def ends(request: Request, error: PageEnds) -> Response:
        return page(request, error.template, error.status)
