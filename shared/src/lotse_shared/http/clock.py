"""The clock of an operation over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.envelope import is_storable
from lotse_shared.http.answering import ProblemRaised
from lotse_shared.http.calling import CallerDep, allow
from lotse_shared.messaging import clock
from lotse_shared.problems import Problem


def _in_the_calendar(now: datetime) -> datetime:
    if not is_storable(now):
        raise ValueError("is no instant of our calendar")
    return now


class ClockBody(BaseModel):
    """What time it is in an operation."""

    model_config = ConfigDict(extra="forbid")

    now: Annotated[AwareDatetime, AfterValidator(_in_the_calendar)]


def clock_router(engine: AsyncEngine, real_time: Callable[[], datetime]) -> APIRouter:
    """The clock of an operation, for a local play."""
    router = APIRouter(tags=["clock"])

    @router.get("/operations/{operation}/clock")
    async def read(operation: str, who: CallerDep) -> dict[str, str]:
        """What time it is in this operation."""
        allow(who, "read the clock", "coordinator", "administrator")
        async with transaction(engine, who.partner) as connection:
            times = await clock.read(connection, [operation], real_time())
        return {"now": times[operation].isoformat()}

    @router.put("/operations/{operation}/clock")
    async def move(operation: str, body: ClockBody, who: CallerDep) -> dict[str, str]:
        """Move the clock forwards."""
        allow(who, "move the clock", "coordinator", "administrator")
        try:
            async with transaction(engine, who.partner) as connection:
                await clock.move(connection, operation, body.now)
        except clock.Backwards as error:
            raise ProblemRaised(
                Problem(409, "backwards", "Refused", str(error), "Name a later instant.", "now")
            ) from None
        return {"now": body.now.isoformat()}

    return router
