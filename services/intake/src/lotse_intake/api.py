"""Intake's routes that are no commands: what the vault knows of a person, and who may be the same one."""

from typing import Any

import structlog
from fastapi import APIRouter, Request
from lotse_shared.database import transaction
from lotse_shared.http import CallerDep, ProblemRaised, allow
from lotse_shared.problems import NOT_FOUND
from sqlalchemy import text

router = APIRouter(tags=["people"])
log = structlog.get_logger()


@router.get("/cases/{case}/person")
async def read_person(case: str, request: Request, who: CallerDep) -> dict[str, Any]:
    """Who somebody is; only for the staff of the person's own partner, and every look is logged."""
    allow(who, "see who somebody is", "coach", "coordinator")
    async with transaction(request.app.state.engine, who.partner) as connection:
        person = await request.app.state.vault.read(connection, case)
    if person is None:
        raise ProblemRaised(NOT_FOUND)
    log.info("vault read", case=case, by=who.name, partner=who.partner)
    return {"case": case, "person": person}


@router.get("/cases/{case}/possible-duplicates")
async def possible_duplicates(case: str, request: Request, who: CallerDep) -> dict[str, Any]:
    """Cases of the operation that may be the same person, by name and birth date (R-13)."""
    allow(who, "look for duplicates", "coach", "coordinator")
    async with transaction(request.app.state.engine, who.partner) as connection:
        found = await connection.execute(
            text("""
                select other.case_id from vault mine join vault other using (fingerprint)
                where mine.case_id = :case and other.case_id <> :case order by other.case_id"""),
            {"case": case},
        )
        return {"case": case, "possible_duplicates": [row.case_id for row in found]}
