"""One real platform, started and shot at: the promises of `lotse up`, seen from outside."""

import asyncio
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from lotse_local import status
from lotse_local.main import main
from lotse_local.platform import Platform, ports_from
from lotse_local.ports import free_port
from lotse_local.state import born
from lotse_local.waiting import until_quiet

pytestmark = [pytest.mark.demo, pytest.mark.kafka]

LOTSE = Path(sys.executable).parent / "lotse"


class Running:
    """A platform in a folder with a space in its name, driven by its command alone."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def up(self, *options: str) -> None:
        """`lotse up`, as a program of its own whose end the platform outlives."""
        done = subprocess.run(  # noqa: S603 - our own program
            [LOTSE, "--home", self.home, "up", *options], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def lotse(self, *arguments: str, fails: bool = False) -> str:
        """Run a command to its end; gives what it printed."""
        with (
            redirect_stdout(io.StringIO()) as out,
            redirect_stderr(io.StringIO()) as err,
            pytest.raises(SystemExit) as ended,
        ):
            main(["--home", str(self.home), *arguments])
        told = out.getvalue() + err.getvalue()
        assert bool(ended.value.code) is fails, told
        return told

    @property
    def platform(self) -> Platform:
        """As its folder says."""
        return Platform.read(self.home)

    def row(self, name: str) -> dict:
        """A process in `lotse status --json`."""
        return next(one for one in self.status()["processes"] if one["process"] == name)

    def status(self) -> dict:
        """`lotse status --json`."""
        return json.loads(self.lotse("status", "--json"))

    def approve(self, operation: str) -> None:
        """A command to intake's API."""
        body = {
            "id": operation,
            "programme": "biwaq",
            "approved_on": "2026-01-15",
            "first_day": "2026-02-01",
            "last_day": "2028-12-31",
        }
        answer = httpx.post(
            f"{self.platform.url('intake')}/operations/approve-operation", json=body, headers=self.as_coordinator()
        )
        assert answer.status_code == 200, answer.text

    def heard_by_coaching(self, operation: str) -> bool:
        """Whether what intake told has arrived in another service."""
        answer = httpx.get(f"{self.platform.url('coaching')}/operations/{operation}", headers=self.as_coordinator())
        return answer.status_code == 200

    def as_coordinator(self) -> dict[str, str]:
        """Headers of a call."""
        return {"Authorization": f"Bearer {self.platform.token(role='coordinator')}"}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """Up once for all tests of this file, on free ports; down again after them, with no process left."""
    with tempfile.TemporaryDirectory(prefix="lotse test ", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        one = Running(Path(folder) / "state")
        chosen = [option for name in ports_from(0) for option in ("--port", f"{name}={free_port()}")]
        one.up(*chosen)
        yield one
        pids = [row.pid for row in status.rows(one.platform)]
        assert "down" in one.lotse("down")
        assert [pid for pid in pids if pid and born(pid)] == []
        one.lotse("reset", "--yes")


def until(condition, within: float) -> None:
    """Wait for a condition; fails when it does not come true in time."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def test_all_is_ready_and_a_second_up_says_so(running):
    """`up` returns when all is ready; a second one is refused and disturbs nothing."""
    told = running.status()
    assert {row["state"] for row in told["processes"]} == {"ready"}
    assert "running already" in running.lotse("up", fails=True)
    assert running.status() == told


def test_what_is_told_here_is_heard_there_once_it_is_quiet(running):
    """After `lotse wait` a fact of one service is in the others."""
    running.approve("quiet-harbour")
    running.lotse("wait")
    assert running.heard_by_coaching("quiet-harbour")


def test_what_a_service_refuses_is_said_in_the_words_of_the_command(running):
    """The option or the name that is wrong, and what to do; the same for every command that asks about an operation."""
    for command in (("report",), ("incomplete",), ("seals",), ("publications",), ("edition", "compare")):
        assert "There is no operation nosuch. There are: " in running.lotse(*command, "nosuch", fails=True)
    for command in (("report",), ("explain",), ("incomplete",), ("seal",), ("publish",), ("edition", "compare")):
        indicator = ["one"] if command == ("explain",) else []
        told = running.lotse(*command, "quiet-harbour", *indicator, "--as-of", "soon", fails=True)
        assert told == "lotse: --as-of soon is no day. Write it like 2014-09-30.\n"
    for command in ("submit", "restatement"):
        assert running.lotse(command, "nosuch", fails=True) == "lotse: There is no seal nosuch. See `lotse seals`.\n"


def test_killed_processes_are_back_and_nothing_is_lost(running):
    """After kill -9 of all at once each has a successor, as soon as those it needs answer, and all works as before."""
    killed = {row["process"]: row["pid"] for row in running.status()["processes"]}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)

    until(lambda: not {row["pid"] for row in running.status()["processes"]} & {None, *killed.values()}, within=60)
    until(lambda: {row["state"] for row in running.status()["processes"]} == {"ready"}, within=60)
    running.approve("stormy-harbour")
    running.lotse("wait")

    assert running.heard_by_coaching("stormy-harbour")
    assert running.heard_by_coaching("quiet-harbour")
    assert all(row["restarts"] >= 1 for row in running.status()["processes"])


def test_without_kafka_commands_are_taken_and_arrive_later(running):
    """Kafka away: the APIs accept, `wait` says who waits for what; Kafka back: all arrives."""
    running.lotse("stop", "kafka")
    assert running.row("kafka")["state"] == "stopped"
    running.approve("patient-harbour")
    assert "Not quiet" in running.lotse("wait", "--within", "2", fails=True)
    assert not running.heard_by_coaching("patient-harbour")

    running.lotse("start", "kafka")
    running.lotse("wait")

    assert running.heard_by_coaching("patient-harbour")


def test_a_record_that_cannot_be_read_is_listed_and_discarded(running):
    """Junk on the topic becomes a dead letter of each service that hears it; a human looks at it and discards it."""

    async def junk() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=running.platform.kafka)
        async with producer:
            await producer.send_and_wait("lotse.facts", b"{}", headers=[("ce_type", b"\xff\xfe")])
        await until_quiet(running.platform, 30)

    asyncio.run(junk())
    [letter] = json.loads(running.lotse("dead-letters", "list", "coaching", "--json"))
    assert letter["kind"] == "undecodable"
    number = str(letter["number"])
    assert "undecodable" in running.lotse("dead-letters", "list", "coaching")
    assert "\\\\xff" in running.lotse("dead-letters", "show", "coaching", number)
    running.lotse("dead-letters", "retry", "coaching", number, fails=True)
    running.lotse("dead-letters", "discard", "coaching", number, "--why", "not a record of ours")
    assert "No dead letters" in running.lotse("dead-letters", "list", "coaching")
    assert "not-found" not in running.lotse("dead-letters", "show", "coaching", number)
    assert "coaching has no dead letter 999" in running.lotse("dead-letters", "show", "coaching", "999", fails=True)


def test_up_takes_the_place_of_a_killed_supervisor(running):
    """After kill -9 of the supervisor the next `up` ends what it left, starts all anew, and the data are there."""
    left = {row.process: row.pid for row in status.rows(running.platform)}
    os.kill(running.status()["supervisor"], signal.SIGKILL)
    until(lambda: {row["state"] for row in running.status()["processes"]} == {status.UNWATCHED}, 10)

    running.up()

    assert not {row.pid for row in status.rows(running.platform)} & set(left.values())
    assert [pid for pid in left.values() if born(pid)] == []
    assert running.heard_by_coaching("quiet-harbour")


@pytest.mark.parametrize("runs", [True, False])
def test_kafka_lost_is_one_command(running, runs):
    """Its folder gone, running or down: `republish` writes the topic anew, nothing is missing, nothing comes twice."""
    before, late = (f"{name}-harbour-{'up' if runs else 'down'}" for name in ("sunken", "raised"))
    running.approve(before)
    running.lotse("wait")
    letters = running.lotse("dead-letters", "list", "--json")
    running.lotse("stop", "kafka")
    running.approve(late)
    if not runs:
        running.lotse("down")
    shutil.rmtree(running.home / "kafka" / "data")

    told = running.lotse("republish", "--yes")
    running.lotse("wait")

    assert "written anew" in told
    assert running.heard_by_coaching(before)
    assert running.heard_by_coaching(late)
    assert {row["state"] for row in running.status()["processes"]} == {"ready"}
    assert running.lotse("dead-letters", "list", "--json") == letters
