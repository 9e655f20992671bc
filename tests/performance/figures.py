"""Keeps what a run measured and writes it down: ratios within one run, with the command that made them."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

TARGET = Path(__file__).parents[2] / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was measured, in which unit, and what it is compared with."""

    name: str
    value: str
    ratio: str = ""
    goal: str = ""


@dataclass(slots=True)
class Figures:
    """The tables of one run, by title."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def note(self, title: str, name: str, value: str, ratio: str = "", goal: str = "") -> None:
        """Note a figure, and show it at once."""
        self.tables.setdefault(title, []).append(Row(name, value, ratio, goal))
        print(f"{title}: {name}: {value} {ratio} {goal}", flush=True)  # noqa: T201 - a measurement is watched

    def write(self) -> None:
        """Write the page, replacing the tables that this run measured and keeping the others."""
        kept = _read(TARGET.read_text()) if TARGET.exists() else {}
        kept |= {title: _table(rows) for title, rows in self.tables.items()}
        head = (
            "# Performance\n\nWritten by `make bench`. Rates move by a fifth from run to run and with the\n"
            "machine; the ratios within one run are what counts. Goals are those of the design.\n\n"
            f"Last run: {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores; Kafka, PostgreSQL and all processes on the same machine.\n"
        )
        body = "".join(f"\n## {title}\n\n{table}" for title, table in sorted(kept.items()))
        TARGET.write_text(head + body)


def _table(rows: list[Row]) -> str:
    lines = ["| measured | figure | ratio | goal |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.name} | {row.value} | {row.ratio} | {row.goal} |" for row in rows)]) + "\n"


def _read(page: str) -> dict[str, str]:
    sections = page.split("\n## ")[1:]
    return {title: body.lstrip("\n") for title, _, body in (one.partition("\n") for one in sections)}
