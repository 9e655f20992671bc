"""Seals: a report is set down when it can no longer change, once, and says until then what it waits for."""

from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from lotse_reporting.main import executor
from lotse_reporting.seals.requests import look
from lotse_shared.database import transaction
from reporting_world import Topic, attended, enrolled, gathered, hear, number, receiver, relay, select
from seal_world import DAY, SEALS, ask_for_seal, instant, seal, sealed_network
from sqlalchemy import text
from toy_service import Client, token


@pytest.fixture
async def topic(engine, coordinator) -> Topic:
    """Two people, everything heard."""
    return await sealed_network(engine, coordinator)


async def test_a_final_report_is_sealed_with_all_that_proves_it(engine, coordinator, topic):
    """Figures, definitions, both moments and the hashes stand in the fact; it is heard back like any other."""
    at = {"as_of": DAY, "known_at": instant(topic.known)}
    report = (await coordinator.get("/operations/mehrlin/report", params=at)).json()
    asked = await ask_for_seal(coordinator, topic.known)
    assert (asked["state"], asked["waits_for"]) == ("waiting", [])

    assert await look(engine, executor(engine), asked["seal"])
    [between] = (await coordinator.get(SEALS)).json()["seals"]
    assert [one["kind"] for one in between["waits_for"]] == ["hearing"]
    await relay(engine, topic)
    await hear(engine, topic)

    found = (await coordinator.get(f"/seals/{asked['seal']}")).json()
    assert rfc8785.dumps(found["report"]) == rfc8785.dumps(report["report"])
    assert (found["state"], found["digest"], found["edition"]) == (
        "sealed", report["digest"], report["report"]["edition"],
    )  # fmt: skip
    assert found["definition"]["operation"] == "mehrlin"
    assert [one["seal"] for one in (await coordinator.get(SEALS)).json()["seals"]] == [asked["seal"]]
    event = (await coordinator.get(f"/events/{found['event']}")).json()
    assert (event["type"], event["data"]["seal"]) == ("report-sealed.v1", asked["seal"])


async def test_it_is_sealed_once(engine, coordinator, topic):
    """Whoever looks again, and after a restore to an earlier state, tells no second fact."""
    sealed = await seal(engine, coordinator, topic)
    assert await look(engine, executor(engine), sealed["seal"])
    async with transaction(engine) as connection:
        await connection.execute(text("update seal_request set told = false"))
        await connection.execute(text("update subject set state = '{}' where id = 'mehrlin'"))
    assert await look(engine, executor(engine), sealed["seal"])
    assert len(await select(engine, "select 1 from outbox where type = 'report-sealed.v1'")) == 1


async def test_what_comes_later_changes_no_seal(engine, coordinator, topic):
    """Late facts move the report of today, never the sealed one."""
    sealed = await seal(engine, coordinator, topic)
    topic.tell(attended(number(1)))
    topic.tell(gathered(number(3), 25))
    topic.tick()
    await hear(engine, topic)
    assert (await coordinator.get(f"/seals/{sealed['seal']}")).json() == sealed
    now = (await coordinator.get("/operations/mehrlin/report", params={"as_of": DAY})).json()
    assert now["report"]["indicators"] != sealed["report"]["indicators"]


async def test_a_seal_waits_for_the_watermark_and_for_what_stands_open(engine, coordinator, topic):
    """Not before everything up to K was heard, and not while a fact up to K waits for a human."""
    envelope = topic.envelopes[topic.tell(enrolled(number(3)), skip=1)]
    known = topic.at
    asked = await ask_for_seal(coordinator, known)
    assert not await look(engine, executor(engine), asked["seal"])
    assert [one["kind"] for one in asked["waits_for"]] == ["watermark"]

    topic.tick()
    topic.tick()
    await hear(engine, topic)
    assert not await look(engine, executor(engine), asked["seal"])
    waits = (await coordinator.get(f"/seals/{asked['seal']}")).json()["waits_for"]
    assert [(one["kind"], one["type"]) for one in waits] == [("gap", envelope.type), ("waiting", envelope.type)]

    await receiver(engine).discard(waits[0]["number"], "somebody", "not to be had")
    assert await look(engine, executor(engine), asked["seal"])


