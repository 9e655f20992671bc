"""One page of figures for the whole run, on a database that is as safe as in production."""

from collections.abc import Iterator

import pytest
from figures import Figures
from lotse_local.postgres import Postgres
from lotse_local.testing import serving


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
