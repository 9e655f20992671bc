"""What everybody sees: releases that went through disclosure control, and nothing else."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from httpx import ASGITransport
from lotse_shared.database import transaction
from reporting_world import attended, enrolled, gathered, hear, joined, network, number, placed
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from toy_service import Client, token

PUBLISH = "/operations/mehrlin/publications"
REPORT = "/public/operations/mehrlin/report"


@pytest.fixture
async def nobody(app) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a token."""
    async with httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://reporting") as one:
        yield one


@pytest.fixture
async def topic(engine):
    """Eleven young people in education with spi: nine men and two women; 30 heads at a gathering."""
    made = network()
    made.apply_programme()
    for person in range(11):
        made.tell(enrolled(number(10 + person), age_at_entry=20, gender="female" if person < 2 else "male"))
        made.tell(joined(number(10 + person)))
    made.tell(gathered(number(3), 30))
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


def row(document, indicator="young-people-trained"):
    return next(one for one in document["indicators"] if one["id"] == indicator)


def parts(document, by, indicator="young-people-trained"):
    return {one["part"]: one["result"] for one in row(document, indicator)["breakdown"][by]}


async def test_women_two_men_nine(topic, coordinator, nobody):
    """Two are hidden, and nine with them: eleven less nine would give the two away. Zero and eleven are shown."""
    answer = await coordinator.post(PUBLISH, json={"as_of": "2012-06-30", "by": ["gender"]})
    assert answer.status_code == 200, answer.text
    document = (await nobody.get(REPORT)).json()

    assert document == answer.json()
    assert row(document)["result"] == 11
    assert row(document)["suppressed"] is False
    assert parts(document, "gender") == {"female": None, "male": None}
    assert row(document, "placed-first-market")["result"] == 0
    assert document["disclosure"]["sign"] == "•"


async def test_a_partner_alone_with_one_case_of_another_learns_nothing(topic, engine, coordinator, nobody):
    """A partner knows its eleven: a total of twelve would tell it of the one person of another. So it is hidden."""
    topic.tell(enrolled(number(30), age_at_entry=20, gender="male", partner="bbi"))
    topic.tell(joined(number(30), partner="bbi"))
    topic.tick()
    await hear(engine, topic)
    await coordinator.post(PUBLISH, json={"as_of": "2012-06-30", "by": ["partner"]})
    document = (await nobody.get(REPORT)).json()

    assert row(document)["result"] is None
    assert row(document)["percent"] is None
    assert parts(document, "partner") == {"bbi": None, "spi": 11}


async def test_one_person_more_is_not_shown(topic, engine, coordinator, nobody):
    """Eleven and then twelve would say that one person came: the second figure is hidden, the first stays."""
    await coordinator.post(PUBLISH, json={"as_of": "2012-06-30", "by": []})
    topic.tell(enrolled(number(30), "2012-07-02", age_at_entry=20))
    topic.tell(joined(number(30), day="2012-07-03"))
    topic.tick()
    await hear(engine, topic)
    await coordinator.post(PUBLISH, json={"as_of": "2012-09-30", "by": []})

    first = (await nobody.get(REPORT, params={"number": 1})).json()
    second = (await nobody.get(REPORT)).json()
    assert [row(first)["result"], row(second)["result"]] == [11, None]
    listed = (await nobody.get("/public/operations/mehrlin/publications")).json()["publications"]
    assert [one["number"] for one in listed] == [1, 2]


async def test_few_employers_behind_many_placements(topic, engine, coordinator, nobody):
    """Five placements with two employers are hidden: at least three employers stand behind what is shown."""
    for person in range(5):
        employer = number(90 + person % 2)
        topic.tell(placed(number(10 + person), placement=500 + person, employer=employer))
        topic.tell(placed(number(15 + person), "apprenticeship", placement=600 + person, employer=number(90 + person)))
    topic.tick()
    await hear(engine, topic)
    document = (await coordinator.post(PUBLISH, json={"as_of": "2012-06-30", "by": []})).json()

    assert row(document, "placed-first-market")["result"] is None
    assert row(document, "placed-in-apprenticeship")["result"] == 5


async def test_many_visits_of_one_person(topic, engine, coordinator, nobody):
    """Five attendances of one person are one case; thirty heads at a gathering are thirty."""
    for day in range(1, 6):
        topic.tell(attended(number(10), f"2012-07-0{day}"))
    topic.tick()
    await hear(engine, topic)
    document = (await coordinator.post(PUBLISH, json={"as_of": "2012-07-31", "by": ["partner"]})).json()
    told = parts(document, "partner", "health-attendances")

    assert told["bbi"] is None
    assert None in (told["spi"], row(document, "health-attendances")["result"])
    assert {told["spi"], row(document, "health-attendances")["result"]} & {30, 35}


async def test_the_same_report_again_is_the_same_release(topic, coordinator, nobody):
    """Published twice, it is one release."""
    asked = {"as_of": "2012-06-30", "known_at": "2026-01-01T00:00:00.020Z", "by": ["gender"]}
    first = await coordinator.post(PUBLISH, json=asked)
    again = await coordinator.post(PUBLISH, json=asked)

    assert first.status_code == again.status_code == 200, first.text
    assert first.json() == again.json()


async def test_what_is_not_final_is_not_published(topic, engine, coordinator, nobody):
    """A fact that waits for a human keeps a report from being final, and from the public."""
    topic.tell(enrolled(number(40)), skip=1)
    topic.tick()
    await hear(engine, topic)
    answer = await coordinator.post(PUBLISH, json={"as_of": "2012-06-30"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:lotse:problem:not-final")
    assert (await nobody.get(REPORT)).status_code == 404


async def test_a_release_is_never_changed(topic, engine, coordinator, nobody):
    """What was published can be neither changed nor deleted, not even by the service itself."""
    await coordinator.post(PUBLISH, json={"as_of": "2012-06-30"})
    for statement in ("update publication set number = 9", "delete from publication"):
        with pytest.raises(DBAPIError):
            async with transaction(engine) as connection:
                await connection.execute(text(statement))


async def test_the_truth_stays_inside(topic, coordinator, nobody):
    """No public answer has a pseudonym, an event, a partner's own share or a hidden number in it."""
    await coordinator.post(PUBLISH, json={"as_of": "2012-06-30", "by": ["gender", "partner", "quarter"]})
    for path in ("/public/operations", "/public/operations/mehrlin/publications", REPORT):
        told = (await nobody.get(path)).text
        assert number(10) not in told
        assert not {"truth", "own", "cases", "employers"} & set(_keys(json.loads(told)))


def _keys(content):
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _keys(value)
    elif isinstance(content, list):
        for one in content:
            yield from _keys(one)


async def test_who_may_publish(topic, app, coordinator, nobody):
    """A coordinator publishes; a funder may not; a stranger is told that there is nothing."""
    asked = {"as_of": "2012-06-30"}
    async with Client(app, token("*", "funder")) as funder, Client(app, token("stranger")) as stranger:
        assert (await funder.post(PUBLISH, json=asked)).status_code == 403
        assert (await stranger.post(PUBLISH, json=asked)).status_code == 404
    assert (await nobody.post(PUBLISH, json=asked)).status_code == 401
