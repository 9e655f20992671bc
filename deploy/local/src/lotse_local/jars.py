"""Apache Kafka's jars: named with their checksums in kafka.lock, fetched from a Maven repository, kept in a cache."""

import hashlib
import os
from importlib.resources import files
from pathlib import Path

from jgo.maven import MavenContext

from lotse_local.errors import CannotRun

CACHE = "LOTSE_CACHE"
"""Environment: the folder to keep fetched things in, instead of `lotse` in the user's cache."""

MIRROR = "LOTSE_MAVEN_REPOSITORY"
"""Environment: address of a mirror to take the jars from instead of Maven Central."""


def cache_folder() -> Path:
    """Where fetched and prepared things are kept between runs and shared by all state folders; made when missing.

    Raises:
        CannotRun: it cannot be made.
    """
    chosen = os.environ.get(CACHE)
    folder = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lotse"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(
            f"{folder} cannot be made ({error.strerror}): Kafka's jars are kept there. Name another folder in {CACHE}."
        ) from error
    return folder


def read_lock(text: str) -> dict[str, str]:
    """Coordinates (group:artifact:version) to SHA-256.

    Raises:
        ValueError: a line is not of that form.
    """
    lock = {}
    for line in text.splitlines():
        coordinates, _, checksum = line.partition(" sha256:")
        if coordinates.count(":") != 2 or len(checksum) != 64:  # noqa: PLR2004 - the form of a coordinate and a SHA-256
            raise ValueError(f"not a line of the lock: {line}")
        lock[coordinates] = checksum
    return lock


def lock_digest() -> str:
    """Names this set of jars."""
    return hashlib.sha256(_lock_text().encode()).hexdigest()[:12]


def _lock_text() -> str:
    return files("lotse_local").joinpath("kafka.lock").read_text()


def kafka_jars(lock: dict[str, str] | None = None) -> list[Path]:
    """Every jar Kafka needs, each checked against the lock before anybody runs it.

    Raises:
        CannotRun: a jar cannot be fetched, or is not the one that was locked.
    """
    lock = lock or read_lock(_lock_text())
    mirror = os.environ.get(MIRROR)
    context = MavenContext(
        repo_cache=cache_folder() / "maven",
        remote_repos={"mirror": mirror} if mirror else None,
        timeout=60,
    )
    return [_checked(context, coordinates, checksum) for coordinates, checksum in lock.items()]


def _checked(context: MavenContext, coordinates: str, checksum: str) -> Path:
    group, artifact, version = coordinates.split(":")
    try:
        jar: Path = context.project(group, artifact).at_version(version).artifact().resolve()
        found = hashlib.sha256(jar.read_bytes()).hexdigest()
    except OSError as error:
        raise CannotRun(f"{_cannot_fetch(coordinates)} ({error.strerror or type(error).__name__})") from error
    except Exception as error:
        raise CannotRun(_cannot_fetch(coordinates)) from error
    if found != checksum:
        jar.unlink()
        raise CannotRun(
            f"{coordinates} is not the file that was locked: its SHA-256 is {found}, kafka.lock says {checksum}. "
            "It was deleted; run again, and if it happens again do not trust the repository it comes from."
        )
    return jar


def _cannot_fetch(coordinates: str) -> str:
    return (
        f"{coordinates} of Apache Kafka could not be fetched or stored. Connect this machine to the network once, or "
        f"name a mirror of Maven Central in {MIRROR}; make sure that {cache_folder()} can be written and the disk is "
        "not full."
    )
