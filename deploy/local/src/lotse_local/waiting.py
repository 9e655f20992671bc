"""Waiting until nothing is under way: what `lotse wait` does, and what a play does where it looks at figures.

One round: (1) wait until all outboxes are sent and no deadline is behind, and note how far each goes; (2) ask Kafka
how far each partition goes; (3) wait until every service has read that far; (4) look at the outboxes once more. A
service writes what it answers in the transaction in which it notes how far it has read. So if no outbox has grown by
(4), nobody had anything to answer, and all that was there is sent, heard and answered. If one has grown, another round
follows.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from aiokafka.errors import KafkaError
from lotse_shared.messaging.kafka import offsets
from lotse_shared.settings import Settings

from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.postgres import SERVICES

ASK_EVERY: Final = 0.1

Progress = Mapping[str, Mapping[str, Any]]
"""What each service's worker says of itself, by service."""


async def until_quiet(platform: Platform, within: float = 60.0) -> None:
    """Wait until all that was there at the call is sent, heard and answered, and no deadline is behind.

    Raises:
        CannotRun: it was not so within that many seconds; says who is behind, and with what.
    """
    settings = Settings(kafka=[platform.kafka])
    behind = ["no worker has answered yet"]
    async with httpx.AsyncClient(timeout=10) as client:
        try:
            async with asyncio.timeout(within):
                while not await _quiet_round(client, platform, settings, behind):
                    pass
        except TimeoutError:
            raise CannotRun(
                f"Not quiet within {within:g} s: {'; '.join(behind)}. Look at `lotse status` and "
                "`lotse dead-letters list`, or wait longer with --within."
            ) from None


async def _quiet_round(client: httpx.AsyncClient, platform: Platform, settings: Settings, behind: list[str]) -> bool:
    before = await _asked_until(client, platform, _unsent, behind)
    try:
        _, ends = await offsets(settings)
    except KafkaError:
        behind[:] = ["Kafka does not answer"]
        await asyncio.sleep(ASK_EVERY)
        return False
    await _asked_until(client, platform, lambda progress: _unread(progress, ends), behind)
    after = await _asked_until(client, platform, lambda _: [], behind)
    return _told(after) == _told(before) and not _unsent(after)


async def _asked_until(
    client: httpx.AsyncClient, platform: Platform, missing: Callable[[Progress], list[str]], behind: list[str]
) -> Progress:
    """Ask all workers until nothing is missing any more; `behind` holds what was missing last."""
    while True:
        answers = await asyncio.gather(*(_ask(client, platform, service) for service in SERVICES))
        progress = {service: answer for service, answer in answers if answer is not None}
        behind[:] = [f"{service}'s worker does not answer" for service, answer in answers if answer is None]
        behind += missing(progress)
        if not behind:
            return progress
        await asyncio.sleep(ASK_EVERY)


async def _ask(client: httpx.AsyncClient, platform: Platform, service: str) -> tuple[str, Mapping[str, Any] | None]:
    try:
        answer = await client.get(f"{platform.worker_url(service)}/progress")
        return service, answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return service, None


def _told(progress: Progress) -> dict[str, int]:
    """How far each outbox goes."""
    return {service: one["outbox"]["last"] for service, one in progress.items()}


def _unsent(progress: Progress) -> list[str]:
    """What is not yet sent, and deadlines that have come."""
    return [
        f"{service} has {number} {what}"
        for service, one in progress.items()
        for number, what in (
            (one["outbox"]["unsent"], "facts to send"),
            (one["due_behind"], "deadlines to look at"),
            (one.get("waiting", 0), "facts to apply"),
        )
        if number
    ]


def _unread(progress: Progress, ends: Mapping[int, int]) -> list[str]:
    """Who has not read as far as Kafka went."""
    found = []
    for service, one in progress.items():
        left = sum(max(0, end - one["positions"].get(str(partition), 0)) for partition, end in ends.items())
        if left:
            found.append(f"{service} has {left} records to read")
    return found
