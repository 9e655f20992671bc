"""Starting and ending a platform: `lotse up`, `down`, `stop`, `start`, `reset`."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from lotse_local import kafka, processes, reconcile, status
from lotse_local.errors import CannotRun
from lotse_local.platform import BASE_PORT, Platform, chosen_home, ports_from
from lotse_local.ports import is_free
from lotse_local.postgres import SERVICES
from lotse_local.state import REFUSED, end_orphans, holder, kill_session, locked
from lotse_local.supervisor import as_plan

READY_WITHIN: Final = 300.0
DOWN_WITHIN: Final = 60.0

Tell = Callable[[str, int, int], None]
"""Told what is being done, how many processes are ready, and of how many."""


class AlreadyRunning(CannotRun):
    """A second `up`."""


def chosen_platform(home: Path | None, base_port: int | None, ports: Mapping[str, int]) -> Platform:
    """The platform of a state folder, made where there is none yet; ports as chosen now, else as they were.

    Raises:
        CannotRun: unknown name of a port, or a folder that will not do.
    """
    home = chosen_home(home)
    before = None
    if base_port is None and (home / "platform.json").exists():
        before = Platform.read(home).ports
    listeners = {**(before or ports_from(base_port or BASE_PORT)), **ports}
    if unknown := sorted(set(listeners) - set(ports_from(0))):
        raise CannotRun(f"There is no port {unknown[0]}. There are: {', '.join(ports_from(0))}.")
    if max(listeners.values()) > 65_535 or min(listeners.values()) < 1:  # noqa: PLR2004 - what TCP knows
        raise CannotRun("Ports are between 1 and 65535: choose a lower --base-port.")
    return Platform.make(home, listeners)


def up(
    home: Path | None,
    base_port: int | None,
    ports: Mapping[str, int],
    tell: Tell,
    first: Callable[[Platform], None] | None = None,
) -> Platform:
    """Start everything and return when all of it is ready. What was started is ended again when that fails.

    `first`: done when Kafka and the database are there, before any service is started.

    Raises:
        AlreadyRunning: it runs.
        CannotRun: something is missing or refuses; says what to do.
    """
    from lotse_local.databases import bring_up_to_date  # noqa: PLC0415 - Alembic takes a second that others need not

    _refuse_second(chosen_home(home))
    platform = chosen_platform(home, base_port, ports)
    run = platform.home / "run"
    (run / "wanted").mkdir(parents=True, exist_ok=True)
    platform.logs.mkdir(exist_ok=True)
    with _alone(run / "up.lock"):
        _refuse_second(platform.home)
        end_orphans(run)
        (run / "state.json").unlink(missing_ok=True)
        _check_ports(platform)
        total = len(processes.names())
        tell("preparing Kafka and PostgreSQL", 0, total)
        with ThreadPoolExecutor(2) as pool:
            initialised = pool.submit(platform.postgres().initialise)
            kafka.make_class_archive()
            command = processes.kafka_command(platform)
            initialised.result()
        tell("starting Kafka and PostgreSQL", 0, total)
        for name in (run / "wanted").iterdir():
            name.unlink()
        _want(platform, *processes.INFRASTRUCTURE)
        _start_supervisor(platform, as_plan(processes.programs(platform, command)))
        try:
            tell("bringing the database up to date", 0, total)
            asyncio.run(bring_up_to_date(platform, SERVICES))
            if first is not None or reconcile.is_due(platform):
                until_ready(platform, list(processes.INFRASTRUCTURE), tell)
            if first is not None:
                first(platform)
            elif reconcile.is_due(platform):
                tell("taking back what was told since the backup", 0, total)
                reconcile.reconcile(platform)
            _want(platform, *processes.names())
            until_ready(platform, processes.names(), tell)
        except BaseException:
            down(platform)
            raise
    return platform


def _refuse_second(home: Path) -> None:
    if pid := holder(home / "run" / "supervisor.lock"):
        raise AlreadyRunning(
            f"The platform in {home} is running already (supervisor {pid}). Look at it with `lotse status`; end it "
            "with `lotse down`; for a second one name another folder with --home and other ports with --base-port."
        )


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    try:
        with locked(lock):
            yield
    except BlockingIOError:
        raise AlreadyRunning("Another `lotse up` of this folder is under way; wait for it.") from None


def _check_ports(platform: Platform) -> None:
    for name, port in platform.ports.items():
        if not is_free(port):
            raise CannotRun(
                f"Port {port}, which {name} should listen on, is taken by another program. End that one, or choose "
                f"other ports: `lotse up --base-port {_other_base(port)}` for all, or `--port {name}=NUMBER`."
            )


def _other_base(taken: int) -> int:
    """A base port whose listeners are all free now."""
    bases = range(taken // 100 * 100 + 1_000, 60_000, 100)
    return next((base for base in bases if all(map(is_free, ports_from(base).values()))), BASE_PORT)


def _want(platform: Platform, *names: str) -> None:
    for name in names:
        (platform.home / "run" / "wanted" / name).touch()


def _start_supervisor(platform: Platform, plan: bytes) -> None:
    """A process in a session of its own: it outlives this one and the terminal."""
    run = platform.home / "run"
    with (platform.logs / "supervisor.log").open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "lotse_local.supervisor", str(run)],
            stdin=subprocess.PIPE, stdout=out, stderr=out, cwd="/", start_new_session=True,
        )  # fmt: skip
    if process.stdin is not None:
        process.stdin.write(plan)
        process.stdin.close()
    until = time.monotonic() + 10
    while holder(run / "supervisor.lock") is None:
        if process.poll() is not None or time.monotonic() > until:
            raise CannotRun(f"The supervisor did not start; see {platform.logs / 'supervisor.log'}.")
        time.sleep(0.02)


def until_ready(platform: Platform, wanted: list[str], tell: Tell, within: float = READY_WITHIN) -> None:
    """Wait until these processes can do their work.

    Raises:
        CannotRun: one of them does not start, or not in time.
    """
    until = time.monotonic() + within
    while True:
        rows = [row for row in status.rows(platform) if row.process in wanted]
        ready = sum(row.state == status.READY for row in rows)
        waited_for = [row for row in rows if row.state != status.READY]
        tell("starting " + ", ".join(row.process for row in waited_for), ready, len(wanted))
        if not waited_for and len(rows) == len(wanted):
            return
        for row in waited_for:
            if row.state == REFUSED or row.restarts >= 5:  # noqa: PLR2004 - it will not come up by itself
                raise CannotRun(f"{row.process} does not start: {row.last_line} (`lotse logs {row.process}`)")
        if time.monotonic() > until:
            missing = ", ".join(row.process for row in waited_for)
            raise CannotRun(f"Not ready within {within:.0f} s: {missing}. See `lotse logs`.")
        time.sleep(0.1)


def down(platform: Platform) -> bool:
    """End everything, the services first; gives whether anything ran."""
    run = platform.home / "run"
    pid = holder(run / "supervisor.lock")
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + DOWN_WITHIN
        while holder(run / "supervisor.lock") == pid:
            if time.monotonic() > until:
                kill_session(pid)
            time.sleep(0.05)
    return bool(end_orphans(run)) or pid is not None


def stop(platform: Platform, name: str) -> list[str]:
    """End a process, or both of a service, until `start`; gives what was ended."""
    wanted = processes.chosen(name)
    _need_supervisor(platform)
    for one in wanted:
        (platform.home / "run" / "wanted" / one).unlink(missing_ok=True)
    until = time.monotonic() + DOWN_WITHIN
    while any(row.pid for row in status.rows(platform) if row.process in wanted):
        if time.monotonic() > until:
            raise CannotRun(f"{name} does not end; see `lotse status`.")
        time.sleep(0.05)
    return wanted


def start(platform: Platform, name: str) -> list[str]:
    """Start a process, or both of a service, and wait until it is ready; gives what was started."""
    wanted = processes.chosen(name)
    _need_supervisor(platform)
    _want(platform, *wanted)
    time.sleep(0.3)  # the supervisor looks at wishes five times a second
    until_ready(platform, wanted, lambda *_: None, within=60)
    return wanted


def _need_supervisor(platform: Platform) -> None:
    if holder(platform.home / "run" / "supervisor.lock") is None:
        raise CannotRun("The platform does not run: start it with `lotse up`.")


def reset(platform: Platform) -> None:
    """Throw everything of this platform away: data, keys, logs, ports. Other files in the folder stay."""
    down(platform)
    platform.postgres().remove()
    for name in ("kafka", "logs", "run", "keys", "play"):
        shutil.rmtree(platform.home / name, ignore_errors=True)
    for name in ("platform.json", reconcile.MARKER, reconcile.facts(platform).name):
        (platform.home / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # something else is kept in it
        platform.home.rmdir()
