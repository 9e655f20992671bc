"""Phases of a wage subsidy as MILA's report counts them: begun only while the job lasts."""

from datetime import date

import pytest
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import fold
from lotse_shared.contracts.matching import JobLost, SubsidyApproved, SubsidyPhase
from reporting_world import Topic, enrolled, facts_of, number, placed, programme

RULES = rules_of(programme("mila").programme.definition())
CASE = number(1)
PHASES = tuple(SubsidyPhase(months=months, percent=percent) for months, percent in ((6, 75), (9, 50), (3, 25)))


def phases(starts_on: date, last_day: date | None, *, named: bool) -> dict[str, date]:
    """The first days that count, by indicator, of a subsidy that was approved before or after the job was known."""
    topic, what = Topic(), {"operation": "mehrlin", "case": CASE, "partner": "spi"}
    approved = SubsidyApproved(
        **what,
        subsidy=number(801),
        placement=number(501) if named else None,
        instrument="lza",
        approved_on=date(2015, 7, 31),
        starts_on=starts_on,
        base="2400.00",
        phases=PHASES,
    )
    job = placed(CASE, "insured-lza", str(starts_on), instrument="lza")
    for event in (enrolled(CASE, "2015-06-01"), *((job, approved) if named else (approved, job))):
        topic.tell(event)
    if last_day:
        topic.tell(JobLost(**what, placement=number(501), last_day=last_day, ended_by="employer", reason="business"))
    _, postings = fold(1, RULES, facts_of(topic))
    found = {
        one.indicator: one.candidate.effective
        for one in postings.opened.values()
        if one.known_until is None and one.indicator.startswith("subsidy-phase")
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


@pytest.mark.parametrize("named", [True, False])
def test_a_phase_that_the_job_did_not_reach_does_not_count(named):
    """A job lost in the seventh month reached the second phase, not the third; also where the subsidy came first."""
    start = date(2015, 8, 17)
    assert list(phases(start, None, named=named)) == ["subsidy-phase-75", "subsidy-phase-50", "subsidy-phase-25"]
    assert list(phases(start, date(2016, 2, 17), named=named)) == ["subsidy-phase-75", "subsidy-phase-50"]
    assert list(phases(start, date(2016, 2, 16), named=named)) == ["subsidy-phase-75"]


def test_phases_are_counted_from_the_first_day():
    """After fifteen months from 30 November comes 1 March: February is too short, and nothing drifts (BGB 188)."""
    found = phases(date(2015, 11, 30), None, named=False)
    assert found["subsidy-phase-50"] == date(2016, 5, 30)
    assert found["subsidy-phase-25"] == date(2017, 3, 1)
