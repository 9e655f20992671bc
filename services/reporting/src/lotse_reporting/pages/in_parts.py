"""The page of figures in parts: by gender, partner, site or quarter, beside the whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from lotse_shared.deciding import EVERYBODY

from lotse_reporting.incomplete import read_waiting
from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.reports import Chosen, View, ask, operation_of, own_of
from lotse_reporting.pages.sign_in import Visitor
from lotse_reporting.report import OTHERS, By, report_on

router = APIRouter(include_in_schema=False)


@router.get("/operations/{operation}/in-parts")
async def in_parts(
    request: Request,
    operation: str,
    who: Visitor,
    connection: View,
    chosen: Chosen,
    by: Annotated[str, Query(max_length=20)] = By.PARTNER.value,
) -> Response:
    """Every figure beside its parts, which add up to it; by partner also how many records wait for answers there."""
    about = await operation_of(connection, operation, who)
    asked = await ask(connection, operation, chosen)
    shown = next((one for one in By if one == by), By.PARTNER)
    if asked.question is None:
        return page(request, "in_parts.html", asked.status, about=about, chosen=chosen, asked=asked, by=shown.value)
    answer = await report_on(connection, asked.question, shown, own_of(who))
    waiting = None
    if shown is By.PARTNER and who.partner == EVERYBODY:
        waiting = await read_waiting(connection, asked.question)
    return page(
        request,
        "in_parts.html",
        about=about,
        chosen=chosen,
        asked=asked,
        by=shown.value,
        answer=answer,
        others=OTHERS,
        waiting=waiting,
    )
