"""The plan of MEHRLiN against the printed table, counted by hand: no code of the reporting service in between."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from lotse_local.play.mehrlin.figures import MEASURES, PRINTED
from lotse_local.play.mehrlin.naive import count_messages
from lotse_local.play.mehrlin.story import plan as mehrlin
from lotse_local.play.steps import Plan, Step, Subject

FIRST, LAST = date(2011, 10, 1), date(2014, 9, 30)
TRAINING = {"education", "qualification"}
MARKETS = {  # the dated table of kinds, as far as 2011 to 2014 need it
    "insured": ("first", True),
    "insured-egz": ("first", True),
    "minijob": ("first", False),
    "self-employment": ("first", False),
    "work-opportunity": ("second", False),
    "citizen-work": ("second", True),
    "inclusion-firm": ("third", True),
    "apprenticeship": ("none", True),
}


class Told:
    """What the plan's steps amount to: facts that stand, cases and employers that are one."""

    def __init__(self, plan: Plan) -> None:
        taken_back = {step.body["retracts"].step for step in plan.steps if "retract" in step.command}
        self.steps = [step for step in plan.steps if not step.refused and step.name not in taken_back]
        self.one: dict[str, str] = {}
        self._cases()
        self._employers()

    def of(self, *commands: str) -> Iterator[Step]:
        """The steps of these commands."""
        return (step for step in self.steps if step.command in commands)

    def who(self, step: Step) -> str:
        """The person or employer that a step is about in the end."""
        assert isinstance(step.subject, Subject)
        return self.one.get(step.subject.step, step.subject.step)

    def _cases(self) -> None:
        for step in self.of("merge-cases", "separate-cases"):
            assert isinstance(step.subject, Subject)
            other = step.body["other"].step
            self.one[other] = step.subject.step if step.command == "merge-cases" else other

    def _employers(self) -> None:
        by_number: dict[str, str] = {}
        for step in self.of("register-employer"):
            number = step.body.get("betriebsnummer")
            self.one[step.name] = by_number.setdefault(number, step.name) if number else step.name
        for step in self.of("merge-employers"):
            assert isinstance(step.subject, Subject)
            self.one[step.body["other"].step] = self.one[step.subject.step]

    def characteristics(self) -> dict[str, dict[str, Any]]:
        """By person: the earliest entry's record, as corrected."""
        corrections: dict[str, dict[str, Any]] = {}
        for step in self.of("correct-characteristics"):
            corrections.setdefault(step.body["corrects"].step, {}).update(
                {key: value for key, value in step.body.items() if key not in ("corrects", "corrected_on", "cleared")}
                | {name.replace("-", "_"): None for name in step.body.get("cleared", ())}
            )
        born = {step.name: step.body["person"].get("birth_date") for step in self.of("refer-participant")}
        found: dict[str, dict[str, Any]] = {}
        for step in self.of("enrol-participant"):
            record = {**step.body, **corrections.get(step.name, {})}
            day = born[step.subject.step]  # type: ignore[union-attr]
            if day:
                entry = step.body["entry_date"]
                record["age_at_entry"] = entry.year - day.year - ((entry.month, entry.day) < (day.month, day.day))
            known = found.get(self.who(step))
            if known is None or record["entry_date"] < known["entry_date"]:
                found[self.who(step)] = record
        return found


def _first_in_period(told: Told, chosen: Mapping[str, str]) -> dict[str, set[str]]:
    """By measure kind, who joined such a measure, first within the period."""
    first: dict[tuple[str, str], date] = {}
    for step in told.of("join-measure"):
        kind = MEASURES[step.body["measure"].step.removeprefix("measure-")][1]
        key = (chosen.get(kind, kind), told.who(step))
        first[key] = min(first.get(key, date.max), step.body["joined_on"])
    found: dict[str, set[str]] = {}
    for (kind, who), day in first.items():
        if FIRST <= day <= LAST:
            found.setdefault(kind, set()).add(who)
    return found


def _a_year_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)


