"""The queue of incomplete records: who lacks which answers, and which figures lose people by that."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from lotse_shared.contracts.intake import PartnerJoined
from people_world import People, definition
from reporting_world import hear, number
from toy_service import Client, token

INCOMPLETE = "/operations/op1/incomplete"


def asked_of(people: People, *indicators: str) -> dict[str, str]:
    """The answers that some indicators wait for."""
    found = people.gaps()
    return {one: found[one] for one in indicators if one in found}


@pytest.fixture
def people() -> People:
    return People()


def test_an_indicator_loses_only_people_who_might_count(people):
    """Without an ISCED level an unemployed woman of 40 is missing in EECO02; she is known to be in no other status."""
    people.enrol(1, "2024-01-15", isced=None, unemployed_since="2023-12-01")

    assert asked_of(people, "eeco01", "eeco02", "eeco03", "eeco04", "eeco05", "eeco06", "eeco08", "eeco09") == {
        "eeco02": "isced",
        "eeco09": "isced",
    }


def test_an_answer_that_was_refused_is_not_missing(people):
    """R-10b: the attempt to ask is documented; not asked, unknown and absent are missing."""
    for case, answer in enumerate(("refused", "no", "yes"), 1):
        people.enrol(case, "2024-01-15", disability=answer)
    assert "eeco12" not in people.gaps()

    for answer in ("not-asked", "unknown", None):
        one = People()
        one.enrol(1, "2024-01-15", disability=answer)
        assert one.gaps()["eeco12"] == "disability"


def test_an_answer_ends_the_wait_at_its_own_knowledge_time(people):
    """Both clocks: in the queue as known before, counted as known from then on."""
    enrolment = people.enrol(1, "2024-01-15", isced=None)
    before = people.now
    people.correct(1, enrolment, isced=2)

    assert people.gaps(before)["eeco02"] == "isced"
    assert "eeco02" not in people.gaps()
    assert people.counted("eeco02") == [1]


def test_the_start_of_unemployment_is_missing_for_long_term_alone(people):
    """Q-8: in EECO02, and in the queue of EECO03."""
    people.enrol(1, "2024-01-15")

    assert asked_of(people, "eeco02", "eeco03") == {"eeco03": "unemployed-since"}


def test_what_decides_already_needs_no_further_answer(people):
    """CO15 is true by the citizenship; without it, it waits for every answer that could make it so."""
    people.enrol(1, "2024-01-15", citizenship="eu")
    assert "co15" not in people.gaps()

    other = People()
    other.enrol(1, "2024-01-15", citizenship="german", minority="no")
    assert other.gaps()["co15"] == "foreign-background"


def test_statements_are_missed_once_their_day_has_come(people):
    """Day 28 and the six-month day: who could count and of whom nothing is known; dated on that day."""
    people.enrol(1, "2024-01-15", employment="inactive")
    people.leave(1, "2024-01-31")
    found = {
        one.indicator: (one.key, str(one.candidate.effective))
        for one in people.everything()
        if one.indicator.startswith(("eecr0", "ba-"))
    }

    assert found == {
        "ba-leavers": ("", "2024-07-31"),
        "eecr01:incomplete": ("situation-after-leaving", "2024-02-28"),
        "eecr04:incomplete": ("situation-after-leaving", "2024-02-28"),
        "eecr05:incomplete": ("situation-six-months-after", "2024-07-31"),
        "ba-insured:incomplete": ("insured-six-months-after", "2024-07-31"),
        "ba-not-unemployed:incomplete": ("insured-six-months-after,situation-six-months-after", "2024-07-31"),
    }

    people.say(1, "2024-02-28", "seeking")

    assert {"eecr01", "eecr04"}.isdisjoint(people.gaps())


def test_an_improvement_is_missed_of_people_who_worked_at_entry(people):
    """EECR06: still in work on the day, but nobody said whether it is better work."""
    people.enrol(1, "2024-01-15", employment="employed")
    people.leave(1, "2024-01-31")
    people.answer(1, "2024-07-31", "employed")

    assert asked_of(people, "eecr05", "eecr06") == {"eecr06": "improvement-six-months-after"}


def _instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


@pytest.fixture
async def queue(engine) -> People:
    """Three people of two partners: one lacks ISCED, one lacks answers after leaving, one lacks none that is asked."""
    people = People()
    known = {"citizenship": "german", "foreign_background": "no", "minority": "no", "disability": "no",
             "homeless": "no", "rural_area": False, "unemployed_since": "2023-12-01"}  # fmt: skip
    asked = definition() | {
        "indicators": [one for one in definition()["indicators"] if one["id"].startswith(("eeco0", "eecr0"))]
    }
    people.topic.tell(PartnerJoined(operation="op1", joined="bbi", role="network-partner", joined_on="2024-01-01"))
    people.topic.apply_programme(asked)
    people.enrol(1, "2024-03-01", **known, isced=None)
    people.about["partner"] = "bbi"
    people.enrol(2, "2024-01-15", **known)
    people.leave(2, "2024-01-31")
    people.enrol(3, "2024-01-15", **known)
    people.before = people.now
    people.say(2, "2024-02-20", "seeking")
    people.topic.tick()
    people.topic.tick()
    await hear(engine, people.topic)
    return people


@pytest.fixture
async def partner(app) -> AsyncIterator[Client]:
    async with Client(app, token("bbi")) as one:
        yield one


async def test_the_queue_names_people_answers_and_indicators(queue, coordinator):
    """The longest waiting first, and for each indicator how many people it loses for want of which answers."""
    body = (await coordinator.get(INCOMPLETE)).json()

    assert body["people"] == [
        {
            "unit": number(1),
            "partner": "spi",
            "since": "2024-03-01",
            "missing": ["isced"],
            "indicators": ["eeco02", "eeco09"],
        },
        {
            "unit": number(2),
            "partner": "bbi",
            "since": "2024-07-31",
            "missing": ["situation-six-months-after"],
            "indicators": ["eecr05"],
        },
    ]
    assert [(one["id"], one["people"], one["missing"]) for one in body["indicators"]] == [
        ("eeco02", 1, {"isced": 1}),
        ("eeco09", 1, {"isced": 1}),
        ("eecr05", 1, {"situation-six-months-after": 1}),
    ]


async def test_the_queue_is_asked_with_both_clocks(queue, coordinator):
    """As of a day before the six-month day nothing is missed for it; as known earlier, day 28 was still missing."""
    early = (await coordinator.get(INCOMPLETE, params={"as_of": "2024-07-30"})).json()
    known = await coordinator.get(INCOMPLETE, params={"as_of": "2024-07-30", "known_at": _instant(queue.before)})

    assert [one["unit"] for one in early["people"]] == [number(1)]
    assert [(one["unit"], one["missing"]) for one in known.json()["people"]] == [
        (number(2), ["situation-after-leaving"]),
        (number(1), ["isced"]),
    ]


async def test_a_partner_sees_its_own_people_a_funder_numbers_alone(queue, app, partner):
    """Nobody outside the network gets a list of people."""
    own = (await partner.get(INCOMPLETE)).json()
    async with Client(app, token("*", "funder")) as one:
        funder = (await one.get(INCOMPLETE)).json()

    assert [one["unit"] for one in own["people"]] == [number(2)]
    assert [one["id"] for one in own["indicators"]] == ["eecr05"]
    assert funder["people"] is None
    assert [one["people"] for one in funder["indicators"]] == [1, 1, 1]


async def test_the_queue_comes_in_pages(queue, coordinator):
    """A cursor leads through all people; one that is none of ours is refused by name."""
    first = (await coordinator.get(INCOMPLETE, params={"limit": "1"})).json()
    second = (await coordinator.get(INCOMPLETE, params={"limit": "1", "cursor": first["next"]})).json()
    refused = await coordinator.get(INCOMPLETE, params={"cursor": "nonsense"})

    assert [one["unit"] for page in (first, second) for one in page["people"]] == [number(1), number(2)]
    assert second["next"] is None
    assert (refused.status_code, refused.json()["field"]) == (422, "cursor")


async def test_figures_and_their_parts_know_nothing_of_the_queue(queue, coordinator):
    """Built-in indicators are no part of the report, of its parts, or of its entries."""
    report = (await coordinator.get("/operations/op1/report", params={"by": "partner"})).json()
    entries = await coordinator.get("/operations/op1/indicators/eeco02:incomplete/entries")

    assert all(":" not in row["id"] for row in report["report"]["indicators"])
    assert all(":" not in one for part in report["breakdown"]["parts"] for one in part["results"])
    assert entries.status_code == 404


async def test_somebody_counted_at_another_moment_does_not_wait(engine, coordinator):
    """A person who counts by one measure does not wait for an answer about another one."""
    people = People("mehrlin")
    people.topic.apply_programme()
    enrolment = people.enrol(1, "2012-01-15", age_at_entry=None, disability="no", foreign_background="no")
    people.join(1, "2012-02-01", "education")
    people.topic.tick()
    await hear(engine, people.topic)
    path = "/operations/mehrlin/incomplete"
    before = (await coordinator.get(path)).json()
    people.correct(1, enrolment, age_at_entry=20)
    people.topic.tick()
    await hear(engine, people.topic)
    after = (await coordinator.get(path)).json()

    assert "age" in before["people"][0]["missing"]
    assert all("age" not in one["missing"] for one in after["people"])
