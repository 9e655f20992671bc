"""Whoever was erased: nothing of what coaching told and heard of them has any content left."""

import pytest
from coaching_world import enrolled, placed
from lotse_coaching.main import COACHING
from lotse_shared.contracts.intake import ParticipantErased
from lotse_shared.database import transaction
from lotse_shared.envelope import Envelope, from_headers, to_headers
from lotse_shared.erasing import emptied, fingerprint
from lotse_shared.messaging.inbox import digest
from lotse_shared.service import new_id
from msgspec.structs import replace
from scanning import contents, found_in
from sqlalchemy import text

OPENED = {"operation": "mehrlin", "kind": "education", "opened_on": "2012-01-10", "places": 1}


async def execute(engine, statement: str, **values):
    async with transaction(engine) as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None


async def sent(engine) -> None:
    """The relay has sent everything."""
    await execute(engine, "update outbox set sent_at = now(), appended = 1, partition = 0, kafka_offset = position")


async def facts_of(engine, case: str) -> dict[str, str]:
    """Ids and contents of all that is kept about a case, but for the fact of its erasure."""
    query = """
        select id::text as id, convert_from(value, 'UTF8') as value from outbox where subject = :case
        union all select id::text, convert_from(value, 'UTF8') from inbox
        where subject = :case and type <> 'participant-erased.v1'"""
    return {row.id: row.value for row in await execute(engine, query, case=case)}


def read(row) -> Envelope:
    """An outbox row as the record it is sent as."""
    return from_headers([(name, content.encode()) for name, content in row.headers], row.value)


class Person:
    """Somebody with canaries: days and ids that no other fact has."""

    def __init__(self, world, client, day: str) -> None:
        self.world, self.client, self.day = world, client, day
        self.placement, self.measure = new_id(), new_id()

    async def live(self, measure: str) -> str:
        """From the referral to a job, with a visit and a measure; gives the case."""
        self.case = await self.world.refer()
        await self.world.tell(enrolled(self.case), placed(self.case, self.placement))
        visit = {"held_on": self.day, "minutes": 60, "channel": "office"}
        await self.do(f"/cases/{self.case}/hold-visit", visit)
        self.joined = await self.do(f"/cases/{self.case}/join-measure", {"measure": measure, "joined_on": self.day})
        return self.case

    async def do(self, path: str, body: dict) -> dict:
        """Run a command with a key."""
        answer = await self.client.post(path, json=body, headers={"Idempotency-Key": f"{self.day}-{path}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def measure(client) -> str:
    """A measure with one place."""
    return (await client.post("/measures/open-measure", json=OPENED)).json()["subject"]


async def test_nothing_of_an_erased_person_is_left(client, engine, world, measure):
    """No content and no id of their facts: not in outbox, inbox, states, answers, due rows; others' stay."""
    other_measure = (await client.post("/measures/open-measure", json=OPENED)).json()["subject"]
    one, other = Person(world, client, "2012-07-11"), Person(world, client, "2012-07-12")
    for person, where in ((one, measure), (other, other_measure)):
        await person.live(where)
    canaries = await facts_of(engine, one.case)
    others = await facts_of(engine, other.case)

    await world.tell(ParticipantErased(operation="mehrlin", case=one.case, partner="spi", basis="wish"))
    unsent = await COACHING.forgetting(engine).once()
    await sent(engine)
    done = await COACHING.forgetting(engine).once()

    kept = await contents(engine)
    assert (unsent, done) == (0, 1)
    assert len(canaries) >= 6
    assert found_in(kept, [*canaries, *canaries.values(), one.day, one.placement]) == []
    expected = sorted({*others, *others.values(), other.day, other.placement})
    assert found_in(kept, expected) == expected


async def test_the_place_of_an_erased_person_is_free(client, engine, world, measure):
    """A measure keeps no stay of an erased person, now or when it is folded again."""
    one = Person(world, client, "2012-07-11")
    await one.live(measure)
    await sent(engine)
    await world.tell(ParticipantErased(operation="mehrlin", case=one.case, partner="spi", basis="wish"))
    await COACHING.forgetting(engine).once()

    state = (await client.get(f"/measures/{measure}")).json()["state"]

    assert "members" not in state
    assert state["places"] == 1


async def test_what_comes_again_or_later_is_kept_emptied(client, engine, world, measure):
    """A second delivery is a duplicate; a fact told before and heard after is kept without content; nothing reacts."""
    one = Person(world, client, "2012-07-11")
    case = await one.live(measure)
    await world.tell(ParticipantErased(operation="mehrlin", case=case, partner="spi", basis="wish"))
    await sent(engine)
    await COACHING.forgetting(engine).once()
    rows = "select count(*) as facts, count(*) filter (where value <> '') as full from inbox where subject = :case"
    before = await execute(engine, rows, case=case)

    late = new_id()
    world.topic = new_id()  # a topic made anew: everything is delivered again
    [identity] = await world.tell(placed(case, late))
    told = await execute(engine, "select count(*) as told from outbox where subject = :case", case=case)
    after = await execute(engine, rows, case=case)

    assert after[0].facts == before[0].facts + 1
    assert after[0].full == before[0].full == 1  # participant-erased itself
    assert await execute(engine, "select count(*) from outbox where subject = :case", case=case) == told
    assert found_in(await contents(engine), [identity, late]) == []
    assert await execute(engine, "select * from dead_letter") == []
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"erased": True}


async def test_emptied_facts_are_still_the_same_facts(client, engine, world, measure):
    """An emptied outbox row can be sent: a sound record whose hash is that of the fact as it was told."""
    one = Person(world, client, "2012-07-11")
    case = await one.live(measure)
    query = "select id::text as id, headers, value, type from outbox where subject = :case order by position"
    before = await execute(engine, query, case=case)
    await world.tell(ParticipantErased(operation="mehrlin", case=case, partner="spi", basis="wish"))
    await sent(engine)
    await COACHING.forgetting(engine).once()

    after = await execute(engine, query, case=case)

    assert [row.id for row in after] == [fingerprint(row.id) for row in before]
    for full, left in zip(map(read, before), map(read, after), strict=True):
        assert digest(left) == digest(full)
        assert (left.type, left.subject, left.time) == (full.type, full.subject, full.time)
        assert (left.sequence, left.partner, left.cause.causation, left.value) == (full.sequence, None, None, b"")


async def test_an_emptied_copy_is_kept_by_whoever_did_not_know_the_fact(client, engine, world):
    """A topic written anew has emptied facts: unknown ones are kept so, have no effect, and come again for nothing."""
    case = new_id()
    full = world.stream.add(placed(case, new_id()), source="matching", sequence=4)
    world.stream.records.pop()
    left = from_headers(full.headers, full.value)
    left = emptied(left, digest(left))
    record = replace(full, headers=tuple(to_headers(left)), value=b"")

    for topic in (new_id(), new_id()):
        await COACHING.inbox(engine).receive(topic, [replace(record, offset=0)])

    rows = await execute(engine, "select id::text as id, value from inbox where subject = :case", case=case)
    assert [(row.id, bytes(row.value)) for row in rows] == [(left.id, b"")]
    assert await execute(engine, "select id from subject where id = :case", case=case) == []
    assert await execute(engine, "select number from dead_letter") == []
