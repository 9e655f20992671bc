"""The people of the play: groups become persons with the characteristics that decide what they count in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_local.play.invented import born_at
from lotse_local.play.mehrlin.figures import GROUPS, JOBLESS, LONG, PUPIL, WORKING, Group

FIRST_ENTRY: Final = date(2011, 11, 7)
LAST_ENTRY: Final = date(2014, 5, 30)
SECOND_COURSE: Final = 0.4
"""Share of those who join another course after the first one."""


@dataclass(slots=True)
class Job:
    """One placement of somebody."""

    kind: str
    starts_on: date
    last_day: date | None = None
    lost: bool = False


@dataclass(slots=True)
class Person:
    """One invented person as they really are. What was recorded otherwise at first stands in `recorded`."""

    name: str
    group: str
    partner: str
    entry: date
    born: date | None
    facts: dict[str, Any]
    """Characteristics at entry, by the field names of enrol-participant."""
    courses: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    intern: bool = False
    health_days: int = 0
    recorded: dict[str, Any] = field(default_factory=dict)
    """What the first record said instead; None for what it left out. A correction puts it right."""
    exit: date | None = None
    reentry: date | None = None

    @property
    def gender(self) -> str:
        """As it will be recorded."""
        return str(self.facts["gender"])

    def as_recorded(self) -> Mapping[str, Any]:
        """The characteristics as the first record states them."""
        stated = {**self.facts, **self.recorded}
        return {name: value for name, value in stated.items() if value is not None and name != "entry_date"}


def weekday(day: date) -> date:
    """The same day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) % 7 if day.weekday() > 4 else 0)  # noqa: PLR2004 - Friday


def population(rng: Random) -> dict[str, list[Person]]:
    """Everybody, by group."""
    return {group.name: _group(group, rng) for group in GROUPS}


def _group(group: Group, rng: Random) -> list[Person]:
    people = [_person(group, number, rng) for number in range(group.people)]
    for one in rng.sample(people, group.foreign):
        one.facts["foreign_background"] = "yes"
    disabled = rng.sample(people, group.disabled)
    for one in disabled:
        one.facts["disability"] = "yes"
    for one in disabled[: group.interns]:
        one.intern = True
    placed = group.second_market + group.apprentices
    for one in people[: group.second_market]:
        one.jobs.append(_first_job(one, rng.choice(("work-opportunity", "citizen-work", "inclusion-firm")), rng))
    for one in people[group.second_market : placed]:
        one.jobs.append(_first_job(one, "apprenticeship", rng))
    start = placed - group.twice_placed
    for one in people[start : start + group.first_market]:
        _to_first_market(one, rng)
    for one in people[len(people) - group.started_up :]:
        one.courses.append("gruendung")
    return people


def _person(group: Group, number: int, rng: Random) -> Person:
    days = (LAST_ENTRY - FIRST_ENTRY).days
    entry = weekday(FIRST_ENTRY + timedelta(days=int(days * (number + rng.random()) / group.people)))
    more = len(group.courses) > 1 and rng.random() < SECOND_COURSE
    facts = {
        "gender": rng.choice(("female", "male")),
        **_status(group.status, entry, rng),
        "isced": rng.choice((0, 1, 2) if group.status == PUPIL else (1, 2, 2, 3, 3, 3, 4, 6)),
        "citizenship": "german",
        "foreign_background": rng.choices(("no", "refused", "unknown", "not-asked"), (86, 8, 3, 3))[0],
        "disability": rng.choices(("no", "refused", "not-asked"), (90, 7, 3))[0],
        "legal_sphere": "sgb2" if group.status in (LONG, JOBLESS) else "none",
        "area": "in-area",
    }
    return Person(
        name=f"{group.name}-{number + 1:03d}",
        group=group.name,
        partner=group.partner,
        entry=entry,
        born=born_at(rng.randint(*group.ages), entry, rng),
        facts=facts,
        courses=rng.sample(group.courses, 1 + more) if group.courses else [],
        health_days=rng.randint(12, 36) if group.name == "health" else 0,
    )


def _status(status: str, entry: date, rng: Random) -> dict[str, Any]:
    match status:
        case "long-term":
            since = entry - timedelta(days=rng.randint(380, 3_600))
            return {"employment": JOBLESS, "registered_unemployed": True, "unemployed_since": since}
        case "unemployed":
            since = entry - timedelta(days=rng.randint(3, 340))
            return {"employment": JOBLESS, "registered_unemployed": True, "unemployed_since": since}
        case "employed" if rng.random() < 0.2:  # noqa: PLR2004 - one in five
            return {"employment": "self-employed", "job_at_entry": "self-employed", "registered_unemployed": False}
        case "employed":
            return {"employment": WORKING, "job_at_entry": "insured", "registered_unemployed": False}
        case _:
            return {"employment": PUPIL, "in_education": True, "registered_unemployed": False}


def _first_job(person: Person, kind: str, rng: Random) -> Job:
    if kind == "apprenticeship":
        return Job(kind, date(person.entry.year + (person.entry > date(person.entry.year, 8, 20)), 9, 1))
    return Job(kind, weekday(person.entry + timedelta(days=rng.randint(30, 110))))


def _to_first_market(person: Person, rng: Random) -> None:
    kind = rng.choice(("insured", "insured", "insured-egz"))
    if not person.jobs:
        person.jobs.append(_first_job(person, kind, rng))
        return
    before = person.jobs[-1]
    if before.kind != "apprenticeship":
        before.starts_on = weekday(person.entry + timedelta(days=30))
    before.last_day = before.starts_on + timedelta(days=12)
    before.lost = before.kind == "apprenticeship"
    person.jobs.append(Job(kind, weekday(before.last_day + timedelta(days=rng.randint(3, 9)))))
