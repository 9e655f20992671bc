"""Read your writes across services: the header `Lotse-After`."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lotse_shared.database import transaction
from lotse_shared.erasing import fingerprint
from lotse_shared.http.answering import ProblemRaised
from lotse_shared.problems import Problem

AFTER_TIMEOUT: Final = 5.0
"""Seconds that `Lotse-After` waits for a fact to be taken in."""


class Standing(Enum):
    """How a service stands to a fact told elsewhere."""

    KNOWN = "taken in, or told here"
    PARKED = "put aside until a human has decided"
    NOT_HEARD = "not here yet"


Look = Callable[[UUID], Awaitable[Standing]]
"""Says how a service stands to a fact now, by its id."""


async def wait_for(fact: str, look: Look) -> None:
    """Wait until a fact, named as the header names it, is known here; ends the request where that will not be."""
    try:
        identity = UUID(fact.partition(";")[0].strip())
    except ValueError:
        raise ProblemRaised(_NO_FACT_ID) from None
    loop, pause = asyncio.get_running_loop(), 0.01
    until = loop.time() + AFTER_TIMEOUT
    while (standing := await look(identity)) is not Standing.KNOWN:
        if standing is Standing.PARKED:
            raise ProblemRaised(_PARKED)
        if loop.time() > until:
            raise ProblemRaised(_NOT_HEARD, {"Retry-After": "1"})
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def after(engine: AsyncEngine, hears: frozenset[str]) -> Callable[..., Awaitable[None]]:
    """Read your writes: a dependency that waits until a fact told elsewhere was taken in here."""

    async def look(identity: UUID) -> Standing:
        async with transaction(engine) as connection:
            found = await connection.execute(
                text("""
                    select exists (select from inbox where id in (:id, :left))
                               or exists (select from outbox where id in (:id, :left)) as known,
                           exists (select from dead_letter where id = :name and state = 'open') as parked"""),
                {"id": identity, "left": UUID(fingerprint(str(identity))), "name": str(identity)},
            )
            row = found.one()
        return Standing.KNOWN if row.known else Standing.PARKED if row.parked else Standing.NOT_HEARD

    async def wait(fact: Annotated[str | None, Header(alias="Lotse-After", max_length=200)] = None) -> None:
        if not fact:
            return
        kind = fact.partition(";type=")[2]
        if not kind or kind in hears:
            await wait_for(fact, look)

    return wait


_NO_FACT_ID: Final = Problem(
    422,
    "invalid",
    "Invalid input",
    "Lotse-After: is not the id of a fact.",
    "Send `<id>;type=<type>` from the answer to a command.",
    "Lotse-After",
)
_PARKED: Final = Problem(
    409,
    "parked",
    "Put aside",
    "The fact you want to be waited for could not be taken in here and waits for a human.",
    "Look at it with `lotse dead-letters list`.",
    "Lotse-After",
)
_NOT_HEARD: Final = Problem(
    425,
    "too-early",
    "Not heard yet",
    "The fact you want to be waited for has not arrived here yet.",
    "Send the same request again in a moment.",
    "Lotse-After",
)
