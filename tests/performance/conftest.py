"""One page of figures for the whole run."""

from collections.abc import Iterator

import pytest
from figures import Figures


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """What was measured; written to docs/performance.md at the end."""
    noted = Figures()
    yield noted
    noted.write()
