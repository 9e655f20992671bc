"""People over HTTP: the vault, who sees whom, merges, erasure, keys."""

import asyncio
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from intake_world import KEY, PERSON, REFERRED, done, opened
from lotse_intake.vault import Vault
from lotse_shared.database import transaction
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Client, token


async def person_of(client, case):
    return (await client.get(f"/cases/{case}/person")).json().get("person")


async def passed_on(client, case) -> str:
    """Pass a case on to bbi; gives the fact's id."""
    await done(client, f"/cases/{case}/give-consent", purpose="referral", text_version="v1", given_on="2012-02-01")
    [fact] = await done(client, f"/cases/{case}/refer-on", to_partner="bbi", referred_on="2012-02-02")
    return fact["id"]


async def test_a_person_is_in_the_vault_and_nowhere_else(client, engine):
    """What is known of a person is stored encrypted, under a key of its own, and read by the case's own staff."""
    case = await opened(client, PERSON)
    other = await opened(client, PERSON)

    assert await person_of(client, case) == PERSON
    async with transaction(engine) as connection:
        rows = (await connection.execute(text("select * from vault order by case_id"))).all()
        everything = str((await connection.execute(text("select state, '' from subject"))).all())
        everything += str((await connection.execute(text("select headers, value from outbox"))).all())
    assert {row.case_id for row in rows} == {case, other}
    assert rows[0].content != rows[1].content
    assert "Beispiel" not in everything + str(rows)


def test_content_is_bound_to_its_case():
    """A row of the vault that is moved to another case, or opened with another key, cannot be read."""
    vault = Vault(KEY)
    wrapped, content = vault.seal("a", PERSON)

    assert vault.open("a", wrapped, content) == PERSON
    for other, case in ((vault, "b"), (Vault(KEY[::-1]), "a")):
        with pytest.raises(InvalidTag):
            other.open(case, wrapped, content)


async def test_a_guest_sees_the_person_while_it_takes_part(client, bbi):
    """A partner sees whom it was referred with consent; when that referral is taken back, it sees nothing any more."""
    case = await opened(client, PERSON)
    unknown = await bbi.get(f"/cases/{new_id()}/person")
    before = await bbi.get(f"/cases/{case}/person")

    fact = await passed_on(client, case)
    during = await person_of(bbi, case)
    await done(client, f"/cases/{case}/retract-fact", retracts=fact, reason="entered-by-mistake")
    after = await bbi.get(f"/cases/{case}/person")

    assert during == PERSON
    assert before.content == after.content == unknown.content
    assert unknown.status_code == 404
    assert (await bbi.get(f"/cases/{case}")).status_code == 404


async def test_a_guest_cannot_lock_itself_out_or_in(client, bbi):
    """Only the case's own partner takes a referral back."""
    case = await opened(client, PERSON)
    fact = await passed_on(client, case)

    answer = await bbi.post(f"/cases/{case}/retract-fact", json={"retracts": fact, "reason": "duplicate"})

    assert answer.status_code == 409
    assert await person_of(bbi, case) == PERSON


async def test_a_person_is_corrected_under_a_new_key(client, bbi, engine):
    """Correcting who somebody is replaces the content; others cannot, and what is no person is refused by name."""
    case = await opened(client)
    assert (await client.get(f"/cases/{case}/person")).status_code == 404

    for name in ("Ina", "Ida"):
        answer = await client.put(f"/cases/{case}/person", json={**PERSON, "given_name": name})
        assert answer.status_code == 200, answer.text
    foreign = await bbi.put(f"/cases/{case}/person", json=PERSON)
    unknown = await bbi.put(f"/cases/{new_id()}/person", json=PERSON)
    wrong = await client.put(f"/cases/{case}/person", json={**PERSON, "postcode": "Magdeburg"})

    assert (await person_of(client, case))["given_name"] == "Ida"
    assert foreign.status_code == 404
    assert foreign.content == unknown.content
    assert (wrong.status_code, wrong.json()["field"]) == (422, "postcode")
    assert "Magdeburg" not in wrong.text


async def test_possible_duplicates_stay_within_what_one_may_see(client, bbi, coordinator):
    """By name and birth date a partner finds duplicates among its own cases, the network's coordinator among all."""
    one = await opened(client, PERSON)
    two = await opened(client, {**PERSON, "given_name": " INA "})
    await opened(client, {**PERSON, "birth_date": "1975-03-03"})
    foreign = await opened(bbi, PERSON)

    async def found(who, case):
        return (await who.get(f"/cases/{case}/possible-duplicates")).json()["possible_duplicates"]

    assert await found(client, one) == [two]
    assert await found(bbi, foreign) == []
    assert await found(coordinator, one) == sorted([two, foreign])
    for case in (foreign, new_id()):
        assert (await client.get(f"/cases/{case}/possible-duplicates")).status_code == 404


