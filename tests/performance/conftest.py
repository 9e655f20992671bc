"""One page of figures for the whole run, on a database that is as safe as in production."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from figures import Figures
from lotse_local.postgres import Postgres
from lotse_local.testing import serving
from platform_runs import Run


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """What was measured; written to docs/performance.md at the end."""
    noted = Figures()
    yield noted
    noted.write()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Measured is what a commit costs that survives a power cut: fsync and full page writes are on."""
    with serving(safe=True) as server:
        yield server


@pytest.fixture
def run() -> Iterator[Run]:
    """A platform of its own, for what only all processes together can show."""
    with tempfile.TemporaryDirectory(prefix="lotse-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        one = Run(Path(folder) / "state")
        yield one
        one.lotse("reset", "--yes")
