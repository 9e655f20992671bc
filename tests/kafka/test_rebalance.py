"""Partitions go to another process while a batch of theirs is on its way into the database."""

import pytest
from kafka_world import until, working
from lotse_shared.messaging.records import Record
from toy_service import joined_network

pytestmark = pytest.mark.kafka


async def test_a_batch_of_a_partition_given_away_ends_nothing(engine, here):
    """What is taken in of a partition that another process reads by now is no hint to Kafka, and this one goes on."""
    async with working(engine, here) as (first, running), working(engine, here) as (second, _):
        consumer, other = first.consumer, second.consumer

        async def shared() -> bool:
            return bool(consumer.assigned and other.assigned) and not consumer.assigned & other.assigned

        await until(shared)
        partition = min(other.assigned)
        one = joined_network().records[0]
        await consumer._deliver([Record(partition, 0, 1, one.key, one.headers, one.value)])

        assert consumer.positions[partition] >= 1, "how far it was read, here or there"
        assert not running.done()
