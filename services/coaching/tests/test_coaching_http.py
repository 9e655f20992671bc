from lotse_shared.contracts.intake import ReferredOn
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
