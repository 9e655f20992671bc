"""The businesses of the play: found, contacted, advised, registered twice, found to be one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_local.play.diary import Diary
from lotse_local.play.mehrlin import figures
from lotse_local.play.mehrlin.lives import COORDINATOR, acquirer, entered
from lotse_local.play.mehrlin.people import weekday
from lotse_local.play.steps import Fact, Subject

FIRST: Final = date(2011, 11, 14)
LAST: Final = date(2014, 6, 13)
_SMALL: Final = (1, 48)
_LARGE: Final = (50, 900)


@dataclass(slots=True)
class Employers:
    """Writes businesses into the diary."""

    diary: Diary
    numbers: Iterator[str]
    rng: Random
    known: dict[str, list[str]] = field(default_factory=dict)
    """By partner, those that people can be placed with: registered in the first months."""

    def contacted(self) -> None:
        """Businesses that were only spoken with; people find work there all the same."""
        partners = tuple(figures.SUBPROJECTS)
        for number in range(figures.ONLY_CONTACTED):
            partner = partners[number % len(partners)]
            day = weekday(date(2011, 10, 20) + timedelta(days=number % 9))
            name = self._found(f"contacted-{number + 1:03d}", partner, day, self.rng.randint(3, 400))
            self.known.setdefault(partner, []).append(name)
            self._contact(name, partner, day + timedelta(days=self.rng.randint(1, 20)))

    def advised(self) -> None:
        """Every business that was advised, small and large, once and several times."""
        for partner, count in figures.SMALL_ADVISED.items():
            for number in range(count):
                name = self._found(f"{partner}-{number + 1:03d}", partner, self._day(), self._heads(_SMALL))
                self._advise(name, partner, self.rng.choices((1, 2, 3, 4), (50, 28, 15, 7))[0])
        for number in range(figures.TOO_LARGE):
            name = self._found(f"large-{number + 1:02d}", "bbi", self._day(), self._heads(_LARGE))
            self._advise(name, "bbi", 1 + number % 2)
        for number in range(figures.SIZE_UNKNOWN):
            name = self._found(f"unknown-{number + 1:02d}", "ima", self._day(), None)
            self._advise(name, "ima", 1)
        self._at_the_edge()

    def registered_twice(self) -> None:
        """Two partners find the same business: by its number at once, without one only when records are compared."""
        for number in range(figures.SAME_NUMBER):
            name, betriebsnummer, heads = f"shared-{number + 1}", next(self.numbers), self._heads(_SMALL)
            day = self._day()
            for partner, later in (("bbi", 0), ("awo", 30)):
                one = f"{name}-{partner}"
                self._found(one, partner, weekday(day + timedelta(days=later)), heads, betriebsnummer)
                self._advise(one, partner, 1)
        for number in range(figures.MERGED_LATER):
            heads, day = self._heads(_SMALL), self._day()
            names = [f"double-{number + 1}-{partner}" for partner in ("bbi", "ima")]
            for name, partner in zip(names, ("bbi", "ima"), strict=True):
                self._found(name, partner, day, heads, None)
                self._advise(name, partner, 2)
            merged = max(step.day for step in self.diary.steps.values() if step.name.startswith(tuple(names)))
            day = weekday(merged + timedelta(days=20))
            body = {"other": Subject(names[1])}
            self.diary.write(f"{names[0]}/merged", day, COORDINATOR, "matching", "merge-employers", names[0], body)

    def taken_back(self) -> None:
        """Advice that was never given, and advice after the programme's last day."""
        for number in range(figures.ADVICE_TAKEN_BACK):
            name = self._found(f"mistaken-{number + 1}", "bbi", self._day(), self._heads(_SMALL))
            [advice] = self._advise(name, "bbi", 1)
            day = self.diary.steps[advice].day + timedelta(days=33)
            body = {"retracts": Fact(advice, "employer-advised.v1"), "reason": "entered-by-mistake"}
            self.diary.write(
                f"{advice}/retracted", day, acquirer("bbi"), "matching", "retract-employer-fact", name, body
            )
        for number in range(figures.ADVISED_TOO_LATE):
            name = self._found(f"late-{number + 1}", "awo", date(2014, 9, 22), self._heads(_SMALL))
            self._advised_on(f"{name}/advice-1", name, "awo", date(2014, 10, 7), {})

    def _at_the_edge(self) -> None:
        """49 heads at the first advice and 55 later is small; 52 and later 48 is not."""
        for name, heads, later in (("bbi-001", 49, 55), ("large-01", 52, 48)):
            for advice in [step for step in self.diary.steps if step.startswith(f"{name}/advice-")]:
                del self.diary.steps[advice]
            day = self.diary.steps[name].day + timedelta(days=10)
            self._advised_on(f"{name}/advice-1", name, "bbi", day, {"headcount": heads})
            self._advised_on(f"{name}/advice-2", name, "bbi", day + timedelta(days=90), {"headcount": later})

    def _found(self, name: str, partner: str, day: date, heads: int | None, number: str | None = "new") -> str:
        body: dict[str, Any] = {"registered_on": day, "in_area": "in-area"}
        if heads is not None:
            body["headcount"] = heads
        if number is not None:
            body["betriebsnummer"] = next(self.numbers) if number == "new" else number
        return self.diary.write(name, day, acquirer(partner), "matching", "register-employer", None, body)

    def _contact(self, name: str, partner: str, day: date) -> None:
        body = {"contacted_on": day, "channel": self.rng.choice(("visit", "telephone"))}
        on = entered(day, self.rng)
        self.diary.write(f"{name}/contact", on, acquirer(partner), "matching", "contact-employer", name, body)

    def _advise(self, name: str, partner: str, times: int) -> list[str]:
        self._contact(name, partner, self.diary.steps[name].day + timedelta(days=self.rng.randint(0, 6)))
        found = []
        for number in range(times):
            day = weekday(self.diary.steps[name].day + timedelta(days=self.rng.randint(7, 25) + 30 * number))
            found.append(
                self._advised_on(f"{name}/advice-{number + 1}", name, partner, min(day, date(2014, 9, 26)), {})
            )
        return found

    def _advised_on(self, step: str, name: str, partner: str, day: date, more: dict[str, Any]) -> str:
        advice = self.rng.choice(("hiring", "skilled-staff", "start-up", "health"))
        body = {"advised_on": day, "advice": advice, "subproject": figures.SUBPROJECTS[partner], **more}
        return self.diary.write(
            step, entered(day, self.rng), acquirer(partner), "matching", "advise-employer", name, body
        )

    def _day(self) -> date:
        return weekday(FIRST + timedelta(days=self.rng.randint(0, (LAST - FIRST).days)))

    def _heads(self, bounds: tuple[int, int]) -> int:
        return self.rng.randint(*bounds)
