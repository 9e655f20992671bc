"""Routes of publications. What is under /public needs no token and shows releases and nothing else."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from lotse_shared.database import transaction
from lotse_shared.http import CallerDep, ProblemBody, ProblemRaised, allow
from lotse_shared.problems import NOT_FOUND, Problem
from lotse_shared.security import utc_now
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.api import View, known_at, may_see, problem
from lotse_reporting.positions import complete_up_to
from lotse_reporting.publications.issuing import Asked, Withheld, publish, read_documents, read_operations
from lotse_reporting.report import By, NoReport, NotYet, Question, instant, read_state, settle
from lotse_reporting.store import snapshot

PUBLISHERS: Final = ("coordinator", "administrator")

router = APIRouter(
    tags=["publications"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 422, 425)}
)


class PublicationAsked(BaseModel):
    """A report to be published: as of a day, as known at a moment or, without one, at the latest that is final."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)

    as_of: date
    """Up to which day effects count."""
    known_at: Annotated[str, Field(max_length=40)] | None = None
    """A date (its end in Germany) or an instant with its zone."""
    by: Annotated[list[By], Field(max_length=4)] = Field(default_factory=lambda: [By.GENDER, By.PARTNER])
    """Breakdowns to publish with it. The more there are, the more numbers have to be hidden."""


@router.post("/operations/{operation}/publications")
async def publish_report(
    request: Request, operation: str, body: PublicationAsked, who: CallerDep, connection: View
) -> Mapping[str, Any]:
    """Publish a final report, once it went through disclosure control; the same report again is the same release."""
    await may_see(connection, operation, who)
    allow(who, "publish a report", *PUBLISHERS)
    question = await final_question(connection, operation, body)
    engine = request.app.state.engine
    identity = request.app.state.executor.new_id()
    asked = Asked(UUID(str(identity)), question, list(dict.fromkeys(body.by)), who.name, utc_now())
    try:
        async with transaction(engine) as writing:
            return await publish(engine, writing, asked)
    except Withheld as error:
        raise ProblemRaised(
            Problem(
                409,
                "withheld",
                "Withheld",
                f"The release is withheld: {error}.",
                "Publish with fewer breakdowns (`by`), or at a later day, when more has happened.",
                "by",
            )
        ) from None


async def final_question(connection: AsyncConnection, operation: str, body: PublicationAsked) -> Question:
    """The question that is asked, settled and final.

    Raises:
        ProblemRaised: there is no report, or it can still change.
    """
    now = utc_now()
    known = known_at(body.known_at)
    if known is None:
        known = instant(await complete_up_to(connection)) - timedelta(milliseconds=1)
    try:
        question = await settle(connection, operation, as_of=body.as_of, known_at=known, now=now)
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    state = await read_state(connection, question)
    if not state["final"]:
        reasons = "; ".join(f"{one['type']}: {one['reason']}" for one in state["open"]) or "not all was heard yet"
        raise ProblemRaised(
            Problem(
                409,
                "not-final",
                "Not final",
                f"Only a final report is published: {reasons}.",
                "Wait a moment, settle what is open, or leave known_at out.",
                "known_at",
            )
        )
    return question


@router.get("/operations/{operation}/publications")
async def list_publications(operation: str, who: CallerDep, connection: View) -> dict[str, Any]:
    """What was published about an operation, for those who may see it."""
    await may_see(connection, operation, who)
    return {"publications": [_summary(one) for one in await read_documents(connection, operation)]}


async def public_view(request: Request) -> AsyncIterator[AsyncConnection]:
    """One view of everything; nobody has to be signed in."""
    async with snapshot(request.app.state.engine) as connection:
        yield connection


PublicView = Annotated[AsyncConnection, Depends(public_view)]


@router.get("/public/operations", tags=["public"])
async def public_operations(connection: PublicView) -> dict[str, Any]:
    """The operations about which something was published."""
    return {"operations": await read_operations(connection)}


@router.get("/public/operations/{operation}/publications", tags=["public"])
async def public_publications(operation: str, connection: PublicView) -> dict[str, Any]:
    """All releases about an operation."""
    documents = await _documents(connection, operation)
    return {"publications": [_summary(one) for one in documents]}


@router.get("/public/operations/{operation}/report", tags=["public"])
async def public_report(
    operation: str,
    connection: PublicView,
    number: Annotated[int | None, Query(ge=1, le=1_000_000, description="Which release; the latest if none.")] = None,
) -> Mapping[str, Any]:
    """A release as it was published: numbers that could be about one or two people are null and `suppressed`."""
    documents = await _documents(connection, operation)
    if number is None:
        return documents[-1]
    for one in documents:
        if one["number"] == number:
            return one
    raise ProblemRaised(NOT_FOUND)


async def _documents(connection: AsyncConnection, operation: str) -> list[Mapping[str, Any]]:
    documents = await read_documents(connection, operation)
    if not documents:
        raise ProblemRaised(NOT_FOUND)
    return documents


def _summary(document: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "number", "as_of", "known_at", "published_on", "by", "digest")
    return {**{name: document[name] for name in kept}, "suppressed": document["disclosure"]["suppressed"]}
