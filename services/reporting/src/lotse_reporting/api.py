"""Reporting's routes: reports, what stands behind them, events as heard, and programme files."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse
from lotse_shared.calendar import end_of_day
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.database import transaction
from lotse_shared.deciding import EVERYBODY
from lotse_shared.envelope import Cause, Slug, is_storable
from lotse_shared.http import CallerDep, ProblemBody, ProblemRaised, Standing, allow, wait_for
from lotse_shared.problems import MEDIA_TYPE, NOT_FOUND, Problem
from lotse_shared.programme import ProgrammeError, read
from lotse_shared.security import Caller, utc_now
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting import editions
from lotse_reporting.report import (
    By,
    NoReport,
    NotYet,
    Question,
    list_operations,
    read_entries,
    read_event,
    read_expected,
    read_report,
    read_trend,
    settle,
)
from lotse_reporting.store import snapshot
from lotse_reporting.visibility import Hidden, Pseudonyms, Sight, Thing, entries_seen, sight


async def heard(
    request: Request, after: Annotated[str | None, Header(alias="Lotse-After", max_length=200)] = None
) -> None:
    """Read your writes: wait until a fact told elsewhere is in the ledger."""
    if after:
        engine = request.app.state.engine

        async def look(identity: UUID) -> Standing:
            async with transaction(engine) as connection:
                found = await connection.execute(
                    text("""
                        select state = 'applied' as applied, exists (
                            select from dead_letter
                            where state = 'open' and (id = :name or subject = journal.subject)) as parked
                        from (select cast(:id as uuid) as id) as wanted left join journal using (id)"""),
                    {"id": identity, "name": str(identity)},
                )
                row = found.one()
            return Standing.KNOWN if row.applied else Standing.PARKED if row.parked else Standing.NOT_HEARD

        await wait_for(after, look)


async def view(request: Request, _: Annotated[None, Depends(heard)]) -> AsyncIterator[AsyncConnection]:
    """One view of everything for a whole answer."""
    async with snapshot(request.app.state.engine) as connection:
        yield connection


View = Annotated[AsyncConnection, Depends(view)]

_KNOWN: Final = TypeAdapter(datetime)


def known_at(known_at: Annotated[str | None, Query(max_length=40)] = None) -> datetime | None:
    """A moment: an instant with its zone, or a date, which means its end in Germany (Q-20)."""
    if known_at is None:
        return None
    try:
        return end_of_day(date.fromisoformat(known_at))
    except (ValueError, OverflowError):
        pass
    try:
        # A plus sign in an address is a blank.
        found = _KNOWN.validate_python(known_at.replace(" ", "+"))
    except ValidationError:
        found = None
    if found is None or found.tzinfo is None or not is_storable(found):
        raise ProblemRaised(
            Problem(
                422,
                "invalid",
                "Invalid input",
                "known_at: neither a date nor an instant with its zone",
                "Write it like 2014-10-01 or 2014-10-01T08:30:00Z.",
                "known_at",
            )
        )
    return found


KnownAt = Annotated[datetime | None, Depends(known_at)]
AsOf = Annotated[date | None, Query()]

router = APIRouter(
    tags=["reports"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 409, 422, 425)}
)


@router.get("/operations")
async def show_operations(who: CallerDep, connection: View) -> dict[str, Any]:
    """The operations that the caller may see."""
    return {"operations": await list_operations(connection, who.partner)}


@router.get("/operations/{operation}/report")
async def show_report(
    operation: str,
    who: CallerDep,
    connection: View,
    known: KnownAt,
    as_of: AsOf = None,
    by: Annotated[By | None, Query()] = None,
) -> dict[str, Any]:
    """The report of an operation: as of any day, as known at any moment; without known_at it is live.

    `by` adds its parts, which add up to it. A partner sees the whole, its own parts, and what all others did as one.
    """
    await may_see(connection, operation, who)
    own = None if who.partner == EVERYBODY else who.partner
    try:
        answer = await read_report(connection, operation, as_of=as_of, known_at=known, now=utc_now(), by=by, own=own)
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    return answer.content()


async def asked(operation: str, who: CallerDep, connection: View, known: KnownAt, as_of: AsOf = None) -> Question:
    """Both clocks of a question about an operation that the caller may see, settled."""
    await may_see(connection, operation, who)
    try:
        return await settle(connection, operation, as_of=as_of, known_at=known, now=utc_now())
    except (NoReport, NotYet) as error:
        raise problem(error) from None


@router.get("/operations/{operation}/expected")
async def show_expected(connection: View, question: Annotated[Question, Depends(asked)]) -> Mapping[str, Any]:
    """What will count by waiting, such as a job kept for six months: effective after the as-of day, by month."""
    return await read_expected(connection, question)


@router.get("/operations/{operation}/trend")
async def show_trend(connection: View, question: Annotated[Question, Depends(asked)]) -> Mapping[str, Any]:
    """Each indicator at each quarter's end, beside the straight path to its target."""
    return await read_trend(connection, question)


