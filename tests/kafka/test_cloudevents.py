"""Our records are CloudEvents to others: the SDK of the CloudEvents project reads ours and writes what we read."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from cloudevents.core.bindings import kafka as binding
from cloudevents.core.v1.event import CloudEvent
from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel, Topic
from lotse_shared.envelope import Cause, Envelope, from_headers, from_structured, seal, to_headers, to_structured
from lotse_shared.messaging.kafka import Outgoing, Producer, ensure_topic
from lotse_shared.messaging.relay import tick
from lotse_shared.service import new_id
from lotse_shared.settings import Settings

pytestmark = pytest.mark.kafka

AT = datetime(2026, 3, 2, 8, 15, 30, 123000, tzinfo=UTC)
STRUCTURED = "application/cloudevents+json"


@pytest.fixture
async def here(kafka, topic) -> Settings:
    settings = Settings(kafka=[kafka.bootstrap], topic=topic, partitions=3)
    await ensure_topic(settings)
    return settings


@pytest.fixture
def visit() -> Envelope:
    fact = VisitHeld(
        operation="mila",
        case=new_id(),
        partner="koba-harz",
        held_on="2015-08-24",
        minutes=60,
        channel=Channel.WORKPLACE,
        topics=(Topic.DEBTS, Topic.LICENCE),
    )
    cause = Cause(new_id(), new_id(), "00-20b1cb854bb4899198da852f40c58e78-59ee56d82df3ab75-01")
    return seal(fact, id=new_id(), source="coaching", time=AT, sequence=7, cause=cause)


async def the_record(settings: Settings):
    """The one record of the topic, read by a plain client."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(settings.topic, number) for number in range(settings.partitions)])
        async with asyncio.timeout(30):
            return await consumer.getone()
    finally:
        await consumer.stop()


async def write(settings: Settings, message: binding.KafkaMessage) -> None:
    """Put what the SDK made on the topic, with a plain client."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all")
    await producer.start()
    try:
        key = message.key.encode() if isinstance(message.key, str) else message.key
        await producer.send_and_wait(settings.topic, message.value, key, headers=list(message.headers.items()))
    finally:
        await producer.stop()


def foreign(record) -> binding.KafkaMessage:
    return binding.KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value)


def attributes(envelope: Envelope) -> dict:
    """What the foreign SDK must know of an envelope."""
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        "subject": envelope.subject,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "sequence": str(envelope.sequence),
        "operation": envelope.operation,
        "partner": envelope.partner,
        "correlationid": envelope.cause.correlation,
        "causationid": envelope.cause.causation,
        "traceparent": envelope.cause.traceparent,
        "partitionkey": envelope.subject,
    }


async def test_the_sdk_reads_our_binary_mode(here, visit):
    """A record sent by our producer is, to the SDK, the same CloudEvent: every attribute, the key, the data."""
    async with Producer(here) as producer:
        await producer.send([Outgoing(visit.subject.encode(), visit.value, to_headers(visit))])

    event = binding.from_binary_event(foreign(await the_record(here)))

    assert event.get_attributes() == attributes(visit)
    assert event.get_data() == json.loads(visit.value)


async def test_we_read_the_sdks_binary_mode(here, visit):
    """A record written by the SDK is, to us, the same envelope and the same fact."""
    event = CloudEvent(attributes(visit), json.loads(visit.value))
    await write(here, binding.to_binary_event(event))

    record = await the_record(here)
    read = from_headers(record.headers, record.value)

    assert record.key == visit.subject.encode()
    assert read.event() == visit.event()
    assert _without_value(read) == _without_value(visit)


async def test_the_sdk_reads_our_structured_mode(here, visit):
    """What we write in structured mode is the same CloudEvent to the SDK."""
    async with Producer(here) as producer:
        headers = [("content-type", STRUCTURED.encode())]
        await producer.send([Outgoing(visit.subject.encode(), to_structured(visit), headers)])

    event = binding.from_structured_event(foreign(await the_record(here)))

    assert event.get_attributes() == attributes(visit)
    assert event.get_data() == json.loads(visit.value)


async def test_we_read_the_sdks_structured_mode(here, visit):
    """What the SDK writes in structured mode is the same envelope and the same fact to us."""
    event = CloudEvent(attributes(visit), json.loads(visit.value))
    await write(here, binding.to_structured_event(event))

    record = await the_record(here)
    read = from_structured(record.value)

    assert dict(record.headers)["content-type"].decode() == STRUCTURED
    assert read.event() == visit.event()
    assert _without_value(read) == _without_value(visit)


async def test_a_tick_is_a_cloud_event_too(here):
    """A foreign reader of the whole topic does not stumble over our control records."""
    async with Producer(here) as producer:
        await producer.send([tick("coaching", AT, AT, 1)])

    record = await the_record(here)
    event = binding.from_binary_event(foreign(record))

    assert {"ce_specversion", "ce_id", "ce_source", "ce_type"} <= dict(record.headers).keys()
    assert event.get_type() == "tick.v1"
    assert event.get_source() == "coaching"
    assert event.get_data() == {}


def _without_value(envelope: Envelope) -> Envelope:
    """JSON may be spaced differently; what it says is compared as an event."""
    return Envelope(**{name: getattr(envelope, name) for name in Envelope.__slots__ if name != "value"}, value=b"")
