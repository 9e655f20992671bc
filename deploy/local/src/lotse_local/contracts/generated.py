"""Every file that is derived from contracts and programme files, and whether those in the repository are current."""

from pathlib import Path
from typing import Final

from lotse_shared.programme import IndicatorSet, Written
from pydantic import BaseModel

from lotse_local.contracts.asyncapi import asyncapi_document
from lotse_local.contracts.catalogue import catalogue
from lotse_local.contracts.examples import read_examples
from lotse_local.contracts.indicators import indicators_page
from lotse_local.contracts.pages import events_page, flow_graph
from lotse_local.contracts.schemas import DIALECT, as_text, writer_schema

SCHEMAS: Final = "shared/schemas"
PROGRAMMES: Final[dict[str, type[BaseModel]]] = {
    "deploy/programmes/schema.json": Written,
    "shared/src/lotse_shared/indicator_sets/schema.json": IndicatorSet,
}
"""JSON schemas for editors, beside the files that people write."""


def generated(root: Path) -> dict[Path, str]:
    """All generated files with their content, by path from the root of the repository."""
    entries = catalogue()
    examples, _ = read_examples(root)
    schemas = {entry.event.type: writer_schema(entry) for entry in entries}
    return {
        **{Path(SCHEMAS, f"{kind}.json"): as_text(schema) for kind, schema in schemas.items()},
        Path("docs/events.md"): events_page(entries, schemas, examples),
        Path("docs/events.mmd"): flow_graph(entries),
        Path("docs/asyncapi.json"): as_text(asyncapi_document(entries, examples)),
        Path("docs/indicators.md"): indicators_page(),
        **{
            Path(path): as_text({"$schema": DIALECT, **model.model_json_schema()}) for path, model in PROGRAMMES.items()
        },
    }


def write(root: Path) -> list[Path]:
    """Write what has changed and remove schemas of events that are gone; the paths that changed."""
    files = generated(root)
    changed = stale(root, files)
    for path in changed:
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8")
        else:
            target.unlink()
    return changed


def stale(root: Path, files: dict[Path, str] | None = None) -> list[Path]:
    """Generated files that are not what the contracts say, are missing, or belong to no event."""
    expected = generated(root) if files is None else files
    left_over = {path.relative_to(root) for path in (root / SCHEMAS).glob("*.json")} - set(expected)
    differing = [path for path, text in expected.items() if _read(root / path) != text]
    return sorted([*differing, *left_over])


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
