"""The play's calls of the services: bulk commands, clocks, and waiting until one service has heard another."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from time import monotonic
from typing import Any, Final

import httpx

from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.play.steps import Who

SERVICES: Final = ("intake", "matching", "coaching", "reporting")
PATIENCE: Final = 90.0
"""Seconds for which a service may be away, being started again, or behind with hearing the others."""
_AT_ONCE: Final = 6
_OK: Final = 200
_CONFLICT: Final = 409
_TOO_EARLY: Final = 425
_NOT_FOUND: Final = 404
_FAULT: Final = 500
_AWAY: Final = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one platform's services. Whatever is sent may be sent again: keys make it safe."""

    platform: Platform
    client: httpx.AsyncClient
    tokens: dict[Who, str] = field(default_factory=dict)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def bulk(self, service: str, who: Who, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Send commands in their order; one result for each."""
        content = json.dumps({"items": items}, default=_plain).encode()
        headers = {"content-type": "application/json"}
        answer = await self._send("POST", service, "/bulk", who, content=content, headers=headers)
        if answer.status_code != _OK:
            raise CannotRun(f"{service} refuses the whole of {len(items)} commands: {answer.text}")
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    async def move_clocks(self, operation: str, to: datetime) -> None:
        """Move the operation's clock in every service; where it stands later already, it stays there."""
        who, content = Who("coordinator"), json.dumps({"now": to.isoformat()}).encode()
        headers = {"content-type": "application/json"}
        path = f"/operations/{operation}/clock"
        answers = await asyncio.gather(
            *(self._send("PUT", service, path, who, content=content, headers=headers) for service in SERVICES)
        )
        for service, answer in zip(SERVICES, answers, strict=True):
            if answer.status_code not in (_OK, _CONFLICT):
                raise CannotRun(f"{service} does not let its clock be moved ({answer.status_code}): is this a play?")

    async def until_heard(self, service: str, who: Who, case: str, fact: str, kind: str) -> None:
        """Wait until a service has taken in a fact about a case that another one told, and knows the case.

        A service does not wait for a fact of a kind that it does not hear, though the case was told before it.

        Raises:
            CannotRun: it was not so in time, or the fact is parked there.
        """
        headers, until = {"Lotse-After": f"{fact};type={kind}"}, monotonic() + PATIENCE
        while True:
            answer = await self._send("GET", service, f"/cases/{case}", who, headers=headers)
            if answer.status_code == _CONFLICT or (answer.status_code == _TOO_EARLY and monotonic() > until):
                raise CannotRun(f"{service} has not taken in {kind} {fact}: look at `lotse dead-letters list`.")
            if answer.status_code not in (_TOO_EARLY, _NOT_FOUND) or monotonic() > until:
                return
            await asyncio.sleep(0.1)

    async def knows(self, operation: str) -> bool:
        """Whether the platform has this operation."""
        answer = await self._send("GET", "intake", f"/operations/{operation}", Who("coordinator"))
        return answer.status_code == _OK

    async def _send(
        self,
        method: str,
        service: str,
        path: str,
        who: Who,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        until, pause = monotonic() + PATIENCE, 0.1
        while True:
            try:
                async with self.gate:
                    answer = await self.client.request(
                        method,
                        self.platform.url(service) + path,
                        content=content,
                        headers={"authorization": f"Bearer {self._token(who)}", **(headers or {})},
                    )
                if answer.status_code not in _AWAY or monotonic() > until:
                    break
            except httpx.TransportError as error:
                if monotonic() > until:
                    raise CannotRun(f"{service} does not answer: {error}. See `lotse status`.") from None
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)
        if answer.status_code >= _FAULT:
            raise CannotRun(f"{service} fails at {path} ({answer.status_code}): see `lotse logs {service}-api`.")
        return answer

    def _token(self, who: Who) -> str:
        if who not in self.tokens:
            self.tokens[who] = self.platform.token(role=who.role, partner=who.partner, name=f"play-{who.role}")
        return self.tokens[who]


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a step's body holds a {type(value).__name__}")
