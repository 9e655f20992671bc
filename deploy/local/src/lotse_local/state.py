"""What a supervisor leaves for others to read: who holds its lock, what runs, and what it left when it was killed."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psutil

GRACE: Final = 20.0
"""Seconds a program has to end before it is killed."""

STOPPED: Final = "stopped"
WAITING: Final = "waiting"
RUNNING: Final = "running"
RESTARTING: Final = "restarting"
REFUSED: Final = "wrong settings"


def born(pid: int) -> float | None:
    """When a process was started; None where there is none, or one that has ended and was not yet collected."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def kill_session(pid: int) -> None:
    """Kill a program with all that it started; programs lead a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def read_state(folder: Path) -> list[dict[str, Any]]:
    """What the supervisor last told about its programs; nothing where it never ran."""
    try:
        told: list[dict[str, Any]] = json.loads((folder / "state.json").read_text())
    except (FileNotFoundError, ValueError):
        return []
    return told


def end_orphans(folder: Path) -> list[str]:
    """End what a killed supervisor left running; gives the names. A process of another birth is never touched."""
    left = [one for one in read_state(folder) if one["pid"] and born(one["pid"]) == one["born"]]
    for one in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one["pid"], signal.Signals[one["end_with"]])
    until = time.monotonic() + GRACE
    for one in left:
        while born(one["pid"]) == one["born"]:
            if time.monotonic() > until:
                kill_session(one["pid"])
            time.sleep(0.05)
    return [one["name"] for one in left]


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file for as long as the block runs. Who only looks at it, holds it for a moment: tried for a second.

    Raises:
        BlockingIOError: somebody else holds it.
    """
    with path.open("a+") as file:
        for attempt in range(20):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == 19:  # noqa: PLR2004 - the last one
                    raise
                time.sleep(0.05)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(path: Path) -> int | None:
    """The process that holds a lock file, None where nobody does."""
    try:
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                return int(file.read() or 0)
    except (FileNotFoundError, NotADirectoryError):
        pass
    return None
