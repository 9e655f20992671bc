"""Matching through its application on a real PostgreSQL."""

import asyncio

from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Client, token


async def told(client, address: str, **body) -> dict:
    """Send a command that has to succeed; gives its answer."""
    answer = await client.post(address, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def state(client, address: str) -> dict:
    return (await client.get(address)).json()["state"]


async def employer(client, **more) -> str:
    body = {"operation": "mehrlin", "registered_on": "2012-03-01", **more}
    return (await told(client, "/employers/register-employer", **body))["subject"]


async def vacancy(client, of: str, positions: int = 1) -> str:
    body = {"operation": "mehrlin", "employer": of, "kind": "job", "opened_on": "2012-03-10", "positions": positions}
    return (await told(client, "/vacancies/open-vacancy", **body))["subject"]


async def place(coordinator) -> str:
    body = {"operation": "mehrlin", "instrument": "other", "funded_on": "2012-03-01"}
    return (await told(coordinator, "/places/fund-place", **body))["subject"]


async def test_a_placement_fills_position_and_place_in_one_transaction(client, coordinator, world, engine):
    """One command tells three facts, each under its own subject, and each subject's state has moved."""
    case = await world.enrol()
    offer = await vacancy(client, await employer(client))
    funded = await place(coordinator)

    answer = await told(
        client, f"/cases/{case}/make-placement", kind="insured", starts_on="2012-05-01", vacancy=offer, place=funded
    )

    assert [(fact["type"], fact["subject"]) for fact in answer["facts"]] == [
        ("placement-made.v1", case),
        ("vacancy-filled.v1", offer),
        ("place-filled.v1", funded),
    ]
    [placement] = (await state(client, f"/cases/{case}"))["jobs"]
    assert (await state(client, f"/places/{funded}"))["holder"] == placement
    assert (await state(client, f"/vacancies/{offer}"))["seats"]["1"]["holder"] == placement


async def test_two_at_once_for_the_last_place(client, coordinator, world):
    """Of requests at the same moment for one place and one position exactly one gets it; the others are told why."""
    offer, funded = await vacancy(client, await employer(client), 3), await place(coordinator)
    cases = [await world.enrol() for _ in range(6)]
    body = {"kind": "insured", "starts_on": "2012-05-01", "vacancy": offer}

    for_place = await asyncio.gather(
        *(client.post(f"/cases/{case}/make-placement", json={**body, "place": funded}) for case in cases)
    )
    for_position = await asyncio.gather(
        *(client.post(f"/cases/{case}/make-placement", json={**body, "starts_on": "2012-05-02"}) for case in cases)
    )

    assert sorted(answer.status_code for answer in for_place) == [200, 409, 409, 409, 409, 409]
    assert {answer.json()["field"] for answer in for_place if answer.status_code == 409} == {"place"}
    assert [answer.status_code for answer in for_position].count(200) == 2
    assert len((await state(client, f"/vacancies/{offer}"))["seats"]) == 3


async def test_a_no_show_frees_what_it_took(client, coordinator, world):
    """Taking back a placement takes back what was told with it; place and position can be taken again."""
    case, other = await world.enrol(), await world.enrol()
    offer, funded = await vacancy(client, await employer(client)), await place(coordinator)
    body = {"kind": "insured", "starts_on": "2012-05-01", "vacancy": offer, "place": funded}
    made = await told(client, f"/cases/{case}/make-placement", **body)

    answer = await told(client, f"/cases/{case}/retract-fact", retracts=made["facts"][0]["id"], reason="not-happened")

    assert [(fact["type"], fact["subject"]) for fact in answer["facts"]] == [
        ("fact-retracted.v1", case),
        ("fact-retracted.v1", offer),
        ("fact-retracted.v1", funded),
    ]
    assert "jobs" not in await state(client, f"/cases/{case}")
    assert "seats" not in await state(client, f"/vacancies/{offer}")
    again = await client.post(
        f"/cases/{case}/retract-fact", json={"retracts": made["facts"][0]["id"], "reason": "not-happened"}
    )
    assert again.status_code == 409
    await told(client, f"/cases/{other}/make-placement", **body)
    assert (await state(client, f"/vacancies/{offer}"))["seats"]["1"]["holder"]


async def test_a_lost_job_frees_its_place_though_the_command_does_not_name_it(client, coordinator, world):
    """The service knows what a job takes: its end frees position and place, and the person comes first again."""
    case = await world.enrol()
    offer, funded = await vacancy(client, await employer(client)), await place(coordinator)
    body = {"kind": "insured", "starts_on": "2012-05-01", "vacancy": offer, "place": funded}
    await told(client, f"/cases/{case}/make-placement", **body)

    lost = await told(client, f"/cases/{case}/lose-job", last_day="2012-07-31", ended_by="employer", reason="business")

    assert [fact["type"] for fact in lost["facts"]] == ["job-lost.v1", "vacancy-freed.v1", "place-freed.v1"]
    assert (await state(client, f"/cases/{case}"))["first_since"] == "2012-07-31"
    freed = await state(client, f"/places/{funded}")
    assert (freed.get("holder"), freed["free_from"]) == (None, "2012-08-01")


async def test_an_end_cannot_be_taken_back_over_a_successor(client, coordinator, world):
    """Taking back a lost job gives its place back, unless somebody else has held it since."""
    case, other, funded = await world.enrol(), await world.enrol(), await place(coordinator)
    body = {"kind": "insured", "starts_on": "2012-05-01", "place": funded}
    await told(client, f"/cases/{case}/make-placement", **body)
    end = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
    lost = await told(client, f"/cases/{case}/lose-job", **end)
    retraction = {"retracts": lost["facts"][0]["id"], "reason": "entered-by-mistake"}
    follower = await told(client, f"/cases/{other}/make-placement", **{**body, "starts_on": "2012-08-01"})

    refused = await client.post(f"/cases/{case}/retract-fact", json=retraction)
    await told(client, f"/cases/{other}/retract-fact", retracts=follower["facts"][0]["id"], reason="not-happened")
    await told(client, f"/cases/{case}/retract-fact", **retraction)

    assert refused.status_code == 409
    assert refused.json()["field"] == "retracts"
    [placement] = (await state(client, f"/cases/{case}"))["jobs"]
    assert (await state(client, f"/places/{funded}"))["holder"] == placement


async def test_the_same_betriebsnummer_is_the_same_employer(app, client, world, engine):
    """Whoever registers a known number is given the known employer, and no second fact; the number travels nowhere."""
    numbers = [{"betriebsnummer": "12345678"}, {"betriebsnummer": "87654321"}, {}, {}]
    async with Client(app, token("bbi")) as other:
        first = await employer(client, **numbers[0])
        assert await employer(other, **numbers[0]) == first
        at_once = await asyncio.gather(*(employer(one, **numbers[1]) for one in (client, other) * 4))
        unnumbered = [await employer(client, **one) for one in numbers[2:]]
        assert (await other.get(f"/employers/{first}")).status_code == 200

    assert len(set(at_once)) == 1
    assert len({first, *at_once, *unnumbered}) == 4
    async with engine.connect() as connection:
        rows = (await connection.execute(text("select convert_from(value, 'UTF8') as value from outbox"))).all()
    assert len(rows) == 4
    assert not any("12345678" in row.value or "87654321" in row.value for row in rows)


async def test_bulk_and_keys(client, coordinator, world):
    """Forty places come in one call; sent again with the same keys it is the same forty."""
    body = {"operation": "mehrlin", "instrument": "lza", "funded_on": "2012-03-01"}
    items = [{"command": "fund-place", "key": f"place-{number}", "body": body} for number in range(40)]

    first = (await coordinator.post("/bulk", json={"items": items})).json()["results"]
    again = (await coordinator.post("/bulk", json={"items": items})).json()["results"]

    assert {one["status"] for one in first} == {200}
    assert len({one["subject"] for one in first}) == 40
    assert first == again


async def test_a_foreign_case_is_as_unknown(app, client, world):
    """Another partner's case and one that does not exist give the same answer, byte for byte."""
    case = await world.enrol()
    body = {"kind": "insured", "starts_on": "2012-05-01"}

    async with Client(app, token("bbi")) as other:
        for path in ("", "/make-placement"):
            answers = [
                await (other.post(f"/cases/{one}{path}", json=body) if path else other.get(f"/cases/{one}"))
                for one in (case, new_id())
            ]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
            assert dict(answers[0].headers) == dict(answers[1].headers)
