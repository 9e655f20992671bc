"""MILA's plan against the figures that are known beforehand, counted by hand."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from lotse_local.play import mila
from lotse_local.play.steps import Plan, Step, Subject

AS_OF = date(2017, 8, 31)
NORMAL = (75,) * 6 + (50,) * 9 + (25,) * 3
INTENSIVE = (75,) * 12 + (65,) * 12 + (50,) * 12


def _later(day: date, months: int) -> date:
    """The day after a period of so many months; the first of the month after one that is too short for that day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    try:
        return date(year, month, day.day)
    except ValueError:
        return date(year, month + 1, 1)


def _of(plan: Plan, command: str) -> list[Step]:
    return [step for step in plan.steps if step.command == command]


def _percent_on(start: date, day: date, schedule: tuple[int, ...]) -> int | None:
    """The percentage on a day, month by month from the first day of work."""
    for number, percent in enumerate(schedule):
        if _later(start, number) <= day < _later(start, number + 1):
            return percent
    return None


def _paid(start: date, last: date, month: date, schedule: tuple[int, ...], wage: Decimal) -> Decimal:
    """What one month brings."""
    return sum((amount for _, amount in _parts(start, last, month, schedule, wage)), Decimal(0))


def _parts(
    start: date, last: date, month: date, schedule: tuple[int, ...], wage: Decimal | str
) -> list[tuple[int, Decimal]]:
    """One month: 30 days, or the calendar days of a part of it, at most 30; each percentage rounded once."""
    days = [month + timedelta(days=number) for number in range((_later(month, 1) - month).days)]
    covered = [(day, percent) for day in days if day <= last and (percent := _percent_on(start, day, schedule))]
    left, parts = 30 if len(covered) == len(days) else min(len(covered), 30), []
    percents = list(dict.fromkeys(percent for _, percent in covered))
    for percent in percents:
        count = left if percent == percents[-1] else min(sum(one == percent for _, one in covered), left)
        left -= count
        amount = (Decimal(wage) * percent * count / 3000).quantize(Decimal("0.01"), ROUND_HALF_UP)
        parts.append((percent, amount))
    return parts


def figures_of(plan: Plan) -> dict[str, int | str]:
    """All figures of the programme, from the steps alone."""
    lost = {step.name.removesuffix("/lost"): step.body["last_day"] for step in _of(plan, "lose-job")}
    starts = _of(plan, "make-placement")
    kept, phases, paid, holders = 0, dict.fromkeys((75, 50, 25), 0), Decimal(0), {}
    for start in starts:
        first, last = start.body["starts_on"], lost.get(start.name, date.max)
        schedule = INTENSIVE if start.body["lza_case"] == "intensive" else NORMAL
        kept += last >= (day := _later(first, 6) - timedelta(days=1)) and day <= AS_OF
        for percent in phases:
            begins = _later(first, schedule.index(percent)) if percent in schedule else date.max
            phases[percent] += begins <= min(last, AS_OF)
        wage = Decimal(start.body["monthly_wage"])
        for step in _of(plan, "pay-subsidy"):
            if step.name.startswith(f"{start.name}/paid-"):
                paid += _paid(first, last, step.body["month"], schedule, wage)
        if last > AS_OF:
            assert start.body["place"] not in holders, "two people on one place"
            holders[start.body["place"]] = start.name
    visits = _of(plan, "hold-visit")
    families = {
        step.subject for step in [*_of(plan, "involve-family"), *visits] if step.body.get("family_present", True)
    }
    return {
        "places-funded": len(_of(plan, "fund-place")),
        "places-filled": len(holders),
        "starts": len(starts),
        "starts-normal": sum(step.body["lza_case"] == "normal" for step in starts),
        "starts-intensive": sum(step.body["lza_case"] == "intensive" for step in starts),
        "persons": len(_of(plan, "enrol-participant")),
        "employers-contacted": len({step.subject for step in _of(plan, "contact-employer")}),
        "employers-advised": len({step.subject for step in _of(plan, "advise-employer")}),
        "employers-with-jobs": len({step.body["employer"] for step in _of(plan, "open-vacancy")}),
        "coaching-visits": len(visits),
        "coaching-hours": f"{Decimal(sum(step.body['minutes'] for step in visits)) / 60:.2f}",
        "families-involved": len(families),
        "subsidy-phase-75": phases[75],
        "subsidy-phase-50": phases[50],
        "subsidy-phase-25": phases[25],
        "subsidy-paid": str(paid),
        "early-ends": len(lost),
        "jobs-kept-6-months": kept,
        "goals-reached": len(_of(plan, "reach-goal")),
        **_people(plan, starts),
        **_weeks(starts, lost, visits),
        **_paid_by_phase(plan, starts, lost),
        "early-ends-business": sum(step.body["reason"] == "business" for step in _of(plan, "lose-job")),
        "jobs-after-subsidy": sum(
            step.body["lza_case"] == "normal"
            and _later(step.body["starts_on"], len(NORMAL)) <= min(lost.get(step.name, AS_OF), AS_OF)
            for step in starts
        ),
    }


