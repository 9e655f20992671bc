"""Reading a stretch of the topic to its end, once, outside any group: for what is done while no worker runs."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from lotse_shared.envelope import header
from lotse_shared.messaging.kafka.consuming import record_of
from lotse_shared.messaging.records import Record
from lotse_shared.settings import Settings

AT_ONCE = 1_000


async def read_stretch(
    settings: Settings, following: Mapping[int, int], ends: Mapping[int, int]
) -> AsyncIterator[Record]:
    """Every record from these offsets up to those ends: each partition in its order, all together by `ce_time`.

    Between partitions nothing is certain but that a fact was recorded before another decision rested on it.
    """
    left = {one: TopicPartition(settings.topic, one) for one in following if following[one] < ends.get(one, 0)}
    if not left:
        return
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(left.values()))
        for number, partition in left.items():
            consumer.seek(partition, following[number])
        waiting: dict[int, deque[Record]] = {number: deque() for number in left}
        while left:
            for number, partition in list(left.items()):
                while not waiting[number] and await consumer.position(partition) < ends[number]:
                    found = await consumer.getmany(partition, timeout_ms=200, max_records=AT_ONCE)
                    read = [record_of(raw) for raw in found.get(partition, ())]
                    waiting[number] += [one for one in read if one.offset < ends[number]]
                if not waiting[number]:
                    del left[number]
            if left:
                yield waiting[min(left, key=lambda number: _recorded(waiting[number][0]))].popleft()
    finally:
        await consumer.stop()


def _recorded(record: Record) -> float:
    """When a fact was recorded, in seconds; what says nothing, or lies about the future, was when it was appended."""
    appended = record.appended / 1000
    try:
        return min(datetime.fromisoformat(header(record.headers, "ce_time") or "").timestamp(), appended)
    except (ValueError, OverflowError):
        return appended
