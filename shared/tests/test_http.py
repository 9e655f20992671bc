"""What the HTTP side does with what no database can keep, and with faults of its own."""

import httpx
import pytest
from lotse_shared import metrics
from lotse_shared.http import application
from lotse_shared.settings import Settings
from toy_service import KEYS, SERVICE, Client, token


@pytest.fixture
async def administrator(engine):
    """Of the toy service."""
    async with Client(SERVICE.api(engine, Settings(play=True), KEYS), token("*", "administrator")) as one:
        yield one


async def always() -> bool:
    return True


async def test_a_fault_is_answered_and_counted():
    """Whatever breaks inside is a problem that says so, and counts among the answers that alerts look at."""
    app = application("toy", KEYS, always)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("of the toy")

    counted = metrics.HTTP_REQUESTS.labels(method="GET", route="/broken", status="500")
    before = counted._value.get()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/broken")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:lotse:problem:fault"
    assert "of the toy" not in answer.text
    assert counted._value.get() == before + 1


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "one"])
async def test_a_number_that_no_dead_letter_can_have_is_named(administrator, number):
    """Out of the bounds of the list is not a fault of ours."""
    answer = await administrator.get(f"/dead-letters/{number}")
    assert (answer.status_code, answer.json()["field"]) == (422, "number")


async def test_a_reason_is_one_line_of_text(administrator):
    """Control characters, NUL above all, are no text."""
    answer = await administrator.post("/dead-letters/1/discard", json={"why": "a\0bc"})
    assert (answer.status_code, answer.json()["field"]) == (422, "why")


async def test_a_clock_stays_in_the_calendar(administrator):
    """An instant that cannot be written in UTC is refused."""
    answer = await administrator.put("/operations/mehrlin/clock", json={"now": "9999-12-31T23:59:59-14:00"})
    assert (answer.status_code, answer.json()["field"]) == (422, "now")