@router.get("/operations/{operation}/indicators/{indicator}/entries")
async def show_entries(
    request: Request,
    operation: str,
    indicator: str,
    who: CallerDep,
    connection: View,
    known: KnownAt,
    as_of: AsOf = None,
    partner: Annotated[Slug | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """The entries behind a figure; a partner sees its own, a funder months and pseudonyms of this report."""
    await may_see(connection, operation, who)
    try:
        sees, partner = entries_seen(who, partner)
    except Hidden:
        raise ProblemRaised(NOT_FOUND) from None
    pseudonyms: Pseudonyms | None = request.app.state.pseudonyms if sees is Sight.PSEUDONYMS else None
    now = utc_now()
    try:
        question = await settle(connection, operation, as_of=as_of, known_at=known, now=now)
        answer = await read_entries(
            connection,
            operation,
            indicator,
            as_of=as_of,
            known_at=known,
            now=now,
            partner=partner,
            names=pseudonyms.names(question) if pseudonyms else None,
            cursor=pseudonyms.open(question, cursor) if pseudonyms else cursor,
            limit=limit,
        )
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    except ValueError:
        raise ProblemRaised(
            Problem(422, "invalid", "Invalid input", "cursor: none of ours", "Take it from `next` of a page.", "cursor")
        ) from None
    return {
        "operation": operation,
        "indicator": answer.indicator["id"],
        "sum": answer.sum,
        "entries": list(pseudonyms.entries(question, answer.entries)) if pseudonyms else list(answer.entries),
        "next": pseudonyms.close(question, answer.next) if pseudonyms else answer.next,
    }


@router.get("/events/{event}")
async def show_event(event: str, who: CallerDep, connection: View) -> dict[str, Any]:
    """An event as it was heard, with topic, partition, offset and knowledge time."""
    found = await read_event(connection, event)
    sees = sight(who, Thing.EVENTS)
    if found is None or not (sees is Sight.ALL or (sees is Sight.OWN and found["partner"] == who.partner)):
        raise ProblemRaised(NOT_FOUND)
    return found


@router.post("/programmes", tags=["programmes"], openapi_extra={"requestBody": {"content": {"application/yaml": {}}}})
async def apply_programme(request: Request, who: CallerDep) -> JSONResponse:
    """Bring a programme file (YAML) into force for its operation; the same file again tells no fact."""
    allow(who, "apply a programme", "coordinator", "administrator")
    try:
        content = (await request.body()).decode()
        file = read("programme file", content)
        editions.check(file)
    except UnicodeDecodeError:
        raise ProblemRaised(_wrong_file("programme file: is not UTF-8 text")) from None
    except ProgrammeError as error:
        raise ProblemRaised(_wrong_file(str(error))) from None
    executor = request.app.state.executor
    body = {
        "id": file.programme.operation,
        "programme": file.programme.programme,
        "definition": file.programme.definition(),
    }
    key = request.headers.get("idempotency-key")
    [answer] = await executor.run(
        who, [CommandRequest("apply-programme", None, body, key)], Cause(correlation=executor.new_id())
    )
    media = "application/json" if answer.status == 200 else MEDIA_TYPE  # noqa: PLR2004 - HTTP's OK
    return JSONResponse(dict(answer.content), answer.status, media_type=media)


async def may_see(connection: AsyncConnection, operation: str, who: Caller) -> None:
    """Ends the request with 404 unless the caller may see this operation."""
    if all(one["id"] != operation for one in await list_operations(connection, who.partner)):
        raise ProblemRaised(NOT_FOUND)


def problem(error: NoReport | NotYet) -> ProblemRaised:
    """Why there is no report, as a problem."""
    if isinstance(error, NotYet):
        return ProblemRaised(Problem(422, "not-yet", "Not yet", str(error), "Ask for an earlier day.", "as_of"))
    return ProblemRaised(Problem(404, "no-report", "No report", str(error), error.way_out))


def _wrong_file(reason: str) -> Problem:
    return Problem(422, "invalid", "Invalid programme file", reason, "Correct the line and send the file again.")
