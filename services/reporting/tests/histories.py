"""Random histories of people and employers: with second thoughts of every kind."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from lotse_shared.calendar import months_after_event
from lotse_shared.contracts.coaching import QualificationGained
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    FollowUpRecorded,
    ParticipantExited,
    ParticipantReentered,
    StatusRecorded,
)
from lotse_shared.contracts.matching import JobChanged, JobEnded, JobLost
from lotse_shared.envelope import Event
from reporting_world import (
    Topic,
    advised,
    attended,
    enrolled,
    gathered,
    joined,
    merged,
    number,
    placed,
    registered,
    retracted,
    separated,
)

DAYS = st.sampled_from([f"2012-{month:02}-{day:02}" for month in (1, 4, 9) for day in (1, 2, 16, 28)])
"""Few enough for facts to fall on one day, on day 28 after another, and on its six-month day."""
AGES = st.sampled_from([None, 13, 14, 26, 27])
STATUSES = st.sampled_from(["employed", "minijob", "education", "seeking", "unemployed", "unknown"])
JOBS = st.integers(500, 502).map(number)
CASES = st.sampled_from([number(1), number(2), number(3)])


KINDS = ["enrolled", "joined", "attended", "placed", "changed", "lost", "ended", "qualified", "status", "answer"]
KINDS += ["exited", "exited", "reentered"]


@st.composite
def case_facts(draw: Any, case: str) -> Event:  # noqa: PLR0911, C901 - one return for each kind of fact
    """A fact about a case."""
    kind = draw(st.sampled_from(KINDS))
    day = draw(DAYS)
    partner = draw(st.sampled_from(["spi", "bbi"]))
    about = {"operation": "mehrlin", "case": case, "partner": partner}
    match kind:
        case "enrolled":
            return enrolled(
                case,
                day,
                partner,
                age_at_entry=draw(AGES),
                gender=draw(st.sampled_from([None, "female", "male"])),
                isced=draw(st.sampled_from([None, 2])),
                employment=draw(st.sampled_from([None, "unemployed", "inactive", "employed"])),
                foreign_background=draw(st.sampled_from([None, "yes", "refused"])),
            )
        case "joined":
            return joined(case, draw(st.sampled_from(["education", "start-up-advice", "health"])), day, partner)
        case "attended":
            return attended(case, day, presence=draw(st.sampled_from(["present", "sick"])))
        case "placed":
            kind = draw(st.sampled_from(["insured", "apprenticeship", "minijob"]))
            return placed(case, kind, day, draw(st.integers(500, 502)), insured=kind != "minijob")
        case "changed":
            changed = draw(st.sampled_from([{"insured": False, "kind": "minijob"}, {"term": "permanent"}]))
            return JobChanged(**about, placement=draw(JOBS), changed_on=day, **changed)
        case "lost":
            return JobLost(**about, placement=draw(JOBS), last_day=day, ended_by="employer", reason="business")
        case "ended":
            return JobEnded(**about, placement=draw(JOBS), last_day="2012-10-16", ended_by="both", reason="own-wish")
        case "qualified":
            return QualificationGained(**about, gained_on=day, kind="vocational")
        case "status":
            return StatusRecorded(**about, status_on=day, status=draw(STATUSES))
        case "answer":
            asked = months_after_event(date.fromisoformat(day), 6)
            insured = draw(st.sampled_from([None, True]))
            return FollowUpRecorded(**about, reference_date=asked, status=draw(STATUSES), insured=insured)
        case "exited":
            status = draw(st.none() | STATUSES)
            return ParticipantExited(**about, exit_date=day, reason="planned-end", status=status)
        case _:
            return ParticipantReentered(**about, reentry_date=day)


ACTS = ["fact"] * 6 + ["employer", "gathering", "retract", "early", "succeed", "correct", "merge", "separate"]
LEAVING = ["fact"] * 12 + ["retract", "early", "succeed", "correct", "merge", "separate"]


@st.composite
def histories(draw: Any, topic: Topic, most: int = 25, *, leaving: bool = False) -> Topic:
    """Put a history on a topic: facts, retractions (also early), successors, corrections, merges, separations.

    `leaving` tells much about two people who come and go, so that what follows from several facts does follow.
    """
    told: list[tuple[str, str, Event]] = []
    one = {1: number(1), 2: number(2), 3: number(3)}
    for _ in range(draw(st.integers(most // 2 if leaving else 1, most))):
        act = draw(st.sampled_from(LEAVING if leaving else ACTS))
        later = draw(st.sampled_from([0, 1, 5]))
        case = draw(st.sampled_from([number(1), number(1), number(2)]) if leaving else CASES)
        mine = [entry for entry in told if entry[1] == case]
        if act == "employer":
            employer = number(9)
            event = draw(st.sampled_from([registered(employer, 20), advised(employer, 60), advised(employer, None)]))
            told.append((topic.tell(event, later=later), employer, event))
        elif act == "gathering":
            topic.tell(gathered(number(draw(st.integers(20, 21))), draw(st.integers(0, 9))), later=later)
        elif act == "retract" and mine:
            topic.tell(retracted(case, draw(st.sampled_from(mine))[0]), later=later)
        elif act == "early":
            topic.tell(retracted(case, topic.next_id(draw(st.integers(2, 4)))), later=later)
        elif act == "succeed" and mine:
            identity, _, event = draw(st.sampled_from(mine))
            again = draw(case_facts(case)) if draw(st.booleans()) else event
            event = again.model_copy(update={"supersedes": identity})
            told.append((topic.tell(event, later=later), case, event))
        elif act == "correct" and mine:
            event = CharacteristicsCorrected(
                operation="mehrlin",
                case=case,
                partner="spi",
                corrects=draw(st.sampled_from(mine))[0],
                corrected_on="2012-10-01",
                age_at_entry=draw(AGES),
                cleared=draw(st.sampled_from([(), ("foreign-background",), ("age-at-entry",), ("isced",)])),
                entry_date=draw(st.sampled_from([None, "2012-01-05"])),
            )
            told.append((topic.tell(event, later=later), case, event))
        elif act in ("merge", "separate"):
            low, high = draw(st.sampled_from([(1, 2), (2, 3), (1, 3), (3, 1)]))
            halves = list((merged if act == "merge" else separated)(one[low], one[high]))
            for half in draw(st.permutations(halves)):
                topic.tell(half, later=later)
        else:
            event = draw(case_facts(case))
            told.append((topic.tell(event, later=later), case, event))
    return topic
