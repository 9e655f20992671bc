"""A person is erased with all their cases, and nothing of what intake told about them has any content left."""

import zlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from intake_world import REFERRED
from lotse_shared.database import transaction
from lotse_shared.erasing import fingerprint
from scanning import contents, found_in
from sqlalchemy import text

PERSON = {"given_name": "Kanarilla", "family_name": "Zeisigtrill", "birth_date": "1971-11-23"}
OTHER = {"given_name": "Finkolin", "family_name": "Amselruf", "birth_date": "1972-10-21"}


async def execute(engine, statement: str, **values):
    async with transaction(engine) as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None


async def done(client, path: str, **body) -> dict:
    key = fingerprint(str(UUID(int=zlib.crc32(f"{path} {body}".encode()))))  # the same request, the same key
    answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def live(client, person: dict, day: str) -> str:
    """Somebody is referred and enters; gives the case."""
    body = {**REFERRED, "person": person, "referred_on": day}
    case = (await done(client, "/cases/refer-participant", **body))["subject"]
    await done(client, f"/cases/{case}/enrol-participant", entry_date=day, gender="female")
    return case


async def forgotten(service, engine) -> int:
    """The relay has sent everything, and the worker has looked once."""
    await execute(engine, "update outbox set sent_at = now(), appended = 1, partition = 0, kafka_offset = position")
    return await service.forgetting(engine).once()


async def told_about(engine, *cases: str) -> list[str]:
    """Ids and contents of facts about cases, but for that of the erasure."""
    rows = await execute(
        engine,
        """select id::text as id, convert_from(value, 'UTF8') as value from outbox
           where subject = any(:cases) and type <> 'participant-erased.v1'""",
        cases=list(cases),
    )
    return sorted({one for row in rows for one in row if one})


@pytest.mark.parametrize("named", [0, 1, 2])
async def test_a_person_is_erased_with_all_merged_cases(client, coordinator, service, engine, named):
    """Whichever case is named: all that are read as one lose vault entry, state and facts; nobody else does."""
    cases = [await live(client, PERSON, f"2012-03-0{number}") for number in (1, 2, 3)]
    stays = await live(client, OTHER, "2012-03-09")
    await done(coordinator, f"/cases/{cases[1]}/merge-cases", other=cases[0])
    await done(coordinator, f"/cases/{cases[2]}/merge-cases", other=cases[1])
    canaries, others = await told_about(engine, *cases), await told_about(engine, stays)

    facts = (await done(coordinator, f"/cases/{cases[named]}/erase-participant", basis="art-17"))["facts"]
    people = await forgotten(service, engine)
    again = await done(coordinator, f"/cases/{cases[named]}/erase-participant", basis="art-17")

    assert sorted((fact["type"], fact["subject"]) for fact in facts) == [
        ("participant-erased.v1", case) for case in sorted(cases)
    ]
    assert people == 3
    assert again["facts"] == facts
    kept = await contents(engine)
    assert found_in(kept, [*canaries, *PERSON.values()]) == []
    assert found_in(kept, others) == others
    assert [row.case_id for row in await execute(engine, "select case_id from vault")] == [stays]
    assert await execute(engine, "select subject from due where subject = any(:cases)", cases=cases) == []


async def test_no_case_of_a_person_is_erased_while_one_must_be_kept(client, coordinator, engine):
    """A duty to keep that lies on one of the merged cases lies on the person."""
    one, other = [await live(client, PERSON, f"2012-03-0{number}") for number in (1, 2)]
    await done(coordinator, f"/cases/{one}/merge-cases", other=other)
    until = f"{datetime.now(UTC).year + 5}-12-31"
    await done(coordinator, f"/cases/{other}/restrict-participant", until=until, basis="retention")

    answer = await coordinator.post(f"/cases/{one}/erase-participant", json={"basis": "art-17"})

    assert answer.status_code == 409
    assert until in answer.json()["detail"]
    assert len(await execute(engine, "select case_id from vault")) == 2


async def test_who_was_separated_stays(client, coordinator, service, engine):
    """A wrong merge that was undone: the other person keeps all, but for the ids of facts about the erased one."""
    one, other = await live(client, PERSON, "2012-03-01"), await live(client, OTHER, "2012-03-02")
    await done(coordinator, f"/cases/{other}/merge-cases", other=one)
    told = (await done(coordinator, f"/cases/{other}/separate-cases", other=one))["facts"]
    gone, stays = await told_about(engine, one), await told_about(engine, other)

    await done(coordinator, f"/cases/{one}/erase-participant", basis="art-17")
    await forgotten(service, engine)
    again = (await done(coordinator, f"/cases/{other}/separate-cases", other=one))["facts"]

    kept = await contents(engine)
    assert found_in(kept, gone) == []
    assert found_in(kept, stays) == stays
    assert [fact["id"] for fact in again] == [
        fingerprint(fact["id"]) if fact["subject"] == one else fact["id"] for fact in told
    ]
    assert [row.case_id for row in await execute(engine, "select case_id from vault")] == [other]
