"""The way of a fact over a real Apache Kafka, and what the topic must be like."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kafka_world import publish, until, working
from lotse_shared.database import transaction
from lotse_shared.messaging.kafka import WrongSettings, ensure_topic, offsets
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Client, enrolled, joined_network, token

pytestmark = pytest.mark.kafka


async def test_the_topic_is_made_once_and_keeps_its_id(here):
    """Lotse makes the topic as the promises need it; a second start finds it and the same id."""
    first = await ensure_topic(here)

    assert await ensure_topic(here) == first


async def test_a_wrong_topic_is_refused_by_name(here, kafka):
    """A topic with other settings or another number of partitions refuses the start and says which."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(here.topic, 2, 1)])
    await admin.close()

    with pytest.raises(WrongSettings) as refused:
        await ensure_topic(here)

    assert "partitions is 2, must be 3" in str(refused.value)
    assert "message.timestamp.type is CreateTime, must be LogAppendTime" in str(refused.value)


async def test_facts_go_from_decision_to_topic_and_from_topic_to_decision(app, engine, here):
    """What is heard is answered, the answers reach the topic in the order they were told, the outbox knows where."""
    case = new_id()
    async with working(engine, here) as (worker, _):
        stream = joined_network()
        stream.add(enrolled(case), sequence=4)
        await publish(here, stream.records)

        async def answered() -> bool:
            progress = await worker.progress()
            return progress["outbox"]["last"] > 0 and progress["outbox"]["unsent"] == 0

        await until(answered)
        async with Client(app, token()) as client:
            for day in ("2012-03-02", "2012-03-03", "2012-03-04"):
                await client.post(f"/cases/{case}/hold-visit", json={"held_on": day})

        async def all_sent() -> bool:
            async with transaction(engine) as connection:
                found = await connection.execute(text("select count(*) from outbox where appended is not null"))
                return found.scalar_one() == 4

        await until(all_sent)
    async with transaction(engine) as connection:
        rows = (await connection.execute(text("select partition, kafka_offset from outbox order by position"))).all()
    assert len({row.partition for row in rows}) == 1
    assert [row.kafka_offset for row in rows] == sorted(row.kafka_offset for row in rows)


async def test_poison_on_the_topic_stops_nobody(engine, here):
    """A header that is not UTF-8 among good records becomes one dead letter; the rest of the batch is taken in."""
    stream = joined_network()
    cases = [new_id() for _ in range(20)]
    for number, case in enumerate(cases):
        stream.add(enrolled(case), sequence=number + 10)
        if number == 10:
            stream.raw((("ce_type", b"\xff"),), b"{}")
    async with working(engine, here) as (worker, _):
        await publish(here, stream.records)

        async def done() -> bool:
            async with transaction(engine) as connection:
                found = await connection.execute(text("select count(*) from subject where kind = 'case'"))
                return found.scalar_one() == len(cases)

        await until(done)
        assert (await worker.progress())["dead_letters"] == 1


async def test_the_databases_position_decides(engine, here):
    """A worker whose database was set back reads again from there, whatever Kafka has as committed offset."""
    stream = joined_network()
    case = new_id()
    stream.add(enrolled(case), sequence=10)
    async with working(engine, here):
        await publish(here, stream.records)

        async def heard() -> bool:
            async with transaction(engine) as connection:
                return (await connection.execute(text("select count(*) from inbox"))).scalar_one() == 4

        await until(heard)
    async with transaction(engine) as connection:
        await connection.execute(text("update position set next_offset = 0"))
        await connection.execute(text("update inbox set digest = digest"))
    async with working(engine, here):

        async def caught_up() -> bool:
            _, ends = await offsets(here)
            async with transaction(engine) as connection:
                rows = (await connection.execute(text("select partition, next_offset from position"))).all()
            return all(row.next_offset > 0 or ends[row.partition] == 0 for row in rows)

        await until(caught_up)
    async with transaction(engine) as connection:
        assert (await connection.execute(text("select count(*) from inbox"))).scalar_one() == 4
