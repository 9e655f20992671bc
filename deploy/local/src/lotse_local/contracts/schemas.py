"""The JSON schema of an event as its publisher writes it, for readers in any language."""

import json
from typing import TYPE_CHECKING, Any, Final

from lotse_shared.envelope import Event
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from lotse_local.contracts.catalogue import Entry

if TYPE_CHECKING:
    from pydantic import BaseModel

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SPECIAL: Final = "x-special-category"


class WriterSchema(GenerateJsonSchema):
    """pydantic's schema with decimals as they travel: strings of a fixed shape, their bounds beside it."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Describe a decimal string; `x-minimum` and `x-maximum` hold its bounds."""
        places = schema.get("decimal_places")
        whole = (schema.get("max_digits") or 38) - (places or 0)
        found: JsonSchemaValue = {
            "type": "string",
            "format": "decimal",
            "pattern": rf"^-?[0-9]{{1,{whole}}}" + (rf"(\.[0-9]{{1,{places}}})?$" if places else "$"),
        }
        bounds = {"x-minimum": schema.get("ge"), "x-maximum": schema.get("le")}
        return {**found, **{name: str(bound) for name, bound in bounds.items() if bound is not None}}


def writer_schema(entry: Entry) -> Schema:
    """One event's schema, complete in itself: what is written, by whom, for whom, under which key."""
    made = _written(entry.event.model_json_schema(mode="serialization", schema_generator=WriterSchema))
    return {
        "$schema": DIALECT,
        "$id": f"{entry.event.type}.json",
        "x-owner": entry.owner,
        "x-readers": list(entry.readers),
        "x-key": entry.event.about,
        **made,
    }


def shared_schemas(events: list[type[Event]], template: str) -> tuple[dict[type[Event], Schema], dict[str, Schema]]:
    """The schemas of many events with their code lists told once, for a document that holds them all.

    `template` says where a reference leads, `#/components/schemas/{model}`.
    """
    models: list[tuple[type[BaseModel], Any]] = [(event, "serialization") for event in events]
    where, made = models_json_schema(models, ref_template=template, schema_generator=WriterSchema)
    definitions = {name: _written(schema) for name, schema in made["$defs"].items()}
    own = {event: definitions.pop(where[event, "serialization"]["$ref"].rsplit("/", 1)[1]) for event in events}
    return own, definitions


def as_text(document: object) -> str:
    """A document as it stands in a file: two spaces, German letters readable, a newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _written(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Absent fields are not written, so null is no value; titles repeat the names they stand under."""
    if isinstance(schema, list):
        return [_written(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made: Schema = {}
    for name, value in schema.items():
        if name in {"properties", "$defs"}:
            made[name] = {key: _written(one) for key, one in value.items()}
        elif name == "anyOf":
            left = [_written(one) for one in value if one != {"type": "null"}]
            made.update(left[0] if len(left) == 1 else {"anyOf": left})
        elif not (name == "default" and value is None) and not (name == "title" and isinstance(value, str)):
            made[name] = _written(value)
    return made
