"""The pages: operations, the funder report, what stands behind a figure, and the event it rests on."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from lotse_shared import security
from lotse_shared.deciding import EVERYBODY
from lotse_shared.security import Caller
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.pages.choice import Choice, read_choice
from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor, recognise
from lotse_reporting.report import (
    NoReport,
    NotYet,
    Question,
    ReportAnswer,
    list_operations,
    read_entries,
    read_event,
    read_report,
    settle,
)
from lotse_reporting.store import snapshot
from lotse_reporting.visibility import SEES_EVERYTHING

ENTRIES_A_PAGE: Final = 50

router = APIRouter(include_in_schema=False)


async def view(request: Request) -> AsyncIterator[AsyncConnection]:
    """One view of everything for a whole page."""
    async with snapshot(request.app.state.engine) as connection:
        yield connection


View = Annotated[AsyncConnection, Depends(view)]


def choice(as_of: Annotated[str, Query()] = "", known_at: Annotated[str, Query()] = "") -> Choice:
    """The two clocks in the address."""
    return read_choice(as_of, known_at)


Chosen = Annotated[Choice, Depends(choice)]


def opens(who: Caller) -> bool:
    """Who sees the entries behind a figure: those of the network, or of one's own partner. A funder sees figures."""
    return who.partner != EVERYBODY or who.role in SEES_EVERYTHING


@dataclass(frozen=True, slots=True)
class Seen:
    """A report as a page shows it, or why there is none: `as_of` or `known_at` (field to correct), or `none`."""

    answer: ReportAnswer | None
    why_not: str | None = None
    reason: str = ""


async def see(connection: AsyncConnection, operation: str, chosen: Choice) -> Seen:
    """The report for a choice."""
    if chosen.wrong:
        return Seen(None, chosen.wrong)
    try:
        return Seen(
            await read_report(
                connection, operation, as_of=chosen.as_of, known_at=chosen.known_at, now=security.utc_now()
            )
        )
    except NotYet as error:
        return Seen(None, "not_yet", str(error))
    except NoReport as error:
        return Seen(None, "none", str(error))


@dataclass(frozen=True, slots=True)
class Asked:
    """A settled question, or why there is no answer: the field to correct, `not_yet`, or `none`."""

    question: Question | None
    why_not: str | None = None
    reason: str = ""

    @property
    def status(self) -> int:
        """The status of the page that says so."""
        return 200 if self.question else 404 if self.why_not == "none" else 422


async def ask(connection: AsyncConnection, operation: str, chosen: Choice) -> Asked:
    """Settle what a page is asked for."""
    if chosen.wrong:
        return Asked(None, chosen.wrong)
    try:
        return Asked(
            await settle(connection, operation, as_of=chosen.as_of, known_at=chosen.known_at, now=security.utc_now())
        )
    except NotYet as error:
        return Asked(None, "not_yet", str(error))
    except NoReport as error:
        return Asked(None, "none", str(error))


async def operation_of(connection: AsyncConnection, operation: str, who: Caller) -> Mapping[str, Any]:
    """An operation that the visitor may see; to everybody else it does not exist."""
    for one in await list_operations(connection, who.partner):
        if one["id"] == operation:
            return one
    raise PageEnds(*NOT_FOUND)


@router.get("/")
async def operations(request: Request, who: Visitor, connection: View) -> Response:
    """What there is to report on."""
    return page(request, "operations.html", operations=await list_operations(connection, who.partner))


@router.get("/operations/{operation}")
async def report(request: Request, operation: str, who: Visitor, connection: View, chosen: Chosen) -> Response:
    """The funder report: as printed, as of any day, as known at any moment."""
    about = await operation_of(connection, operation, who)
    seen = await see(connection, operation, chosen)
    return page(
        request,
        "report.html",
        200 if seen.answer else 404 if seen.why_not == "none" else 422,
        about=about,
        chosen=chosen,
        seen=seen,
    )


@router.get("/operations/{operation}/indicators/{indicator}")
async def entries(
    request: Request,
    operation: str,
    indicator: str,
    who: Visitor,
    connection: View,
    chosen: Chosen,
    partner: Annotated[str, Query(max_length=60)] = "",
    cursor: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """What stands behind a figure: its definition, and the entries that sum to it."""
    about = await operation_of(connection, operation, who)
    seen = await see(connection, operation, chosen)
    if seen.answer is None:
        return page(request, "report.html", 422, about=about, chosen=chosen, seen=seen)
    row = next((one for one in seen.answer.report["indicators"] if one["id"] == indicator), None)
    if row is None:
        raise PageEnds(*NOT_FOUND)
    own = partner if who.partner == EVERYBODY else who.partner
    opened = opens(who)
    try:
        found = await read_entries(
            connection,
            operation,
            indicator,
            as_of=chosen.as_of,
            known_at=chosen.known_at,
            now=security.utc_now(),
            partner=own or None,
            cursor=cursor or None,
            limit=ENTRIES_A_PAGE if opened else 1,
        )
    except ValueError:
        raise PageEnds(*NOT_FOUND) from None
    return page(
        request,
        "indicator.html",
        about=about,
        chosen=chosen,
        answer=seen.answer,
        row=row,
        found=found,
        partner=own,
        opened=opened,
        first=not cursor,
        everybody=who.partner == EVERYBODY,
    )


@router.get("/operations/{operation}/events/{event}")
async def event(
    request: Request, operation: str, event: str, who: Visitor, connection: View, chosen: Chosen
) -> Response:
    """An event as it was heard, with its place on the topic."""
    about = await operation_of(connection, operation, who)
    if not opens(who):
        raise PageEnds(403, "not_allowed.html")
    found = await read_event(connection, event)
    if found is None or found["operation"] != operation or who.partner not in (EVERYBODY, found["partner"]):
        raise PageEnds(*NOT_FOUND)
    return page(request, "event.html", about=about, chosen=chosen, event=found)


@router.get("/accessibility", dependencies=[Depends(recognise)])
async def accessibility(request: Request) -> Response:
    """The accessibility statement, for everybody."""
    return page(request, "accessibility.html")
