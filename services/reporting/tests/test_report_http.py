"""Reporting's HTTP interface: reports at any moment, entries, events, who may see what, programme files."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import rfc8785
from lotse_reporting.pages.choice import read_choice
from lotse_reporting.report import figure
from lotse_shared.database import transaction
from lotse_shared.programme import Counts
from reporting_world import (
    PROGRAMMES,
    attended,
    enrolled,
    gathered,
    hear,
    joined,
    network,
    number,
    placed,
    retracted,
)
from sqlalchemy import text
from toy_service import Client, token

REPORT = "/operations/mehrlin/report"


def instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


@pytest.fixture
async def topic(engine):
    """An operation with one person, whose placement was taken back, and a gathering; everything heard."""
    made = network()
    made.apply_programme()
    made.tell(enrolled(number(1), age_at_entry=20, gender="female"))
    made.tell(joined(number(1), partner="spi"))
    made.tell(attended(number(1)))
    made.before = made.at
    no_show = made.tell(placed(number(1)))
    made.placed = made.at
    made.tell(retracted(number(1), no_show))
    made.tell(gathered(number(3), 25))
    made.after = made.at
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


@pytest.fixture
async def partner(app) -> AsyncIterator[Client]:
    async with Client(app, token("spi")) as one:
        yield one


@pytest.fixture
async def stranger(app) -> AsyncIterator[Client]:
    async with Client(app, token("elsewhere")) as one:
        yield one


async def test_a_report_has_the_agreed_shape(topic, coordinator):
    """The keys that others rely on; digest over the RFC 8785 form of `report`; live answers are never final."""
    content = (await coordinator.get(REPORT)).json()
    assert list(content) == ["report", "digest", "state"]
    assert list(content["report"]) == [
        "operation", "programme", "edition", "period", "as_of", "known_at", "indicators",
    ]  # fmt: skip
    assert content["report"]["known_at"] is None
    assert content["report"]["period"] == {"from": "2011-10-01", "until": "2014-09-30"}
    assert content["digest"] == hashlib.sha256(rfc8785.dumps(content["report"])).hexdigest()
    assert content["state"]["final"] is False
    assert set(content["state"]) == {"final", "complete_up_to", "heard_from", "open"}
    assert content["state"]["heard_from"]["reporting"]
    row = content["report"]["indicators"][8]
    assert row == {
        "id": "health-attendances",
        "title": {
            "de": "Anzahl an Teilnehmer/-innen an Gesundheitsprojekten",
            "en": "Attendances in health projects",
        },
        "counts": "attendances",
        "target": 2000,
        "result": 26,
        "percent": 1,
    }


async def test_a_report_as_known_then_is_the_same_for_ever(topic, engine, coordinator):
    """What was known at a moment: before the placement, with it, after it was taken back; final, byte for byte."""
    found = [
        (await coordinator.get(REPORT, params={"known_at": instant(at)})).json()
        for at in (topic.before, topic.placed, topic.after)
    ]
    assert [one["report"]["indicators"][7]["result"] for one in found] == [0, 1, 0]
    assert all(one["state"]["final"] for one in found)

    topic.tell(retracted(number(3), topic.tell(gathered(number(3), 9))))
    topic.tick()
    await hear(engine, topic)
    again = await coordinator.get(REPORT, params={"known_at": instant(topic.placed)})
    assert again.json()["report"] == found[1]["report"]
    assert again.json()["digest"] == found[1]["digest"]


async def test_as_of_limits_by_the_day_it_happened(topic, coordinator):
    """Entries count from their effective date on; a day that has not come in the operation is refused."""
    early = (await coordinator.get(REPORT, params={"as_of": "2012-06-30"})).json()
    assert early["report"]["indicators"][8]["result"] == 1
    refused = await coordinator.get(REPORT, params={"as_of": "2999-01-01"})
    assert refused.status_code == 422
    assert (refused.json()["type"], refused.json()["field"]) == ("urn:lotse:problem:not-yet", "as_of")


async def test_the_operations_clock_says_what_today_is(topic, coordinator):
    """Without as_of a report is of the operation's today."""
    await coordinator.put("/operations/mehrlin/clock", json={"now": "2012-04-15T10:00:00Z"})
    content = (await coordinator.get(REPORT)).json()
    assert content["report"]["as_of"] == "2012-04-15"
    assert content["report"]["indicators"][8]["result"] == 0


