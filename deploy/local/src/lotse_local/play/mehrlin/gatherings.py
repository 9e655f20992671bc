"""Gatherings of the network: heads that nobody writes down by name, and what was planned and reached."""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_local.play.diary import Diary
from lotse_local.play.mehrlin import figures
from lotse_local.play.mehrlin.lives import COORDINATOR, coach, entered
from lotse_local.play.mehrlin.people import weekday
from lotse_local.play.steps import Fact

MILESTONES: Final = (
    ("kick-off", date(2011, 10, 19)),
    ("interim-evaluation", date(2012, 10, 17)),
    ("interim-evaluation", date(2013, 10, 16)),
    ("final-conference", figures.LAST_DAY),
)


def milestones(diary: Diary) -> None:
    """Kick-off, yearly public evaluations, final conference; the outer two are printed with their days."""
    for milestone, day in MILESTONES:
        body = {"milestone": milestone, "reached_on": day}
        write = diary.write
        write(f"{milestone}-{day.year}", day, COORDINATOR, "intake", "reach-milestone", diary.operation, body)


def health_days(diary: Diary, rng: Random, heads: int) -> None:
    """Public health days and courses whose heads add up to so many."""
    count = figures.HEALTH_DAYS
    more = [rng.randint(0, 18) for _ in range(count // 2)]
    each = [heads // count + one for one in (*more, *(-one for one in more))]
    each[0] += heads - sum(each)
    rng.shuffle(each)
    first = date(2011, 11, 19)
    for number, unlisted in enumerate(each):
        day = first + timedelta(days=number * ((date(2014, 9, 20) - first).days // count))
        of_which = {"women": unlisted * 3 // 5, "foreign-background": unlisted * 2 // 5}
        gather(diary, f"health-day-{number + 1:03d}", "spi", "health", day, entered(day, rng), unlisted, of_which)


def mainstreaming(diary: Diary, rng: Random) -> None:
    """Trainings on mainstreaming for the network and the administration."""
    for number, heads in enumerate(figures.MAINSTREAMING):
        day = weekday(date(2012, 2, 15) + timedelta(days=137 * number))
        of_which = {"women": heads // 2, "administration": heads // 3}
        name = f"mainstreaming-{number + 1}"
        gather(diary, name, "spi", "mainstreaming", day, entered(day, rng), heads, of_which, audience="administration")


def others(diary: Diary, rng: Random) -> None:
    """Gatherings that no row of the table counts."""
    for month in range(35):
        day = weekday(date(2011 + (10 + month) // 12, (10 + month) % 12 + 1, 8))
        gather(
            diary, f"network-{month + 1:02d}", "spi", "network-meeting", day, entered(day, rng), 14, audience="network"
        )
    partners = tuple(figures.SUBPROJECTS)
    for number in range(24):
        day = weekday(date(2011, 11, 24) + timedelta(days=41 * number))
        heads, partner = rng.randint(12, 70), partners[number % 6]
        gather(diary, f"information-{number + 1:02d}", partner, "information", day, entered(day, rng), heads)


def mistaken(diary: Diary, rng: Random) -> None:
    """Gatherings that were never held, entered with too many heads, or held outside of the period."""
    for name, kind, day, heads in (
        ("mainstreaming-mistaken", "mainstreaming", date(2013, 3, 13), 30),
        ("health-day-mistaken-1", "health", date(2012, 8, 11), 75),
        ("health-day-mistaken-2", "health", date(2013, 6, 8), 120),
    ):
        gather(diary, name, "spi", kind, day, entered(day, rng), heads)
        on = diary.steps[name].day + timedelta(days=rng.randint(95, 120))
        body = {"retracts": Fact(name, "gathering-held.v1"), "reason": "not-happened"}
        diary.write(f"{name}/retracted", on, coach("spi"), "coaching", "retract-gathering-fact", name, body)
    gather(diary, "health-day-before", "spi", "health", date(2011, 9, 24), date(2011, 10, 24), 45)
    gather(diary, "health-day-after", "spi", "health", date(2014, 10, 11), date(2014, 10, 13), 60)
    gather(diary, "mainstreaming-after", "spi", "mainstreaming", date(2014, 10, 9), date(2014, 10, 10), 24)


def gather(
    diary: Diary,
    name: str,
    partner: str,
    kind: str,
    held_on: date,
    on: date,
    unlisted: int,
    of_which: dict[str, int] | None = None,
    audience: str = "residents",
) -> str:
    """One gathering, entered on the day `on`."""
    body: dict[str, Any] = {
        "kind": kind,
        "held_on": held_on,
        "unlisted": unlisted,
        "of_which": of_which or {},
        "audience": audience,
        "minutes": 120,
        "subproject": figures.SUBPROJECTS[partner],
    }
    return diary.write(name, on, coach(partner), "coaching", "hold-gathering", None, body)
