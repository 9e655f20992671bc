"""Dortmund's plan against the figures that are known beforehand: reckoned from its steps alone, by plain counting."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from lotse_local.play import dortmund
from lotse_local.play.steps import Fact, Step

ORIGINS = {"jobs-procurement": "procurement", "jobs-new-simple-work": "new-simple-work", "jobs-funded": "funded"}
FILLS = {"insured", "insured-egz", "subsidised-16e", "subsidised-16i"}


class Known:
    """The steps that were entered by a day, without those that had been taken back by then."""

    def __init__(self, known: date, as_of: date) -> None:
        steps = [step for step in dortmund.plan().steps if step.day <= known]
        gone = {step.body["retracts"].step for step in steps if "retracts" in step.body}
        self.steps = [step for step in steps if step.name not in gone]
        self.as_of = as_of
        self.since = {step.subject.step: step.body.get("benefits_since") for step in self._all("enrol-participant")}
        self.entry = {step.subject.step: step.body["entry_date"] for step in self._all("enrol-participant")}
        corrected = self._all("correct-characteristics")
        self.since |= {step.subject.step: step.body["benefits_since"] for step in corrected}
        self.same = {step.body["other"].step: step.subject.step for step in self._all("merge-cases")}
        self.same |= {step.body["other"].step: step.subject.step for step in self._all("merge-employers")}

    def _all(self, command: str) -> list[Step]:
        return [step for step in self.steps if step.command == command]

    def by(self, command: str, day: str) -> list[Step]:
        """Steps of a command whose day came by the as-of day."""
        return [step for step in self._all(command) if step.body[day] <= self.as_of]

    def who(self, steps: list[Step]) -> set[str]:
        """The subjects of steps, two records of one as one."""
        return {self.same.get(step.subject.step, step.subject.step) for step in steps}

    def is_long(self, name: str) -> bool:
        """Whether somebody had had benefits for four years on entering."""
        since, entry = self.since[name], self.entry[name]
        return since is not None and (since.year + 4, since.month, since.day) <= (entry.year, entry.month, entry.day)

    def jobs(self) -> list[str]:
        """The origins of positions whose first holder in insured work is of the target group."""
        origins = {step.name: step.body["origin"] for step in self._all("open-vacancy")}
        first: dict[tuple[str, int], Step] = {}
        for step in sorted(self.by("make-placement", "starts_on"), key=lambda one: one.body["starts_on"]):
            if "vacancy" in step.body and step.body["kind"] in FILLS:
                first.setdefault((step.body["vacancy"].step, step.body["position"]), step)
        return [origins[offer] for (offer, _), step in first.items() if self.is_long(step.subject.step)]

    def euros(self, command: str, day: str, *sources: str) -> Decimal:
        """The sum of what was promised, paid, released or returned."""
        found = [step.body for step in self.by(command, day) if step.body["money_source"] in sources]
        return sum((Decimal(body["amount"]) for body in found), Decimal(0))

    def budget(self) -> Decimal:
        """What was approved; a change takes the place of what it names."""
        approved = self.by("approve-budget", "approved_on")
        changed = {step.body["supersedes"].step for step in approved if isinstance(step.body.get("supersedes"), Fact)}
        return sum((Decimal(step.body["amount"]) for step in approved if step.name not in changed), Decimal(0))


def work(known: Known) -> dict[str, int | str]:
    """Jobs, people, and what was done for them."""
    jobs = known.jobs()
    entered = known.who(known.by("enrol-participant", "entry_date"))
    starts = [step for step in known.by("make-placement", "starts_on") if step.body["kind"] in FILLS]
    visits = known.by("hold-visit", "held_on")
    premiums = len(known.by("pay-subsidy", "paid_on"))
    moved = {kind: [step for step in starts if step.body["kind"] == f"subsidised-{kind}"] for kind in ("16e", "16i")}
    return {
        "jobs-created": len(jobs),
        **{one: jobs.count(origin) for one, origin in ORIGINS.items()},
        "persons-placed": len({name for name in known.who(starts) if known.is_long(name)}),
        "persons-enrolled": len(entered),
        "persons-long-on-benefits": len({name for name in entered if known.is_long(name)}),
        "hires-with-premium": premiums,
        "premiums-paid": f"{premiums * 3000}.00",
        "persons-coached": len(known.who(visits)),
        "coaching-visits": len(visits),
        "coaching-hours": f"{Decimal(sum(step.body['minutes'] for step in visits)) / 60:.2f}",
        **{f"transitions-{kind}": len(known.who(steps)) for kind, steps in moved.items()},
        "employers-contacted": len(known.who(known.by("contact-employer", "contacted_on"))),
    }


def procurement(known: Known) -> dict[str, int | str]:
    """Tenders and what became of their clauses."""
    published, awarded = known.by("publish-tender", "published_on"), known.by("award-clause", "awarded_on")
    results = [step.body["result"] for step in known.by("settle-clause", "settled_on")]
    return {
        "tenders-published": len(published),
        "tenders-with-clause": sum(step.body["clause"] for step in published),
        "clauses-awarded": len(awarded),
        "clause-jobs-owed": sum(step.body["jobs"] for step in awarded),
        **{f"clauses-{result}": results.count(result) for result in ("kept", "broken", "waived")},
    }


def money(known: Known) -> dict[str, int | str]:
    """Promised and paid, by source."""
    found = {}
    premiums = {"land": 3000 * len(known.by("pay-subsidy", "paid_on"))}
    for source in ("land", "municipal", "pat", "saved-housing-costs"):
        promised = known.euros("make-commitment", "committed_on", source)
        paid = known.euros("make-payment", "paid_on", source) + premiums.get(source, 0)
        found[f"committed-{source}"] = promised - known.euros("release-commitment", "released_on", source)
        found[f"paid-{source}"] = paid - known.euros("return-payment", "returned_on", source)
    found["spending"] = found["paid-land"] + found["paid-municipal"]
    found["budget-approved"] = known.budget()
    return {one: f"{amount:.2f}" for one, amount in found.items()}


@pytest.mark.parametrize("view", dortmund.VIEWS, ids=lambda view: view.title)
def test_the_plan_comes_to_the_known_figures(view):
    """What was written down by hand is what the steps come to, on each of the days and as known on them."""
    plan = dortmund.plan()
    known = Known(view.known or plan.last_day, view.as_of or plan.last_day)
    assert {**work(known), **procurement(known), **money(known)} == view.figures


def test_hard_cases_are_really_there():
    """Fills entered late, a job of one day, refills, and four years of benefits to the day and one day less."""
    known = Known(dortmund.plan().last_day, dortmund.plan().last_day)
    starts = {step.name: step for step in known.by("make-placement", "starts_on")}
    late = [step for step in starts.values() if step.day - step.body["starts_on"] > timedelta(days=10)]
    assert len(late) >= 6
    seats = [(step.body["vacancy"].step, step.body["position"]) for step in starts.values() if "vacancy" in step.body]
    assert len(seats) - len(set(seats)) == 7 + 6 + 5 + 1
    one_day = [step for step in known.by("lose-job", "last_day") if _start(starts, step) == step.body["last_day"]]
    assert len(one_day) == 1
    spans = [(known.entry[name], since) for name, since in known.since.items() if since]
    assert any(since.replace(year=since.year + 4) == entry for entry, since in spans)
    assert known.since["too-short"].replace(year=2018) == known.entry["too-short"] + timedelta(days=1)


def _start(starts: dict[str, Step], lost: Step) -> date:
    return starts[f"{lost.subject.step}/job"].body["starts_on"]
