"""The page of what will count by waiting: entries whose day has not come, by months."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lotse_reporting.pages.rendering import page
from lotse_reporting.pages.reports import Chosen, View, ask, operation_of
from lotse_reporting.pages.sign_in import Visitor
from lotse_reporting.report import read_expected

router = APIRouter(include_in_schema=False)


@router.get("/operations/{operation}/to-come")
async def to_come(request: Request, operation: str, who: Visitor, connection: View, chosen: Chosen) -> Response:
    """What is expected after the as-of day, such as jobs that will have been kept for six months."""
    about = await operation_of(connection, operation, who)
    asked = await ask(connection, operation, chosen)
    if asked.question is None:
        return page(request, "to_come.html", asked.status, about=about, chosen=chosen, asked=asked)
    indicators = (await read_expected(connection, asked.question))["indicators"]
    rows = [{**one, "by_month": {month["month"]: month["expected"] for month in one["months"]}} for one in indicators]
    months = sorted({month for one in rows for month in one["by_month"]})
    return page(request, "to_come.html", about=about, chosen=chosen, asked=asked, indicators=rows, months=months)
