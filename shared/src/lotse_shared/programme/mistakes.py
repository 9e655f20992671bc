"""What is wrong with the shape of a file, in words: the place, and the nearest key or code that can stand there."""

import difflib
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
"""Where something stands in a file: `("indicators", 2, "target")`."""

_TELLING: Final = ("extra_forbidden", "value_error", "enum", "missing")
"""Kinds of errors that say most. Where a value may have one of several shapes, each shape has its errors."""
_PATTERNS: Final = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "write it in small letters, digits and hyphens",
    r"^([1-9][0-9]?) (month|year)s?$": "write it like `12 months`",
}


def nearest(name: str, valid: Iterable[str]) -> str:
    """The nearest valid name, or all there are, for the end of an error text."""
    names = sorted(valid)
    found = difflib.get_close_matches(name, names, 1, 0.4)
    return f"; did you mean {found[0]}?" if found else f"; there are {', '.join(names)}"


def mistake(model: type[BaseModel], error: ValidationError, places: Container[Place]) -> tuple[Place, str]:
    """The most telling mistake: where it is, as `places` knows it, and what to do about it."""
    found = error.errors(include_url=False)
    worst = min(found, key=lambda one: _TELLING.index(one["type"]) if one["type"] in _TELLING else len(_TELLING))
    place = _place(worst["loc"], places, missing=worst["type"] == "missing")
    return place, f"{'.'.join(map(str, place)) or 'file'}: {_reason(model, worst, place)}"


def _place(loc: Sequence[str | int], places: Container[Place], *, missing: bool) -> Place:
    """The location without the names of the shapes that were tried."""
    place: Place = ()
    for step in loc:
        if (*place, step) in places:
            place = (*place, step)
    return (*place, loc[-1]) if missing else place


def _reason(model: type[BaseModel], error: ErrorDetails, place: Place) -> str:
    match error["type"]:
        case "extra_forbidden":
            return f"no such key{nearest(str(place[-1]), _keys(model.model_json_schema(), place[:-1]))}"
        case "enum":
            valid = re.findall(r"'([^']*)'", error["ctx"]["expected"])
            return f"there is no {error['input']}{nearest(str(error['input']), valid)}"
        case "string_pattern_mismatch":
            return _PATTERNS.get(error["ctx"]["pattern"], error["msg"])
        case _:
            return error["msg"].removeprefix("Value error, ")


def _keys(schema: Mapping[str, Any], place: Place) -> list[str]:
    """The keys that may stand at a place."""
    nodes = [schema]
    for step in place:
        nodes = [below for node in nodes for one in _shapes(schema, node) if (below := _below(one, step)) is not None]
    return sorted({key for node in nodes for one in _shapes(schema, node) for key in one.get("properties", ())})


def _shapes(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The shapes that something may have."""
    if "$ref" in node:
        yield from _shapes(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    elif "anyOf" in node:
        for one in node["anyOf"]:
            yield from _shapes(schema, one)
    else:
        yield node


def _below(node: Mapping[str, Any], step: str | int) -> Mapping[str, Any] | None:
    found = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
    found = found if found is not None or isinstance(step, int) else node.get("additionalProperties")
    return found if isinstance(found, dict) else None
