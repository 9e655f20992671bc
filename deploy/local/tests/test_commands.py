"""The command line where nothing runs: what it says, and what it leaves behind."""

import io
import json
import socket
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpx
import pytest
from lotse_local import figures
from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.jars import cache_folder, kafka_jars
from lotse_local.main import main
from lotse_local.platform import Platform, ports_from
from lotse_local.ports import free_port
from lotse_local.running import chosen_platform
from lotse_shared import security

REPORT = {
    "report": {
        "operation": "harbour",
        "as_of": "2014-09-30",
        "known_at": None,
        "indicators": [
            {
                "id": "health",
                "title": {"de": "Anzahl an Teilnehmer/-innen an Gesundheitsprojekten", "en": "Health"},
                "counts": "attendances",
                "target": 2000,
                "result": 10360,
                "percent": 518,
            },
            {
                "id": "costs",
                "title": {"de": "Kosten", "en": "Costs"},
                "counts": "euros",
                "target": None,
                "result": "1234.50",
                "percent": None,
            },
        ],
    },
    "digest": "00",
    "state": {"final": False, "complete_up_to": "2026-11-24T23:00:00Z", "heard_from": {}, "open": [{}, {}]},
}


@pytest.fixture
def lotse(tmp_path, monkeypatch, capsys):
    """Runs a command with a state folder of its own; gives exit code, output, and errors."""
    monkeypatch.setenv("LOTSE_HOME", str(tmp_path / "state"))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def platform(tmp_path, monkeypatch):
    """A platform that was made and does not run."""
    monkeypatch.setenv("LOTSE_HOME", str(tmp_path / "state"))
    return chosen_platform(None, None, {name: free_port() for name in ports_from(0)})


@pytest.mark.parametrize(
    "command", [("status",), ("down",), ("token", "--role", "auditor"), ("report", "x"), ("wait",)]
)
def test_commands_need_a_platform(lotse, command):
    """Before the first `lotse up` every command says so in one line, with the way out, and fails."""
    code, out, err = lotse(*command)

    assert code == 1
    assert out == ""
    assert "lotse up" in err
    assert len(err.splitlines()) == 1


@pytest.mark.usefixtures("platform")
def test_what_needs_a_running_platform_says_so(lotse):
    """Without a supervisor nothing can be stopped or started; calls say that nobody answers."""
    assert "lotse up" in lotse("stop", "kafka")[2]
    assert "lotse up" in lotse("start", "intake")[2]
    code, _, err = lotse("dead-letters", "list", "intake")
    assert code == 1
    assert "intake does not answer" in err
    assert "lotse up" in err


@pytest.mark.usefixtures("platform")
def test_an_unknown_process_is_named_with_the_known_ones(lotse):
    """A misspelt name is answered with what there is."""
    code, _, err = lotse("logs", "kafak")

    assert code == 1
    assert "kafak" in err
    assert "kafka" in err


def test_status_of_a_platform_that_is_down(lotse, platform):
    """Programs read one JSON object: processes with pid, port and state, and the addresses."""
    code, out, _ = lotse("status", "--json")
    told = json.loads(out)

    assert code == 0
    assert told["supervisor"] is None
    assert {(one["state"], one["pid"]) for one in told["processes"]} == {("stopped", None)}
    assert {"postgres", "kafka", "intake-api", "intake-worker"} <= {one["process"] for one in told["processes"]}
    assert told["kafka"] == platform.kafka
    assert told["page"] == platform.url("reporting")
    assert lotse("down")[1] == "Lotse was not running.\n"


def test_a_token_is_one_the_services_accept(lotse, platform):
    """`lotse token` signs with the key whose public part the services read."""
    keys = security.read_public_keys(platform.keys.token_public)
    code, out, _ = lotse("token", "--role", "coach", "--partner", "alpha", "--name", "Test")

    assert code == 0
    assert security.Gate(keys).caller(out.strip(), security.utc_now()) == security.Caller("Test", "coach", "alpha")


