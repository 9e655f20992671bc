"""A platform of its own for a test: the `lotse` command as a user calls it, in its own folder and on its own ports."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lotse_local.calling import call
from lotse_local.main import main
from lotse_local.platform import Platform

LOTSE = Path(sys.executable).with_name("lotse")
SPAN = 100


@dataclass(frozen=True, slots=True)
class Run:
    """One platform, by its state folder."""

    home: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What the command needs to find it."""
        return {**os.environ, "LOTSE_HOME": str(self.home), "COLUMNS": "200"}

    def lotse(self, *words: str, within: float = 240, good: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; a failure shows what it said."""
        done = subprocess.run(  # noqa: S603 - our own program
            [LOTSE, *words], env=self.environment, capture_output=True, text=True, timeout=within, check=False
        )
        assert not good or done.returncode == 0, f"lotse {' '.join(words)}: {done.stdout}\n{done.stderr}"
        return done

    def inside(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The same command within this process: quicker, for commands that only look and are run many times."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main(["--home", str(self.home), *words])
            except SystemExit as ended:
                code = int(ended.code or 0)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """Run the command in the background; what it says goes to a file beside the state folder."""
        log = self.home.with_name(f"{words[0]}.log").open("ab")
        return subprocess.Popen([LOTSE, *words], env=self.environment, stdout=log, stderr=log)  # noqa: S603 - the same

    def status(self) -> dict[str, Any]:
        """What runs, by the name of the process."""
        overview = json.loads(self.inside("status", "--json").stdout)
        return {row["process"]: row for row in overview["processes"]}

    def report(self, operation: str, *words: str) -> dict[str, Any]:
        """A report, as the HTTP interface gives it."""
        body: dict[str, Any] = json.loads(self.lotse("report", operation, "--format", "json", *words).stdout)
        return body

    def ask(self, path: str, **query: str | int | None) -> dict[str, Any]:
        """What reporting answers to a coordinator over HTTP."""
        platform = Platform.read(self.home)
        body: dict[str, Any] = call(platform, "reporting", "GET", path, role="coordinator", query=query).json()
        return body

    def marked(self, operation: str, day: str) -> str:
        """The real instant at which a quarter of a play had ended."""
        lines = self.lotse("play", "marks", operation).stdout.splitlines()
        return next(line.split()[-1] for line in lines if day in line)

    def kill(self, process: str) -> int:
        """End a process as a crash would; gives its id."""
        return self.kill_at_once(process)[process]

    def kill_at_once(self, *processes: str) -> dict[str, int]:
        """End several processes as a crash of all of them would; gives their ids."""
        status = self.status()
        pids = {process: int(status[process]["pid"]) for process in processes}
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        return pids

    def play_shot_at(self, name: str, *victims: str) -> None:
        """A play to its end, while these processes are killed one after the other as soon as it runs."""
        play = self.begin("play", name)
        try:
            for victim in victims:
                self.until_back(victim, self.kill(victim))
            play.wait(600)
        except BaseException:
            play.kill()
            raise
        assert play.returncode == 0, self.home.with_name("play.log").read_text()[-2_000:]

    def until_back(self, process: str, killed: int) -> None:
        """Wait until the supervisor has started a process again and it can do its work."""
        until(lambda: (row := self.status()[process])["state"] == "ready" and row["pid"] != killed)


def until(condition: Callable[[], bool], within: float = 60) -> None:
    """Wait for a condition, never for a time."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def free_base() -> int:
    """A port such that all those after it, which a platform listens on, are free."""
    for base in range(20_000, 32_000, SPAN):
        if all(_free(base + offset) for offset in (0, 1, 2, 3, 10, 11, 12, 13, 32, 92, 93)):
            return base
    raise AssertionError("no free ports on this machine")


def _free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