def _people(plan: Plan, starts: list[Step]) -> dict[str, int | str]:
    """Whose the starts are, by what they were at entry; and what became of those who left."""
    entries = {step.subject: step.body for step in _of(plan, "enrol-participant")}
    born = {Subject(step.name): step.body["person"]["birth_date"] for step in _of(plan, "refer-participant")}
    ages, years = [], []
    for start in starts:
        entry = entries[start.subject]["entry_date"]
        birth = born[start.subject]
        ages.append(entry.year - birth.year - ((entry.month, entry.day) < (birth.month, birth.day)))
        years.append(next(n for n in range(40) if _later(entries[start.subject]["unemployed_since"], 12 * n) >= entry))
    at_once = [step.body["status"] for step in _of(plan, "record-status")]
    later = [step.body["status"] for step in _of(plan, "record-follow-up")]
    return {
        "share-intensive": round(100 * sum(step.body["lza_case"] == "intensive" for step in starts) / len(starts)),
        "starts-35-to-44": sum(35 <= age < 45 for age in ages),
        "starts-45-to-54": sum(45 <= age < 55 for age in ages),
        "starts-55-and-over": sum(age >= 55 for age in ages),
        "starts-unemployed-2-to-5-years": sum(2 <= one <= 5 for one in years),
        "starts-unemployed-over-5-years": sum(one > 5 for one in years),
        "starts-without-qualification": len(starts),
        "co01": len(entries),
        "co02": len(entries),
        "co09": len(entries),
        "left": len(_of(plan, "exit-participant")),
        "after-28-days-in-work": at_once.count("employed"),
        "after-28-days-unemployed": at_once.count("unemployed"),
        "after-six-months-in-work": later.count("employed"),
        "after-six-months-unemployed": later.count("unemployed"),
        "cr04": at_once.count("employed"),
        "cr06": later.count("employed"),
    }


def _weeks(starts: list[Step], lost: dict[str, date], visits: list[Step]) -> dict[str, int | str]:
    """Weeks of coaching that are over, from each start to its end or to the week of the last visit."""
    contacts = []
    for start in starts:
        days = {step.body["held_on"] for step in visits if step.name.startswith(f"{start.name}/visit-")}
        week, last = start.body["starts_on"], lost.get(start.name, max(days))
        while week <= last:
            end = week + timedelta(days=6)
            if start.name in lost:
                end = min(end, last)
            if end <= AS_OF:
                contacts.append(sum(week <= day <= end for day in days))
            week += timedelta(days=7)
    rate = (Decimal(sum(contacts)) / len(contacts)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "coaching-weeks": len(contacts),
        "coaching-weeks-with-contact": sum(one > 0 for one in contacts),
        "coaching-contacts": sum(contacts),
        "contacts-per-person-and-week": str(rate),
    }


def _paid_by_phase(plan: Plan, starts: list[Step], lost: dict[str, date]) -> dict[str, int | str]:
    """The wage subsidies of the first, second and third phase of each schedule, to the cent."""
    paid = [Decimal(0)] * 3
    for start in starts:
        first, last = start.body["starts_on"], lost.get(start.name, date.max)
        schedule = INTENSIVE if start.body["lza_case"] == "intensive" else NORMAL
        percents = list(dict.fromkeys(schedule))
        for step in _of(plan, "pay-subsidy"):
            if step.name.startswith(f"{start.name}/paid-"):
                for percent, amount in _parts(first, last, step.body["month"], schedule, start.body["monthly_wage"]):
                    paid[percents.index(percent)] += amount
    return {
        f"subsidy-paid-{name}-phase": f"{amount:.2f}"
        for name, amount in zip(("first", "second", "third"), paid, strict=True)
    }


def test_the_plan_comes_to_the_known_figures():
    """40 places, 23 filled, and whatever follows from the story, to the cent."""
    assert figures_of(mila.plan()) == mila.FIGURES


def test_the_example_of_the_programme():
    """The normal case pays 54.2 percent of 18 wages: 23,400 euros on 2,400 gross, when no month is cut short."""
    start = date(2015, 9, 1)
    months = [_paid(start, date.max, _later(start, number), NORMAL, Decimal(2400)) for number in range(18)]
    assert sum(months) == Decimal("23400.00")


@pytest.fixture
def story() -> list[Step]:
    """What happens to the man of the text, in order."""
    return [step for step in mila.plan().steps if step.subject == Subject("the-man") or step.name == "the-man"]


def test_the_mans_story_is_told_in_its_order(story):
    """Referral, a long first interview, an application, an interview, approval before the contract, start in August."""
    first = {step.command: step for step in reversed(story)}
    order = ["refer-participant", "hold-first-interview", "enrol-participant", "send-application", "hold-interview"]
    days = [
        first[command].day for command in [*order, "approve-subsidy", "make-placement", "hold-visit", "pay-subsidy"]
    ]
    assert days == sorted(days)
    job = first["make-placement"].body
    assert (job["starts_on"].year, job["starts_on"].month) == (2015, 8)
    assert (job["term"], job["hours_per_week"], job["tariff"]) == ("permanent", "39", True)
    assert first["approve-subsidy"].body["approved_on"] < job["contract_on"] < job["starts_on"]


def test_the_coach_comes_weekly_and_the_job_lasts(story):
    """A visit every week for two years, with his debts, licence, authorities and family; nothing ends the job."""
    visits = [step.body for step in story if step.command == "hold-visit"]
    days = [body["held_on"] for body in visits]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}
    assert days[-1] - days[0] > timedelta(days=728)
    assert {topic for body in visits for topic in body["topics"]} >= {"debts", "licence", "authorities", "family"}
    regained = next(step for step in story if step.body.get("goal") == "licence")
    assert all("licence" not in body["topics"] for body in visits if body["held_on"] > regained.day)
    assert not [step for step in story if step.command in ("lose-job", "end-job")]
