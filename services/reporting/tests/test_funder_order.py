"""What a funder may learn from the order of entries: months, and nothing of the days within them."""

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_reporting.store import snapshot
from lotse_shared.database import transaction
from reporting_world import begun, number
from sqlalchemy import text
from toy_service import Client, token

ENTRIES = "/operations/mehrlin/indicators/health-attendances/entries"
FIRST = date(2012, 1, 1)
_FRESH = itertools.count(1)
"""Partners: each example has entries of a partner of its own."""

Told = tuple[int, date, str, int]
"""Unit, day, what it counts once for, quantity."""
told = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(0, 120).map(lambda days: FIRST + timedelta(days=days)),
        st.sampled_from(["", "a", "b"]),
        st.integers(-3, 9),
    ),
    max_size=25,
    unique_by=lambda one: one[:3],
)


@pytest.fixture
async def topic(engine):
    """MEHRLiN, with nobody in it."""
    return await begun(engine)


@pytest.fixture
async def funder(app) -> AsyncIterator[Client]:
    async with Client(app, token("*", "funder")) as one:
        yield one


async def posted(engine, entries: Sequence[Told]) -> str:
    """Put entries into the ledger that are all one partner's; gives the partner."""
    partner = f"partner-{next(_FRESH)}"
    async with snapshot(engine) as connection:
        found = await connection.execute(text("select number, known_from from build where state = 'live'"))
        build = found.one()
    async with transaction(engine) as connection:
        for unit, day, key, quantity in entries:
            await connection.execute(
                text("""
                    insert into entry (id, build, indicator, operation, unit, key, partner, effective, quantity,
                        event_ids, known_from)
                    values (gen_random_uuid(), :build, 'health-attendances', 'mehrlin', :unit, :key, :partner, :day,
                        :quantity, '{}', :known)"""),
                {"build": build.number, "unit": number(unit), "key": key, "partner": partner, "day": day,
                 "quantity": quantity, "known": build.known_from},
            )  # fmt: skip
    return partner


async def pages(client: Client, partner: str, limit: int, **asked: str) -> list[dict]:
    """All entries of a partner, so many at a time."""
    found, cursor = [], {}
    while True:
        page = (await client.get(ENTRIES, params={"partner": partner, "limit": limit, **asked, **cursor})).json()
        assert len(page["entries"]) == limit or page["next"] is None
        found += page["entries"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def another_day(day: date) -> date:
    """Another day of the same month, so that days stand in the opposite order."""
    return day.replace(day=29 - day.day) if day.day < 29 else day


@pytest.mark.usefixtures("topic")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=told, limit=st.integers(1, 9))
async def test_the_order_follows_no_day(engine, funder, coordinator, entries, limit):
    """Pages of any size and files have the same entries in the same order, which is that of month and pseudonym.

    On other days of the same months the same people stand in the same places. Nothing is left out or told twice; those
    who see days get them in their order.
    """
    partner = await posted(engine, entries)
    other = await posted(engine, [(unit, another_day(day), *more) for unit, day, *more in entries])
    file = (await funder.get(f"{ENTRIES}.json", params={"partner": partner})).json()
    seen = await pages(funder, partner, limit, known_at=file["report"]["known_at"])
    places = [(one["effective"], one["unit"]) for one in seen]
    days = [one["effective"] for one in await pages(coordinator, partner, limit)]
    moved = await pages(funder, other, 1000, known_at=file["report"]["known_at"])

    assert seen == file["entries"]
    assert await pages(funder, partner, limit) == await pages(funder, partner, 1000)
    assert places == sorted(places)
    assert places == [(one["effective"], one["unit"]) for one in moved]
    assert sorted((one["effective"], one["quantity"]) for one in seen) == sorted(
        (day.isoformat()[:7], quantity) for _, day, _, quantity in entries
    )
    assert days == sorted(day.isoformat() for _, day, _, _ in entries)


@pytest.mark.usefixtures("topic")
async def test_the_days_of_one_person_have_no_order_either(engine, funder):
    """Twelve entries of one person in one month, a greater quantity each day: they do not come in that order."""
    partner = await posted(engine, [(1, FIRST + timedelta(days=day), "", day) for day in range(12)])
    quantities = [one["quantity"] for one in await pages(funder, partner, 1)]

    assert sorted(quantities) == list(range(12))
    assert quantities != sorted(quantities)


@pytest.mark.usefixtures("topic")
async def test_a_cursor_holds_in_its_report_alone(engine, funder):
    """In another report people have other names and stand elsewhere: its cursor is refused, with the way out."""
    partner = await posted(engine, [(unit, FIRST, "", 1) for unit in range(1, 4)])
    asked = {"partner": partner, "limit": 1, "as_of": "2013-01-01"}
    cursor = (await funder.get(ENTRIES, params=asked)).json()["next"]
    answer = await funder.get(ENTRIES, params=asked | {"as_of": "2013-01-02", "cursor": cursor})

    assert answer.status_code == 422
    assert "`next`" in answer.json()["way_out"]
    assert (await funder.get(ENTRIES, params=asked | {"cursor": cursor})).status_code == 200
