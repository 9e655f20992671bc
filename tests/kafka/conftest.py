"""Settings for a topic of one's own on the tests' Kafka."""

import pytest
from lotse_local.kafka import Kafka
from lotse_shared.settings import Settings


@pytest.fixture
def here(kafka: Kafka, topic: str) -> Settings:
    """A topic nobody has used, three partitions, a worker that is soon stuck."""
    return Settings(kafka=[kafka.bootstrap], topic=topic, partitions=3, port=0, stuck_after=20, play=True)
