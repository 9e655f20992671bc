"""Matching through its application on a real PostgreSQL."""

import asyncio

import pytest
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


@pytest.mark.usefixtures("world")
async def test_an_offer_is_told_of_its_employer_and_taken_back_with_it(client):
    """An employer that offers jobs is known as such; the offer taken back takes that along, and only so."""
    of = await employer(client)
    body = {"operation": "mehrlin", "employer": of, "kind": "job", "opened_on": "2012-03-10"}
    opened = await told(client, "/vacancies/open-vacancy", **body)
    offer, offered = opened["facts"]
    assert [(one["type"], one["subject"]) for one in (offer, offered)] == [
        ("vacancy-opened.v1", opened["subject"]),
        ("jobs-offered.v1", of),
    ]
    alone = await client.post(
        f"/employers/{of}/retract-employer-fact", json={"retracts": offered["id"], "reason": "not-happened"}
    )
    assert (alone.status_code, alone.json()["way_out"]) == (409, "Take back the offer with retract-vacancy-fact.")
    answer = await told(
        client,
        f"/vacancies/{opened['subject']}/retract-vacancy-fact",
        retracts=offer["id"],
        reason="entered-by-mistake",
    )
    assert sorted(one["subject"] for one in answer["facts"]) == sorted((opened["subject"], of))


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


async def test_a_bulk_goes_on_after_an_employer_that_is_known(client, world):
    """A known number among many commands is answered with the known employer; those after it are carried out."""
    known = await employer(client, betriebsnummer="12345678")
    body = {"operation": "mehrlin", "registered_on": "2012-03-01"}
    items = [
        {"command": "register-employer", "body": body | {"betriebsnummer": number}}
        for number in ("12345678", "87654321")
    ]

    first, second = (await client.post("/bulk", json={"items": items})).json()["results"]

    assert (first["status"], first["subject"], first["facts"]) == (200, known, [])
    assert second["status"] == 200
    assert second["subject"] != known


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


async def test_one_job_ends_once_under_concurrency(client, coordinator, world):
    """Of many ends of one job at the same moment one holds; its place is freed once, and is free again."""
    case, other, funded = await world.enrol(), await world.enrol(), await place(coordinator)
    body = {"kind": "insured", "starts_on": "2012-05-01", "place": funded}
    end = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
    start, *ends = await asyncio.gather(
        client.post(f"/cases/{case}/make-placement", json=body),
        *(client.post(f"/cases/{case}/lose-job", json=end) for _ in range(4)),
    )
    ends += await asyncio.gather(*(client.post(f"/cases/{case}/lose-job", json=end) for _ in range(4)))

    assert start.status_code == 200
    assert sorted(answer.status_code for answer in ends) == [200, *[409] * 7]
    [freed] = [answer.json()["facts"] for answer in ends if answer.status_code == 200]
    assert [fact["type"] for fact in freed] == ["job-lost.v1", "place-freed.v1"]
    await told(client, f"/cases/{other}/make-placement", **{**body, "starts_on": "2012-08-01"})


async def test_a_month_in_two_parts_is_taken_back_as_one(client, coordinator, world):
    """A month with two percentages is two facts of one decision: taking back one of them takes back both."""
    case = await world.enrol()
    approval = {"instrument": "lza", "approved_on": "2015-08-01", "starts_on": "2015-08-17", "base": "2400.00"}
    months = [
        {"command": "pay-subsidy", "subject": case, "body": {"month": month, "paid_on": paid, "money_source": "esf"}}
        for month, paid in (("2016-01-01", "2016-02-04"), ("2016-02-01", "2016-03-04"))
    ]
    await told(coordinator, f"/cases/{case}/approve-subsidy", **approval)
    _, february = (await coordinator.post("/bulk", json={"items": months})).json()["results"]

    taken_back = await told(
        coordinator, f"/cases/{case}/retract-fact", retracts=february["facts"][1]["id"], reason="entered-by-mistake"
    )

    assert [fact["type"] for fact in february["facts"]] == ["subsidy-paid.v1"] * 2
    assert len(taken_back["facts"]) == 2
    [subsidy] = (await state(client, f"/cases/{case}"))["subsidies"].values()
    assert subsidy["paid"] == {"2016-01-01": "1800.00"}
    assert (await coordinator.post("/bulk", json={"items": months})).json()["results"][1]["status"] == 200


async def test_a_refused_registration_leaves_the_number_free(client, world):
    """A registration that is refused has not taken its Betriebsnummer."""
    body = {"operation": "mehrlin", "betriebsnummer": "12345678", "headcount": 60, "size": "small"}
    refused = await client.post("/employers/register-employer", json={**body, "registered_on": "2012-03-01"})

    assert refused.json()["field"] == "size"
    answer = await told(
        client, "/employers/register-employer", **{**body, "size": "medium", "registered_on": "2012-03-01"}
    )
    assert len(answer["facts"]) == 1


async def test_offers_are_the_networks(app, client, world):
    """Partners of the operation see each other's employers and offers, and use them; outsiders find nothing."""
    offer = await vacancy(client, await employer(client))
    case = await world.enrol(partner="bbi")

    async with Client(app, token("bbi", "job-acquirer")) as other, Client(app, token("stranger")) as outsider:
        body = {"kind": "insured", "starts_on": "2012-05-01", "vacancy": offer}
        await told(other, f"/cases/{case}/make-placement", **body)
        closing = await other.post(f"/vacancies/{offer}/close-vacancy", json={"closed_on": "2012-06-01"})
        outside = [await outsider.get(f"/vacancies/{one}") for one in (offer, new_id())]

    assert closing.status_code == 409
    assert [answer.status_code for answer in outside] == [404, 404]
    assert outside[0].content == outside[1].content
    assert case not in (await client.get(f"/vacancies/{offer}")).text


async def test_an_employer_of_another_operation_is_unknown(client, coordinator, world):
    """A command that names what does not exist, or belongs to another operation, says which field that was."""
    case = await world.enrol()

    answer = await client.post(
        f"/cases/{case}/make-placement",
        json={"kind": "insured", "starts_on": "2012-05-01", "employer": new_id()},
    )

    assert (answer.status_code, answer.json()["field"]) == (404, "employer")


async def test_unknown_fields_and_codes_are_refused(client, world):
    """A misspelt field or an unknown code is refused with its name, before anything is decided."""
    case = await world.enrol()
    body = {"kind": "insured", "starts_on": "2012-05-01"}

    misspelt = await client.post(f"/cases/{case}/make-placement", json={**body, "employr": new_id()})
    unknown = await client.post(f"/cases/{case}/make-placement", json={**body, "kind": "gig"})

    assert (misspelt.status_code, misspelt.json()["field"]) == (422, "employr")
    assert (unknown.status_code, unknown.json()["field"]) == (422, "kind")
