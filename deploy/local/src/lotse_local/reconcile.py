"""After a restore, before anything is served: each service takes back what it had told since the backup."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from lotse_local.errors import CannotRun
from lotse_local.platform import Platform
from lotse_local.postgres import SERVICES
from lotse_local.processes import console_script

MARKER: Final = "restored.json"
"""There while a restored database has not been reconciled: `lotse up` does that first."""


def facts(platform: Platform) -> Path:
    """Where the facts are listed that were taken back: one line of JSON each."""
    return platform.home / "restored-facts.jsonl"


def is_due(platform: Platform) -> bool:
    """Whether the database was restored and has not been reconciled."""
    return (platform.home / MARKER).exists()


def done(platform: Platform) -> None:
    """Nothing is to be reconciled any more."""
    (platform.home / MARKER).unlink(missing_ok=True)


def reconcile(platform: Platform) -> None:
    """Let every service do it, and list what each found. Kafka and the database run, and nothing else.

    Raises:
        CannotRun: Kafka has not what was read, or a service failed: says what to do.
    """
    with ThreadPoolExecutor(2) as pool:
        listed = list(pool.map(lambda service: _of(platform, service), SERVICES))
    with facts(platform).open("a") as out:
        for service, lines in zip(SERVICES, listed, strict=True):
            out.writelines(json.dumps({"service": service, **json.loads(line)}) + "\n" for line in lines)
    done(platform)


def _of(platform: Platform, service: str) -> list[str]:
    log = platform.logs / f"{service}-reconcile.log"
    with log.open("wb") as err:
        ended = subprocess.run(  # noqa: S603 - our own program
            [console_script(service), "reconcile"],
            env={**os.environ, **platform.environment(service, "worker")},
            stdout=subprocess.PIPE,
            stderr=err,
            check=False,
        )
    if ended.returncode != 0:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise CannotRun(f"{service} cannot take back what it had told: {' '.join(last)} ({log})")
    return [line for line in ended.stdout.decode().splitlines() if line.startswith("{")]
