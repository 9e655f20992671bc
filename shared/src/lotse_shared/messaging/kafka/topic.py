"""The topic: made by Lotse, never by accident, and checked at every start against what the promises need."""

import asyncio
import struct
from io import BytesIO
from typing import Any, ClassVar, Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from lotse_shared.settings import Settings

MILLISECONDS_A_DAY: Final = 86_400_000


class WrongSettings(Exception):  # noqa: N818 - what is the matter
    """The broker or topic is not set as the promises need it. Says which setting, how it is and how it must be."""


def wanted(settings: Settings) -> dict[str, str]:
    """What the topic's configuration must say (promises.md 1.1; kafka-facts.md section 6)."""
    return {
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(settings.min_insync),
        "retention.ms": str(settings.retention_days * MILLISECONDS_A_DAY),
        "retention.bytes": "-1",
        "cleanup.policy": "delete",
        "unclean.leader.election.enable": "false",
    }


async def ensure_topic(settings: Settings) -> str:
    """Make the topic if it is missing, check it if it is there, and return its id.

    The number of partitions is fixed for a topic's life: the order per subject hangs on it.

    Raises:
        WrongSettings: topic or broker are set otherwise; names every setting that is wrong.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        if settings.topic not in await admin.list_topics():
            new = NewTopic(settings.topic, settings.partitions, settings.replication, topic_configs=wanted(settings))
            answer = await admin.create_topics([new])
            for name, code, *_ in answer.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):  # another service may have been faster
                    raise WrongSettings(f"topic {name} cannot be made: {for_code(code).__name__}")
        described = await _described(admin, settings)
        await _check(admin, settings, described)
        return str(UUID(bytes=described["topic_id"]))
    finally:
        await admin.close()


async def renew_topic(settings: Settings) -> str:
    """Delete the topic with all that is on it, if there is one, and make it anew; gives the new id.

    Raises:
        WrongSettings: as `ensure_topic`, or the old one does not go.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        for _ in range(300):
            if settings.topic not in await admin.list_topics():
                break
            await admin.delete_topics([settings.topic])
            await asyncio.sleep(0.1)  # every broker forgets it only after a moment
        else:
            raise WrongSettings(f"topic {settings.topic} cannot be deleted; look at Kafka's log")
    finally:
        await admin.close()
    return await ensure_topic(settings)


async def _described(admin: AIOKafkaAdminClient, settings: Settings) -> dict[str, Any]:
    for _ in range(100):
        response = await admin._send_request(_MetadataWithIds(settings.topic))  # noqa: SLF001 - the client has no call for topic ids
        topic: dict[str, Any] = response.to_object()["topics"][0]
        if topic["error_code"] == 0 and len(topic["partitions"]) > 0:
            return topic
        await asyncio.sleep(0.1)  # a new topic is known to every broker only after a moment
    raise WrongSettings(f"topic {settings.topic}: {for_code(topic['error_code']).__name__}; look at Kafka's log")


async def _check(admin: AIOKafkaAdminClient, settings: Settings, described: dict[str, Any]) -> None:
    found = len(described["partitions"])
    wrong = []
    if found != settings.partitions:
        wrong.append(
            f"partitions is {found}, must be {settings.partitions} (LOTSE_PARTITIONS); it cannot be changed later"
        )
    replicas = min(len(partition["replicas"]) for partition in described["partitions"])
    if replicas < settings.replication:
        wrong.append(f"replication is {replicas}, must be at least {settings.replication} (LOTSE_REPLICATION)")
    topic = await _configuration(admin, ConfigResourceType.TOPIC, settings.topic)
    for name, value in wanted(settings).items():
        if topic.get(name) != value:
            wrong.append(f"{name} is {topic.get(name)}, must be {value}")
    broker = str(described["partitions"][0]["leader"])
    brokers = await _configuration(admin, ConfigResourceType.BROKER, broker)
    if brokers.get("auto.create.topics.enable") != "false":
        wrong.append("auto.create.topics.enable of the broker is true, must be false")
    if wrong:
        raise WrongSettings(f"topic {settings.topic}: " + "; ".join(wrong))


async def _configuration(admin: AIOKafkaAdminClient, kind: ConfigResourceType, name: str) -> dict[str, str]:
    responses = await admin.describe_configs([ConfigResource(kind, name)])
    return {entry[0]: entry[1] for response in responses for resource in response.resources for entry in resource[4]}


async def offsets(settings: Settings) -> tuple[dict[int, int], dict[int, int]]:
    """Beginning and end of every partition, asked of the broker afresh; a consumer's own view freezes with it."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(settings.topic, number) for number in range(settings.partitions)]
        beginnings = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    return {one.partition: at for one, at in beginnings.items()}, {one.partition: at for one, at in ends.items()}


class _Uuid(AbstractType[bytes]):
    """Sixteen bytes; the client library has no such type."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return struct.pack(">16s", value)

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _MetadataResponse(Response):
    """Metadata, version 12: the first flexible version that tells a topic's id for certain (KIP-516)."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("topic_authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequest(RequestStruct):
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    FLEXIBLE_VERSION: ClassVar[bool] = True
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataWithIds(Request[_MetadataRequest]):
    """Asks for one topic by name, creating nothing."""

    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[_MetadataRequest]) -> _MetadataRequest:
        return request_struct_class([(bytes(16), self._topic, {})], False, False, {})  # noqa: FBT003 - positional by protocol
