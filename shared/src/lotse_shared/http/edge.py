"""The outermost of an application: bodies too large are not read, every request is measured, faults are answered."""

from time import perf_counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lotse_shared import metrics
from lotse_shared.http.answering import problem_response
from lotse_shared.problems import Problem

LARGEST_BODY: Final = 256 * 1024
LARGEST_BULK: Final = 8 * 1024 * 1024

_WITH_BODY: Final = frozenset({"POST", "PUT"})


class Edge:
    """ASGI middleware. Plain, since Starlette's own kind costs every request a task and a stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what is counted and timed is the beginning of the answer, for streams have no end.

        A fault of ours is answered and counted like everything else, then goes on to the log.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        begun = False

        async def measured(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                method, route = scope["method"], getattr(scope.get("route"), "path", "none")
                metrics.HTTP_REQUESTS.labels(method=method, route=route, status=str(message["status"])).inc()
                metrics.HTTP_SECONDS.labels(method=method, route=route).observe(perf_counter() - started)
            await send(message)

        problem = _refused(scope)
        answer = problem_response(problem) if problem else self._app
        try:
            await answer(scope, receive, measured)
        except Exception:
            if not begun:
                await problem_response(_FAULT)(scope, receive, measured)
            raise


def _refused(scope: Scope) -> Problem | None:
    """What is the matter with the length of a body, by its header alone: nothing longer is ever read."""
    if scope["method"] not in _WITH_BODY:
        return None
    length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    if length is None:
        return _NO_LENGTH
    limit = LARGEST_BULK if scope["path"] == "/bulk" else LARGEST_BODY
    return None if length.isdigit() and int(length) <= limit else _too_large(limit)


_FAULT: Final = Problem(
    500,
    "fault",
    "A fault of this service",
    "The request met a fault of this service; its log says more.",
    "Send the same request, with the same Idempotency-Key, again; if it stays, tell those who run the service.",
)
_NO_LENGTH: Final = Problem(
    411, "no-length", "Length missing", "The request names no Content-Length.", "Send it.", "Content-Length"
)


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "too-large",
        "Too large",
        f"The body is larger than {limit // 1024} KiB.",
        "Send less at once: single commands are small, and /bulk takes many of them.",
        "body",
    )
