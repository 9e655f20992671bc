"""Golden journals: fixed facts and the entries they led to. Entries that move need a new number of the case function.

A released ledger was posted by a case function of one number. Whoever changes what it makes of the same facts gives it
a new number (lotse_reporting.case.CASE_FUNCTION) and writes new golden files:
`LOTSE_WRITE_GOLDEN=1 pytest services/reporting/tests/test_golden_journals.py`.
"""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from lotse_reporting.case import CASE_FUNCTION
from lotse_reporting.editions import rules_of
from lotse_reporting.ledger import fold
from lotse_shared.contracts.coaching import GoalReached, QualificationGained, VisitHeld
from lotse_shared.contracts.codes import StatusAfter
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    FollowUpRecorded,
    ParticipantExited,
    ParticipantReentered,
    StatusRecorded,
)
from lotse_shared.contracts.matching import (
    JobChanged,
    JobEnded,
    JobLost,
    PlaceFilled,
    PlaceFreed,
    PlaceFunded,
    SubsidyApproved,
)
from people_world import definition_of_mehrlin
from reporting_world import (
    Topic,
    advised,
    attended,
    enrolled,
    facts_of,
    gathered,
    joined,
    merged,
    number,
    placed,
    programme,
    registered,
    retracted,
    separated,
)

GOLDEN = Path(__file__).parent / "golden"


def journal() -> Topic:
    """One of everything, with second thoughts of every kind."""
    topic = Topic()
    about = {"operation": "mehrlin", "partner": "spi"}
    first, second, third = number(1), number(2), number(3)
    enrolment = topic.tell(enrolled(first, "2012-03-01", age_at_entry=27, gender="female", employment="unemployed"))
    topic.tell(enrolled(second, "2012-02-01", "bbi", age_at_entry=20, foreign_background="yes", disability="yes"))
    topic.tell(joined(third, day="2012-01-15"))
    topic.tell(enrolled(third, "2012-02-15", age_at_entry=30, employment="employed", registered_unemployed=True))
    topic.tell(joined(first))
    topic.tell(
        CharacteristicsCorrected(
            **about,
            case=first,
            corrects=enrolment,
            corrected_on=date(2012, 5, 1),
            age_at_entry=26,
            unemployed_since=date(2011, 3, 1),
        )
    )
    topic.tell(attended(first))
    topic.tell(attended(first))
    sick = topic.tell(attended(first, "2012-05-08"))
    topic.tell(retracted(first, sick))
    job = placed(first, "insured-lza", "2012-06-01", lza_case="normal")
    topic.tell(job)
    topic.tell(
        SubsidyApproved(
            **about,
            case=first,
            subsidy=number(601),
            placement=number(501),
            instrument="lza",
            approved_on="2012-05-20",
            starts_on="2012-06-01",
            base="2400.00",
            phases=({"months": 6, "percent": 75}, {"months": 9, "percent": 50}),
        )
    )
    ended = {"placement": number(501), "ended_by": "employer", "reason": "business"}
    lost = topic.tell(JobLost(**about, case=first, last_day="2012-09-01", **ended))
    topic.tell(retracted(first, lost))
    topic.tell(JobEnded(**about, case=first, last_day="2013-01-31", **ended))
    again = placed(second, "apprenticeship", "2012-08-01", 502, labour_market="none")
    wrong = topic.tell(again)
    topic.tell(again.model_copy(update={"starts_on": date(2012, 9, 1), "supersedes": wrong}))
    topic.tell(ParticipantExited(**about, case=second, exit_date="2012-12-01", reason="planned-end"))
    for half in merged(first, second):
        topic.tell(half)
    topic.tell(joined(second, "start-up-advice", "2013-02-01"))
    topic.tell(ParticipantReentered(**about, case=first, reentry_date="2013-01-10"))
    for half in separated(first, second):
        topic.tell(half)
    topic.tell(VisitHeld(**about, case=first, held_on="2013-03-01", minutes=50, channel="home", family_present=True))
    topic.tell(GoalReached(**about, case=first, goal="licence", reached_on="2013-04-01"))
    topic.tell(registered(number(9), 12))
    topic.tell(advised(number(9), 60, "2012-07-01"))
    topic.tell(advised(number(9), None, "2012-06-01", "spi"))
    topic.tell(gathered(number(20), 40, "mainstreaming"))
    topic.tell(gathered(number(21), 31))
    place = {**about, "place": number(701)}
    topic.tell(PlaceFunded(**place, funded_on="2012-01-10", instrument="lza"))
    topic.tell(PlaceFilled(**place, case=first, placement=number(501), filled_on="2012-06-01"))
    topic.tell(PlaceFreed(**place, case=first, placement=number(501), freed_on="2013-02-01"))
    leave(topic, number(4))
    return topic


def leave(topic: Topic, case: str) -> None:
    """Somebody leaves, comes back and leaves for good, with everything that is told about the time afterwards."""
    about = {"operation": "mehrlin", "partner": "bbi", "case": case}
    status = {"status_on": "2012-06-10", "status": "seeking", "in_education": True}
    enrolment = topic.tell(enrolled(case, "2012-01-02", "bbi", gender="male", employment="employed", isced=3))
    topic.tell(ParticipantExited(**about, exit_date="2012-03-31", reason="other-measure", status="unemployed"))
    topic.tell(ParticipantReentered(**about, reentry_date="2012-04-15"))
    topic.tell(ParticipantExited(**about, exit_date="2012-05-31", reason="planned-end"))
    topic.tell(StatusRecorded(**about, **status))
    topic.tell(placed(case, "insured", "2012-06-20", 503, term="fixed-term"))
    topic.tell(JobChanged(**about, placement=number(503), changed_on="2012-10-01", term="permanent"))
    topic.tell(QualificationGained(**about, gained_on="2012-05-30", kind="vocational"))
    answer = FollowUpRecorded(**about, reference_date="2012-11-30", status="employed", improvement="unknown")
    wrong = topic.tell(answer.model_copy(update={"status": StatusAfter.UNKNOWN}))
    topic.tell(answer.model_copy(update={"supersedes": wrong}))
    corrected = {"corrects": enrolment, "corrected_on": "2013-01-02", "age_at_entry": 55, "job_term": "fixed-term"}
    topic.tell(CharacteristicsCorrected(**about, **corrected))
    topic.tell(JobEnded(**about, placement=number(503), last_day="2013-03-31", ended_by="both", reason="own-wish"))


def entries(name: str) -> list[dict[str, object]]:
    """What a programme's definitions make of the journal, in a fixed order."""
    found = definition_of_mehrlin() if name == "common" else programme(name).programme.definition()
    definition = found | {"period": {"from": "2011-10-01", "until": "2014-09-30"}}
    _, postings = fold(1, rules_of(definition), facts_of(journal()))
    found = [
        {
            "unit": one.unit,
            "indicator": one.indicator,
            "key": one.key,
            "says": [str(part) for part in one.candidate.says()],
            "known": [one.known_from, one.known_until],
        }
        for one in postings.opened.values()
    ]
    return sorted(found, key=repr)


@pytest.mark.parametrize("name", ["mehrlin", "mila", "common"])
def test_entries_move_only_with_a_new_number(name):
    """The same facts lead to the same entries as when this number of the case function was released."""
    path = GOLDEN / f"{name}-{CASE_FUNCTION}.json"
    if os.environ.get("LOTSE_WRITE_GOLDEN"):
        lines = ",\n".join(json.dumps(one) for one in entries(name))
        path.write_text(f"[\n{lines}\n]\n")
    assert entries(name) == json.loads(path.read_text())
