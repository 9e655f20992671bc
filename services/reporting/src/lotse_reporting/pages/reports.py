"""The pages of operations and of the funder report; and what the pages of one operation have in common."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

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
    milliseconds,
    report_on,
    settle,
)
from lotse_reporting.report.trend import path
from lotse_reporting.seals.sealed import Sealed, read_seals
from lotse_reporting.store import snapshot

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


def own_of(who: Caller) -> str | None:
    """The partner whose own part somebody sees; None for those of the network."""
    return None if who.partner == EVERYBODY else who.partner


@dataclass(frozen=True, slots=True)
class Seen:
    """A report as a page shows it, or why there is none: `as_of` or `known_at` (field to correct), or `none`."""

    answer: ReportAnswer | None
    why_not: str | None = None
    reason: str = ""
    by_now: Mapping[str, int | None] = field(default_factory=dict)
    """By indicator, where the straight way to its target is on that day."""


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


async def see(connection: AsyncConnection, operation: str, chosen: Choice) -> Seen:
    """The report for a choice."""
    asked = await ask(connection, operation, chosen)
    if asked.question is None:
        return Seen(None, asked.why_not, asked.reason)
    programme = asked.question.edition.programme
    by_now = {
        one.id: path(one, programme.period, asked.question.as_of) for one in programme.indicators if one.ratio is None
    }
    return Seen(await report_on(connection, asked.question), by_now=by_now)


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
        since_seal=await _since_seal(connection, operation, chosen) if seen.answer else None,
    )


@dataclass(frozen=True, slots=True)
class SinceSeal:
    """How many figures of the latest sealed report are others by now."""

    sealed: Sealed
    changed: int


async def _since_seal(connection: AsyncConnection, operation: str, chosen: Choice) -> SinceSeal | None:
    """What has become of the latest seal that was known at the chosen moment; None where there is none."""
    known = milliseconds(chosen.known_at) if chosen.known_at else None
    sealed = [one for one in await read_seals(connection, operation=operation) if known is None or one.known <= known]
    if not sealed:
        return None
    latest = sealed[-1]
    now = security.utc_now()
    question = await settle(connection, operation, as_of=latest.as_of, known_at=chosen.known_at, now=now)
    results = {row["id"]: row["result"] for row in (await report_on(connection, question)).report["indicators"]}
    told = {row["id"]: row["result"] for row in latest.report["indicators"]}
    return SinceSeal(latest, sum(results.get(name) != told.get(name) for name in {*results, *told}))


@router.get("/accessibility", dependencies=[Depends(recognise)])
async def accessibility(request: Request) -> Response:
    """The accessibility statement, for everybody."""
    return page(request, "accessibility.html")
