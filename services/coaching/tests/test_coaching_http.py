"""Coaching over HTTP, on a real PostgreSQL."""

import asyncio
from datetime import date, timedelta
from time import perf_counter

from coaching_world import enrolled, referred
from lotse_shared.contracts.intake import ReferredOn
from lotse_shared.database import transaction
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Client, token


async def opened(client: Client, **more: object) -> str:
    body = {"operation": "mehrlin", "kind": "health", "opened_on": "2012-01-01", **more}
    answer = await client.post("/measures/open-measure", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["subject"]


async def done(client: Client, case: str, command: str, **body: object) -> dict:
    answer = await client.post(f"/cases/{case}/{command}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_way_through_coaching(client, world):
    """From the coach to the plan, a visit, a measure with attendance and its end: every step over HTTP is one fact."""
    case = await world.refer()
    measure = await opened(client)

    told = [
        await done(client, case, "assign-coach", coach=case, assigned_on="2012-02-02"),
        await done(client, case, "agree-plan", agreed_on="2012-02-03", goals=["licence", "work"]),
        await done(client, case, "hold-visit", held_on="2012-02-03", minutes=60, channel="office", topics=["debts"]),
        await done(client, case, "reach-goal", goal="licence", reached_on="2012-04-01"),
        await done(client, case, "join-measure", measure=measure, joined_on="2012-03-01"),
        await done(client, case, "record-attendance", measure=measure, attended_on="2012-03-01", presence="present"),
        await done(client, case, "leave-measure", measure=measure, left_on="2012-03-09", reason="completed"),
    ]
    crisis = await done(client, case, "report-crisis", reported_on="2012-04-02", category="money", severity="high")

    assert [one["facts"][0]["type"] for one in told] == [
        "coach-assigned.v1",
        "plan-agreed.v1",
        "visit-held.v1",
        "goal-reached.v1",
        "measure-joined.v1",
        "attendance-recorded.v1",
        "measure-left.v1",
    ]
    assert {fact["subject"] for one in told for fact in one["facts"]} == {case}
    assert crisis["facts"][0]["type"] == "crisis-reported.v1"
    state = (await client.get(f"/cases/{case}")).json()["state"]
    [open_crisis] = state["crises"]
    await done(client, case, "close-crisis", crisis=open_crisis, closed_on="2012-05-01")
    members = (await client.get(f"/measures/{measure}")).json()["state"]["members"]
    assert members == {case: [{"joined_on": "2012-03-01", "left_on": "2012-03-09"}]}


async def test_nobody_can_be_coached_whom_intake_did_not_name(app, client, world):
    """A case that was never heard of, and one of another partner, give the same answer, byte for byte."""
    foreign = await world.refer("bbi")
    unknown = world.topic

    for command, body in {
        "hold-visit": {"held_on": "2012-02-03", "minutes": 60, "channel": "office"},
        "join-measure": {"measure": unknown, "joined_on": "2012-02-03"},
    }.items():
        answers = [await client.post(f"/cases/{case}/{command}", json=body) for case in (foreign, unknown)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].content == answers[1].content
    reads = [await client.get(f"/cases/{case}") for case in (foreign, unknown)]
    assert reads[0].content == reads[1].content
    async with Client(app, token("bbi")) as its_own:
        assert (await its_own.get(f"/cases/{foreign}")).status_code == 200


async def test_a_partner_referred_on_to_sees_the_case(app, client, world):
    """Whoever a person was referred on to takes part in the case, and lets them into measures of its own."""
    case = await world.refer()
    async with Client(app, token("bbi")) as guest:
        before = await guest.get(f"/cases/{case}")
        await world.tell(
            ReferredOn(operation="mehrlin", case=case, partner="spi", referred_on="2012-02-02", to_partner="bbi")
        )
        measure = await opened(guest)
        joined = await done(guest, case, "join-measure", measure=measure, joined_on="2012-03-01")

    assert before.status_code == 404
    assert joined["facts"][0]["type"] == "measure-joined.v1"
    leaving = {"measure": measure, "left_on": "2012-03-02", "reason": "other"}
    foreign = await client.post(f"/cases/{case}/leave-measure", json=leaving)
    assert foreign.status_code == 404
    assert foreign.json()["field"] == "measure"


async def test_a_leaving_taken_back_takes_the_place_again(client, world):
    """A fact about a person and a measure changes both, taking it back both again; a place taken since stays taken."""
    first, second = await world.refer(), await world.refer()
    measure = await opened(client, places=1)
    join = {"measure": measure, "joined_on": "2012-03-01"}
    await done(client, first, "join-measure", **join)
    left = await done(client, first, "leave-measure", measure=measure, left_on="2012-03-09", reason="completed")
    back = {"retracts": left["facts"][0]["id"], "reason": "entered-by-mistake"}
    joined = await done(client, second, "join-measure", measure=measure, joined_on="2012-03-10")

    taken = await client.post(f"/cases/{first}/retract-fact", json=back)
    other = {"retracts": joined["facts"][0]["id"], "reason": "wrong-person"}
    await done(client, second, "retract-fact", **other)
    await done(client, first, "retract-fact", **back)
    again = await client.post(f"/cases/{second}/join-measure", json=join)

    assert (taken.status_code, taken.json()["field"]) == (409, "retracts")
    assert again.status_code == 409
    members = (await client.get(f"/measures/{measure}")).json()["state"]["members"]
    assert members == {first: [{"joined_on": "2012-03-01"}]}


async def test_what_touches_a_measure_of_another_partner_is_taken_back_there(app, client, world):
    """A guest's fact changed the guest's measure, which the owner of the case cannot see, and so not take back."""
    case = await world.refer()
    await world.tell(
        ReferredOn(operation="mehrlin", case=case, partner="spi", referred_on="2012-02-02", to_partner="bbi")
    )
    async with Client(app, token("bbi")) as guest:
        measure = await opened(guest)
        joined = await done(guest, case, "join-measure", measure=measure, joined_on="2012-03-01")
        body = {"retracts": joined["facts"][0]["id"], "reason": "wrong-person"}

        by_owner = await client.post(f"/cases/{case}/retract-fact", json=body)
        by_guest = await guest.post(f"/cases/{case}/retract-fact", json=body)
        state = (await guest.get(f"/measures/{measure}")).json()["state"]

    assert (by_owner.status_code, by_guest.status_code) == (409, 200)
    assert "members" not in state


async def test_a_measure_is_never_overfilled(client, engine, world):
    """Twenty people want five places at the same moment: five are in, fifteen are told why not."""
    cases = [new_id() for _ in range(20)]
    await world.tell(*(referred(case) for case in cases))
    measure = await opened(client, places=5)
    join = {"measure": measure, "joined_on": "2012-03-01"}

    answers = await asyncio.gather(*(client.post(f"/cases/{case}/join-measure", json=join) for case in cases))

    assert sorted(one.status_code for one in answers) == [200] * 5 + [409] * 15
    assert {one.json()["field"] for one in answers if one.status_code == 409} == {"measure"}
    assert len((await client.get(f"/measures/{measure}")).json()["state"]["members"]) == 5
    async with transaction(engine) as connection:
        told = await connection.execute(text("select count(*) from outbox where type = 'measure-joined.v1'"))
        assert told.scalar_one() == 5


async def test_a_thousand_attendances_at_once(client, engine, world):
    """A month's lists come in one request, each attendance once however often it is sent, and faster than singly."""
    cases = [new_id() for _ in range(40)]
    await world.tell(*(referred(case) for case in cases))
    measure = await opened(client)
    joins = [
        {"command": "join-measure", "subject": case, "body": {"measure": measure, "joined_on": "2012-03-01"}}
        for case in cases
    ]
    assert {one["status"] for one in (await client.post("/bulk", json={"items": joins})).json()["results"]} == {200}
    days = [str(date(2012, 3, 1) + timedelta(days=number)) for number in range(25)]
    items = [
        {
            "command": "record-attendance",
            "subject": case,
            "key": f"{case}/{day}",
            "body": {"measure": measure, "attended_on": day, "presence": "present"},
        }
        for day in days
        for case in cases
    ]

    began = perf_counter()
    for case in cases[:20]:
        await done(client, case, "record-attendance", measure=measure, attended_on="2012-04-01", presence="present")
    singly = perf_counter() - began

    began = perf_counter()
    first = (await client.post("/bulk", json={"items": items})).json()["results"]
    took = perf_counter() - began
    again = (await client.post("/bulk", json={"items": items})).json()["results"]
    unkeyed = [{**one, "key": None} for one in items[:3]]
    refused = (await client.post("/bulk", json={"items": unkeyed})).json()["results"]

    assert {one["status"] for one in first} == {200}
    assert again == first
    assert [one["status"] for one in refused] == [409] * 3
    async with transaction(engine) as connection:
        told = await connection.execute(text("select count(*) from outbox where type = 'attendance-recorded.v1'"))
        assert told.scalar_one() == 1020
    assert took / 1000 < singly / 20 / 3


async def test_one_key_is_one_attendance(client, engine, world):
    """The same request sent many times at once is one fact, and everybody gets its answer."""
    case = await world.refer()
    measure = await opened(client)
    await done(client, case, "join-measure", measure=measure, joined_on="2012-03-01")
    body = {"measure": measure, "attended_on": "2012-03-01", "presence": "present"}

    answers = await asyncio.gather(
        *(
            client.post(f"/cases/{case}/record-attendance", json=body, headers={"Idempotency-Key": "once"})
            for _ in range(10)
        )
    )

    assert {one.text for one in answers} == {answers[0].text}
    assert answers[0].status_code == 200
    async with transaction(engine) as connection:
        told = await connection.execute(text("select count(*) from outbox where type = 'attendance-recorded.v1'"))
        assert told.scalar_one() == 1


async def test_gatherings_are_recorded_and_taken_back(client, world):
    """Heads without a name are told once; a gathering with wrong figures is taken back and recorded again."""
    body = {
        "operation": "mehrlin",
        "kind": "health",
        "held_on": "2012-05-01",
        "unlisted": 120,
        "of_which": {"women": 70, "under-27": 12},
        "audience": "residents",
    }
    answer = (await client.post("/gatherings/hold-gathering", json=body)).json()
    [fact] = answer["facts"]

    back = await client.post(
        f"/gatherings/{answer['subject']}/retract-gathering-fact",
        json={"retracts": fact["id"], "reason": "entered-by-mistake"},
    )
    wrong = await client.post("/gatherings/hold-gathering", json={**body, "of_which": {"mood": 1}})

    assert fact == {"id": fact["id"], "type": "gathering-held.v1", "subject": answer["subject"]}
    assert back.status_code == 200, back.text
    assert (await client.get(f"/gatherings/{answer['subject']}")).json()["state"] == {}
    assert wrong.status_code == 422


async def test_deadlines_are_a_list_for_ones_own_cases(app, client, world):
    """A coach sees what is due by a day, the earliest first; a foreign coach sees nothing of it."""
    first, second = await world.refer(), await world.refer()
    await world.tell(enrolled(first, date(2012, 4, 1)), enrolled(second, date(2012, 3, 1)))
    await done(client, second, "agree-plan", agreed_on="2012-03-01", goals=["work"])

    shown = (await client.get("/deadlines?until=2012-08-31")).json()["deadlines"]
    all_of_them = (await client.get("/deadlines?until=2012-09-01")).json()["deadlines"]
    async with Client(app, token("bbi")) as other:
        foreign = (await other.get("/deadlines?until=2012-09-01")).json()["deadlines"]

    assert [(one["subject"], one["name"], one["due_on"]) for one in shown] == [
        (second, "first-meeting", "2012-03-08"),
        (first, "first-meeting", "2012-04-08"),
    ]
    assert (all_of_them[2]["name"], all_of_them[2]["due_on"]) == ("plan-review", "2012-09-01")
    assert foreign == []
