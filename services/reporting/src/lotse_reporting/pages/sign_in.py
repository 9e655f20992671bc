"""Signing in by a one-time link, signing out, and who is looking."""

from typing import Annotated, Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from lotse_shared import security
from lotse_shared.database import transaction
from lotse_shared.security import BadToken, Caller

from lotse_reporting.pages import sessions
from lotse_reporting.pages.rendering import HEADERS, page

COOKIE: Final = "lotse-session"

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()


class PageEnds(Exception):  # noqa: N818 - carries a page to the edge
    """Ends a request with another page than the one asked for: sign-in needed, not found, not allowed."""

    def __init__(self, status: int, template: str) -> None:
        super().__init__(template)
        self.status = status
        self.template = template


NOT_FOUND: Final = (404, "not_found.html")
"""The same, byte for byte, whether a thing does not exist or belongs to another partner."""


async def visitor(request: Request) -> Caller:
    """Who is looking, by the session; without one the page says how to sign in, at the address that was asked for."""
    who = await recognise(request)
    if who is None:
        raise PageEnds(401, "sign_in.html")
    return who


async def recognise(request: Request) -> Caller | None:
    """Who is looking, or None: for pages that everybody may see."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    async with transaction(request.app.state.engine) as connection:
        request.state.visitor = await sessions.find(connection, token, security.utc_now())
    return request.state.visitor  # type: ignore[no-any-return] # Starlette's state is untyped


async def from_our_pages(request: Request) -> None:
    """Ends the request with 403 unless the browser says that one of our own pages sent it.

    The session's cookie is a strict one; this holds as well where a browser does not keep to that.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    ours = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise PageEnds(403, "another_site.html")


Visitor = Annotated[Caller, Depends(visitor)]


@router.get("/sign-in")
async def sign_in(request: Request, ticket: str = "") -> Response:
    """Let the holder of a ticket in, once, and go on to the reports.

    The way on is a refresh of our own page, no redirect: a browser that came here by a link on another site would not
    send a strict cookie along with a redirect.
    """
    if not ticket:
        who = await recognise(request)
        return RedirectResponse("/", 303, HEADERS) if who else page(request, "sign_in.html", 401)
    try:
        read = security.check_ticket(ticket, request.app.state.keys, security.utc_now())
    except BadToken:
        return page(request, "ticket_refused.html", 401)
    async with transaction(request.app.state.engine) as connection:
        token = await sessions.begin(connection, read, security.utc_now())
    if token is None:
        log.warning("ticket used twice", by=read.caller.name, role=read.caller.role)
        return page(request, "ticket_refused.html", 401)
    log.info("signed in", by=read.caller.name, role=read.caller.role, partner=read.caller.partner)
    response = page(request, "signed_in.html")
    response.headers["Refresh"] = "0; url=/"
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/sign-out", dependencies=[Depends(from_our_pages)])
async def sign_out(request: Request) -> Response:
    """End the session, here and in the browser."""
    token = request.cookies.get(COOKIE)
    if token:
        async with transaction(request.app.state.engine) as connection:
            await sessions.end(connection, token, security.utc_now())
    response = page(request, "signed_out.html")
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
