"""Reports in parts, what is expected, and how figures grew; at both clocks, over HTTP."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from lotse_reporting.report.breakdown import apportioned
from lotse_reporting.report.trend import quarter_ends
from reporting_world import attended, enrolled, gathered, hear, joined, network, number, placed, programme
from toy_service import Client, token

REPORT = "/operations/mehrlin/report"
OF_HEALTH = "health-attendances"


def definition() -> dict:
    """MEHRLiN, with health attendances of the last twelve months, and jobs kept for half a year."""
    found = programme().programme.definition()
    health = next(one for one in found["indicators"] if one["id"] == OF_HEALTH)
    found["indicators"] += [
        {**health, "id": "health-this-year", "last": "12 months"},
        {
            "id": "contacts",
            "title": {"de": "Kontakte je Veranstaltung", "en": "Contacts per gathering"},
            "counts": "rate",
            "ratio": {"of": OF_HEALTH, "to": "health-this-year", "times": "1.5"},
        },
        {
            "id": "kept",
            "title": {"de": "Gehalten", "en": "Kept"},
            "counts": "persons",
            "moments": [{"is": "job-kept", "where": {"job.milestone": "6-months"}}],
            "per": "person",
            "window": "always",
            "limit": 3,
        },
    ]
    return found


@pytest.fixture
async def topic(engine):
    """Two people of two partners and a gathering in three quarters; everything heard."""
    made = network()
    made.apply_programme(definition())
    made.tell(enrolled(number(1), age_at_entry=20, gender="female"))
    made.tell(joined(number(1), partner="spi"))
    made.tell(attended(number(1), "2012-05-01"))
    made.tell(enrolled(number(2), partner="bbi", gender="male"))
    made.tell(attended(number(2), "2013-07-01"))
    made.tell(gathered(number(3), 25, day="2012-07-01"))
    made.tell(placed(number(1), day="2013-08-15"))
    made.tick()
    await hear(engine, made)
    return made


@pytest.fixture
async def partner(app) -> AsyncIterator[Client]:
    async with Client(app, token("spi")) as one:
        yield one


async def parts(client, indicator: str = OF_HEALTH, **asked: str) -> dict:
    """One indicator's parts."""
    answer = await client.get(REPORT, params=asked)
    assert answer.status_code == 200, answer.text
    return {one["part"]: one["results"][indicator] for one in answer.json()["breakdown"]["parts"]}


async def test_a_breakdown_has_the_agreed_shape(topic, coordinator):
    """Its key comes beside the report, which stays as it was; its digest is over the RFC 8785 form; no ratios."""
    whole = (await coordinator.get(REPORT)).json()
    content = (await coordinator.get(REPORT, params={"by": "gender"})).json()
    breakdown = content.pop("breakdown")

    assert content["report"] == whole["report"]
    assert content["digest"] == whole["digest"]
    assert list(breakdown) == ["by", "parts", "digest"]
    digest = breakdown.pop("digest")
    assert digest == hashlib.sha256(rfc8785.dumps(breakdown)).hexdigest()
    counted = [one["id"] for one in content["report"]["indicators"] if one["counts"] not in ("percent", "rate")]
    assert [list(one["results"]) for one in breakdown["parts"]] == [counted] * 3
    refused = await coordinator.get(REPORT, params={"by": "age"})
    assert (refused.status_code, refused.json()["field"]) == (422, "by")


async def test_the_parts_are_those_of_the_day_and_the_moment(topic, coordinator):
    """By gender, partner and quarter of the effective date; what has no gender is a part of its own."""
    assert await parts(coordinator, by="gender") == {"female": 1, "male": 1, None: 25}
    assert await parts(coordinator, by="partner") == {"bbi": 2, "spi": 25}
    assert await parts(coordinator, by="site") == {None: 27}
    assert await parts(coordinator, by="quarter") == {"2012-Q2": 1, "2012-Q3": 25, "2013-Q3": 1, "2014-Q1": 0}
    assert await parts(coordinator, by="quarter", as_of="2012-07-01") == {"2012-Q2": 1, "2012-Q3": 25}


async def test_a_partner_sees_its_own_part(topic, partner):
    """What all others did is one part; by gender and quarter it sees what the whole is made of, like the whole."""
    assert await parts(partner, by="partner") == {"others": 2, "spi": 25}
    assert await parts(partner, by="site") == {"others": 2, None: 25}
    assert await parts(partner, by="gender") == {"female": 1, "male": 1, None: 25}


