"""What a play has done so far, in the state folder: a killed one goes on where it was.

One line for each answered step, appended after every wave. What is lost with the last wave does no harm: its steps are
sent again with the same keys, and the services give the same answers.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered to a step: the subject's id, and the ids of the facts by their types."""

    subject: str
    facts: Mapping[str, str]


@dataclass(slots=True)
class Journal:
    """The answers of one play."""

    file: Path
    answers: dict[str, Answered] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Journal":
        """What is there; a line that was cut off by a kill is left out."""
        journal = cls(file)
        for line in file.read_text().splitlines() if file.exists() else ():
            try:
                name, subject, facts = json.loads(line)
            except ValueError:
                continue
            journal.answers[name] = Answered(subject, facts)
        return journal

    def note(self, answered: Iterable[tuple[str, Answered]]) -> None:
        """Add answers, and keep them."""
        new = dict(answered)
        self.answers.update(new)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a") as file:
            for name, one in new.items():
                file.write(f"\n{json.dumps([name, one.subject, one.facts])}")

    def forget(self) -> None:
        """Begin anew: the platform knows nothing of this play."""
        self.answers.clear()
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Marks:
    """Real instants at which the quarters of a play had ended and all was quiet: what known-at can be asked for."""

    file: Path

    def read(self) -> dict[str, str]:
        """By the last day of the quarter, the instant in ISO 8601."""
        found: dict[str, Any] = json.loads(self.file.read_text()) if self.file.exists() else {}
        return dict(sorted(found.items()))

    def set(self, day: str, instant: str) -> None:
        """Keep the instant of a quarter; the first one stays."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps({day: instant, **self.read()}, indent=2) + "\n")
        part.replace(self.file)

    def forget(self) -> None:
        """Begin anew."""
        self.file.unlink(missing_ok=True)


def marks_of(home: Path, operation: str) -> Marks:
    """The marks of one operation's play, in the platform's state folder."""
    return Marks(home / "play" / f"{operation}-marks.json")
