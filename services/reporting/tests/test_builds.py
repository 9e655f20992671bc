"""Builds: a ledger computed beside the live one, compared, taken over; editions of new case functions."""

import asyncio
from datetime import UTC, datetime

import pytest
from lotse_reporting import building, case, rollups
from lotse_reporting.report import snapshot
from reporting_world import (
    ask,
    build,
    consume,
    enrolled,
    figures,
    hear,
    joined,
    letters,
    merged,
    network,
    number,
    other_definition,
    placed,
    receiver,
    retracted,
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


PEOPLE = 700


def crowd() -> tuple:
    """A topic on which so much happens that there is something to roll up, and a tick after half of it and all."""
    topic = network()
    topic.apply_programme()
    for person in range(1, PEOPLE + 1):
        topic.tell(enrolled(number(person), foreign_background="yes"))
        topic.tell(joined(number(person)))
        if person == PEOPLE // 2:
            topic.tick()
    topic.tick()
    topic.tick()
    return topic


async def answers_from_rollups(engine, database, coordinator) -> bool:
    """Whether the live report is the sum of the ledger, of which it reads no more than a stretch itself."""
    [live] = await select(engine, "select number from build where state = 'live' and known_until is null")
    scanned = await select(
        engine,
        """select indicator, sum(quantity) as total from entry
            where build = :build and known_until is null and strpos(indicator, ':') = 0 group by 1""",
        build=live.number,
    )
    assert {name: value for name, value in (await figures(coordinator)).items() if value} == {
        row.indicator: row.total for row in scanned
    }
    async with snapshot(engine) as connection:
        reached = await rollups.reach(connection, live.number, rollups.EVERYTHING)
    [left] = await select(
        engine,
        """select count(*) filter (where known_from >= :until) + count(*) filter (where known_until >= :until) as read
            from entry where build = :build""",
        build=live.number,
        until=reached.until,
    )
    assert reached.until > 0
    assert left.read < rollups.LONG
    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(
            text("""
                update reporting.rollup set quantity = quantity + 1000
                where build = :build and indicator = 'foreign-background'"""),
            {"build": live.number},
        )
    altered = (await figures(coordinator))["foreign-background"]
    async with owner.begin() as connection:
        await connection.execute(
            text("""
                update reporting.rollup set quantity = quantity - 1000
                where build = :build and indicator = 'foreign-background'"""),
            {"build": live.number},
        )
    await owner.dispose()
    return altered > PEOPLE


async def test_a_build_answers_from_rollups_as_soon_as_it_is_live(engine, coordinator, database):
    """A first edition, the next one, and a rebuild while facts come in: the first report after the turn is quick."""
    topic = crowd()
    half = len(topic.records) // 2
    await consume(engine, topic.records, half)
    await build(engine)
    first = await answers_from_rollups(engine, database, coordinator)
    topic.apply_programme(other_definition())
    await consume(engine, topic.records, 10_000)
    await build(engine)
    second = await answers_from_rollups(engine, database, coordinator)
    before = topic.at
    for person in range(1, 41):
        topic.tell(retracted(number(person), topic.envelopes[topic.tell(placed(number(person)))].id))
    topic.tick()
    topic.tick()
    fresh = [record for record in topic.records if record.appended > before]

    found, _ = await asyncio.gather(building.rebuild(engine, lambda _: None), consume(engine, fresh, 5))

    assert found == []
    assert (first, second, await answers_from_rollups(engine, database, coordinator)) == (True, True, True)
    assert await building.verify(engine) == []


async def test_what_was_rolled_up_is_made_anew(engine, coordinator, database, monkeypatch):
    """A rebuild mends altered rollups, also of an edition of another release, which it cannot compute."""
    topic = network()
    topic.apply_programme()
    for person in range(1, 5):
        topic.tell(enrolled(number(person), foreign_background="yes"))
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION + 1)
    await building.begin_editions_of_this_case_function(engine)
    await build(engine)
    await rollups.roll_up(engine, 1)
    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(text("update reporting.rollup set quantity = 7"))
    await owner.dispose()
    before = {one.edition for one in await building.verify(engine)}

    told: list[str] = []
    assert await building.rebuild(engine, told.append) == []

    assert len(before) == 2
    assert [line.split(": ", 1)[1] for line in told if "units" not in line] == [
        "of another release; rolled up anew",
        "equal; switched",
    ]
    assert await building.verify(engine) == []
