"""What people write in a report: activities, problems, outlook. Kept here alone, never in an event.

Each version stays with the moment it was written, so a report as known then has the text of then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from lotse_shared.database import transaction
from lotse_shared.http import CallerDep, ProblemBody, allow
from lotse_shared.security import utc_now
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.api import KnownAt, View, may_see
from lotse_reporting.report import milliseconds, written

WRITERS: Final = ("coordinator", "administrator")
LONGEST: Final = 20_000
"""Characters of one section: some six pages."""


class Section(StrEnum):
    """What funders ask to be told in words, in the order of their forms."""

    ACTIVITIES = "activities"
    PROBLEMS = "problems"
    DEVIATIONS = "deviations"
    OUTLOOK = "outlook"
    EQUALITY = "equality"
    NON_DISCRIMINATION = "non-discrimination"
    ECOLOGY = "ecology"
    FUNDAMENTAL_RIGHTS = "fundamental-rights"
    """The Charter of Fundamental Rights of the European Union, which ESF Plus programmes ask about."""
    PUBLICITY = "publicity"
    TRANSFERABILITY = "transferability"


def _can_be_kept(value: str) -> str:
    if "\0" in value:
        raise ValueError("the character NUL is no text")
    return value.strip()


class Written(BaseModel):
    """The text of one section; an empty one takes back what stood there."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: Annotated[str, Field(max_length=LONGEST), AfterValidator(_can_be_kept)]


@dataclass(frozen=True, slots=True)
class Unkept:
    """A text that cannot be kept, as it goes back to who wrote it: nothing of it is lost but characters that are none.

    `surplus`: how many characters it is too long, 0 where that is not what is wrong with it.
    """

    section: Section
    text: str
    surplus: int

    @classmethod
    def of(cls, section: Section, told: str) -> "Unkept":
        """What was told, without NUL."""
        return cls(section, told.replace("\0", ""), max(len(told) - LONGEST, 0))


router = APIRouter(tags=["reports"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 422)})


@router.get("/operations/{operation}/narrative")
async def show_narrative(operation: str, who: CallerDep, connection: View, known: KnownAt) -> dict[str, Any]:
    """What is written in the report of an operation, as known at a moment."""
    await may_see(connection, operation, who)
    return {"operation": operation, "sections": await read_narrative(connection, operation, known)}


@router.put("/operations/{operation}/narrative/{section}")
async def write_narrative(
    request: Request, operation: str, section: Section, body: Written, who: CallerDep, connection: View
) -> dict[str, Any]:
    """Write a section of the report; what stood there before stays with its time."""
    await may_see(connection, operation, who)
    allow(who, "write in a report", *WRITERS)
    async with transaction(request.app.state.engine) as writing:
        known = await keep(writing, operation, section, body.text, by=who.name, now=utc_now())
    return {"section": section, "text": body.text, "by": who.name, "written_at": written(known)}


async def keep(
    connection: AsyncConnection, operation: str, section: Section, told: str, *, by: str, now: datetime
) -> int:
    """Keep a version of a section; gives the knowledge time (milliseconds) it bears, later than any before it."""
    found = await connection.execute(
        text("""
            insert into narrative (operation, section, known, text, written_by)
            select :operation, :section, greatest(:now, coalesce(max(known) + 1, 0)), :text, :by
            from narrative where operation = :operation and section = :section
            returning known"""),
        {"operation": operation, "section": section.value, "now": milliseconds(now), "text": told, "by": by},
    )
    return int(found.scalar_one())


async def read_narrative(
    connection: AsyncConnection, operation: str, known_at: datetime | None
) -> Sequence[dict[str, Any]]:
    """The sections that say something, in the order of the forms: {section, text, by, written_at}."""
    found = await connection.execute(
        text("""
            select distinct on (section) section, text, written_by, known from narrative
            where operation = :operation and (cast(:known as bigint) is null or known <= :known)
            order by section, known desc"""),
        {"operation": operation, "known": milliseconds(known_at) if known_at else None},
    )
    latest = {row.section: row for row in found if row.text}
    return [
        {"section": one.value, "text": row.text, "by": row.written_by, "written_at": written(row.known)}
        for one in Section
        if (row := latest.get(one.value)) is not None
    ]
