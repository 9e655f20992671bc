"""The page about an operation: who takes part, areas, money, milestones; and what its people write in the report."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from lotse_shared import security
from lotse_shared.database import transaction
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.narrative import LONGEST, WRITERS, Section, Unkept, Written, keep, read_narrative
from lotse_reporting.pages.choice import Choice
from lotse_reporting.pages.forms import Fields
from lotse_reporting.pages.rendering import HEADERS, page
from lotse_reporting.pages.reports import Chosen, View, ask, operation_of
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor
from lotse_reporting.profile import COLUMNS, read_profile

router = APIRouter(include_in_schema=False)


@router.get("/operations/{operation}/about")
async def about(request: Request, operation: str, who: Visitor, connection: View, chosen: Chosen) -> Response:
    """The common block of a funder report and its narrative, on both clocks."""
    return await _shown(request, operation, who, connection, chosen)


async def _shown(
    request: Request,
    operation: str,
    who: security.Caller,
    connection: AsyncConnection,
    chosen: Choice,
    unkept: Unkept | None = None,
) -> Response:
    """The page; with a text that could not be kept, its form is open with it."""
    found = await operation_of(connection, operation, who)
    asked = await ask(connection, operation, chosen)
    if asked.question is None:
        return page(request, "about.html", asked.status, about=found, chosen=chosen, asked=asked)
    profile = await read_profile(
        connection, operation, as_of=asked.question.as_of, known_at=chosen.known_at, now=security.utc_now()
    )
    return page(
        request,
        "about.html",
        422 if unkept else 200,
        about=found,
        chosen=chosen,
        asked=asked,
        profile=profile,
        columns=COLUMNS,
        sections=[section.value for section in Section],
        narrative=await _written(connection, operation, chosen.known_at),
        may_write=who.role in WRITERS and chosen.live,
        longest=LONGEST,
        unkept=unkept,
    )


async def _written(
    connection: AsyncConnection, operation: str, known_at: datetime | None
) -> dict[str, Mapping[str, Any]]:
    return {one["section"]: one for one in await read_narrative(connection, operation, known_at)}


@router.get("/operations/{operation}/about/{section}")
async def about_section(operation: str, section: str) -> Response:
    """The address of a form, asked for by itself, as when the language is changed."""
    return RedirectResponse(f"/operations/{quote(operation)}/about#{quote(section)}", 303, HEADERS)


@router.post("/operations/{operation}/about/{section}")
async def write(
    request: Request, operation: str, section: str, who: Visitor, connection: View, chosen: Chosen, told: Fields
) -> Response:
    """Keep what was written; the version before stays with its time. What cannot be kept stays in its form."""
    await operation_of(connection, operation, who)
    if who.role not in WRITERS:
        raise PageEnds(403, "not_allowed.html")
    try:
        into = Section(section)
    except ValueError:
        raise PageEnds(*NOT_FOUND) from None
    try:
        body = Written(text=told.get("text", ""))
    except ValidationError:
        unkept = Unkept.of(into, told.get("text", ""))
        return await _shown(request, operation, who, connection, chosen, unkept)
    async with transaction(request.app.state.engine) as writing:
        await keep(writing, operation, into, body.text, by=who.name, now=security.utc_now())
    return RedirectResponse(f"/operations/{operation}/about#{section}", 303, HEADERS)
