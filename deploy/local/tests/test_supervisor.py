import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from lotse_local import supervisor
from lotse_local.ports import answers, free_port
from lotse_local.state import born, end_orphans, holder, locked, read_state
from lotse_local.supervisor import Program, as_plan

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]
LISTENS = "import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"


def until(condition, within: float = 15.0):
    """Wait for a condition and give what it gave; fails when it does not come true in time."""
    end = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


class Folder:
    """A supervisor's folder, its programs wished for, and the supervisor itself."""

    def __init__(self, path: Path, programs: list[Program]) -> None:
        self.path = path
        self.programs = programs
        (path / "wanted").mkdir(parents=True, exist_ok=True)
        for program in programs:
            self.want(program.name)
        self.process: subprocess.Popen | None = None

    def want(self, name: str) -> None:
        """Ask for a program."""
        (self.path / "wanted" / name).touch()

    def refuse(self, name: str) -> None:
        """Take the wish for a program away."""
        (self.path / "wanted" / name).unlink()

    def start(self) -> None:
        """Start a supervisor."""
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "lotse_local.supervisor", str(self.path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self.process.stdin.write(as_plan(self.programs))
        self.process.stdin.close()

    def end(self, number: int = signal.SIGTERM) -> None:
        """End the supervisor by a signal."""
        self.process.send_signal(number)
        self.process.wait(30)

    def told(self, name: str) -> dict:
        """What the supervisor says of a program."""
        return next((one for one in read_state(self.path) if one["name"] == name), {})

    def runs(self, name: str) -> int | None:
        """The pid of a program that runs."""
        told = self.told(name)
        return told["pid"] if told.get("pid") and born(told["pid"]) == told["born"] else None


@pytest.fixture
def supervised(tmp_path):
    """Makes a supervised folder; whatever a test leaves is ended."""

    @contextmanager
    def made(*programs: Program):
        folder = Folder(tmp_path / "run", list(programs))
        folder.start()
        try:
            yield folder
        finally:
            if folder.process.poll() is None:
                folder.end(signal.SIGKILL)
            end_orphans(folder.path)

    return made


def program(name: str, command, tmp_path: Path, **more) -> Program:
    return Program(name=name, command=command, environment={}, log=str(tmp_path / f"{name}.log"), **more)


def test_a_killed_program_is_started_again(supervised, tmp_path):
    """Whatever ends is started again, and the restart is counted."""
    with supervised(program("one", SLEEPS, tmp_path)) as folder:
        first = until(lambda: folder.runs("one"))
        os.kill(first, signal.SIGKILL)

        second = until(lambda: (folder.runs("one") or first) != first and folder.runs("one"), within=30)

        assert second != first
        assert folder.told("one")["restarts"] == 1


def test_a_program_that_ends_at_once_is_tried_less_and_less_often(supervised, tmp_path):
    """A crash loop is slowed down, up to a pause below five seconds, and does not disturb others."""
    marks = tmp_path / "marks"
    crashes = [sys.executable, "-c", f"import time; open({str(marks)!r}, 'a').write(f'{{time.time()}}\\n'); exit(1)"]
    with supervised(program("crashes", crashes, tmp_path), program("other", SLEEPS, tmp_path)) as folder:
        other = until(lambda: folder.runs("other"))
        until(lambda: marks.exists() and len(marks.read_text().splitlines()) >= 5)
        times = [float(line) for line in marks.read_text().splitlines()]
        pauses = [later - earlier for earlier, later in pairwise(times)]

        assert pauses[3] > 2 * pauses[0]
        assert folder.runs("other") == other
        assert supervisor.LONGEST_PAUSE + supervisor.LOOK_EVERY < 5


def test_a_program_that_refuses_its_settings_is_left_alone(supervised, tmp_path):
    """Exit code 78 means wrong settings: trying again would not help, a human does, by asking for it anew."""
    marks = tmp_path / "marks"
    refuses = [sys.executable, "-c", f"open({str(marks)!r}, 'a').write('x'); print('topic is wrong'); exit(78)"]
    with supervised(program("refuses", refuses, tmp_path)) as folder:
        until(lambda: folder.told("refuses").get("state") == "wrong settings")
        assert folder.told("refuses")["exit_code"] == 78
        assert (tmp_path / "refuses.log").read_text() == "topic is wrong\n"
        assert marks.read_text() == "x"

        folder.want("refuses")

        until(lambda: marks.read_text() == "xx")


def test_a_program_that_cannot_be_started_is_shown_so(supervised, tmp_path):
    """A program that is not there ends as wrong settings, with the reason in its log."""
    with supervised(program("absent", ["/nowhere/at/all"], tmp_path)) as folder:
        until(lambda: folder.told("absent").get("state") == "wrong settings")
        assert "cannot be started" in (tmp_path / "absent.log").read_text()


def test_a_stopped_program_stays_stopped_until_it_is_started(supervised, tmp_path):
    """Taking the wish away ends a program and nobody starts it again; a new wish does."""
    with supervised(program("one", SLEEPS, tmp_path)) as folder:
        first = until(lambda: folder.runs("one"))
        folder.refuse("one")
        until(lambda: folder.told("one")["state"] == "stopped")
        assert born(first) is None
        assert folder.told("one")["restarts"] == 0

        folder.want("one")

        assert until(lambda: folder.runs("one")) != first


def test_a_program_waits_for_the_ports_of_those_it_needs(supervised, tmp_path):
    """No crash loop while what a program needs is away: it is started when that answers."""
    port = free_port()
    server = program("server", [sys.executable, "-c", LISTENS.format(port=port)], tmp_path, port=port)
    client = program("client", SLEEPS, tmp_path, needs=["server"])
    with supervised(server, client) as folder:
        until(lambda: folder.runs("client"))
        folder.refuse("server")
        folder.refuse("client")
        until(lambda: not folder.runs("server") and not folder.runs("client"))
        folder.want("client")
        until(lambda: folder.told("client")["state"] == "waiting")

        folder.want("server")

        until(lambda: folder.runs("client"))
        assert answers(port)


def test_ending_the_supervisor_ends_everything_and_what_is_needed_last(supervised, tmp_path):
    """`down` leaves no process, and a server outlives those that need it."""
    port = free_port()
    order = tmp_path / "order"
    note = "import atexit, signal, sys; atexit.register(lambda: open({path!r}, 'a').write({name!r}));"
    note += "signal.signal(signal.SIGTERM, lambda *_: sys.exit()); print('heeds', flush=True);"
    server = note.format(path=str(order), name="server ") + LISTENS.format(port=port)
    client = note.format(path=str(order), name="client ") + "import time; time.sleep(600)"
    programs = (
        program("server", [sys.executable, "-c", server], tmp_path, port=port),
        program("client", [sys.executable, "-c", client], tmp_path, needs=["server"]),
    )
    with supervised(*programs) as folder:
        pids = [until(lambda name=name: folder.runs(name)) for name in ("server", "client")]
        until(lambda: all((tmp_path / f"{name}.log").read_text() for name in ("server", "client")))

        folder.end()

        assert order.read_text() == "client server "
        assert [born(pid) for pid in pids] == [None, None]


def test_what_a_killed_supervisor_left_is_found_and_ended(supervised, tmp_path):
    """After kill -9 of the supervisor: its programs run on, whoever comes next finds them by pid and time of birth."""
    with supervised(program("one", SLEEPS, tmp_path), program("two", SLEEPS, tmp_path)) as folder:
        pids = [until(lambda name=name: folder.runs(name)) for name in ("one", "two")]
        folder.end(signal.SIGKILL)
        assert all(born(pid) for pid in pids)

        assert end_orphans(folder.path) == ["one", "two"]

        assert [born(pid) for pid in pids] == [None, None]
        folder.start()
        assert until(lambda: folder.runs("one")) not in pids


def test_a_process_of_another_birth_is_not_touched(tmp_path):
    """A pid that was given anew belongs to somebody else."""
    with subprocess.Popen(SLEEPS) as stranger:  # noqa: S603 - fixed above
        told = {"name": "one", "pid": stranger.pid, "born": born(stranger.pid) - 1, "end_with": "SIGTERM"}
        (tmp_path / "state.json").write_text(json.dumps([told]))

        assert end_orphans(tmp_path) == []

        assert stranger.poll() is None
        stranger.kill()


def test_only_one_supervisor_holds_a_folder(supervised, tmp_path):
    """A second supervisor of a folder refuses to start and says why."""
    with supervised(program("one", SLEEPS, tmp_path)) as folder:
        until(lambda: holder(folder.path / "supervisor.lock") == folder.process.pid)
        second = Folder(folder.path, folder.programs)
        second.start()

        assert second.process.wait(10) == 1
        assert b"another supervisor" in second.process.stderr.read()
        assert until(lambda: folder.runs("one"))


def test_a_lock_is_free_once_its_holder_is_gone(tmp_path):
    """Locks hang on processes, so a killed holder leaves none behind."""
    path = tmp_path / "lock"
    assert holder(path) is None
    with locked(path):
        assert holder(path) == os.getpid()
        with pytest.raises(BlockingIOError), locked(path):
            pass
    assert holder(path) is None


@pytest.fixture
def hangs():
    """A process that takes connections and never answers."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", LISTENS.format(port=port)], start_new_session=True)  # noqa: S603 - fixed above
    until(lambda: answers(port))
    yield process, port
    process.kill()


async def test_a_program_that_hangs_alive_is_killed(hangs, tmp_path, monkeypatch):
    """A process whose event loop no longer turns answers nobody; after some unanswered questions it is killed."""
    monkeypatch.setattr(supervisor, "ASK_EVERY", 0.1)
    monkeypatch.setattr(supervisor, "MISSES", 3)
    process, port = hangs
    watched = program("hangs", [], tmp_path, port=port, live="/health/live")
    watch = asyncio.create_task(supervisor._watch(watched, process.pid))

    code = await asyncio.to_thread(process.wait, 10)

    watch.cancel()
    assert code == -signal.SIGKILL


def test_a_log_stays_within_bounds(tmp_path, monkeypatch):
    """A log that has grown large is put aside once and begun anew, while its program goes on writing at the end."""
    monkeypatch.setattr(supervisor, "LARGEST_LOG", 100)
    log = tmp_path / "one.log"
    with log.open("ab", buffering=0) as out:
        out.write(b"x" * 101)
        supervisor._shorten(log)
        out.write(b"after\n")

    assert log.read_bytes() == b"after\n"
    assert (tmp_path / "one.log.1").read_bytes() == b"x" * 101
