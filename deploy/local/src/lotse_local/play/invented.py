"""Invented people and businesses. Every name comes from a generator with a seed and is marked as invented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from faker import Faker
from lotse_shared.calendar import add_months

MARK = "erfunden für ein Lotse-Spiel"
"""Stands where a contact would stand: nobody of that name is meant."""


@dataclass(frozen=True, slots=True)
class Names:
    """A source of invented names, the same for the same seed."""

    faker: Faker

    @classmethod
    def of(cls, seed: int) -> "Names":
        """German names by a seed."""
        faker = Faker("de_DE")
        faker.seed_instance(seed)
        return cls(faker)

    def person(self, gender: str, born: date | None, postcode: str) -> Mapping[str, Any]:
        """Somebody who does not exist, as intake's vault takes people."""
        given = self.faker.first_name_female() if gender == "female" else self.faker.first_name_male()
        known = {"given_name": given, "family_name": self.faker.last_name(), "postcode": postcode, "contact": MARK}
        return {**known, "birth_date": born} if born else known

    def betriebsnummern(self) -> Iterator[str]:
        """Numbers in the form of Betriebsnummern, starting with 99: no agency's district begins with that."""
        while True:
            yield f"99{self.faker.unique.random_int(0, 999_999):06d}"


def born_at(age: int, day: date, rng: Random) -> date:
    """A birth date of somebody who has completed so many years on a day, anywhere within the year that fits."""
    latest = add_months(day, -12 * age)[0]
    earliest = add_months(day, -12 * (age + 1))[0] + timedelta(days=1)
    return earliest + timedelta(days=rng.randint(0, (latest - earliest).days))
