"""Keeps programs running: starts them again within five seconds when they end, and ends them together.

It knows nothing of Lotse. It is told on standard input what to run, so no secret is in an argument or a file. A file in
`wanted/` for each program says that it should run: `lotse stop` takes it away, `lotse start` puts it back. `state.json`
tells what runs; with the start time of each process in it, whoever comes after a killed supervisor finds what it left.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from lotse_local.ports import answers
from lotse_local.state import GRACE, REFUSED, RESTARTING, RUNNING, STOPPED, WAITING, born, kill_session, locked

WRONG_SETTINGS: Final = 78
"""Exit code of a program that cannot run as it is set up (EX_CONFIG): it is not started again until a human asks."""

LOOK_EVERY: Final = 0.2
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 4.0
LIVED: Final = 10.0
"""Seconds after which a start counts as a success: the pause before the next one is short again."""
ASK_EVERY: Final = 10.0
MISSES: Final = 6
"""Unanswered questions in a row, one each ASK_EVERY seconds, after which a program is held to hang and is killed."""
LARGEST_LOG: Final = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Program:
    """Something to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    """In addition to the supervisor's own."""
    log: str
    port: int | None = None
    needs: Sequence[str] = ()
    """Names of programs whose ports must answer before this one is started; they are ended after it."""
    live: str | None = None
    """Path that answers 200 over HTTP while the program is alive."""
    end_with: str = "SIGTERM"


@dataclass(slots=True)
class Kept:
    """What became of a program."""

    program: Program
    state: str = STOPPED
    pid: int | None = None
    born: float | None = None
    """Start time of the process: with the pid it names one process for ever."""
    restarts: int = 0
    exit_code: int | None = None
    refused_at: int | None = None
    """Time of the wish that led to REFUSED; a newer wish is a new try."""

    def told(self) -> dict[str, Any]:
        """For state.json."""
        return {
            "name": self.program.name,
            "port": self.program.port,
            "state": self.state,
            "pid": self.pid,
            "born": self.born,
            "restarts": self.restarts,
            "exit_code": self.exit_code,
            "end_with": self.program.end_with,
        }


@dataclass(slots=True)
class Supervisor:
    """Keeps programs until it is told to end."""

    folder: Path
    programs: Sequence[Program]
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    kept: dict[str, Kept] = field(default_factory=dict)

    async def run(self) -> None:
        """Keep all programs until `ending` is set, then end those that need others first, and the others after."""
        self.kept = {program.name: Kept(program) for program in self.programs}
        needed = {name for program in self.programs for name in program.needs}
        last = asyncio.Event()
        tasks = [
            asyncio.create_task(self._keep(one, last if one.program.name in needed else self.ending))
            for one in self.kept.values()
        ]
        first = [task for one, task in zip(self.kept.values(), tasks, strict=True) if one.program.name not in needed]
        await self.ending.wait()
        await asyncio.gather(*first)
        last.set()
        await asyncio.gather(*tasks)

    async def _keep(self, one: Kept, ending: asyncio.Event) -> None:
        pause = FIRST_PAUSE
        while not ending.is_set():
            wish = self._wish(one)
            if wish is None or wish == one.refused_at:
                self._note(one, REFUSED if wish else STOPPED)
                await _at_most(ending.wait(), LOOK_EVERY)
            elif not self._needs_answer(one):
                self._note(one, WAITING)
                await _at_most(ending.wait(), LOOK_EVERY)
            else:
                began = time.monotonic()
                code = await self._run_once(one, ending)
                if ending.is_set() or self._wish(one) is None:
                    continue
                if code == WRONG_SETTINGS:
                    one.refused_at = wish
                    continue
                one.restarts += 1
                self._note(one, RESTARTING)
                pause = FIRST_PAUSE if time.monotonic() - began > LIVED else min(2 * pause, LONGEST_PAUSE)
                await _at_most(ending.wait(), pause)
        self._note(one, STOPPED)

    def _wish(self, one: Kept) -> int | None:
        """When somebody last asked for the program to run; None when it should not."""
        try:
            return (self.folder / "wanted" / one.program.name).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def _needs_answer(self, one: Kept) -> bool:
        ports = (self.kept[name].program.port for name in one.program.needs)
        return all(port is None or answers(port) for port in ports)

    async def _run_once(self, one: Kept, ending: asyncio.Event) -> int:
        program = one.program
        with _log(program) as out:
            try:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env={**os.environ, **program.environment},
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as error:
                out.write(f"{program.command[0]} cannot be started: {error.strerror}\n".encode())
                one.exit_code = WRONG_SETTINGS
                return WRONG_SETTINGS
        one.pid, one.born = process.pid, born(process.pid)
        self._note(one, RUNNING)
        watch = asyncio.create_task(_watch(program, process.pid))
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done() and not ending.is_set() and self._wish(one) is not None:
                await asyncio.wait([ended], timeout=LOOK_EVERY)
            if not ended.done():
                process.send_signal(signal.Signals[program.end_with])
                await asyncio.wait([ended], timeout=GRACE)
            if not ended.done():
                kill_session(process.pid)
            one.exit_code = await ended
        finally:
            watch.cancel()
        one.pid = one.born = None
        return one.exit_code

    def _note(self, one: Kept, state: str) -> None:
        """Tell the state of all programs, where it has changed; whole or not at all."""
        if one.state == state and state != RUNNING:
            return
        one.state = state
        part = self.folder / "state.part"
        with contextlib.suppress(OSError):  # a full disk must not end what runs
            part.write_text(json.dumps([kept.told() for kept in self.kept.values()]))
            part.replace(self.folder / "state.json")


def _log(program: Program) -> BinaryIO:
    return Path(program.log).open("ab")


async def _at_most(something: Any, seconds: float) -> None:  # noqa: ANN401 - an awaitable of anything
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(something, seconds)


async def _watch(program: Program, pid: int) -> None:
    """Kill a program that hangs alive, and keep its log within bounds."""
    misses = 0
    while True:
        await asyncio.sleep(ASK_EVERY)
        _shorten(Path(program.log))
        if program.live is None or program.port is None:
            continue
        misses = 0 if await _is_alive(program.port, program.live) else misses + 1
        if misses >= MISSES:
            kill_session(pid)


async def _is_alive(port: int, path: str) -> bool:
    try:
        async with asyncio.timeout(ASK_EVERY / 2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
            answer = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in answer


def _shorten(log: Path) -> None:
    """Keep a log that has grown large as `NAME.log.1` and begin it anew; the program goes on writing at its end."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)


def as_plan(programs: Sequence[Program]) -> bytes:
    """What the supervisor is told on standard input."""
    return json.dumps([asdict(program) for program in programs]).encode()


async def _supervise(folder: Path, programs: Sequence[Program]) -> None:
    supervisor = Supervisor(folder, programs)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, supervisor.ending.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # the terminal may close
    await supervisor.run()


def main() -> None:
    """`python -m lotse_local.supervisor FOLDER`, the programs on standard input."""
    folder = Path(sys.argv[1])
    programs = [Program(**one) for one in json.loads(sys.stdin.buffer.read())]
    try:
        with locked(folder / "supervisor.lock"):
            asyncio.run(_supervise(folder, programs))
    except BlockingIOError:
        sys.exit("another supervisor holds this folder")


if __name__ == "__main__":
    main()
