"""What may change in an event of a version, and what needs the next version beside it (promises.md 1.8).

Both directions must hold, against every version ever released: today's reader reads yesterday's facts, and
yesterday's reader, still running during a roll-out, reads today's. A reader ignores unknown fields and takes unknown
codes as `unknown`; so optional fields and codes may be added, and nothing else may change.
"""

from collections.abc import Iterator
from typing import Final

from lotse_local.contracts.schemas import Schema

FIXED: Final = (
    "type",
    "format",
    "const",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "x-minimum",
    "x-maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)
"""Narrower, and old facts are no longer read; wider, and a reader not yet renewed refuses new ones."""


def breaks(old: Schema, new: Schema) -> list[str]:
    """What in `new` breaks a reader or writer of `old`; empty when both can live side by side."""
    found = [
        f"{name} changed from {old[name]} to {new.get(name)}"
        for name in ("x-owner", "x-key")
        if name in old and old[name] != new.get(name)
    ]
    return [*found, *_compare("data", _Within(old), _Within(new))]


class _Within:
    """A schema with its definitions at hand; references are followed."""

    def __init__(self, schema: Schema, definitions: dict[str, Schema] | None = None) -> None:
        self.definitions = schema.get("$defs", {}) if definitions is None else definitions
        reference = schema.get("$ref")
        self.schema: Schema = self.definitions[reference.rsplit("/", 1)[1]] if reference else schema

    def at(self, schema: Schema) -> "_Within":
        """Another place under the same definitions."""
        return _Within(schema, self.definitions)


def _compare(where: str, old: _Within, new: _Within) -> Iterator[str]:
    before, after = old.schema, new.schema
    yield from _codes(where, before, after)
    for name in FIXED:
        if before.get(name) != after.get(name):
            yield f"{where}: {name} changed from {before.get(name)} to {after.get(name)}"
    yield from _fields(where, old, new)
    yield from _inside(where, old, new)


def _codes(where: str, before: Schema, after: Schema) -> Iterator[str]:
    if "enum" in before:
        gone = [code for code in before["enum"] if code not in after.get("enum", ())]
        if gone:
            yield f"{where}: no longer takes {', '.join(map(str, gone))}"
    elif "enum" in after:
        yield f"{where}: takes only listed codes now"


def _inside(where: str, old: _Within, new: _Within) -> Iterator[str]:
    """What a list or a mapping holds, and the choices of a union."""
    for name in ("items", "additionalProperties", "propertyNames"):
        before, after = old.schema.get(name), new.schema.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _compare(f"{where}[{name}]", old.at(before), new.at(after))
        elif isinstance(before, dict) or isinstance(after, dict):
            yield f"{where}: {name} changed"
    choices_before, choices_after = old.schema.get("anyOf", ()), new.schema.get("anyOf", ())
    if len(choices_before) != len(choices_after):
        yield f"{where}: the choice of types changed"
    for before, after in zip(choices_before, choices_after, strict=False):
        yield from _compare(where, old.at(before), new.at(after))


def _fields(where: str, old: _Within, new: _Within) -> Iterator[str]:
    before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
    needed_before, needed_after = set(old.schema.get("required", ())), set(new.schema.get("required", ()))
    for name in before:
        if name not in after:
            yield f"{where}.{name}: removed"
            continue
        if name in needed_before - needed_after:
            yield f"{where}.{name}: optional now, and a reader of the earlier version needs it"
        yield from _compare(f"{where}.{name}", old.at(before[name]), new.at(after[name]))
    for name in after:
        if name in needed_after - needed_before:
            yield f"{where}.{name}: required now, and earlier facts may lack it"
