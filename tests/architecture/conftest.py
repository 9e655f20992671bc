"""What the tests of the architecture look at: the files that are committed, as text and as syntax."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def committed() -> dict[str, str]:
    """Every committed text file: path from the root to content."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607 - git is how a clone came here
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw[:8000]:
                found[name] = raw.decode()
    return found


@pytest.fixture(scope="session")
def product(committed) -> dict[str, str]:
    """The Python that runs in production or in the local platform."""
    return {name: text for name, text in committed.items() if name.endswith(".py") and "/src/" in name}


@pytest.fixture(scope="session")
def tests(committed) -> dict[str, str]:
    """The Python of the tests."""
    return {name: text for name, text in committed.items() if name.endswith(".py") and "tests/" in name}
