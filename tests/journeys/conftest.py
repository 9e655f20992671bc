"""One platform for all journeys, with the network already half played when they begin."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platform_runs import Run, free_base


@pytest.fixture(scope="session")
def lotse() -> Iterator[Run]:
    """A platform that runs; afterwards it is taken down and thrown away."""
    with tempfile.TemporaryDirectory(prefix="lotse-journey-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        run = Run(Path(folder) / "state")
        run.lotse("up", "--base-port", str(free_base()))
        yield run
        run.lotse("reset", "--yes")
