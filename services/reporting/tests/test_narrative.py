"""What people write in a report."""

from datetime import UTC, datetime, timedelta

import pytest
from lotse_reporting.narrative import LONGEST
from reporting_world import begun
from toy_service import Client, token

NARRATIVE = "/operations/mehrlin/narrative"


@pytest.fixture
async def topic(engine):
    """An operation with its programme in force."""
    return await begun(engine)


async def test_a_report_as_known_then_has_the_text_of_then(topic, coordinator):
    """Every version stays with its time; the present text is the last one; taking back is writing nothing."""
    first = (await coordinator.put(f"{NARRATIVE}/activities", json={"text": " Kurse in drei Stadtteilen "})).json()
    second = (await coordinator.put(f"{NARRATIVE}/activities", json={"text": "Kurse in vier Stadtteilen"})).json()
    await coordinator.put(f"{NARRATIVE}/outlook", json={"text": "Verstetigung"})
    assert first["written_at"] < second["written_at"]

    shown = (await coordinator.get(NARRATIVE)).json()["sections"]
    assert [(one["section"], one["text"]) for one in shown] == [
        ("activities", "Kurse in vier Stadtteilen"),
        ("outlook", "Verstetigung"),
    ]
    then = (await coordinator.get(NARRATIVE, params={"known_at": first["written_at"]})).json()["sections"]
    assert [one["text"] for one in then] == ["Kurse in drei Stadtteilen"]
    before = datetime.fromisoformat(first["written_at"]) - timedelta(milliseconds=1)
    earlier = await coordinator.get(NARRATIVE, params={"known_at": before.astimezone(UTC).isoformat()})
    assert earlier.json()["sections"] == []

    await coordinator.put(f"{NARRATIVE}/activities", json={"text": ""})
    assert [one["section"] for one in (await coordinator.get(NARRATIVE)).json()["sections"]] == ["outlook"]


async def test_what_cannot_be_kept_is_refused(topic, coordinator):
    """An unknown section, too long a text, a text that is none: the field is named, and nothing is kept."""
    assert (await coordinator.put(f"{NARRATIVE}/poems", json={"text": "x"})).status_code == 422
    for told in ("x" * (LONGEST + 1), "a\0b"):
        answer = await coordinator.put(f"{NARRATIVE}/outlook", json={"text": told})
        assert answer.status_code == 422
        assert "text" in answer.json()["field"]
    assert (await coordinator.get(NARRATIVE)).json()["sections"] == []


async def test_coordinators_write_and_all_who_see_the_report_read(topic, app, coordinator):
    """A partner and a funder read; they do not write. Who has nothing to do with the operation learns nothing."""
    await coordinator.put(f"{NARRATIVE}/outlook", json={"text": "Verstetigung"})
    for bearer in (token("spi"), token("*", "funder")):
        async with Client(app, bearer) as reader:
            assert (await reader.get(NARRATIVE)).json()["sections"][0]["text"] == "Verstetigung"
            assert (await reader.put(f"{NARRATIVE}/outlook", json={"text": "x"})).status_code == 403
    async with Client(app, token("elsewhere")) as stranger:
        assert (await stranger.get(NARRATIVE)).status_code == 404
        assert (await stranger.put(f"{NARRATIVE}/outlook", json={"text": "x"})).status_code == 404
