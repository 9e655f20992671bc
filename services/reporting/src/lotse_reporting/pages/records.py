"""The page of incomplete records: which answers are missing, what they cost the figures, and what falls due soon."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from lotse_shared.deciding import EVERYBODY
from lotse_shared.http import ProblemRaised

from lotse_reporting.incomplete import cursor_after, read_cursor, read_due, read_losses, read_people
from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.reports import Chosen, View, ask, operation_of, own_of
from lotse_reporting.pages.sign_in import NOT_FOUND, PageEnds, Visitor
from lotse_reporting.visibility import SEES_EVERYTHING

A_PAGE: Final = 100
SOON: Final = timedelta(weeks=4)
"""How far ahead one looks for what falls due: as long as the time in which the situation after leaving is asked for."""

router = APIRouter(include_in_schema=False)


@router.get("/operations/{operation}/records")
async def records(
    request: Request,
    operation: str,
    who: Visitor,
    connection: View,
    chosen: Chosen,
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Whom the figures lose until which answers come: a partner sees its own people, a funder numbers alone."""
    about = await operation_of(connection, operation, who)
    asked = await ask(connection, operation, chosen)
    if asked.question is None:
        return page(request, "records.html", asked.status, about=about, chosen=chosen, asked=asked)
    try:
        after = read_cursor(cursor or None)
    except ProblemRaised:
        raise PageEnds(*NOT_FOUND) from None
    question, own = asked.question, own_of(who)
    sees_people = who.partner != EVERYBODY or who.role in SEES_EVERYTHING
    people = await read_people(connection, question, own, after, A_PAGE + 1) if sees_people else []
    return page(
        request,
        "records.html",
        about=about,
        chosen=chosen,
        asked=asked,
        losses=await read_losses(connection, question, own),
        sees_people=sees_people,
        people=people[:A_PAGE],
        following=cursor_after(people[A_PAGE - 1]) if len(people) > A_PAGE else None,
        first=not cursor,
        due=await read_due(connection, question, own, question.as_of + SOON, A_PAGE) if sees_people else [],
        soon=question.as_of + SOON,
        partners=question.edition.programme.partners,
        titles={one.id: one.title.model_dump() for one in question.edition.programme.indicators},
    )
