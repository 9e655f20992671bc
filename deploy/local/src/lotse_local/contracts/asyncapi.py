"""The whole platform as one AsyncAPI 3 document."""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from lotse_shared.envelope import ANY_PUBLISHER, Id, Slug
from lotse_shared.messaging.records import TICK
from lotse_shared.settings import Settings
from pydantic import TypeAdapter

from lotse_local.contracts.catalogue import SERVICES, Entry, tells
from lotse_local.contracts.examples import Example
from lotse_local.contracts.schemas import Schema, shared_schemas

BINDING: Final = "0.5.0"
DAY: Final = 24 * 60 * 60 * 1000

_ID: Final[Schema] = TypeAdapter(Id).json_schema()
_NAME: Final[Schema] = TypeAdapter(Slug).json_schema()

HEADERS: Final[Schema] = {
    "type": "object",
    "description": "CloudEvents attributes as Kafka headers, all of them UTF-8 text.",
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_subject",
        "ce_time",
        "ce_sequence",
        "ce_operation",
        "ce_correlationid",
        "content-type",
    ],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {**_ID, "description": "UUID of version 7."},
        "ce_source": {"type": "string", "description": "The publisher."},
        "ce_type": {"type": "string", "description": "The event and its version."},
        "ce_subject": {**_NAME, "description": "What the fact is about; the same as the key."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it was recorded, in UTC."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "The publisher's running number for this subject.",
        },
        "ce_operation": {**_NAME, "description": "The funded operation."},
        "ce_partner": {**_NAME, "description": "The partner that acted."},
        "ce_correlationid": {**_ID, "description": "The fact at the beginning of the chain."},
        "ce_causationid": {**_ID, "description": "The fact this one answers."},
        "ce_traceparent": {"type": "string", "description": "W3C trace context."},
        "content-type": {"type": "string", "const": "application/json"},
    },
}

TICK_MESSAGE: Final[dict[str, Any]] = {
    "name": TICK,
    "title": "tick",
    "summary": "A control record, no fact: having read it, a reader has heard all that was appended before.",
    "contentType": "application/json",
    "headers": {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "description": "Time and partition."},
            "ce_type": {"type": "string", "const": TICK},
            "ce_source": {"type": "string"},
            "ce_time": {"type": "string", "format": "date-time"},
            "content-type": {"type": "string", "const": "application/json"},
            "sent_up_to": {"type": "string", "format": "date-time", "description": "How far the publisher has sent."},
        },
    },
    "payload": {"type": "object", "maxProperties": 0},
}


def asyncapi_document(entries: Sequence[Entry], examples: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """Channels, operations of each service, and messages with their headers, keys, payloads and examples."""
    settings = Settings.model_construct()
    payloads, codes = shared_schemas([entry.event for entry in entries], "#/components/schemas/{model}")
    names = [entry.event.type for entry in entries]
    return {
        "asyncapi": "3.1.0",
        "id": "urn:lotse:facts",
        "info": {
            "title": "Lotse",
            "version": version("lotse-shared"),
            "description": "What the services of a labour-market integration network tell each other: facts in the "
            "past tense, as CloudEvents 1.0 in the binary mode of the Kafka protocol binding.",
            "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
            "contact": {"name": "Lotse", "url": "https://lotse.example/contact"},
            "tags": [{"name": name, "description": f"Told by {name}."} for name in SERVICES],
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The network's Kafka: LOTSE_KAFKA of each service.",
                "variables": {"bootstrap": {"default": settings.kafka[0], "description": "host:port of a broker"}},
            }
        },
        "channels": {
            "facts": {
                "address": settings.topic,
                "title": "Facts",
                "description": "All facts of one network, keyed by their subject. Another network is another topic.",
                "servers": [{"$ref": "#/servers/kafka"}],
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in [*names, TICK]},
                "bindings": {"kafka": _topic(settings)},
            }
        },
        "operations": _operations(entries),
        "components": {
            "messages": {
                **{entry.event.type: _message(entry, examples[entry.event.type]) for entry in entries},
                TICK: TICK_MESSAGE,
            },
            "schemas": {
                "Headers": HEADERS,
                **codes,
                **{event.__name__: payload for event, payload in payloads.items()},
            },
        },
    }


def _topic(settings: Settings) -> dict[str, Any]:
    return {
        "topic": settings.topic,
        "partitions": settings.partitions,
        "replicas": settings.replication,
        "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": settings.retention_days * DAY},
        "bindingVersion": BINDING,
    }


def _operations(entries: Sequence[Entry]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for service in SERVICES:
        told = [entry.event.type for entry in tells(service, entries)]
        heard = [entry.event.type for entry in entries if service in entry.readers]
        for action, verb, names in (("send", "tells", told), ("receive", "hears", heard)):
            made[f"{service}-{verb}"] = {
                "action": action,
                "channel": {"$ref": "#/channels/facts"},
                "title": f"{service} {verb}",
                "summary": f"What {service} {verb}.",
                "tags": [{"name": service}],
                "messages": [{"$ref": f"#/channels/facts/messages/{name}"} for name in [*names, TICK]],
                "bindings": {"kafka": _reader(service) if action == "receive" else {"bindingVersion": BINDING}},
            }
    return made


def _reader(service: str) -> dict[str, Any]:
    return {"groupId": {"type": "string", "const": f"lotse-{service}"}, "bindingVersion": BINDING}


def _message(entry: Entry, examples: Sequence[Example]) -> dict[str, Any]:
    kind = entry.event.type
    own: Schema = {"properties": {"ce_type": {"const": kind}}}
    if entry.owner in SERVICES:
        own["properties"]["ce_source"] = {"const": entry.owner}
    summary, _, rest = entry.meaning.partition("\n")
    return {
        "name": kind,
        "title": kind.partition(".")[0].replace("-", " "),
        "summary": summary,
        **({"description": rest.strip()} if rest.strip() else {}),
        "tags": [{"name": entry.owner if entry.owner != ANY_PUBLISHER else "any"}],
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, own]},
        "payload": {"$ref": f"#/components/schemas/{entry.event.__name__}"},
        "bindings": {
            "kafka": {
                "key": {**_NAME, "description": f"The {entry.event.about.removesuffix('_id')}'s id."},
                "bindingVersion": BINDING,
            }
        },
        "examples": [
            {
                "name": example.name,
                "summary": example.name.replace("-", " "),
                "headers": example.headers,
                "payload": json.loads(example.envelope.value),
            }
            for example in examples
        ],
    }
