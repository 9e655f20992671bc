"""Editions side by side: what is counted otherwise, from the same facts, and why."""

import pytest
from lotse_reporting import building, case, seals
from lotse_reporting.comparison.definitions import changes
from lotse_reporting.report import written
from reporting_world import NOW, Topic, attended, enrolled, hear, joined, network, number, receiver, select
from seal_world import MEHRLIN, apply, instant, seal
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from toy_service import Client, token

COMPARE = "/operations/mehrlin/editions/compare"
YOUNGER = MEHRLIN.replace(b"{at-least: 14, at-most: 26}", b"{at-least: 14, at-most: 19}")


@pytest.fixture
async def topic(engine, coordinator) -> Topic:
    """Two young people in training, of 18 and of 20; then the second is too old by the definition."""
    made = network()
    await apply(coordinator, engine, made)
    for person, age in ((number(1), 18), (number(2), 20)):
        made.tell(enrolled(person, age_at_entry=age))
        made.tell(joined(person))
    await hear(engine, made)
    await apply(coordinator, engine, made, YOUNGER)
    made.tell(attended(number(1)))
    made.known = made.at
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


async def test_a_changed_definition_names_the_units_that_moved(coordinator, topic):
    """Figure, units and the lines of the definition; what facts moved since is no part of it."""
    found = (await coordinator.get(COMPARE)).json()
    [row] = found["indicators"]
    assert (row["id"], row["before"], row["after"], row["because"]) == ("young-people-trained", 2, 1, "definition")
    assert [one["words"] for one in row["changes"]] == [
        {
            "de": "Zählregel (measure-joined, where, entry.age, at-most): 26 → 19",
            "en": "rule (measure-joined, where, entry.age, at-most): 26 → 19",
        }
    ]
    assert row["units"] == [{"unit": number(2), "before": 1, "after": 0}]
    assert len(found["unchanged"]) == 11
    assert found["known_at"] < found["to"]["known_from"] == found["from"]["known_until"]

    editions = (await coordinator.get("/operations/mehrlin/editions")).json()["editions"]
    assert [one["edition"] for one in editions] == [found["from"]["edition"], found["to"]["edition"]]
    back = {"from": found["to"]["edition"], "to": found["from"]["edition"]}
    assert (await coordinator.get(COMPARE, params=back)).json()["indicators"][0]["after"] == 2


async def test_what_cannot_be_compared_says_what_there_is(engine, app, coordinator):
    """One edition is no two; an unknown one is named with those that there are; a funder sees no unit."""
    topic = network()
    await apply(coordinator, engine, topic)
    await hear(engine, topic)
    alone = await coordinator.get(COMPARE)
    assert (alone.status_code, "no two editions" in alone.json()["detail"]) == (404, True)
    await apply(coordinator, engine, topic, YOUNGER)
    await hear(engine, topic)
    unknown = (await coordinator.get(COMPARE, params={"from": "nothing"})).json()
    assert "there is no edition nothing; there are: " in unknown["detail"]
    async with Client(app, token("*", "funder")) as funder:
        assert "units" not in (await funder.get(COMPARE)).json()["indicators"][0]


def test_definitions_line_by_line():
    """What came, what went, what is another; rules of one kind are told apart."""
    rule = {"is": "placement-made", "where": {"placement.insured": True}}
    found = changes(
        {"target": 3, "moments": [rule, {"is": "placement-made", "where": {"placement.kind": ["insured", "minijob"]}}]},
        {"per": "start", "moments": [rule, {"is": "placement-made", "where": {"placement.kind": ["insured"]}}]},
    )
    assert [one.words["de"] for one in found] == [
        "Zielwert: 3 → –",  # noqa: RUF001 - the dash that German tables print
        "Zählregel (placement-made 2, where, placement.kind): insured, minijob → insured",
        "Einmal je: – → start",  # noqa: RUF001 - the same
    ]


async def test_seals_keep_the_case_function_that_they_had(engine, coordinator, database, topic, monkeypatch):
    """A release that folds otherwise: sealed reports keep their edition, and what it held cannot be altered unseen."""
    sealed = await seal(engine, coordinator, topic)
    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION + 1)
    monkeypatch.setattr("lotse_reporting.unit.context_of", lambda _: None)
    topic.tell(attended(number(2)))
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    await building.keep_what_ended(engine)

    found = (await coordinator.get(COMPARE)).json()
    assert (found["from"]["case_function"], found["to"]["case_function"]) == (
        case.CASE_FUNCTION - 1,
        case.CASE_FUNCTION,
    )
    assert await building.verify(engine) == []
    assert await seals.verify(engine, NOW) == []
    assert (await coordinator.get(f"/seals/{sealed['seal']}")).json() == sealed
    at = {"as_of": "2014-09-30", "known_at": instant(topic.known)}
    assert (await coordinator.get("/operations/mehrlin/report", params=at)).json()["report"] == sealed["report"]

    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(text("alter table reporting.entry disable trigger user"))
        await connection.execute(
            text("update reporting.entry set quantity = quantity + 1 where build = 2 and unit = :unit"),
            {"unit": number(1)},
        )
    await owner.dispose()
    altered = sealed["edition"]
    assert [(one.edition, one.unit) for one in await building.verify(engine)] == [(altered, None)]
    assert any("leads to another report" in one.why for one in await seals.verify(engine, NOW))


async def test_a_fact_that_waited_goes_to_the_new_case_function(engine, coordinator, topic, monkeypatch):
    """What was not final when the case function changed is answered by the new one: nobody posts to the old again."""
    topic.tell(enrolled(number(3), age_at_entry=18), skip=1)
    parked = topic.at
    topic.tell(joined(number(3)))
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION + 1)
    [letter] = await select(engine, "select number from dead_letter where state = 'open'")
    await receiver(engine).discard(letter.number, "somebody", "not to be had")
    await hear(engine, topic)

    editions = (await coordinator.get("/operations/mehrlin/editions")).json()["editions"]
    assert editions[-1]["known_from"] == editions[-2]["known_until"] == written(parked)
    assert editions[-1]["case_function"] == case.CASE_FUNCTION
    at = {"as_of": "2014-09-30", "known_at": instant(parked + 1)}
    answer = (await coordinator.get("/operations/mehrlin/report", params=at)).json()
    assert answer["report"]["indicators"][0]["result"] == 2
    assert answer["report"]["edition"] == editions[-1]["edition"]
    assert answer["state"]["final"]
    assert await building.verify(engine) == []