def table_of(plan: Plan) -> dict[str, int]:
    """The twelve rows by the readings that were settled for them."""
    told = Told(plan)
    people = told.characteristics()
    joined = _first_in_period(told, dict.fromkeys(TRAINING, "training"))
    trained = joined["training"] & people.keys()

    def long_term(one: dict[str, Any]) -> bool:
        since = one.get("unemployed_since")
        return one["employment"] == "unemployed" and bool(since) and since <= _a_year_before(one["entry_date"])

    def working(one: dict[str, Any]) -> bool:
        registered = one.get("job_at_entry") == "minijob" and one.get("registered_unemployed")
        return one["employment"] in ("employed", "self-employed") and not registered

    placed: dict[str, set[str]] = {}
    for step in told.of("make-placement"):
        if FIRST <= step.body["starts_on"] <= LAST:
            market, insured = MARKETS[step.body["kind"]]
            row = "training" if market == "none" else "first" if market == "first" and insured else market
            if not (market == "first" and not insured):
                placed.setdefault(row, set()).add(told.who(step))
    disabled_in = {"advice", "start-up-advice"}
    took_part = trained | set().union(*(joined[kind] for kind in disabled_in))
    took_part |= {told.who(step) for step in told.of("start-internship")}
    return {
        "young-people-trained": sum(14 <= people[one]["age_at_entry"] <= 26 for one in trained),
        "long-term-unemployed-trained": sum(long_term(people[one]) for one in trained),
        "employed-trained": sum(working(people[one]) for one in trained),
        "placed-second-third-market": len(placed["second"] | placed["third"]),
        "start-up-advice": len(joined["start-up-advice"]),
        "small-businesses-advised": _small_enterprises(told),
        "placed-in-apprenticeship": len(placed["training"]),
        "placed-first-market": len(placed["first"]),
        "health-attendances": _attendances(told) + _heads(told, "health"),
        "mainstreaming-attendances": _heads(told, "mainstreaming"),
        "foreign-background": sum(one.get("foreign_background") == "yes" for one in people.values()),
        "disabled-people": sum(people[one].get("disability") == "yes" for one in took_part),
    }


def _small_enterprises(told: Told) -> int:
    size = {told.one[step.name]: step.body.get("headcount") for step in told.of("register-employer")}
    first: dict[str, tuple[date, int | None]] = {}
    for step in told.of("advise-employer"):
        who = told.who(step)
        heads = step.body.get("headcount", size[who])
        if who not in first or step.body["advised_on"] < first[who][0]:
            first[who] = (step.body["advised_on"], heads)
    return sum(FIRST <= day <= LAST and heads is not None and heads < 50 for day, heads in first.values())


def _attendances(told: Told) -> int:
    return len(
        {
            (told.who(step), step.body["measure"], step.body["attended_on"])
            for step in told.of("record-attendance")
            if step.body["presence"] == "present"
            and FIRST <= step.body["attended_on"] <= LAST
            and MEASURES[step.body["measure"].step.removeprefix("measure-")][1] == "health"
        }
    )


def _heads(told: Told, kind: str) -> int:
    return sum(
        step.body["unlisted"]
        for step in told.of("hold-gathering")
        if step.body["kind"] == kind and FIRST <= step.body["held_on"] <= LAST
    )


@pytest.mark.parametrize("seed", [2011, 1, 77])
def test_the_plan_counts_to_the_printed_table(seed):
    """By the settled readings, every row of the plan gives the printed result, whatever the seed."""
    assert table_of(mehrlin(seed)) == PRINTED


def test_counting_messages_gives_a_wrong_table():
    """A naive count of messages is wrong in every row: the play holds what must not count, or only once."""
    naive = count_messages(mehrlin())
    assert [row for row, printed in PRINTED.items() if naive[row] == printed] == []


def test_an_attendance_is_refused_exactly_where_it_is_there_already():
    """One attendance is one person, measure and day: only a list that is typed in again is expected to be refused."""
    seen = set()
    for step in mehrlin().steps:
        if step.command == "record-attendance":
            key = (step.subject, step.body["measure"], step.body["attended_on"])
            assert (key in seen) == step.refused, step.name
            seen.add(key)
