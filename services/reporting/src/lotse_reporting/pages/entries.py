"""The pages of what stands behind a figure: its definition, its entries, and the events they rest on."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from lotse_shared import security

from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.reports import Chosen, View, operation_of, see
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor
from lotse_reporting.report import read_entries, read_event, settle
from lotse_reporting.visibility import Pseudonyms, Sight, Thing, sight

ENTRIES_A_PAGE: Final = 50

router = APIRouter(include_in_schema=False)


@router.get("/operations/{operation}/indicators/{indicator}")
async def entries(
    request: Request,
    operation: str,
    indicator: str,
    who: Visitor,
    connection: View,
    chosen: Chosen,
    partner: Annotated[str, Query(max_length=60)] = "",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """What stands behind a figure: its definition, and the entries that sum to it, as far as the visitor sees them."""
    about = await operation_of(connection, operation, who)
    seen = await see(connection, operation, chosen)
    if seen.answer is None:
        return page(request, "report.html", 422, about=about, chosen=chosen, seen=seen, since_seal=None)
    row = next((one for one in seen.answer.report["indicators"] if one["id"] == indicator), None)
    if row is None:
        raise PageEnds(*NOT_FOUND)
    sees = sight(who, Thing.ENTRIES)
    own = who.partner if sees is Sight.OWN else partner
    pseudonyms: Pseudonyms | None = request.app.state.pseudonyms if sees is Sight.PSEUDONYMS else None
    now = security.utc_now()
    question = await settle(connection, operation, as_of=chosen.as_of, known_at=chosen.known_at, now=now)
    try:
        found = await read_entries(
            connection,
            operation,
            indicator,
            as_of=chosen.as_of,
            known_at=chosen.known_at,
            now=now,
            partner=own or None,
            names=pseudonyms.names(question) if pseudonyms else None,
            cursor=pseudonyms.open(question, cursor or None) if pseudonyms else cursor or None,
            limit=1 if sees is Sight.NOTHING else ENTRIES_A_PAGE,
        )
    except ValueError:
        raise PageEnds(*NOT_FOUND) from None
    if pseudonyms:
        entries_shown = list(pseudonyms.entries(question, found.entries))
        found = replace(found, entries=entries_shown, next=pseudonyms.close(question, found.next))
    return page(
        request,
        "indicator.html",
        about=about,
        chosen=chosen,
        answer=seen.answer,
        row=row,
        found=found,
        partner=own,
        sees=sees.value,
        first=not cursor,
    )


@router.get("/operations/{operation}/events/{event}")
async def event(
    request: Request, operation: str, event: str, who: Visitor, connection: View, chosen: Chosen
) -> Response:
    """An event as it was heard, with its place on the topic."""
    about = await operation_of(connection, operation, who)
    sees = sight(who, Thing.EVENTS)
    if sees is Sight.NOTHING:
        raise PageEnds(403, "not_allowed.html")
    found = await read_event(connection, event)
    own = sees is Sight.ALL or (found is not None and found["partner"] == who.partner)
    if found is None or found["operation"] != operation or not own:
        raise PageEnds(*NOT_FOUND)
    return page(request, "event.html", about=about, chosen=chosen, event=found)
