"""Dead letters over HTTP, for administrators."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.http.answering import ProblemRaised
from lotse_shared.http.calling import CallerDep, allow
from lotse_shared.problems import NOT_FOUND
from lotse_shared.security import Caller

Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="As the list has it")]


def letters_router(
    engine: AsyncEngine,
    settle: Callable[[int, str, str, bool], Awaitable[int]],
    listed: Callable[..., Awaitable[Sequence[dict[str, Any]]]],
) -> APIRouter:
    """Dead letters for administrators: list, show, retry, discard with a reason."""
    router = APIRouter(prefix="/dead-letters", tags=["dead letters"])

    class Why(BaseModel):
        """Why a human decided so; codes and words about the record, no personal data."""

        model_config = ConfigDict(extra="forbid")

        why: Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

    @router.get("")
    async def show_all(who: CallerDep) -> dict[str, Any]:
        """Open dead letters."""
        allow(who, "see dead letters", "administrator")
        async with transaction(engine) as connection:
            return {"dead_letters": await listed(connection)}

    @router.get("/{number}")
    async def show(number: Number, who: CallerDep) -> dict[str, Any]:
        """One dead letter with the record as it came."""
        allow(who, "see dead letters", "administrator")
        async with transaction(engine) as connection:
            found = await listed(connection, number)
        if not found:
            raise ProblemRaised(NOT_FOUND)
        return found[0]

    async def decide(number: int, who: Caller, why: str, *, discard: bool) -> dict[str, int]:
        allow(who, "settle dead letters", "administrator")
        try:
            return {"taken": await settle(number, who.name, why, discard)}
        except LookupError:
            raise ProblemRaised(NOT_FOUND) from None

    @router.post("/{number}/retry")
    async def retry(number: Number, body: Why, who: CallerDep) -> dict[str, int]:
        """Take it in again, with all that waits behind it."""
        return await decide(number, who, body.why, discard=False)

    @router.post("/{number}/discard")
    async def discard(number: Number, body: Why, who: CallerDep) -> dict[str, int]:
        """Decide that it is never taken in; what waits behind it goes on. The decision is recorded."""
        return await decide(number, who, body.why, discard=True)

    return router