async def test_the_age_at_entry_comes_from_the_vault(client, engine):
    """The age is computed where the birth date is; one that contradicts it, or an entry before birth, is refused."""
    case = await opened(client, {**PERSON, "birth_date": "1992-02-29"})
    late = await opened(client, {**PERSON, "birth_date": "2012-03-02"})

    wrong = await client.post(f"/cases/{case}/enrol-participant", json={"entry_date": "2012-03-01", "age_at_entry": 19})
    unborn = await client.post(f"/cases/{late}/enrol-participant", json={"entry_date": "2012-03-01"})
    [fact] = await done(client, f"/cases/{case}/enrol-participant", entry_date="2012-03-01")

    assert (wrong.status_code, wrong.json()["field"]) == (409, "age_at_entry")
    assert (unborn.status_code, unborn.json()["field"]) == (409, "entry_date")
    async with transaction(engine) as connection:
        value = (
            await connection.execute(text("select convert_from(value, 'UTF8') from outbox where id = :id"), fact)
        ).scalar_one()
    assert '"age_at_entry":20' in value
    assert "birth" not in value


async def test_a_second_entry_is_refused_but_in_another_case(client):
    """One person enters an operation once; a second enrolment of the case is refused, another case is another case."""
    case, other = await opened(client, PERSON), await opened(client, PERSON)
    body = {"operation": "mehrlin", "entry_date": "2012-03-01"}
    await done(client, f"/cases/{case}/enrol-participant", **body)

    again = await client.post(f"/cases/{case}/enrol-participant", json=body)

    assert again.status_code == 409
    assert "correct-characteristics" in again.json()["way_out"]
    assert await done(client, f"/cases/{other}/enrol-participant", **body)


async def test_merged_cases_keep_their_own_facts(client, coordinator, bbi, engine):
    """After a merge both ids stay valid: a command writes its fact under the id it was given; a separation undoes."""
    one, two, three = await opened(client, PERSON), await opened(bbi, PERSON), await opened(bbi, PERSON)
    await done(bbi, f"/cases/{two}/enrol-participant", entry_date="2012-03-01")
    assert (await client.post(f"/cases/{one}/merge-cases", json={"other": two})).status_code == 403

    merged = await done(coordinator, f"/cases/{one}/merge-cases", other=two)
    [left] = await done(bbi, f"/cases/{two}/exit-participant", exit_date="2012-04-01", reason="moved-away")
    circle = await coordinator.post(f"/cases/{two}/merge-cases", json={"other": one})
    assert await done(coordinator, f"/cases/{one}/merge-cases", other=three)
    separated = await done(coordinator, f"/cases/{one}/separate-cases", other=two)

    assert [(fact["type"], fact["subject"]) for fact in merged] == [
        ("cases-merged.v1", one),
        ("case-absorbed.v1", two),
    ]
    assert left["subject"] == two
    assert circle.status_code == 409
    assert {fact["subject"] for fact in separated} == {one, two}
    state = (await client.get(f"/cases/{one}")).json()["state"]
    assert state["absorbs"] == [three]
    assert "absorbed_into" not in state


async def test_cases_of_two_operations_are_never_merged(client, coordinator, app):
    """A merge across operations is refused: one participant counts in each operation for itself (R-2)."""
    await done(coordinator, "/operations/approve-operation", id="forst", programme="biwaq", approved_on="2011-09-01",
               first_day="2011-10-01", last_day="2014-09-30")  # fmt: skip
    await done(coordinator, "/operations/forst/join-partner", joined="spi", role="lead", joined_on="2011-10-01")
    one, two = await opened(client), await opened(client, operation="forst")

    answer = await coordinator.post(f"/cases/{one}/merge-cases", json={"other": two})

    assert (answer.status_code, answer.json()["field"]) == (404, "other")


async def test_an_erased_person_is_gone(client, app, coordinator, engine):
    """Erasure destroys key and content, empties the state, is told, and nothing can be done with the case any more."""
    case = await opened(client, PERSON)
    await done(client, f"/cases/{case}/enrol-participant", entry_date="2012-03-01")
    async with Client(app, token("bbi", "coordinator")) as foreign:
        assert (await foreign.post(f"/cases/{case}/erase-participant", json={"basis": "x"})).status_code == 404

    [fact] = await done(coordinator, f"/cases/{case}/erase-participant", basis="art-17")

    assert fact["type"] == "participant-erased.v1"
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"erased": True}
    assert (await client.get(f"/cases/{case}/person")).status_code == 404
    assert (await client.put(f"/cases/{case}/person", json=PERSON)).status_code == 409
    assert (
        await client.post(f"/cases/{case}/exit-participant", json={"exit_date": "2012-04-01", "reason": "planned-end"})
    ).status_code == 409
    async with transaction(engine) as connection:
        assert (await connection.execute(text("select count(*) from vault"))).scalar_one() == 0


