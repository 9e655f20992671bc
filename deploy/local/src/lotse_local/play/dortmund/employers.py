"""Employers of the play and what they offer, written into the diary."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_local.play.diary import Diary
from lotse_local.play.dortmund.jobs import FUNDED, SHORT, Job
from lotse_local.play.invented import Names
from lotse_local.play.steps import Subject, Who

ACQUIRER: Final = Who("job-acquirer", "stadt")
FIRST_CONTACT: Final = date(2017, 6, 5)
CONTRACTORS, SIMPLE_EMPLOYERS, FUNDED_EMPLOYERS = 18, 12, 8
TWICE: Final = "simple-employer-00"
"""The employer that the jobcenter recorded as well, without its number."""
FOUND_AGAIN, MERGED_ON = date(2017, 11, 13), date(2019, 5, 20)
MOST_POSITIONS: Final = 5
FORTNIGHT: Final = timedelta(days=14)

Position = tuple[str, int]
"""An offer and the number of a position in it."""


@dataclass(slots=True)
class Employers:
    """Writes employers and their offers into the diary."""

    diary: Diary
    names: Names
    rng: Random
    positions: dict[str, Position] = field(default_factory=dict)
    """By job of the table."""
    offers: int = 0

    def found(self) -> None:
        """38 employers are registered and spoken with, one every three days; one of them by both partners."""
        numbers = self.names.betriebsnummern()
        named = [
            *(f"funded-employer-{number:02d}" for number in range(FUNDED_EMPLOYERS)),
            *(f"contractor-{number + 1:02d}" for number in range(CONTRACTORS)),
            *(f"simple-employer-{number:02d}" for number in range(SIMPLE_EMPLOYERS)),
        ]
        for number, name in enumerate(named):
            kind = "social-enterprise" if name.startswith("funded") else "enterprise"
            body = {"organisation": kind, "betriebsnummer": next(numbers), "headcount": self.rng.randint(6, 400)}
            self._register(name, FIRST_CONTACT + timedelta(days=3 * number), ACQUIRER, body)
        self._register(f"{TWICE}-again", FOUND_AGAIN, Who("job-acquirer", "jobcenter"), {})
        body = {"other": Subject(f"{TWICE}-again")}
        self.diary.write(f"{TWICE}/merged", MERGED_ON, Who("coordinator"), "matching", "merge-employers", TWICE, body)

    def _register(self, name: str, day: date, who: Who, body: dict[str, Any]) -> None:
        self.diary.write(name, day, who, "matching", "register-employer", None, {"registered_on": day, **body})
        contact = {"contacted_on": day, "channel": "visit"}
        self.diary.write(f"{name}/contact", day, who, "matching", "contact-employer", name, contact)

    def offer_all(self, table: Sequence[Job]) -> None:
        """The offers behind the jobs of the table: one for each tender, else of up to five positions each."""
        together: dict[tuple[str, str, int | None], list[Job]] = {}
        for job in table:
            together.setdefault((job.row.name, job.origin, job.tender), []).append(job)
        for (row, origin, tender), held in together.items():
            for first in range(0, len(held), MOST_POSITIONS):
                part = held[first : first + MOST_POSITIONS]
                name = f"{row}/{SHORT[origin]}-offer-{tender or first // MOST_POSITIONS}"
                self.offer(name, origin, part[0].row.starts[0], len(part), tender)
                self.positions.update({job.name: (name, number) for number, job in enumerate(part, 1)})

    def offer(
        self, name: str, origin: str, day: date, positions: int = 1, tender: int | None = None, kind: str = "job"
    ) -> Position:
        """An employer offers work a fortnight before a day; gives the first position."""
        self.offers += 1
        opened_on = day - FORTNIGHT
        body: dict[str, Any] = {
            "employer": Subject(f"contractor-{tender:02d}" if tender else self._next(origin)),
            "kind": kind,
            "origin": origin,
            "positions": positions,
            "opened_on": opened_on,
        }
        if tender:
            body["tender"] = Subject(f"tender-{tender:02d}")
        self.diary.write(name, opened_on, ACQUIRER, "matching", "open-vacancy", None, body)
        return name, 1

    def _next(self, origin: str) -> str:
        """Employers take turns, the one that was recorded twice under both records."""
        if origin == FUNDED:
            return f"funded-employer-{self.offers % FUNDED_EMPLOYERS:02d}"
        number = self.offers % (SIMPLE_EMPLOYERS + 1)
        return f"{TWICE}-again" if number == SIMPLE_EMPLOYERS else f"simple-employer-{number:02d}"
