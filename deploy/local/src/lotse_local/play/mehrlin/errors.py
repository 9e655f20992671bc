"""What was recorded wrongly and put right later, who stands on an edge, and who was recorded twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from lotse_shared.calendar import add_months

from lotse_local.play.mehrlin.figures import WORKING
from lotse_local.play.mehrlin.people import Person, weekday

People = Mapping[str, list[Person]]


@dataclass(frozen=True, slots=True)
class Double:
    """A second record of a person, made by another partner that did not know of the first one."""

    first: Person
    second: Person
    merged_on: date


def edges(people: People) -> None:
    """Put some people exactly on the edges of the readings, and leave gaps in some records."""
    _edges_of_age(people["pupils"], people["returning"])
    _edges_of_unemployment(people["offices"], people["returning"])
    _edges_of_work(people)
    for one in people["offices"][30:36]:
        one.facts["isced"] = None
    for one in people["health"][:5] + people["language"][:1] + people["only-enrolled"][:1]:
        one.facts["disability"] = "yes"  # in nothing that row 12 counts


def _edges_of_age(pupils: list[Person], returning: list[Person]) -> None:
    """Fourteen on the day of entry, 27 on the day after it, 27 on the day."""
    for one in pupils[40:43]:
        one.born = add_months(one.entry, -12 * 14)[0]
    for one in pupils[43:46]:
        one.born = add_months(one.entry, -12 * 27)[0] + timedelta(days=1)
    for one in returning[:3]:
        one.born = add_months(one.entry, -12 * 27)[0]


def _edges_of_unemployment(offices: list[Person], returning: list[Person]) -> None:
    """A year on the day of entry, a day less than that, and a beginning that nobody knows."""
    for one in offices[20:24]:
        one.entry = one.entry.replace(day=min(one.entry.day, 28))
        one.facts["unemployed_since"] = add_months(one.entry, -12)[0]
    for one in returning[3:6]:
        one.entry = one.entry.replace(day=min(one.entry.day, 27))
        one.facts["unemployed_since"] = add_months(one.entry, -12)[0] + timedelta(days=1)
    returning[8].facts["unemployed_since"] = None


def _edges_of_work(people: People) -> None:
    """Minijobs beside and without a registration as unemployed."""
    for one in people["workshops"][30:34]:
        one.facts["job_at_entry"] = "minijob"
    for one in people["working"][:5]:
        one.facts |= {"employment": WORKING, "job_at_entry": "minijob", "registered_unemployed": False}
    for one in people["returning"][6:8]:
        one.facts |= {"employment": WORKING, "job_at_entry": "minijob", "registered_unemployed": True}


def wrongly_recorded(people: People) -> None:
    """Let first records be wrong: each is corrected months later and moves somebody into or out of a row."""
    pupils, offices, language, returning = (people[name] for name in ("pupils", "offices", "language", "returning"))
    for one in offices[40:45]:
        one.recorded["unemployed_since"] = None
    for one in [*people["newly-jobless"][:3], *returning[9:12]]:
        one.recorded["unemployed_since"] = one.entry - timedelta(days=900)
    for one in people["workshops"][40:42]:
        one.recorded["unemployed_since"] = one.entry - timedelta(days=200)
    returning[12].recorded |= {"employment": WORKING, "job_at_entry": "insured", "registered_unemployed": False}
    for one in language[:4]:
        one.recorded["foreign_background"] = "refused"
    for one in [one for one in pupils if one.facts["foreign_background"] == "no"][:5]:
        one.recorded["foreign_background"] = "yes"
    without = [one for one in people["workshops"] if one.facts["disability"] != "yes"]
    for one in without[:2]:
        one.facts["disability"] = None
        one.recorded["disability"] = "yes"
    with_one = next(one for one in people["trade"] if one.facts["disability"] == "yes")
    with_one.recorded["disability"] = "not-asked"
    _wrong_ages(pupils[60:62], returning[13:14])
    _wrong_entry(returning[14])


def _wrong_ages(young: list[Person], older: list[Person]) -> None:
    for one, truth, stated in [*((one, 24, 28) for one in young), *((one, 29, 25) for one in older)]:
        one.born = None
        one.facts["age_at_entry"] = truth
        one.recorded["age_at_entry"] = stated


def _wrong_entry(one: Person) -> None:
    """By the day first recorded it would be a year of unemployment; by the true one it is two days less."""
    since = add_months(one.entry, -12)[0] + timedelta(days=2)
    one.facts["unemployed_since"] = since
    one.recorded["entry_date"] = one.entry + timedelta(days=3)


def recorded_twice(people: People, rng: Random) -> list[Double]:
    """People whom a second partner enrols as if they were new, until the coordinator merges the records."""
    unmarked = [one for one in people["pupils"][64:] if one.facts["foreign_background"] != "yes"]
    found = [
        *(_double(one, "hoffnungsgemeinde", ["computer"], {}, rng) for one in unmarked[:6]),
        *(_double(one, "awo", ["einzelhandel"], {}, rng) for one in people["offices"][10:15]),
        *(_double(one, "spi", [], {}, rng) for one in people["workshops"][20:23]),
        *(
            _double(one, "bbi", ["verkauf"], {"employment": "unemployed", "registered_unemployed": True}, rng)
            for one in people["working"][5:7]
        ),
    ]
    for double in found[:2]:
        double.first.facts["foreign_background"] = "no"
        double.first.recorded.pop("foreign_background", None)
        double.second.facts["foreign_background"] = "yes"
    for double in found[-2:]:
        double.second.facts["unemployed_since"] = double.second.entry - timedelta(days=500)
    for double in found[-5:-2]:
        double.first.health_days = double.second.health_days = rng.randint(8, 14)
    return found


def _double(one: Person, partner: str, courses: list[str], other: Mapping[str, object], rng: Random) -> Double:
    entry = weekday(min(one.entry + timedelta(days=rng.randint(20, 60)), date(2014, 6, 20)))
    second = replace(
        one,
        name=f"{one.name}-again",
        partner=partner,
        entry=entry,
        facts={**one.facts, **other},
        courses=courses,
        jobs=[],
        recorded={},
    )
    return Double(one, second, weekday(entry + timedelta(days=rng.randint(25, 100))))
