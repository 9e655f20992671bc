"""What must not count, or must count once: no-shows, mistakes, double records, comebacks, things out of time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from lotse_local.play.diary import Diary
from lotse_local.play.mehrlin.errors import Double
from lotse_local.play.mehrlin.figures import PRINTED_ON
from lotse_local.play.mehrlin.lives import COORDINATOR, Lives, acquirer, coach
from lotse_local.play.mehrlin.people import Job, Person, weekday
from lotse_local.play.steps import Fact, Subject

People = Mapping[str, list[Person]]
SHARE_TWICE: Final = 0.02
"""Of all messages, those that are delivered twice."""


def plan_comebacks(people: People, rng: Random) -> None:
    """People who leave, and come back to the same operation some months later."""
    for one in [*people["young-jobless"][20:28], *people["offices"][46:54], *people["founders"][5:12]]:
        if one.jobs or one.entry > date(2013, 9, 1):
            continue
        one.exit = weekday(one.entry + timedelta(days=200 + rng.randint(0, 20)))
        one.reentry = weekday(one.exit + timedelta(days=rng.randint(60, 120)))


def place_again(people: People) -> None:
    """People whose work in the second labour market ends as planned, and who get another one there."""
    for one in [*people["workshops"][:8], *people["social-firm"][:8]]:
        [job] = one.jobs
        job.last_day = job.starts_on + timedelta(days=60)
        one.jobs.append(Job("work-opportunity", weekday(job.last_day + timedelta(days=14))))


def send_to_health(people: People, rng: Random) -> None:
    """People of other partners who also come to a health project, referred on with their consent."""
    for one in [*people["workshops"][:20], *people["offices"][:10], *people["language"][24:52]]:
        one.health_days = rng.randint(8, 20)


def no_shows(lives: Lives, people: People) -> None:
    """Placements that were entered, and to which nobody came: taken back."""
    never_came = (
        *((one, "work-opportunity") for one in people["only-enrolled"][:3]),
        *((one, "apprenticeship") for one in people["pupils"][80:82]),
        *((one, "insured") for one in people["language"][10:14]),
    )
    for one, kind in never_came:
        name = f"{one.name}/no-show"
        lives.place(one, Job(kind, weekday(one.entry + timedelta(days=60))), name)
        body = {"retracts": Fact(name, "placement-made.v1"), "reason": "not-happened"}
        day = lives.diary.steps[name].day + timedelta(days=lives.rng.randint(5, 12))
        lives.diary.write(f"{name}/retracted", day, acquirer(one.partner), "matching", "retract-fact", one.name, body)


def other_work(lives: Lives, people: People) -> None:
    """Work that no row counts: minijobs, self-employment, and what starts after the last day."""
    for one in people["health"][20:44]:
        lives.place(one, Job("minijob", weekday(one.entry + timedelta(days=70))), f"{one.name}/minijob")
    for one in people["founders"][6:21]:
        lives.place(one, Job("self-employment", weekday(one.entry + timedelta(days=100))), f"{one.name}/own-business")
    for one, kind in [
        *((one, "insured") for one in people["language"][20:23]),
        (people["pupils"][90], "apprenticeship"),
    ]:
        lives.place(one, Job(kind, date(2014, 10, 1)), f"{one.name}/later")


def wrong_records(lives: Lives, people: People) -> None:
    """Attendances and joinings that never were; lists typed in a second time; what took place after the last day."""
    diary, rng = lives.diary, lives.rng
    lines = [step for step in diary.steps.values() if step.command == "record-attendance"]
    same_month = [line for line in lines if line.body["attended_on"] < line.day]
    for number, line in enumerate(rng.sample(same_month, 25)):
        wrong = f"{line.name}/wrong"
        body = {**line.body, "attended_on": line.body["attended_on"] + timedelta(days=1), "presence": "present"}
        diary.steps[wrong] = replace(line, name=wrong, body=body)
        taken_back = {"retracts": Fact(wrong, "attendance-recorded.v1"), "reason": "wrong-person"}
        day = min(line.day + timedelta(days=20 + number), PRINTED_ON)
        diary.write(
            f"{wrong}/retracted", day, line.who, "coaching", "retract-fact", line.name.split("/")[0], taken_back
        )
    for line in rng.sample(lines, 40):
        name = f"{line.name}/typed-again"
        diary.steps[name] = replace(line, name=name, day=min(line.day + timedelta(days=3), PRINTED_ON), refused=True)
    for one in people["advised"][10:14]:
        name = f"{one.name}/mistaken"
        day = diary.steps[f"{one.name}/entry"].day
        joined = {"measure": Subject("measure-verkauf"), "joined_on": day}
        diary.write(name, day, coach("bbi"), "coaching", "join-measure", one.name, joined)
        taken_back = {"retracts": Fact(name, "measure-joined.v1"), "reason": "wrong-person"}
        on = day + timedelta(days=40)
        diary.write(f"{name}/retracted", on, coach("bbi"), "coaching", "retract-fact", one.name, taken_back)
    for one in people["advised"][20:23]:
        joined = {"measure": Subject("measure-verkauf"), "joined_on": date(2014, 10, 6)}
        name = f"{one.name}/too-late"
        diary.write(name, date(2014, 10, 7), coach("bbi"), "coaching", "join-measure", one.name, joined)
    still_there = {line.subject: line for line in lines if line.body["attended_on"] > date(2014, 9, 15)}
    for line in list(still_there.values())[:8]:
        body = {**line.body, "attended_on": date(2014, 10, 6), "presence": "present"}
        name = f"{line.name}/october"
        diary.steps[name] = replace(line, name=name, day=date(2014, 10, 10), body=body)


def merge(diary: Diary, doubles: Sequence[Double]) -> None:
    """The coordinator finds records of one person and merges them."""
    for double in doubles:
        first, second = double.first.name, double.second.name
        day = max(double.merged_on, diary.steps[f"{first}/entry"].day, diary.steps[f"{second}/entry"].day)
        body = {"other": Subject(second)}
        diary.write(f"{first}/merged", day, COORDINATOR, "intake", "merge-cases", first, body)


def merge_wrongly(diary: Diary, people: People) -> None:
    """Two people of one name and birth date were taken for one; half a year later the merge is undone."""
    one, other = (person.name for person in people["workshops"][50:52])
    day = max(diary.steps[f"{one}/entry"].day, diary.steps[f"{other}/entry"].day) + timedelta(days=12)
    body = {"other": Subject(other)}
    diary.write(f"{one}/merged", day, COORDINATOR, "intake", "merge-cases", one, body)
    later = day + timedelta(days=150)
    diary.write(f"{one}/separated", later, COORDINATOR, "intake", "separate-cases", one, body)


def deliver_twice(diary: Diary, rng: Random) -> None:
    """Some messages arrive twice, and the lists of one month as a whole."""
    for name, step in diary.steps.items():
        list_of_may = step.command == "record-attendance" and step.day == date(2013, 5, 31)
        if list_of_may or (rng.random() < SHARE_TWICE and not step.refused):
            diary.steps[name] = replace(step, twice=True)
