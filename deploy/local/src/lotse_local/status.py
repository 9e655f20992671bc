"""How a platform is: what runs, where, and whether it can do its work."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any, Final

import httpx

from lotse_local import backup, processes
from lotse_local.platform import DATABASE, Platform
from lotse_local.ports import answers
from lotse_local.state import REFUSED, RESTARTING, RUNNING, STOPPED, born, holder, read_state

READY: Final = "ready"
NOT_READY: Final = "not ready"
UNWATCHED: Final = "running, but its supervisor is gone"


@dataclass(frozen=True, slots=True)
class Row:
    """One process. `last_line` is the end of its log where it is in trouble."""

    process: str
    state: str
    pid: int | None
    port: int
    restarts: int
    last_line: str = ""


def rows(platform: Platform) -> list[Row]:
    """Every process of the platform."""
    return asyncio.run(_rows(platform))


async def _rows(platform: Platform) -> list[Row]:
    supervised = holder(platform.home / "run" / "supervisor.lock") is not None
    told = {one["name"]: one for one in read_state(platform.home / "run")}
    async with httpx.AsyncClient(timeout=3) as client:
        return list(
            await asyncio.gather(
                *(_row(platform, client, name, told.get(name), supervised=supervised) for name in processes.names())
            )
        )


async def _row(
    platform: Platform, client: httpx.AsyncClient, name: str, told: dict[str, Any] | None, *, supervised: bool
) -> Row:
    port = platform.ports[name]
    if told is None:
        return Row(name, STOPPED, None, port, 0)
    pid = told["pid"] if told["pid"] and born(told["pid"]) == told["born"] else None
    state = told["state"] if supervised else UNWATCHED if pid else STOPPED
    if state == RUNNING:
        state = READY if await _is_ready(client, name, port) else NOT_READY
    trouble = state in (NOT_READY, RESTARTING, REFUSED)
    return Row(name, state, pid, port, told["restarts"], last_line(platform, name) if trouble else "")


async def _is_ready(client: httpx.AsyncClient, name: str, port: int) -> bool:
    if name in processes.INFRASTRUCTURE:
        return answers(port)
    try:
        return (await client.get(f"http://127.0.0.1:{port}/health/ready")).is_success
    except httpx.HTTPError:
        return False


def last_line(platform: Platform, name: str) -> str:
    """The end of a process's log."""
    try:
        with (platform.logs / f"{name}.log").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 4096))
            lines = log.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1][:500] if lines else ""


def overview(platform: Platform) -> dict[str, Any]:
    """Everything for `lotse status --json`."""
    return {
        "home": str(platform.home),
        "supervisor": holder(platform.home / "run" / "supervisor.lock"),
        "processes": [asdict(row) for row in rows(platform)],
        "kafka": platform.kafka,
        "database": f"127.0.0.1:{platform.ports['postgres']}/{DATABASE}",
        "page": platform.url("reporting"),
        "last_backup": backup.last(platform.home),
    }