async def test_before_the_first_edition_there_is_no_report(topic, coordinator):
    """Nothing in force is not zero: 404, and it says so. A date as known_at is the end of that day in Germany."""
    answer = await coordinator.get(REPORT, params={"known_at": "2020-01-01"})
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:lotse:problem:no-report"
    assert (await coordinator.get(REPORT, params={"known_at": "2026-01-01"})).status_code == 200
    for wrong in ("soon", "2026-01-01T10:00:00"):
        refused = await coordinator.get(REPORT, params={"known_at": wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, "known_at")


async def test_entries_sum_to_the_figure_and_open_to_events(topic, coordinator):
    """Every figure opens to its entries, page by page, and each entry to the events it rests on."""
    path = "/operations/mehrlin/indicators/health-attendances/entries"
    first = (await coordinator.get(path, params={"limit": 1})).json()
    second = (await coordinator.get(path, params={"limit": 1, "cursor": first["next"]})).json()
    entries = first["entries"] + second["entries"]
    assert first["sum"] == second["sum"] == sum(one["quantity"] for one in entries) == 26
    assert second["next"] is None
    assert [one["effective"] for one in entries] == ["2012-05-01", "2012-07-01"]

    event = (await coordinator.get(f"/events/{entries[0]['events'][0]}")).json()
    assert event["type"] == "attendance-recorded.v1"
    assert event["data"]["case"] == entries[0]["unit"] == number(1)
    assert event["known"] == entries[0]["known_from"]
    assert {"topic", "partition", "offset", "sequence"} <= event.keys()
    assert (await coordinator.get(path, params={"cursor": "nonsense"})).status_code == 422
    assert (await coordinator.get("/operations/mehrlin/indicators/none/entries")).status_code == 404


async def test_a_partner_sees_its_own(topic, partner, stranger, coordinator):
    """A partner sees the operations it joined, its own entries and events; a stranger sees what nobody would see."""
    assert (await partner.get(REPORT)).status_code == 200
    path = "/operations/mehrlin/indicators/health-attendances/entries"
    own = (await partner.get(path)).json()
    assert [one["partner"] for one in own["entries"]] == ["spi"]
    assert own["sum"] == 25
    theirs = (await coordinator.get(path, params={"partner": "bbi"})).json()["entries"][0]["events"][0]
    unknown = await partner.get(f"/events/{number(0)}")
    for hidden in (
        await partner.get(f"/events/{theirs}"),
        await partner.get(path, params={"partner": "bbi"}),
        await stranger.get(REPORT),
        await stranger.get("/operations/none/report"),
    ):
        assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert (await stranger.get("/operations")).json() == {"operations": []}


async def test_a_funder_sees_figures_and_pseudonyms(topic, app):
    """A funder reads the report of the whole network; of people it sees pseudonyms, of events nothing."""
    async with Client(app, token("*", "funder")) as funder:
        assert (await funder.get(REPORT)).status_code == 200
        path = "/operations/mehrlin/indicators/health-attendances/entries"
        assert number(1) not in (await funder.get(path)).text
        assert (await funder.get(f"/events/{number(1_000_001)}")).status_code == 404
    async with Client(app, "broken") as nobody:
        assert (await nobody.get(REPORT)).status_code == 401


async def test_a_programme_file_comes_into_force_once(engine, coordinator, partner):
    """The file becomes programme-applied in the outbox; the same file again tells nothing."""
    file = (PROGRAMMES / "mehrlin.yaml").read_bytes()
    first = await coordinator.post("/programmes", content=file, headers={"content-type": "application/yaml"})
    assert first.status_code == 200, first.text
    assert [one["type"] for one in first.json()["facts"]] == ["programme-applied.v1"]
    again = await coordinator.post("/programmes", content=file)
    assert again.json() == {"subject": "mehrlin", "facts": []}
    async with transaction(engine) as connection:
        told = (await connection.execute(text("select type, subject from outbox"))).all()
    assert [tuple(row) for row in told] == [("programme-applied.v1", "mehrlin")]
    assert (await partner.post("/programmes", content=file)).status_code == 403


async def test_a_wrong_programme_file_names_the_line(coordinator):
    """A word that does not exist is refused with its line and the nearest valid word."""
    wrong = (PROGRAMMES / "mehrlin.yaml").read_text().replace("measure.kind: start-up-advice", "measure.kin: advice")
    line = next(number for number, one in enumerate(wrong.splitlines(), 1) if "measure.kin:" in one)
    answer = await coordinator.post("/programmes", content=wrong.encode())
    assert answer.status_code == 422
    assert f"line {line}" in answer.json()["detail"]
    assert "did you mean measure.kind?" in answer.json()["detail"]


async def test_reading_waits_for_a_fact(topic, coordinator, engine):
    """Lotse-After: an answer that is sure to have the fact in it; a parked one is said to be parked."""
    known = next(iter(topic.envelopes))
    assert (await coordinator.get(REPORT, headers={"Lotse-After": f"{known};type=x.v1"})).status_code == 200
    parked = topic.tell(enrolled(number(7)), skip=1)
    await hear(engine, topic)
    answer = await coordinator.get(REPORT, headers={"Lotse-After": parked})
    assert answer.status_code == 409


async def test_a_fact_that_cannot_be_waited_for_is_refused_at_once(topic, coordinator, engine):
    """What is no id is said so; what waits behind a parked fact of its subject is parked as well."""
    wrong = await coordinator.get(REPORT, headers={"Lotse-After": "rubbish;type=x.v1"})
    topic.tell(enrolled(number(7)), skip=1)
    behind = topic.tell(joined(number(7), partner="spi"))
    await hear(engine, topic)
    waiting = await coordinator.get(REPORT, headers={"Lotse-After": behind})

    assert (wrong.status_code, wrong.json()["field"]) == (422, "Lotse-After")
    assert waiting.status_code == 409


@pytest.mark.parametrize("known_at", ["9999-12-31", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "soon"])
async def test_moments_beyond_the_calendar_are_named(topic, coordinator, known_at):
    """A moment that cannot be written in UTC is a mistake in the field, not a fault of ours."""
    answer = await coordinator.get(REPORT, params={"known_at": known_at})

    assert (answer.status_code, answer.json()["field"]) == (422, "known_at")
    assert read_choice("", known_at).wrong == "known_at"


async def test_a_partner_that_can_be_none_is_named(topic, coordinator):
    """A partner's name is a slug; anything else is refused before it reaches the database."""
    path = "/operations/mehrlin/indicators/young-people-trained/entries"
    answer = await coordinator.get(path, params={"partner": "\0"})

    assert (answer.status_code, answer.json()["field"]) == (422, "partner")


async def test_a_number_far_ahead_parks_its_unit_and_no_more(topic, engine, coordinator):
    """A record that claims two thousand million facts before it names the first ones that are missing."""
    topic.tell(enrolled(number(8)), skip=2_000_000_000)
    await hear(engine, topic)
    async with transaction(engine) as connection:
        reason = (await connection.execute(text("select reason from dead_letter where state = 'open'"))).scalar_one()

    assert "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..." in reason


def test_euros_and_hours_are_decimal_strings():
    """Money and hours with two places, half up; all else integers."""
    assert figure(Counts.EUROS, Decimal("1234.5")) == "1234.50"
    assert figure(Counts.HOURS, Decimal("0.333333") * 3) == "1.00"
    assert figure(Counts.HOURS, Decimal("0.125")) == "0.13"
    assert figure(Counts.PERSONS, Decimal("3.000000")) == 3
