"""The processes of a platform: what runs, by which command, and who needs whom."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from lotse_local import kafka
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform, Process
from lotse_local.postgres import SERVICES
from lotse_local.supervisor import Program

INFRASTRUCTURE: Final = ("postgres", "kafka")


def names() -> list[str]:
    """Every process, in the order in which they are shown."""
    return [*INFRASTRUCTURE, *(f"{service}-{process}" for service in SERVICES for process in ("api", "worker"))]


def chosen(name: str) -> list[str]:
    """The processes that a name stands for: a process, or both of a service.

    Raises:
        CannotRun: there is none of that name.
    """
    found = [one for one in names() if name in (one, one.rpartition("-")[0])]
    if not found:
        raise CannotRun(f"There is no process {name}. There are: {', '.join([*names(), *SERVICES])}.")
    return found


def console_script(service: str) -> str:
    """The program of a service, in the same environment as this one."""
    return str(Path(sys.executable).parent / f"lotse-{service}")


def programs(platform: Platform, kafka_command: Sequence[str]) -> list[Program]:
    """What the supervisor keeps running."""
    server = platform.postgres()
    return [
        Program(
            name="postgres",
            command=server.command(),
            environment={},
            log=str(platform.logs / "postgres.log"),
            port=platform.ports["postgres"],
            end_with="SIGINT",  # a fast shutdown: SIGTERM would wait for every client
        ),
        Program(
            name="kafka",
            command=kafka_command,
            environment=kafka.ENVIRONMENT,
            log=str(platform.logs / "kafka.log"),
            port=platform.ports["kafka"],
        ),
        *(_service(platform, name) for name in names() if name not in INFRASTRUCTURE),
    ]


def _service(platform: Platform, name: str) -> Program:
    service, _, process = name.rpartition("-")
    return Program(
        name=name,
        command=[console_script(service), process],
        environment=platform.environment(service, cast("Process", process)),
        log=str(platform.logs / f"{name}.log"),
        port=platform.ports[name],
        needs=("postgres", "kafka") if process == "worker" else ("postgres",),
        live="/health/live",
    )


def kafka_command(platform: Platform) -> list[str]:
    """Prepare Kafka's folder, and give the command that runs it."""
    return kafka.prepare(platform.home / "kafka", platform.ports["kafka"], platform.ports["kafka-controller"])
