"""Who sees what: every role at every route; nothing else leaks."""

import base64
import re
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from httpx import ASGITransport
from lotse_reporting.main import application
from lotse_shared.settings import Settings
from reporting_world import PARTITIONS, enrolled, hear, joined, network, number
from toy_service import KEYS, Client, token

OWN, OTHERS = number(1), number(2)
"""A person of spi, and one of bbi."""
ENTRIES = "/operations/mehrlin/indicators/young-people-trained/entries"
WHO: Mapping[str, tuple[str, str] | None] = {
    "coordinator": ("*", "coordinator"),
    "auditor": ("*", "auditor"),
    "administrator": ("*", "administrator"),
    "funder": ("*", "funder"),
    "coach": ("spi", "coach"),
    "job-acquirer": ("spi", "job-acquirer"),
    "manager": ("spi", "coordinator"),
    "stranger": ("stranger", "coach"),
    "anonymous": None,
}


@pytest.fixture
def app(engine, tmp_path):
    """The service with a key of pseudonyms, as a platform has one."""
    key = tmp_path / "pseudonyms.key"
    key.write_text(base64.b64encode(b"k" * 32).decode())
    return application(engine, Settings(partitions=PARTITIONS, pseudonym_key_file=key), KEYS)


@pytest.fixture
async def topic(engine):
    """Two young people, one with each partner, and one more who counts twice; all heard."""
    made = network()
    made.apply_programme()
    made.events = {}
    for person, partner in ((OWN, "spi"), (OTHERS, "bbi")):
        made.tell(enrolled(person, age_at_entry=20, gender="female", partner=partner, foreign_background="yes"))
        made.events[partner] = made.tell(joined(person, day="2012-04-17", partner=partner))
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


@pytest.fixture
async def people(app) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """One client for each role."""
    made = {
        name: Client(app, token(*who))
        if who
        else httpx.AsyncClient(transport=ASGITransport(app=app), base_url="http://x")
        for name, who in WHO.items()
    }
    yield made
    for one in made.values():
        await one.aclose()


SEEN = {
    "coordinator": {OWN, OTHERS},
    "auditor": {OWN, OTHERS},
    "administrator": {OWN, OTHERS},
    "funder": set(),
    "coach": {OWN},
    "job-acquirer": {OWN},
    "manager": {OWN},
    "stranger": set(),
    "anonymous": set(),
}
"""Whose pseudonym of the network each role may meet, wherever it looks."""


def addresses(app) -> list[str]:
    """Every route that can be read, filled in."""
    names = {"operation": "mehrlin", "indicator": "young-people-trained", "seal": number(9), "number": "1",
             "section": "activities", "kind": "json", "event": number(9)}  # fmt: skip
    return [
        re.sub(r"\{(\w+)[^}]*\}", lambda found: names[found[1]], path)
        for path, methods in app.openapi()["paths"].items()
        if "get" in methods
    ]


@pytest.mark.parametrize("name", WHO)
async def test_no_route_shows_more_than_the_role_may_see(topic, app, people, name):
    """Whatever a role reads, it meets no person but those it may see; strangers and nobody meet none at all."""
    paths = addresses(app)
    assert len(paths) >= 15
    for path in paths:
        answer = await people[name].get(path)
        met = {one for one in (OWN, OTHERS) if one in answer.text}
        assert met <= SEEN[name], path
        if name == "anonymous":
            assert answer.status_code == 401 or path.startswith("/public/"), path
        if name in ("funder", "stranger", "anonymous"):
            assert not {one for one in topic.events.values() if one in answer.text}, path
            assert "2012-04-17" not in answer.text, path


@pytest.mark.parametrize(
    ("name", "entries", "own_event", "other_event"),
    [
        ("coordinator", 2, 200, 200),
        ("auditor", 2, 200, 200),
        ("administrator", 2, 200, 200),
        ("funder", 2, 404, 404),
        ("coach", 1, 200, 404),
        ("job-acquirer", 1, 200, 404),
        ("manager", 1, 200, 404),
        ("stranger", None, 404, 404),
        ("anonymous", None, 401, 401),
    ],
)
async def test_entries_and_events(topic, people, name, entries, own_event, other_event):
    """Entries and events, role by role: how many entries, and whether an event opens."""
    answer = await people[name].get(ENTRIES)
    if entries is None:
        assert answer.status_code in (401, 404)
    else:
        assert len(answer.json()["entries"]) == entries
    assert (await people[name].get(f"/events/{topic.events['spi']}")).status_code == own_event
    assert (await people[name].get(f"/events/{topic.events['bbi']}")).status_code == other_event


async def test_what_is_hidden_looks_like_what_does_not_exist(topic, people):
    """Another partner's event, a funder's and an unknown one: the same answer, byte for byte."""
    unknown = await people["coordinator"].get(f"/events/{number(0)}")
    for name, path in (("coach", f"/events/{topic.events['bbi']}"), ("funder", f"/events/{topic.events['spi']}")):
        assert (await people[name].get(path)).content == unknown.content


async def test_a_funder_sees_months_and_pseudonyms_of_one_report(topic, people):
    """A month, a partner, a quantity, and a name that is the same within a report and another in the next one."""
    asked = {"as_of": "2012-12-31", "known_at": "2026-01-01T00:00:01Z"}
    once = (await people["funder"].get(ENTRIES, params=asked)).json()
    again = (await people["funder"].get(ENTRIES, params=asked)).json()
    background = "/operations/mehrlin/indicators/foreign-background/entries"
    beside = (await people["funder"].get(background, params=asked)).json()
    later = (await people["funder"].get(ENTRIES, params=asked | {"as_of": "2013-12-31"})).json()

    assert once == again
    assert {frozenset(one) for one in once["entries"]} == {frozenset({"unit", "partner", "effective", "quantity"})}
    assert {one["effective"] for one in once["entries"]} == {"2012-04"}
    names = [{one["unit"] for one in answer["entries"]} for answer in (once, beside, later)]
    assert names[0] == names[1]
    assert not names[0] & names[2]
    assert once["sum"] == 2


async def test_a_funders_cursor_says_nothing(topic, people):
    """Page by page a funder reaches every entry; the cursor shows no day and no entry; a forged one is refused."""
    first = (await people["funder"].get(ENTRIES, params={"limit": 1})).json()
    second = (await people["funder"].get(ENTRIES, params={"limit": 1, "cursor": first["next"]})).json()
    theirs = (await people["coordinator"].get(ENTRIES, params={"limit": 1})).json()["next"]

    assert len({one["unit"] for one in first["entries"] + second["entries"]}) == 2
    assert second["next"] is None
    assert b"2012" not in base64.urlsafe_b64decode(first["next"])
    assert not {OWN, OTHERS} & set(theirs.split("|")) & set(first["next"].split("|"))
    assert (await people["funder"].get(ENTRIES, params={"cursor": theirs})).status_code == 422
