"""One platform on this machine: its state folder, ports, secrets, and what its processes are told."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from lotse_shared import security

from lotse_local.errors import CannotRun
from lotse_local.keys import Keys
from lotse_local.postgres import SERVICES, Postgres

HOME: Final = "LOTSE_HOME"
"""Environment: the state folder, `.lotse` in the current folder where it is not set."""

BASE_PORT: Final = 7400
_OFFSETS: Final = {
    "reporting-api": 0,
    "intake-api": 1,
    "matching-api": 2,
    "coaching-api": 3,
    "reporting-worker": 10,
    "intake-worker": 11,
    "matching-worker": 12,
    "coaching-worker": 13,
    "postgres": 32,
    "kafka": 92,
    "kafka-controller": 93,
}
"""Each listener's place after the base port; the pages are at the base port itself."""

LONGEST_PATH: Final = 500
"""Bytes of the state folder's path that leave room for what PostgreSQL and Kafka put below it."""

DATABASE: Final = "lotse"

Process = Literal["api", "worker"]


def chosen_home(home: Path | None = None) -> Path:
    """The state folder: as given, by the environment, or `.lotse` in the current folder; absolute."""
    return (home or Path(os.environ.get(HOME) or ".lotse")).expanduser().absolute()


def ports_from(base: int) -> dict[str, int]:
    """Every listener's port, counted from the base port."""
    return {name: base + offset for name, offset in _OFFSETS.items()}


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that was made before: everything about it follows from its state folder."""

    home: Path
    ports: Mapping[str, int]

    @classmethod
    def read(cls, home: Path | None = None) -> "Platform":
        """The platform of a state folder.

        Raises:
            CannotRun: there is none.
        """
        home = chosen_home(home)
        try:
            kept = json.loads((home / "platform.json").read_text())
            return cls(home, {name: int(kept["ports"][name]) for name in _OFFSETS})
        except FileNotFoundError:
            raise CannotRun(f"There is no platform in {home} yet: run `lotse up` first, or name its folder.") from None
        except PermissionError:
            raise CannotRun(f"{home} belongs to another account: run as that one, or name another folder.") from None
        except (ValueError, KeyError, TypeError):
            raise CannotRun(
                f"{home}/platform.json is damaged. `lotse up --base-port {BASE_PORT}` writes it anew; data stays."
            ) from None

    @classmethod
    def make(cls, home: Path, ports: Mapping[str, int]) -> "Platform":
        """Make the state folder with its secrets, or keep those that are there; the ports are remembered.

        Raises:
            CannotRun: the folder cannot be made or written, or its path will not do.
        """
        _check_path(home)
        try:
            home.mkdir(parents=True, exist_ok=True)
            platform = cls(home, dict(ports))
            platform.keys.make()
            part = home / "platform.json.part"
            part.write_text(json.dumps({"ports": dict(ports)}, indent=2) + "\n")
            part.replace(home / "platform.json")
        except OSError as error:
            raise CannotRun(
                f"The state folder {home} cannot be written ({error.strerror}). Name another one with --home or "
                f"{HOME}, and make sure that it is yours and the disk is not full."
            ) from error
        return platform

    @property
    def keys(self) -> Keys:
        """Its secrets."""
        return Keys(self.home / "keys")

    @property
    def logs(self) -> Path:
        """Where the processes' logs are: one file each."""
        return self.home / "logs"

    @property
    def kafka(self) -> str:
        """Where clients of Kafka connect."""
        return f"127.0.0.1:{self.ports['kafka']}"

    def postgres(self) -> Postgres:
        """Its database server."""
        return Postgres(self.home / "postgres", self.ports["postgres"], self.keys.passwords())

    def url(self, service: str) -> str:
        """Address of a service's API; of reporting, also of the pages."""
        return f"http://127.0.0.1:{self.ports[f'{service}-api']}"

    def worker_url(self, service: str) -> str:
        """Address of a service's worker: metrics, health, progress."""
        return f"http://127.0.0.1:{self.ports[f'{service}-worker']}"

    def token(
        self, *, role: str, partner: str = "*", name: str = "lotse", lasts: timedelta = timedelta(hours=12)
    ) -> str:
        """Sign an access token.

        Raises:
            ValueError: no such role, or one that needs a partner.
        """
        key = self.keys.token_key()
        return security.issue(key, name=name, role=role, partner=partner, now=datetime.now(UTC), lasts=lasts)

    def sign_in_link(self, *, role: str, partner: str = "*", name: str = "lotse") -> str:
        """A link to the pages that lets somebody in once, within ten minutes.

        Raises:
            ValueError: as for `token`.
        """
        ticket = security.issue_ticket(
            self.keys.token_key(),
            ticket=secrets.token_urlsafe(16),
            name=name,
            role=role,
            partner=partner,
            now=datetime.now(UTC),
        )
        return f"{self.url('reporting')}/sign-in?ticket={ticket}"

    def environment(self, service: str, process: Process = "api") -> dict[str, str]:
        """What a service's processes are told: settings by the names of lotse_shared.settings."""
        if service not in SERVICES:
            raise ValueError(f"a service is one of {', '.join(SERVICES)}")
        told = {
            "LOTSE_DATABASE_URL": self.database_url(service),
            "LOTSE_KAFKA": self.kafka,
            "LOTSE_HOST": "127.0.0.1",
            "LOTSE_PORT": str(self.ports[f"{service}-{process}"]),
            "LOTSE_TOKEN_PUBLIC_KEY_FILE": str(self.keys.token_public),
            "LOTSE_PLAY": "true",
        }
        if service == "intake":
            told["LOTSE_VAULT_KEY_FILE"] = str(self.keys.vault)
        if service == "reporting":
            told["LOTSE_PSEUDONYM_KEY_FILE"] = str(self.keys.pseudonyms)
        return told

    def database_url(self, service: str, *, owner: bool = False) -> str:
        """Where a service's role works, or the owner of its schema, which only migrations use."""
        role = f"lotse_{service}_owner" if owner else f"lotse_{service}"
        return self.keys.passwords().url(role, self.ports["postgres"], DATABASE)


def _check_path(home: Path) -> None:
    """Refuse paths that Kafka's settings or PostgreSQL cannot hold, before anything is made there."""
    if len(os.fsencode(home)) > LONGEST_PATH:
        raise CannotRun(
            f"The state folder's path is longer than {LONGEST_PATH} bytes; name a shorter one with --home or {HOME}."
        )
    if "," in str(home) or not str(home).isprintable():
        raise CannotRun(
            f"The state folder's path holds a comma or a control character, which Kafka's settings cannot express; "
            f"name another one with --home or {HOME}."
        )
