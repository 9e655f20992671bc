"""The table that counting messages would give: every delivered message of a kind, as often as it came."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lotse_shared.calendar import add_months, age_on

from lotse_local.play.mehrlin.figures import MEASURES
from lotse_local.play.steps import Plan, Step, Subject

_TRAINED: Final = ("education", "qualification")
_SECOND: Final = ("work-opportunity", "citizen-work", "inclusion-firm", "subsidised-16e")


def count_messages(plan: Plan) -> Mapping[str, int]:
    """Figures by indicator, with no regard to persons, corrections, retractions, double delivery or the period."""
    people = {step.name: step.body["person"] for step in plan.steps if step.command == "refer-participant"}
    records = {_case(one): _record(one, people) for one in plan.steps if one.command == "enrol-participant"}
    counted: Counter[str] = Counter()
    for step in plan.steps:
        if not step.refused:
            for row, quantity in _rows(step, records.get(_case(step), {})):
                counted[row] += quantity * (1 + step.twice)
    return counted


def _case(step: Step) -> str:
    return step.subject.step if isinstance(step.subject, Subject) else ""


def _record(entry: Step, people: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    born = people[_case(entry)].get("birth_date")
    age = age_on(born, entry.body["entry_date"]) if born else entry.body["age_at_entry"]
    return {**entry.body, "age_at_entry": age}


def _rows(step: Step, record: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    body = step.body
    match step.command:
        case "enrol-participant" if body["foreign_background"] == "yes":
            yield "foreign-background", 1
        case "join-measure":
            kind = MEASURES[body["measure"].step.removeprefix("measure-")][1]
            yield from ((row, 1) for row in _joined(kind, record))
        case "start-internship" if record.get("disability") == "yes":
            yield "disabled-people", 1
        case "make-placement" if body["kind"] in _SECOND:
            yield "placed-second-third-market", 1
        case "make-placement" if body["kind"] == "apprenticeship":
            yield "placed-in-apprenticeship", 1
        case "make-placement":
            yield "placed-first-market", 1
        case "advise-employer":
            yield "small-businesses-advised", 1
        case "record-attendance":
            yield "health-attendances", 1
        case "hold-gathering" if body["kind"] in ("health", "mainstreaming"):
            yield f"{body['kind']}-attendances", body["unlisted"]


def _joined(kind: str, record: Mapping[str, Any]) -> Iterator[str]:
    if kind in _TRAINED:
        if record["age_at_entry"] < 27:  # noqa: PLR2004 - young people of SGB VIII
            yield "young-people-trained"
        since = record.get("unemployed_since")
        if since and add_months(since, 12)[0] <= record["entry_date"]:
            yield "long-term-unemployed-trained"
        if record["employment"] in ("employed", "self-employed"):
            yield "employed-trained"
    if kind == "start-up-advice":
        yield "start-up-advice"
    if record.get("disability") == "yes" and kind in (*_TRAINED, "advice", "start-up-advice"):
        yield "disabled-people"
