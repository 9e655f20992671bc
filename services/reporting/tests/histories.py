"""Random histories of people and employers: with second thoughts of every kind."""

from typing import Any

from hypothesis import strategies as st
from lotse_shared.contracts.intake import CharacteristicsCorrected, ParticipantExited, ParticipantReentered
from lotse_shared.contracts.matching import JobLost
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

DAYS = st.integers(1, 28).flatmap(lambda day: st.sampled_from([f"2012-0{month}-{day:02}" for month in (1, 4, 9)]))
AGES = st.sampled_from([None, 13, 14, 26, 27])
CASES = st.sampled_from([number(1), number(2), number(3)])


@st.composite
def case_facts(draw: Any, case: str) -> Event:  # noqa: PLR0911 - one return for each kind of fact
    """A fact about a case."""
    kind = draw(st.sampled_from(["enrolled", "joined", "attended", "placed", "lost", "exited", "reentered"]))
    day = draw(DAYS)
    partner = draw(st.sampled_from(["spi", "bbi"]))
    match kind:
        case "enrolled":
            return enrolled(
                case,
                day,
                partner,
                age_at_entry=draw(AGES),
                gender=draw(st.sampled_from([None, "female", "male"])),
                employment=draw(st.sampled_from([None, "unemployed", "employed"])),
                foreign_background=draw(st.sampled_from([None, "yes", "refused"])),
            )
        case "joined":
            return joined(case, draw(st.sampled_from(["education", "start-up-advice", "health"])), day, partner)
        case "attended":
            return attended(case, day, presence=draw(st.sampled_from(["present", "sick"])))
        case "placed":
            return placed(case, draw(st.sampled_from(["insured", "apprenticeship"])), day, draw(st.integers(500, 502)))
        case "lost":
            return JobLost(
                operation="mehrlin",
                case=case,
                partner=partner,
                placement=number(draw(st.integers(500, 502))),
                last_day=day,
                ended_by="employer",
                reason="business",
            )
        case "exited":
            return ParticipantExited(
                operation="mehrlin", case=case, partner=partner, exit_date=day, reason="planned-end"
            )
        case _:
            return ParticipantReentered(operation="mehrlin", case=case, partner=partner, reentry_date=day)


@st.composite
def histories(draw: Any, topic: Topic, most: int = 25) -> Topic:
    """Put a history on a topic: facts, retractions (also early), successors, corrections, merges, separations."""
    told: list[tuple[str, str, Event]] = []
    one = {1: number(1), 2: number(2), 3: number(3)}
    for _ in range(draw(st.integers(1, most))):
        act = draw(
            st.sampled_from(
                ["fact"] * 6 + ["employer", "gathering", "retract", "early", "succeed", "correct", "merge", "separate"]
            )
        )
        later = draw(st.sampled_from([0, 1, 5]))
        case = draw(CASES)
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
                cleared=draw(st.sampled_from([(), ("foreign-background",), ("age-at-entry",)])),
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
