"""A real Apache Kafka on this machine: one KRaft node, plaintext on loopback, its data in a folder."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from lotse_local.errors import CannotRun
from lotse_local.jars import cache_folder, kafka_jars, lock_digest
from lotse_local.java import java, version
from lotse_local.ports import answers, free_port

CLUSTER_ID: Final = "bG90c2Utb24tb25lLW1hYw"
ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8"}
"""For the JVM: without it a path with letters beyond ASCII cannot be opened where the language is C."""

_LOG4J: Final = """\
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {folder}/kafka.log
appender.file.filePattern = {folder}/kafka.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{ISO8601}} %p %m (%c{{1}})%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
"""


def properties(data: Path, port: int, controller_port: int) -> dict[str, str]:
    """What the node is set to (kafka-facts.md section 1): small, quick to come back after a crash, never lenient."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "broker.session.timeout.ms": "1000",
        "broker.heartbeat.interval.ms": "250",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.segment.bytes": str(64 * 1024 * 1024),
    }


def prepare(folder: Path, port: int, controller_port: int) -> list[str]:
    """Make folders and settings, format the log once, and give the command that runs the node.

    Raises:
        CannotRun: no Java, jars or room for it.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    settings = folder / "server.properties"
    lines = [f"{name}={_escaped(value)}\n" for name, value in properties(data, port, controller_port).items()]
    settings.write_text("".join(lines))
    (folder / "log4j2.properties").write_text(_LOG4J.format(folder=_escaped(str(folder))))
    jars = kafka_jars()
    command = _java_command(folder, os.pathsep.join(str(jar) for jar in jars))
    if not (data / "meta.properties").exists():
        done = subprocess.run(  # noqa: S603 - a Java of this machine
            [
                *command,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                CLUSTER_ID,
                "-c",
                str(settings),
                "--ignore-formatted",
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **ENVIRONMENT},
        )
        if done.returncode != 0:
            why = (done.stderr or done.stdout).strip().splitlines()[:1]
            raise CannotRun(f"Kafka's data folder {data} could not be prepared: {' '.join(why)}. Is the disk full?")
    return [*command, "kafka.Kafka", str(settings)]


def _escaped(value: str) -> str:
    """A value for a Java properties file, which takes backslashes and letters beyond ASCII as JSON does."""
    return json.dumps(value)[1:-1]


def _java_command(folder: Path, classpath: str) -> list[str]:
    binary = java()
    flags = [
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx256m",
        "-Xms128m",
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        f"-Dkafka.logs.dir={folder}",
    ]
    archive = class_archive(binary)
    if archive.exists():
        flags.append(f"{'-XX:AOTCache' if _newer(binary) else '-XX:SharedArchiveFile'}={archive}")
    return [str(binary), *flags, "-cp", classpath]


def class_archive(binary: Path) -> Path:
    """Where the classes of these jars are kept, as this Java has read them."""
    return cache_folder() / f"kafka-{lock_digest()}-java{version(binary)}.classes"


def _newer(binary: Path) -> bool:
    """Whether this Java makes the newer kind of class archive (JEP 514)."""
    return version(binary) >= 25  # noqa: PLR2004 - the release of that JEP


def make_class_archive() -> None:
    """Keep Kafka's classes as Java has read them, once: every later start takes one second instead of three.

    Nothing depends on it: where it fails, starts are slower.
    """
    binary = java()
    archive = class_archive(binary)
    if archive.exists():
        return
    with tempfile.TemporaryDirectory(dir=cache_folder(), ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "classes"
        port = free_port()
        command = prepare(Path(folder), port, free_port())
        at = command.index("-cp")
        flag = "-XX:AOTCacheOutput" if _newer(binary) else "-XX:ArchiveClassesAtExit"
        with (
            subprocess.Popen(  # noqa: S603 - a Java of this machine
                [*command[:at], f"{flag}={made}", *command[at:]],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ) as process
        ):
            until = time.monotonic() + 60
            while not answers(port) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
        if made.exists():
            made.replace(archive)


class Kafka:
    """A running node, for tests and small tools; `lotse up` runs the same command under its supervisor."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self.port = port or free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self.port}"

    def start(self, within: float = 60.0) -> None:
        """Start and wait until the node serves.

        Raises:
            CannotRun: it ended, or does not serve in time.
        """
        command = prepare(self._folder, self.port, self._controller_port)
        with (self._folder / "stdout.log").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - a Java of this machine
                command, stdout=out, stderr=out, start_new_session=True, env={**os.environ, **ENVIRONMENT}
            )
        until = time.monotonic() + within
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > until:
                raise CannotRun(f"Kafka did not start; its log is {self._folder}/kafka.log")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """End it in good order; after ten seconds by force."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