async def test_without_a_moment_it_waits_for_every_publisher(engine, coordinator, topic):
    """K is the first moment by which every publisher had sent what it had when the seal was asked for."""
    later = datetime.now(UTC) + timedelta(hours=1)
    asked = await ask_for_seal(coordinator, None)
    assert not await look(engine, executor(engine), asked["seal"])
    assert [one["kind"] for one in asked["waits_for"]] == ["publisher"]

    for publisher in ("reporting", "intake"):
        assert not await look(engine, executor(engine), asked["seal"])
        topic.raw(
            (("ce_type", b"tick.v1"), ("ce_source", publisher.encode()), ("sent_up_to", later.isoformat().encode())),
            b"{}",
            partition=0,
        )
        if publisher == "reporting":
            topic.raw(
                (("ce_type", b"tick.v1"), ("ce_source", b"intake"), ("sent_up_to", b"2026-01-01T00:00:00Z")),
                b"{}",
                partition=1,
            )
        await hear(engine, topic)
    chosen = topic.at
    assert not await look(engine, executor(engine), asked["seal"])
    topic.tell(gathered(number(3), 25))
    topic.tick()
    await hear(engine, topic)
    assert await look(engine, executor(engine), asked["seal"])
    await relay(engine, topic)
    await hear(engine, topic)
    found = (await coordinator.get(f"/seals/{asked['seal']}")).json()
    assert datetime.fromisoformat(found["known_at"]) == datetime.fromisoformat(instant(chosen))
    assert found["report"]["indicators"][8]["result"] == 0


async def test_the_same_key_is_the_same_request(coordinator, topic):
    """Sent again with its key a request is answered with the same seal; another question is refused."""
    first = await ask_for_seal(coordinator, topic.known, **{"Idempotency-Key": "a"})
    assert (await ask_for_seal(coordinator, topic.known, **{"Idempotency-Key": "a"}))["seal"] == first["seal"]
    assert (await ask_for_seal(coordinator, topic.known))["seal"] != first["seal"]
    other = await coordinator.post(SEALS, json={"as_of": "2012-01-01"}, headers={"Idempotency-Key": "a"})
    assert other.status_code == 409


async def test_what_can_never_be_final_is_refused_at_once(coordinator, topic):
    """A day or a moment that has not come, a moment before any definitions: with the field, and the way out."""
    future = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    for body, status, field in (
        ({"as_of": future}, 422, "as_of"),
        ({"as_of": DAY, "known_at": future}, 422, "known_at"),
        ({"as_of": DAY, "known_at": "nonsense"}, 422, "known_at"),
        ({"as_of": DAY, "known_at": "2001-01-01"}, 404, None),
        ({"known_at": "2001-01-01"}, 422, "as_of"),
    ):
        answer = await coordinator.post(SEALS, json=body)
        assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert (await coordinator.post("/operations/nowhere/seals", json={"as_of": DAY})).status_code == 404


async def test_a_sealed_report_is_handed_in_once(engine, app, coordinator, topic):
    """Only what is sealed, only by a coordinator; the day is the operation's, and a second time tells nothing."""
    asked = await ask_for_seal(coordinator, topic.known)
    early = await coordinator.post(f"/seals/{asked['seal']}/submit")
    assert early.status_code == 409
    sealed = await seal(engine, coordinator, topic)
    path = f"/seals/{sealed['seal']}/submit"
    async with Client(app, token("*", "funder")) as funder:
        assert (await funder.post(path)).status_code == 403
    first, second = await coordinator.post(path), await coordinator.post(path)
    assert [len(one.json()["facts"]) for one in (first, second)] == [1, 0]
    await relay(engine, topic)
    await hear(engine, topic)
    found = (await coordinator.get(f"/seals/{sealed['seal']}")).json()
    assert found["state"] == "submitted"
    assert found["submitted_on"]


async def test_who_may_see_a_seal(engine, app, coordinator, topic):
    """Whoever may see the report: funder and partners of the operation; for all others there is no such seal."""
    sealed = await seal(engine, coordinator, topic)
    path = f"/seals/{sealed['seal']}"
    for caller, status in ((token("*", "funder"), 200), (token("spi"), 200), (token("elsewhere"), 404)):
        async with Client(app, caller) as one:
            assert (await one.get(path)).status_code == status
            assert (await one.get(SEALS)).status_code == status
            assert (await one.post(SEALS, json={"as_of": DAY})).status_code == 403
    assert (await coordinator.get(f"/seals/{number(99)}")).status_code == 404
