"""What was released: the schemas and examples of a version, kept for ever in `shared/schemas/released`.

The schemas are without their words; the examples by digest. A release is one file and never changes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from lotse_local.contracts.catalogue import catalogue
from lotse_local.contracts.compatibility import breaks
from lotse_local.contracts.examples import FOLDER
from lotse_local.contracts.schemas import Schema, writer_schema

RELEASED: Final = "shared/schemas/released"
_WORDS: Final = frozenset({"description", "$schema", "$id", "x-readers"})


def release(root: Path, version: str) -> Path:
    """Record today's schemas and examples as released.

    Raises:
        FileExistsError: that version was released before; a release never changes.
    """
    path = root / RELEASED / f"{version}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "schemas": {kind: _without_words(schema) for kind, schema in sorted(_schemas().items())},
        "examples": {str(one.relative_to(root)): _digest(one) for one in sorted((root / FOLDER).rglob("*.json"))},
    }
    with path.open("x", encoding="utf-8") as file:
        file.write(json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace('},"', '},\n"') + "\n")
    return path


def broken_promises(root: Path) -> list[str]:
    """What today's contracts and examples break of what was ever released."""
    schemas = _schemas()
    found: list[str] = []
    for path in sorted((root / RELEASED).glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found += [f"{path.stem}: {text}" for text in broken_schemas(content["schemas"], schemas)]
        found += [f"{path.stem}: {text}" for text in _broken_examples(root, content["examples"])]
    return found


def broken_schemas(released: Mapping[str, Schema], today: Mapping[str, Schema]) -> Iterator[str]:
    """Released schemas that today's break, or that are gone."""
    for kind, old in released.items():
        if kind not in today:
            yield f"{kind} is gone; its facts are still in journals, so its class stays"
            continue
        yield from (f"{kind}: {text}" for text in breaks(old, today[kind]))


def _broken_examples(root: Path, released: Mapping[str, str]) -> Iterator[str]:
    for name, digest in released.items():
        path = root / name
        if not path.is_file():
            yield f"{name} is gone; examples are append-only"
        elif _digest(path) != digest:
            yield f"{name} was changed; write another example beside it"


def _schemas() -> dict[str, Schema]:
    return {entry.event.type: writer_schema(entry) for entry in catalogue()}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _without_words(schema: Any, *, fields: bool = False) -> Any:  # noqa: ANN401 - JSON
    """The schema without descriptions; under `properties` and `$defs` a name is a field's, never a keyword."""
    if isinstance(schema, list):
        return [_without_words(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_words(value, fields=not fields and name in {"properties", "$defs"})
        for name, value in schema.items()
        if fields or name not in _WORDS
    }