async def test_a_rolling_figure_looks_back_a_year(topic, coordinator):
    """Of twelve months as of a day: what was there less what was there before the window; its parts go with it."""

    async def rolling(as_of: str) -> tuple:
        rows = (await coordinator.get(REPORT, params={"as_of": as_of})).json()["report"]["indicators"]
        found = {one["id"]: one for one in rows}
        return found[OF_HEALTH]["result"], found["health-this-year"]["result"], found["contacts"]["result"]

    assert await rolling("2013-04-30") == (26, 26, "1.50")
    assert await rolling("2013-05-01") == (26, 25, "1.56")
    assert await rolling("2013-07-01") == (27, 1, "40.50")
    assert await rolling("2014-07-01") == (27, 0, "0.00")
    path = "/operations/mehrlin/indicators/health-this-year/entries"
    behind = (await coordinator.get(path, params={"as_of": "2013-07-01"})).json()
    assert (behind["sum"], [one["effective"] for one in behind["entries"]]) == (1, ["2013-07-01"])
    year = await parts(coordinator, "health-this-year", by="quarter", as_of="2013-06-30")
    assert year == {"2012-Q2": 0, "2012-Q3": 25}


async def test_what_comes_by_waiting_is_expected(topic, coordinator):
    """A job counts half a year on: until then it is expected, by month, and in no result; a limit is shown."""
    path = "/operations/mehrlin/expected"
    await coordinator.put("/operations/mehrlin/clock", json={"now": "2013-09-01T10:00:00Z"})
    found = (await coordinator.get(path)).json()
    assert (found["after"], found["known_at"]) == ("2013-09-01", None)
    [kept] = [one for one in found["indicators"] if one["id"] == "kept"]
    assert kept["expected"] == 1
    assert kept["months"] == [{"month": "2014-02", "expected": 1}]
    before = await coordinator.get(path, params={"known_at": "2026-01-01T00:00:00.002Z"})
    assert before.status_code == 404

    await coordinator.put("/operations/mehrlin/clock", json={"now": "2014-03-01T10:00:00Z"})
    assert (await coordinator.get(path)).json()["indicators"] == []
    rows = (await coordinator.get(REPORT)).json()["report"]["indicators"]
    assert {**rows[-1], "title": None} == {
        "id": "kept", "title": None, "counts": "persons", "target": None, "result": 1, "percent": None, "limit": 3,
    }  # fmt: skip


async def test_a_trend_has_the_result_of_every_quarter(topic, coordinator):
    """Each value is what the report says as of that day, rolling ones too; the path leads straight to the target."""
    asked = {"as_of": "2013-08-20"}
    trend = (await coordinator.get("/operations/mehrlin/trend", params=asked)).json()
    assert trend["days"] == [
        "2011-12-31", "2012-03-31", "2012-06-30", "2012-09-30", "2012-12-31", "2013-03-31", "2013-06-30", "2013-08-20",
    ]  # fmt: skip
    for place, day in enumerate(trend["days"]):
        report = (await coordinator.get(REPORT, params={"as_of": day})).json()["report"]
        assert [one["results"][place] for one in trend["indicators"]] == [one["result"] for one in report["indicators"]]
    health = next(one for one in trend["indicators"] if one["id"] == OF_HEALTH)
    assert health["results"] == [0, 0, 1, 26, 26, 26, 26, 27]
    assert health["path"] == [168, 334, 500, 668, 836, 1000, 1166, 1259]


def test_quarters_end_with_the_day_asked_for():
    """The last value is of the as-of day, whether a quarter ends there or not, or none has begun."""
    assert list(quarter_ends(date(2012, 5, 17), date(2012, 9, 30))) == [date(2012, 6, 30), date(2012, 9, 30)]
    assert list(quarter_ends(date(2012, 5, 17), date(2012, 1, 1))) == [date(2012, 1, 1)]


@given(
    st.lists(st.decimals(-50, 50, places=6, allow_nan=False, allow_infinity=False), max_size=9),
    st.sampled_from([Decimal("0.01"), Decimal(1)]),
)
def test_parts_add_up_as_they_are_written(quantities, smallest):
    """Whatever is rounded: the written parts sum to the written whole, and none is a whole step off."""
    written = apportioned(quantities, smallest)
    whole = sum(quantities, Decimal(0))
    expected = whole.quantize(smallest, "ROUND_HALF_UP") if smallest < 1 else Decimal(int(whole))

    assert sum(written, Decimal(0)) == expected
    assert all(abs(one - quantity) < smallest for one, quantity in zip(written, quantities, strict=True))
