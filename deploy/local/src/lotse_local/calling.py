"""Calls of the services, as the commands of `lotse` make them: answers, or an error that says what to do."""

import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.refusals import Asked, in_words

PATIENCE: Final = 60.0
"""Seconds a call may take."""

AWAY: Final = 503
WAIT_FOR_DATABASE: Final = 20.0
"""Seconds that somebody who only reads waits for a service whose database is away for a moment."""


def call(
    platform: Platform,
    service: str,
    method: str,
    path: str,
    *,
    role: str,
    query: Mapping[str, str | int | None] | None = None,
    json: Any = None,  # noqa: ANN401 - whatever the route takes
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Call a service as somebody of a role of the whole network. Query parameters that are None are left out.

    Raises:
        CannotRun: it does not answer, or refuses; says which option is wrong, why, and the way out.
    """
    until = time.monotonic() + WAIT_FOR_DATABASE
    while True:
        try:
            answer = httpx.request(
                method,
                platform.url(service) + path,
                params={name: value for name, value in (query or {}).items() if value is not None},
                headers={"Authorization": f"Bearer {platform.token(role=role)}", **(headers or {})},
                json=json,
                content=content,
                timeout=PATIENCE,
            )
        except httpx.HTTPError as error:
            raise CannotRun(
                f"{service} does not answer ({type(error).__name__}): see `lotse status`, or start it with `lotse up`."
            ) from None
        if method != "GET" or answer.status_code != AWAY or time.monotonic() > until:
            break
        time.sleep(float(answer.headers.get("Retry-After", 1)))
    if not answer.is_success:
        raise CannotRun(_refusal(platform, Asked(service, path, query or {}, json), answer))
    return answer


def operations(platform: Platform) -> list[str]:
    """The operations there are, by name.

    Raises:
        CannotRun: as `call`.
    """
    listed = call(platform, "reporting", "GET", "/operations", role="coordinator").json()
    return [one["id"] for one in listed["operations"]]


def _refusal(platform: Platform, asked: Asked, answer: httpx.Response) -> str:
    try:
        return in_words(asked, answer.status_code, answer.json(), lambda: operations(platform))
    except (ValueError, KeyError, TypeError):
        return f"{asked.service} answered {answer.status_code}; see `lotse logs {asked.service}-api`."
