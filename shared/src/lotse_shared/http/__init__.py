"""The HTTP side that every service shares, from token to problem.

`application` has what every process has; `commands_router` one route per declared command; `clock_router`,
`letters_router` and `operations_router` what stands beside them; `after` is the dependency behind `Lotse-After`,
`wait_for` what it does for a service that keeps its facts elsewhere.
"""

from lotse_shared.http.answering import ProblemBody, ProblemRaised, problem_response
from lotse_shared.http.calling import CallerDep, SubjectId, allow, caller
from lotse_shared.http.clock import clock_router
from lotse_shared.http.commands import commands_router
from lotse_shared.http.dead_letters import letters_router
from lotse_shared.http.health import operations_router
from lotse_shared.http.serving import application
from lotse_shared.http.waiting import AFTER_TIMEOUT, Standing, after, wait_for

__all__ = [
    "AFTER_TIMEOUT",
    "CallerDep",
    "ProblemBody",
    "ProblemRaised",
    "Standing",
    "SubjectId",
    "after",
    "allow",
    "application",
    "caller",
    "clock_router",
    "commands_router",
    "letters_router",
    "operations_router",
    "problem_response",
    "wait_for",
]
