"""Who is calling, and what every command is sent with."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from lotse_shared import security
from lotse_shared.http.answering import ProblemRaised
from lotse_shared.problems import UNAUTHENTICATED, forbidden
from lotse_shared.security import Caller, Gate


async def caller(request: Request) -> Caller:
    """Who is calling, by the bearer token; 401 where nobody is known."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    gate: Gate = request.app.state.gate
    try:
        return gate.caller(token if scheme.lower() == "bearer" else None, security.utc_now())
    except security.BadToken:
        raise ProblemRaised(UNAUTHENTICATED, {"WWW-Authenticate": "Bearer"}) from None


SubjectId = Annotated[str, Path(description="The id of the subject, from the answer that made it")]
CallerDep = Annotated[Caller, Depends(caller)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200, pattern=r"^[!-~]+$")]


def allow(who: Caller, what: str, *roles: str) -> None:
    """Ends the request with 403 unless the caller has one of the roles."""
    if who.role not in roles:
        raise ProblemRaised(forbidden(what, roles))
