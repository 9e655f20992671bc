"""What was taken in is let go of: a backlog of any length is read in the memory of two batches."""

import gc

import pytest
from aiokafka import ConsumerRecord
from kafka_world import number, publish, until, working
from toy_service import joined_network

pytestmark = pytest.mark.kafka


async def test_records_taken_in_are_let_go_of(engine, here):
    """The client's timers keep each delivery for 40 s more: it must not keep the records that came with it."""
    async with working(engine, here):
        stream = joined_network()
        for read in range(1, 6):
            await publish(here, stream.records)

            async def taken(records: int = read * len(stream.records)) -> bool:
                return await number(engine, "select sum(next_offset)::bigint from position") >= records

            await until(taken)
        gc.collect()
        alive = [one for one in gc.get_objects() if isinstance(one, ConsumerRecord)]

        assert len(alive) <= here.partitions, "more than the last one of each partition, at which the client stands"