@pytest.mark.usefixtures("platform")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--role", "coach"), "--partner"),
        (("--role", "boss"), "coordinator"),
        (("--role", "coach", "--partner", "A B"), "slug"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(lotse, options, said):
    """A role of one partner needs the partner; an unknown role is answered with the known ones."""
    code, out, err = lotse("token", *options)

    assert (code, out) == (1, "")
    assert said in err


def test_a_sign_in_link_carries_a_ticket_and_no_token(lotse, platform):
    """A ticket is good for the pages alone: as a bearer token it is refused."""
    link = httpx.URL(lotse("sign-in", "--role", "coordinator")[1].strip())
    keys = security.read_public_keys(platform.keys.token_public)

    assert str(link).startswith(f"{platform.url('reporting')}/sign-in?ticket=")
    assert security.check_ticket(link.params["ticket"], keys, security.utc_now()).caller.role == "coordinator"
    with pytest.raises(security.BadToken):
        security.Gate(keys).caller(link.params["ticket"], security.utc_now())


def test_secrets_can_be_read_by_their_owner_alone(platform):
    """Passwords, the keys of vault, tokens and pseudonyms are closed to all others, and stay what they are."""
    secrets = {path: path.read_bytes() for path in platform.keys.folder.iterdir()}

    assert len(secrets) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert stat.S_IMODE(platform.keys.folder.stat().st_mode) == 0o700
    Platform.make(platform.home, platform.ports)
    assert {path: path.read_bytes() for path in platform.keys.folder.iterdir()} == secrets


def test_ports_are_remembered_until_others_are_chosen(platform):
    """Chosen ports hold for later starts; one of them can be changed alone, a new base changes all."""
    assert chosen_platform(None, None, {"kafka": 9092}).ports["kafka"] == 9092
    again = chosen_platform(None, None, {})
    assert again.ports == {**platform.ports, "kafka": 9092}
    assert Platform.read() == again
    assert chosen_platform(None, 8400, {}).ports == ports_from(8400)


def test_a_taken_port_is_named_with_the_way_out(lotse):
    """The error names port, listener, and other ports that are free; nothing is left running."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = lotse("up", "--base-port", "17400", "--port", f"matching-api={port}")

    assert code == 1
    assert f"Port {port}" in err
    assert "matching-api" in err
    assert "--base-port" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--port", "kafka"), "NAME=NUMBER"),
        (("--port", "kafak=9092"), "kafka-controller"),
        (("--base-port", "65500"), "65535"),
    ],
)
def test_ports_that_make_no_sense_are_refused(lotse, options, said):
    """Unknown listeners and numbers that are no ports are named before anything is made."""
    code, _, err = lotse("up", *options)

    assert code == 1
    assert said in err


@pytest.mark.parametrize("folder", ["a,b", "x" * 251 + "/" + "y" * 251, "tab\tin it"])
def test_a_state_folder_that_will_not_do_is_refused(lotse, monkeypatch, tmp_path, folder):
    """Paths that Kafka or PostgreSQL could not hold are refused before anything is made."""
    monkeypatch.setenv("LOTSE_HOME", str(tmp_path / folder))
    code, _, err = lotse("up")

    assert code == 1
    assert "LOTSE_HOME" in err
    assert not (tmp_path / folder.split("/")[0]).exists()


def test_a_state_folder_that_cannot_be_written_is_named(lotse, monkeypatch, tmp_path):
    """A file in the place of the folder: the error names folder, reason and way out."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOTSE_HOME", str(tmp_path / "file" / "state"))
    code, _, err = lotse("up")

    assert code == 1
    assert "cannot be written (Not a directory)" in err
    assert "--home" in err


def test_without_network_the_jars_are_named_with_the_way_out(monkeypatch, tmp_path):
    """A fresh machine without network says what is missing and how to get it."""
    monkeypatch.setenv("LOTSE_CACHE", str(tmp_path))
    monkeypatch.setenv("LOTSE_MAVEN_REPOSITORY", "http://127.0.0.1:9/nobody-listens")

    with pytest.raises(Exception, match="Connect this machine to the network once") as told:
        kafka_jars({"org.example:nothing:1.0": "0" * 64})
    assert "org.example:nothing:1.0" in str(told.value)
    assert "LOTSE_MAVEN_REPOSITORY" in str(told.value)


def test_a_damaged_platform_file_is_told_so(lotse, platform):
    """Half a file (the machine lost power) is no trace but an error with the way out."""
    (platform.home / "platform.json").write_text('{"ports": {"kaf')
    code, _, err = lotse("status")

    assert code == 1
    assert "damaged" in err


def test_reset_asks_first_and_leaves_what_is_not_ours(lotse, platform, monkeypatch):
    """Nothing is thrown away unasked, and of the folder only what Lotse put there."""
    (platform.home / "mine.txt").touch()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert lotse("reset")[0] == 1
    assert (platform.home / "keys").exists()

    assert lotse("reset", "--yes")[0] == 0
    assert [path.name for path in platform.home.iterdir()] == ["mine.txt"]


def test_logs_are_read_from_the_end(lotse, platform):
    """The last lines, named by process where several are read; half a line waits for its end."""
    platform.logs.mkdir()
    (platform.logs / "kafka.log").write_text("one\ntwo\nthree\nfou")
    (platform.logs / "intake-api.log").write_text("four\n")

    assert lotse("logs", "kafka", "-n", "2")[1] == "two\nthree\n"
    assert lotse("logs", "-n", "1")[1].split() == ["kafka", "three", "intake-api", "four"]


def test_a_report_is_printed_as_funders_print_it():
    """German heads, thousands and decimal comma; figures stand in columns; nothing is cut."""
    heads, health, costs = figures.as_table(REPORT["report"])

    assert heads.split() == ["Indikator", "Zielwert", "Ergebnis", "%"]
    assert health == "Anzahl an Teilnehmer/-innen an Gesundheitsprojekten     2.000    10.360  518"
    assert costs.split() == ["Kosten", "-", "1.234,50", "-"]
    assert len({len(line) for line in (heads, health, costs)}) == 1


