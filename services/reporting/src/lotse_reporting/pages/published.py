"""Pages of what was published: for everybody, without signing in; and where coordinators publish."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from lotse_shared import security
from lotse_shared.database import transaction
from lotse_shared.http import ProblemRaised
from lotse_shared.security import Caller
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.pages.choice import Choice
from lotse_reporting.pages.forms import Fields
from lotse_reporting.pages.rendering import HEADERS, page
from lotse_reporting.pages.reports import View, operation_of
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor, recognise
from lotse_reporting.publications.api import PUBLISHERS, PublicationAsked, final_question
from lotse_reporting.publications.issuing import Asked, Withheld, publish, read_documents, read_operations
from lotse_reporting.report import By
from lotse_reporting.seals.sealed import read_seals

USUAL: Final = (By.GENDER, By.PARTNER)

router = APIRouter(include_in_schema=False)


@router.get("/published", dependencies=[Depends(recognise)])
async def operations(request: Request, connection: View) -> Response:
    """The operations about which something was published."""
    return page(request, "published.html", operations=await read_operations(connection))


@router.get("/published/{operation}", dependencies=[Depends(recognise)])
async def release(
    request: Request,
    operation: str,
    connection: View,
    number: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """A release as it was published: the latest one, or the one of a number."""
    documents = await read_documents(connection, operation)
    found = next((one for one in reversed(documents) if number in (0, one["number"])), None)
    if found is None:
        raise PageEnds(*NOT_FOUND)
    return page(request, "release.html", document=found, releases=list(reversed(documents)), pieces=_parts(found))


def _parts(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """By breakdown: the parts that any figure has, in order; what has no part comes last."""
    rows = document["indicators"]
    named = {
        by: {cell["part"] for row in rows for cell in row.get("breakdown", {}).get(by, ())} for by in document["by"]
    }
    return {by: sorted(names, key=lambda name: (name == "", name)) for by, names in named.items()}


@router.get("/operations/{operation}/published")
async def releases(request: Request, operation: str, who: Visitor, connection: View) -> Response:
    """What was published about an operation; coordinators publish here."""
    return await _releases(request, operation, who, connection)


async def _releases(
    request: Request,
    operation: str,
    who: Caller,
    connection: AsyncConnection,
    why_not: str = "",
    told: str = "",
    by: Sequence[By] = USUAL,
) -> Response:
    about = await operation_of(connection, operation, who)
    sealed = await read_seals(connection, operation=operation)
    return page(
        request,
        "releases.html",
        {"": 200, "withheld": 409, "not-final": 409}.get(why_not, 422),
        about=about,
        chosen=Choice(),
        releases=list(reversed(await read_documents(connection, operation))),
        may_publish=who.role in PUBLISHERS,
        breakdowns=[one.value for one in By],
        ticked=[one.value for one in by],
        day=told or (sealed[-1].as_of.isoformat() if sealed else ""),
        why_not=why_not,
    )


@router.post("/operations/{operation}/published")
async def issue(request: Request, operation: str, who: Visitor, connection: View, told: Fields) -> Response:
    """Publish a report as of a day once it went through disclosure control; what is withheld says why."""
    await operation_of(connection, operation, who)
    if who.role not in PUBLISHERS:
        raise PageEnds(403, "not_allowed.html")
    day = told.get("as_of", "").strip()[:40]
    by = [one for one in By if told.get(f"by-{one.value}")]
    try:
        body = PublicationAsked(as_of=date.fromisoformat(day), by=by)
    except ValueError:
        return await _releases(request, operation, who, connection, "as_of", day, by)
    state = request.app.state
    try:
        question = await final_question(connection, operation, body)
        asked = Asked(UUID(str(state.executor.new_id())), question, by, who.name, security.utc_now())
        async with transaction(state.engine) as writing:
            document = await publish(state.engine, writing, asked)
    except ProblemRaised as error:
        return await _releases(request, operation, who, connection, error.problem.kind, day, by)
    except Withheld:
        return await _releases(request, operation, who, connection, "withheld", day, by)
    return RedirectResponse(f"/published/{operation}?number={document['number']}", 303, HEADERS)
