import asyncio

import pytest
from lotse_shared.database import transaction
from lotse_shared.http import waiting
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import SERVICE, Client, Stream, enrolled, token


async def opened(client, engine, stream: Stream) -> str:
    await SERVICE.inbox(engine).receive("topic", stream.records)
    answer = await client.post("/cases/refer-participant", json={"operation": "mehrlin", "referred_on": "2012-02-01"})
    assert answer.status_code == 200, answer.text
    return answer.json()["subject"]


async def test_a_command_writes_state_and_fact_together(client, engine, stream):
    """A decision's facts stand in the outbox, numbered per subject, when its state is stored."""
    case = await opened(client, engine, stream)

    answer = await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})

    assert answer.json()["facts"][0]["type"] == "visit-held.v1"
    async with transaction(engine) as connection:
        rows = (await connection.execute(text("select type, headers from outbox order by position"))).all()
    assert [row.type for row in rows] == ["participant-referred.v1", "visit-held.v1"]
    assert [dict(row.headers)["ce_sequence"] for row in rows] == ["1", "2"]
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"visits": ["2012-02-02"]}


async def test_a_refused_command_writes_nothing_and_says_why(client, engine, stream):
    """A refusal names the reason, the field and the way out, and leaves no row."""
    case = await opened(client, engine, stream)

    answer = await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2999-01-01"})

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == "held_on"
    assert answer.json()["way_out"]
    async with transaction(engine) as connection:
        assert (await connection.execute(text("select count(*) from outbox"))).scalar_one() == 1


async def test_the_same_key_gives_the_same_answer(client, engine, stream):
    """Twenty requests at once with one idempotency key are one fact, and all get its answer."""
    case = await opened(client, engine, stream)

    answers = await asyncio.gather(
        *(
            client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"}, headers={"Idempotency-Key": "k1"})
            for _ in range(20)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    other = await client.post(
        f"/cases/{case}/hold-visit", json={"held_on": "2012-02-03"}, headers={"Idempotency-Key": "k1"}
    )
    assert other.status_code == 409
    assert other.json()["type"] == "urn:lotse:problem:key-reused"


async def test_the_same_key_is_no_refusal_of_itself(client, engine, stream):
    """Who sends a command again while the first is under way gets its answer, not that it was done already."""
    case = await opened(client, engine, stream)
    visit = (await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})).json()["facts"][0]["id"]

    answers = await asyncio.gather(
        *(
            client.post(f"/cases/{case}/retract-fact", json={"retracts": visit}, headers={"Idempotency-Key": "k2"})
            for _ in range(20)
        )
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


async def test_a_foreign_case_is_as_unknown(app, client, engine, stream):
    """A foreign case and one that does not exist give the same answer, byte for byte, for reading and changing."""
    case = await opened(client, engine, stream)

    async with Client(app, token("bbi")) as other:
        for path in ("", "/hold-visit"):
            answers = []
            for subject in (case, new_id()):
                address = f"/cases/{subject}{path}"
                answers.append(
                    await (other.post(address, json={"held_on": "2012-02-02"}) if path else other.get(address))
                )
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert dict(answers[0].headers) == dict(answers[1].headers)


async def test_an_operation_that_one_did_not_join_is_unknown(app, client, engine, stream):
    """A partner of no, or another, network can open nothing in the operation."""
    await opened(client, engine, stream)

    async with Client(app, token("stranger")) as other:
        answer = await other.post(
            "/cases/refer-participant", json={"operation": "mehrlin", "referred_on": "2012-02-01"}
        )

    assert answer.status_code == 404
    assert answer.json()["field"] == "operation"


async def test_bulk_answers_each_item(client, engine, stream):
    """In bulk a refused item stops no other, items on one subject follow each other, keys hold as in single calls."""
    case = await opened(client, engine, stream)
    items = [
        {"command": "hold-visit", "subject": case, "key": "a", "body": {"held_on": "2012-02-02"}},
        {"command": "hold-visit", "subject": case, "key": "b", "body": {"held_on": "2999-02-02"}},
        {"command": "hold-visit", "subject": case, "key": "c", "body": {"held_on": "2012-02-03"}},
        {"command": "hold-visit", "subject": case, "key": "a", "body": {"held_on": "2012-02-02"}},
        {"command": "no-such", "body": {}},
        {"command": "hold-visit", "subject": case, "body": {"held_on": "2012-02-03", "name": "x"}},
    ]

    first = (await client.post("/bulk", json={"items": items})).json()["results"]
    again = (await client.post("/bulk", json={"items": items})).json()["results"]

    assert [one["status"] for one in first] == [200, 409, 200, 200, 404, 422]
    assert first[0] == first[3]
    assert again[0] == first[0]
    assert again[2] == first[2]
    assert first[5]["problem"]["field"] == "name"
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"visits": ["2012-02-02", "2012-02-03"]}


async def test_a_retracted_fact_is_folded_away_once(client, engine, stream):
    """Taking a fact back folds the state again from what still holds; the same fact cannot be taken back twice."""
    case = await opened(client, engine, stream)
    visit = (await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})).json()["facts"][0]["id"]
    await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-05"})

    first = await client.post(f"/cases/{case}/retract-fact", json={"retracts": visit})
    second = await client.post(f"/cases/{case}/retract-fact", json={"retracts": visit})

    assert first.status_code == 200, first.text
    assert second.status_code == 409
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"visits": ["2012-02-05"]}


