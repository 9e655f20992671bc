"""Errors as answers: problems by RFC 9457."""

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lotse_shared.problems import MEDIA_TYPE, Problem


class ProblemRaised(Exception):  # noqa: N818 - carries a problem to the edge
    """Ends a request with a problem."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem = problem
        self.headers = headers


class ProblemBody(BaseModel):
    """An error that says what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    way_out: str
    field: str | None = None


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    return JSONResponse(problem.content(), problem.status, headers, MEDIA_TYPE)
