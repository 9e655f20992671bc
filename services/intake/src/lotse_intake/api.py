"""Intake's routes that are no commands: who somebody is, and who may be the same person."""

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Request
from lotse_shared.database import transaction
from lotse_shared.http import CallerDep, ProblemRaised, allow
from lotse_shared.problems import NOT_FOUND, Problem, is_id
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_intake.domain.case import Case
from lotse_intake.domain.people import Person

router = APIRouter(tags=["people"])
log = structlog.get_logger()

CaseId = Annotated[str, Path(description="The id of a case")]

_ERASED = Problem(409, "refused", "Refused", "this person was erased", "Open a new case if the person comes again.")


@router.get("/cases/{case}/person")
async def read_person(case: CaseId, request: Request, who: CallerDep) -> dict[str, Any]:
    """Who somebody is; only for staff of partners that take part in the case, and every look is logged."""
    allow(who, "see who somebody is", "coach", "coordinator")
    person = None
    if is_id(case):
        async with transaction(request.app.state.engine, who.partner) as connection:
            person = await request.app.state.vault.read(connection, case)
    if person is None:
        raise ProblemRaised(NOT_FOUND)
    log.info("vault read", case=case, by=who.name, partner=who.partner)
    return {"case": case, "person": person}


@router.put("/cases/{case}/person")
async def correct_person(case: CaseId, body: Person, request: Request, who: CallerDep) -> dict[str, str]:
    """Store who somebody is, or correct it; the earlier content and its key are gone."""
    allow(who, "say who somebody is", "coach", "coordinator")
    async with transaction(request.app.state.engine, who.partner) as connection:
        operation, kept = await _case(connection, case, "for update")
        if kept.erased:
            raise ProblemRaised(_ERASED)
        await request.app.state.vault.correct(connection, case, operation, body)
    log.info("vault written", case=case, by=who.name, partner=who.partner)
    return {"case": case}


@router.get("/cases/{case}/possible-duplicates")
async def possible_duplicates(case: CaseId, request: Request, who: CallerDep) -> dict[str, Any]:
    """Cases of the operation that may be the same person, by name and birth date (R-13), among those one may see."""
    allow(who, "look for duplicates", "coach", "coordinator")
    async with transaction(request.app.state.engine, who.partner) as connection:
        await _case(connection, case)
        found = await connection.execute(
            text("""
                select other.case_id from vault mine join vault other using (fingerprint)
                where mine.case_id = :case and other.case_id <> :case order by other.case_id"""),
            {"case": case},
        )
        return {"case": case, "possible_duplicates": [row.case_id for row in found]}


async def _case(connection: AsyncConnection, case: str, lock: str = "") -> tuple[str, Case]:
    """Operation and state of a case that this connection may see; 404 where there is none."""
    if not is_id(case):
        raise ProblemRaised(NOT_FOUND)
    found = await connection.execute(
        text(f"select operation, state from subject where id = :case and kind = 'case' {lock}"),  # noqa: S608 - a constant
        {"case": case},
    )
    row = found.first()
    if row is None:
        raise ProblemRaised(NOT_FOUND)
    return row.operation, Case.model_validate(row.state)