async def test_a_refused_erasure_destroys_nothing(client, coordinator):
    """While a duty to keep lasts, the erasure is refused and the vault keeps what it has."""
    case = await opened(client, PERSON)
    until = f"{datetime.now(UTC).year + 1}-01-01"
    await done(coordinator, f"/cases/{case}/restrict-participant", until=until, basis="retention")

    answer = await coordinator.post(f"/cases/{case}/erase-participant", json={"basis": "art-17"})

    assert answer.status_code == 409
    assert await person_of(client, case) == PERSON


async def test_a_refused_referral_leaves_nobody_in_the_vault(client, engine):
    """The person is stored in the transaction of the decision: refused, nothing stays; sent twice, one row stays."""
    refused = await client.post(
        "/cases/refer-participant", json={**REFERRED, "referred_on": "2999-01-01", "person": PERSON}
    )
    body = {**REFERRED, "person": PERSON}
    answers = [
        await client.post("/cases/refer-participant", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    other = await client.post(
        "/cases/refer-participant",
        json={**body, "person": {**PERSON, "family_name": "Muster"}},
        headers={"Idempotency-Key": "one"},
    )

    assert refused.status_code == 409
    assert answers[0].json() == answers[1].json()
    assert other.status_code == 409
    async with transaction(engine) as connection:
        assert (await connection.execute(text("select count(*) from vault"))).scalar_one() == 1


async def test_bulk_opens_and_fills_cases(client, engine):
    """Many referrals with people in one transaction: each has its own answer, a refused one leaves no person behind."""
    items = [
        {"command": "refer-participant", "key": f"k{number}", "body": {**REFERRED, "person": PERSON, **change}}
        for number, change in enumerate([{}, {"referred_on": "2999-01-01"}, {"person": {"given_name": "x"}}, {}])
    ]

    results = (await client.post("/bulk", json={"items": items})).json()["results"]

    assert [one["status"] for one in results] == [200, 409, 422, 200]
    assert results[2]["problem"]["field"] == "person.family_name"
    async with transaction(engine) as connection:
        kept = (await connection.execute(text("select case_id from vault order by case_id"))).scalars().all()
    assert kept == sorted([results[0]["subject"], results[3]["subject"]])


async def test_an_operation_is_approved_once_even_at_once(app, coordinator):
    """Ten approvals of one operation at the same time: one is told, the others are refused; an id is never reused."""
    body = {"id": "wir", "programme": "wir", "approved_on": "2022-05-01", "first_day": "2022-06-01",
            "last_day": "2026-06-30"}  # fmt: skip
    answers = await asyncio.gather(*(coordinator.post("/operations/approve-operation", json=body) for _ in range(10)))

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 9]


async def test_an_id_in_use_is_never_taken_over(client, coordinator):
    """An operation cannot be given the id of a case: nothing of the case changes."""
    case = await opened(client, PERSON)
    body = {"id": case, "programme": "wir", "approved_on": "2022-05-01", "first_day": "2022-06-01",
            "last_day": "2026-06-30"}  # fmt: skip

    answer = await coordinator.post("/operations/approve-operation", json=body)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:lotse:problem:id-taken")
    assert (await client.get(f"/cases/{case}")).json()["kind"] == "case"


async def test_content_can_be_emptied_without_harm(client, coordinator, engine):
    """Where an erasure has emptied a case's facts, the case still stands, and nothing about it fails."""
    case = await opened(client, PERSON)
    [entry] = await done(client, f"/cases/{case}/enrol-participant", entry_date="2012-03-01")
    await done(client, f"/cases/{case}/retract-fact", retracts=entry["id"], reason="duplicate")
    await done(coordinator, f"/cases/{case}/erase-participant", basis="art-17")
    async with transaction(engine) as connection:
        await connection.execute(
            text("update outbox set value = '' where subject = :case and type <> 'participant-erased.v1'"),
            {"case": case},
        )

    answer = await client.post(f"/cases/{case}/retract-fact", json={"retracts": entry["id"], "reason": "duplicate"})

    assert answer.status_code == 409
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"erased": True}
