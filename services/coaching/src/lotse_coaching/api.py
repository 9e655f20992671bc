"""Coaching's routes that are no commands: what has to be looked at next."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from lotse_shared.database import transaction
from lotse_shared.http import CallerDep, allow
from sqlalchemy import text

MOST = 1_000

router = APIRouter(tags=["deadlines"])


@router.get("/deadlines")
async def read_deadlines(request: Request, who: CallerDep, until: date) -> dict[str, Any]:
    """First meetings, plan reviews and contacts that are due by a day, the earliest first; of one's own cases."""
    allow(who, "see deadlines", "coach", "coordinator")
    async with transaction(request.app.state.engine, who.partner) as connection:
        found = await connection.execute(
            text("""
                select due.subject, due.operation, due.name, due.due_on
                from due join subject on subject.id = due.subject
                where due.due_on <= :until order by due.due_on, due.subject limit :most"""),
            {"until": until, "most": MOST},
        )
        return {"deadlines": [dict(row) for row in found.mappings()]}