def test_a_report_for_spreadsheets_has_the_figures_as_they_are():
    """No thousands, a decimal point, an empty cell where there is no figure."""
    rows = figures.as_csv(REPORT["report"]).splitlines()

    assert rows[1].endswith("attendances,2000,10360,518")
    assert rows[2] == "costs,Kosten,Costs,euros,,1234.50,"


PARTS = [
    {"part": "spi", "results": {"health": 10000, "costs": "1000.00"}},
    {"part": None, "results": {"health": 360, "costs": "234.50"}},
]


def test_parts_stand_beside_their_figures():
    """A column for each part, on paper and in spreadsheets; what has none is said to have none."""
    ids = [one["id"] for one in REPORT["report"]["indicators"]]
    parts = [{**one, "results": dict(zip(ids, one["results"].values(), strict=True))} for one in PARTS]
    heads, health, costs = figures.as_table(REPORT["report"], parts)

    assert heads.split() == ["Indikator", "Zielwert", "Ergebnis", "%", "spi", "ohne", "Angabe"]
    assert health.split()[-2:] == ["10.000", "360"]
    assert costs.split()[-2:] == ["1.000,00", "234,50"]
    rows = figures.as_csv(REPORT["report"], parts).splitlines()
    assert rows[0].endswith("percent,spi,not stated")
    assert rows[2].endswith(",1234.50,,1000.00,234.50")


def test_what_counts_by_waiting_is_told_by_month():
    """Each indicator with its sum and what each month adds."""
    months = [{"month": "2014-02", "expected": 1}, {"month": "2014-03", "expected": 1200}]
    kept = {"id": "kept", "title": {"de": "Gehalten"}, "counts": "persons", "expected": 1201, "months": months}
    lines = list(figures.expected_lines({"after": "2013-09-01", "indicators": [kept]}))

    assert lines == ["Erwartet nach dem 2013-09-01", "Gehalten: 1.201 (2014-02: 1, 2014-03: 1.200)"]


def test_the_state_says_what_keeps_a_report_from_being_final():
    """Live or known at, up to when all was heard, and how many facts wait for a human."""
    line = figures.state_line(REPORT)

    assert "live, not final" in line
    assert "2026-11-24T23:00:00Z" in line
    assert "2 facts wait" in line


@pytest.mark.parametrize("command", ["up", "status", "report", "explain", "dead-letters", "programme", "token"])
def test_every_command_has_its_manual(lotse, command):
    """`--help` works for every command without a platform."""
    code, out, _ = lotse(command, "--help")

    assert code == 0
    assert "Usage" in out


def test_the_cache_is_made_in_an_empty_home(tmp_path, monkeypatch):
    """On a new account nothing is there yet: the cache's folder is made; where it cannot be, the way out is told."""
    monkeypatch.delenv("LOTSE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "new"))

    assert cache_folder().is_dir()

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOTSE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(CannotRun, match="LOTSE_CACHE"):
        cache_folder()


class _AwayOnce(BaseHTTPRequestHandler):
    """A service whose database is away when it is first asked."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Answer as a service does."""
        self.asked.append(self.path)
        status, body = (503, b"{}") if len(self.asked) == 1 else (200, b'{"operations": []}')
        self.send_response(status)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_who_only_reads_waits_for_a_database_that_comes_back(platform):
    """A reading call that finds the database away asks again, as the answer says."""
    with ThreadingHTTPServer(("127.0.0.1", platform.ports["reporting-api"]), _AwayOnce) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answer = call(platform, "reporting", "GET", "/operations", role="coordinator")
        server.shutdown()

    assert answer.json() == {"operations": []}
    assert _AwayOnce.asked == ["/operations", "/operations"]


def test_a_programme_file_is_checked_where_nothing_runs(tmp_path, capsys):
    """The file, the line and the nearest valid word; a file that can be used says how much is in it."""
    path = tmp_path / "harbour.yaml"
    text = "operation: harbour\nprogramme: esf\nperiod: {from: 2024-01-01, until: 2027-12-31}\nsource: us\n"
    path.write_text(text + "include: [{set: esf-plus-2021}]\n")
    with pytest.raises(SystemExit) as ended:
        main(["programme", "check", str(path)])
    assert ended.value.code == 0
    assert "harbour.yaml: 25 indicators, all of their words are known." in capsys.readouterr().out
    path.write_text(text + "include: [{set: esf-plus-2012}]\n")
    with pytest.raises(SystemExit) as ended:
        main(["programme", "check", str(path)])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "harbour.yaml, line 5: there is no set esf-plus-2012; did you mean esf-plus-2021?" in " ".join(said.split())
