"""Examples: real events as whole CloudEvents in structured mode, `shared/examples/<event>/v<n>/<what it shows>.json`.

A file holds everything a record on the topic has, so a partner can send one to the gateway as it is, and the pages
show it as the record it becomes. Append-only: an example that was ever released must be readable for ever.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lotse_shared.contracts import EVENTS
from lotse_shared.envelope import Envelope, Undecodable, from_structured, to_headers

FOLDER: Final = "shared/examples"


@dataclass(frozen=True, slots=True)
class Example:
    """One example: where it stands, and what it says."""

    path: Path
    envelope: Envelope

    @property
    def name(self) -> str:
        """What it shows."""
        return self.path.stem

    @property
    def headers(self) -> dict[str, str]:
        """Its Kafka headers."""
        return {name: raw.decode() for name, raw in to_headers(self.envelope)}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is no example of its event, and why."""

    path: Path
    reason: str


def read_examples(root: Path) -> tuple[dict[str, list[Example]], list[Unreadable]]:
    """All examples by type, and those that can no longer be read."""
    found: dict[str, list[Example]] = {kind: [] for kind in EVENTS}
    wrong: list[Unreadable] = []
    for path in sorted((root / FOLDER).rglob("*.json")):
        place = path.relative_to(root)
        try:
            example = Example(place, from_structured(path.read_bytes()))
            kind = example.envelope.event().type
        except Undecodable as error:
            wrong.append(Unreadable(place, str(error)))
            continue
        expected = f"{path.parent.parent.name}.{path.parent.name}"
        if kind == expected:
            found[kind].append(example)
        else:
            wrong.append(Unreadable(place, f"is {kind} in the folder of {expected}"))
    return found, wrong


def as_record(example: Example, value: str) -> str:
    """The record it is on the topic: key, headers, and the value as given."""
    lines = {"key": example.envelope.subject, **example.headers}
    width = max(map(len, lines))
    return "\n".join([*(f"{name:{width}}  {text}" for name, text in lines.items()), "", value])
