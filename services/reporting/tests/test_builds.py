"""Builds: a ledger computed beside the live one, compared, taken over; editions of new case functions."""

import asyncio
from datetime import UTC, datetime

import pytest
from lotse_reporting import building, case
from reporting_world import (
    ask,
    build,
    consume,
    enrolled,
    hear,
    joined,
    letters,
    merged,
    network,
    number,
    other_definition,
    receiver,
    select,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


@pytest.mark.parametrize(
    "tampering",
    [
        "update reporting.entry set quantity = quantity + 1 where unit = :unit",
        "update reporting.entry set known_from = known_from + 1 where unit = :unit",
        "delete from reporting.entry where unit = :unit",
        """insert into reporting.entry select gen_random_uuid(), build, indicator, operation, unit, 'x', partner, site,
            gender, effective, quantity, event_ids, known_from, known_until from reporting.entry where unit = :unit""",
    ],
)
async def test_verify_names_the_unit_whose_entries_were_altered(engine, database, tampering):
    """A row altered, deleted or added behind the service's back is found; a rebuild does not take over in silence."""
    topic = network()
    topic.apply_programme()
    for person in (number(1), number(2)):
        topic.tell(enrolled(person, foreign_background="yes"))
    await hear(engine, topic)
    assert await building.verify(engine) == []
    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(text("alter table reporting.entry disable trigger user"))
        await connection.execute(text(tampering), {"unit": number(2)})
        await connection.execute(text("alter table reporting.entry enable trigger user"))
    await owner.dispose()

    assert [one.unit for one in await building.verify(engine)] == [number(2)]
    assert [one.unit for one in await building.rebuild(engine, lambda _: None)] == [number(2)]


async def test_a_new_case_function_is_a_new_edition(engine, coordinator, monkeypatch):
    """A release that folds otherwise begins an edition; answers about earlier moments stay those of the one before."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1), foreign_background="yes"))
    known = topic.at
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    at = datetime.fromtimestamp(known / 1000, UTC).isoformat()
    before = await ask(coordinator, known_at=at)
    assert before["state"]["final"]

    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION + 1)
    await building.begin_editions_of_this_case_function(engine)
    await building.begin_editions_of_this_case_function(engine)
    topic.tell(enrolled(number(2), foreign_background="yes"))
    await hear(engine, topic)

    assert (await ask(coordinator, known_at=at))["report"] == before["report"]
    now = await ask(coordinator)
    assert now["report"]["edition"].endswith(f"-{case.CASE_FUNCTION}")
    assert now["report"]["indicators"][10]["result"] == 2
    assert await building.verify(engine) == []


def busy() -> tuple:
    """A topic on which eight people join things, two pairs of them are merged, and a second edition begins."""
    topic = network()
    topic.apply_programme()
    people = [number(case) for case in range(1, 9)]
    for person in people:
        topic.tell(enrolled(person, foreign_background="yes"))
    for round_ in range(30):
        for person in people:
            topic.tell(joined(person))
        if round_ == 10:
            topic.apply_programme(other_definition())
        if round_ in (5, 15):
            for half in merged(people[round_ % 4], people[round_ % 4 + 4]):
                topic.tell(half)
    topic.tick()
    topic.tick()
    return topic


async def test_readers_and_a_builder_at_once(engine):
    """Two consumers on different partitions and a builder that computes an edition lose nothing and double nothing."""
    topic = busy()

    async def compute() -> None:
        for _ in range(60):
            for one in await building.unfinished(engine):
                await building.advance(engine, one, chunk=1)
            await asyncio.sleep(0)

    one, others = [], []
    for record in topic.records:
        (one if record.partition == 0 else others).append(record)
    await asyncio.gather(consume(engine, one, 9), consume(engine, others, 9), compute())
    await receiver(engine).receive("topic", topic.records[-1:])
    await build(engine)

    assert await letters(engine) == []
    assert await select(engine, "select 1 from journal where state = 'waiting'") == []
    assert await building.verify(engine) == []
    assert len(await select(engine, "select 1 from build where state = 'live'")) == 2


async def test_a_rebuild_while_facts_come_in(engine):
    """A rebuild beside the live ledger takes over in a row's update; what is heard meanwhile stands in both."""
    topic = busy()
    await consume(engine, topic.records[:150], 50)
    await build(engine)
    told = []

    found, _ = await asyncio.gather(building.rebuild(engine, told.append), consume(engine, topic.records[150:], 3))

    assert found == []
    assert told[-1].endswith("equal; switched")
    await receiver(engine).receive("topic", topic.records[-1:])
    await build(engine)
    assert await building.verify(engine) == []
    assert await select(engine, "select 1 from entry join build on number = build where state = 'retired'") == []