async def test_bad_requests_are_clear(app, client, engine, stream):
    """Unknown fields, no token, the wrong role and a body that is too large are told apart and say what to do."""
    case = await opened(client, engine, stream)

    unknown = await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02", "mood": "good"})
    large = await client.post(f"/cases/{case}/hold-visit", content=b"x" * 900_000)
    broken = await client.post(f"/cases/{case}/hold-visit", content=b"{")
    async with Client(app, "not.a.token") as stranger, Client(app, token("*", "funder")) as funder:
        nobody = await stranger.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})
        forbidden = await funder.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})

    assert (unknown.status_code, unknown.json()["field"]) == (422, "mood")
    assert large.status_code == 413
    assert broken.status_code == 422
    assert nobody.status_code == 401
    assert forbidden.status_code == 403
    assert all(one.json()["way_out"] for one in (unknown, large, broken, nobody, forbidden))


async def test_reads_wait_for_what_was_told_elsewhere(client, engine, stream):
    """Lotse-After waits for a fact that is heard here, not for one of a type that is not."""
    await SERVICE.inbox(engine).receive("topic", stream.records)
    record = stream.add(enrolled(new_id()), sequence=4)
    identity = dict(record.headers)["ce_id"].decode()
    case = record.key.decode()

    reading = asyncio.create_task(
        client.get(f"/cases/{case}", headers={"Lotse-After": f"{identity};type=participant-enrolled.v1"})
    )
    await SERVICE.inbox(engine).receive("topic", [record])
    other = await client.get(f"/cases/{new_id()}", headers={"Lotse-After": f"{new_id()};type=placement-made.v1"})

    assert (await reading).json()["state"]["enrolled"] is True
    assert other.status_code == 404


async def test_what_was_told_here_needs_no_waiting(client, engine, stream):
    """A fact of this service is there as soon as it was answered; a header that names no event is refused."""
    case = await opened(client, engine, stream)
    visit = (await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})).json()["facts"][0]["id"]
    told = (await client.post(f"/cases/{case}/retract-fact", json={"retracts": visit})).json()["facts"][0]

    reading = await client.get(f"/cases/{case}", headers={"Lotse-After": f"{told['id']};type={told['type']}"})
    broken = await client.get(f"/cases/{case}", headers={"Lotse-After": "yesterday"})

    assert reading.status_code == 200
    assert (broken.status_code, broken.json()["field"]) == (422, "Lotse-After")


async def test_a_deadline_is_decided_once_on_the_operations_clock(app, client, engine, stream):
    """A deadline comes by the operation's own clock, which only moves forwards; it is decided about once."""
    case = await opened(client, engine, stream)
    async with Client(app, token("*", "coordinator")) as coordinator:
        early = await coordinator.put("/operations/mehrlin/clock", json={"now": "2012-02-10T08:00:00+01:00"})
        await client.post(f"/cases/{case}/hold-visit", json={"held_on": "2012-02-02"})
        deadlines = SERVICE.deadlines(engine)
        before = await deadlines.once()
        await coordinator.put("/operations/mehrlin/clock", json={"now": "2012-02-16T00:00:00+01:00"})
        after = await deadlines.once()
        again = await deadlines.once()
        back = await coordinator.put("/operations/mehrlin/clock", json={"now": "2012-02-15T00:00:00+01:00"})

    assert early.status_code == 200
    assert (before, after, again) == (0, 1, 0)
    assert back.status_code == 409
    assert (await client.get(f"/cases/{case}")).json()["state"]["overdue"] == 1


async def test_a_fact_that_does_not_come_is_not_waited_for_for_ever(client, engine, stream, monkeypatch):
    """Lotse-After: 425 with a time to come back where the fact is not there, 409 where it was put aside."""
    monkeypatch.setattr(waiting, "AFTER_TIMEOUT", 0.1)
    bad = new_id()
    record = stream.add(enrolled(bad, age=10))
    await SERVICE.inbox(engine).receive("topic", stream.records)
    parked = dict(record.headers)["ce_id"].decode()

    late = await client.get(f"/cases/{bad}", headers={"Lotse-After": f"{new_id()};type=participant-enrolled.v1"})
    aside = await client.get(f"/cases/{bad}", headers={"Lotse-After": f"{parked};type=participant-enrolled.v1"})

    assert (late.status_code, late.headers["retry-after"]) == (425, "1")
    assert (aside.status_code, aside.json()["type"]) == (409, "urn:lotse:problem:parked")


async def test_a_database_that_is_away_is_said_so(app, client, engine, database, postgres):
    """Without its database a service answers 503 with a time to come back, is not ready, and works again afterwards."""
    admin = await postgres.connect()
    try:
        await admin.execute(f"alter database {database.name} connection limit 0")
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database.name)
        await engine.dispose()
        away = await client.get(f"/cases/{new_id()}")
        ready, live = await client.get("/health/ready"), await client.get("/health/live")
    finally:
        await admin.execute(f"alter database {database.name} connection limit -1")
        await admin.close()
    back = await client.get(f"/cases/{new_id()}")

    assert (away.status_code, away.headers["retry-after"]) == (503, "1")
    assert away.json()["way_out"]
    assert (ready.status_code, live.status_code) == (503, 200)
    assert back.status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"{", "body"), (b"", "body"), (b"[]", "body"), (b"\xff", "body"), (b'{"held_on": "tomorrow"}', "held_on")],
)
async def test_a_body_that_is_none_is_named(client, engine, stream, body, field):
    """What is not JSON, no object, or has a wrong value: 422 that names the field and never repeats the input."""
    case = await opened(client, engine, stream)

    answer = await client.post(f"/cases/{case}/hold-visit", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["field"] == field
    assert "tomorrow" not in answer.text
