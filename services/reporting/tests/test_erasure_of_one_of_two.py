"""Whoever was one case with an erased person, and separated before, goes on; nothing of the erased is left."""

import pytest
from erasure_world import (
    ONE,
    OTHER,
    THIRD,
    canaries,
    equal,
    erased,
    forget,
    instant,
    lives,
    open_erasures,
    settled,
)
from lotse_reporting import building
from lotse_shared.database import transaction
from reporting_world import (
    ask,
    figures,
    hear,
    joined,
    merged,
    network,
    number,
    other_definition,
    retracted,
    rows,
    separated,
)
from scanning import contents, found_in
from seal_world import apply, seal
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine


@pytest.mark.parametrize("survivor", [ONE, OTHER])
async def test_who_was_one_with_an_erased_person_goes_on(engine, coordinator, survivor):
    """Two cases were one, were separated, one is erased: nothing is left of it, no figure moves, the other lives on."""
    topic = network()
    topic.apply_programme()
    gone, stays = lives(topic, ONE, "2012-03-07", 0xDD01), lives(topic, OTHER, "2012-03-08", 0xDD02)
    [half, other_half] = merged(survivor, OTHER if survivor == ONE else ONE)
    for one in (half, other_half):
        (gone if one.subject == ONE else stays).append(topic.tell(one))
    gone.append(topic.tell(joined(ONE, "start-up-advice", "2012-05-05")))
    stays.append(topic.tell(joined(OTHER, "health", "2012-05-06")))
    topic.tick()
    together = instant(topic, -1)
    for one in separated(ONE, OTHER):
        (gone if one.subject == ONE else stays).append(topic.tell(one))
    topic.tick()
    apart = instant(topic, -1)
    topic.tick()
    await hear(engine, topic)
    asked = [{"known_at": known.isoformat(), "as_of": "2014-09-30"} for known in (together, apart)]
    final = [await ask(coordinator, **one) for one in asked]
    live = await figures(coordinator)
    topic.tell(erased(ONE))
    await forget(engine, topic)

    assert all(one["state"]["final"] for one in final)
    assert final[0]["report"]["indicators"] != final[1]["report"]["indicators"]
    assert (await settled(engine), await open_erasures(engine)) == ([ONE], 0)
    assert found_in(await contents(engine), [*canaries(topic, gone), number(0xDD01)]) == []
    assert found_in(await contents(engine), canaries(topic, stays)) == sorted(set(canaries(topic, stays)))
    assert await figures(coordinator) == live
    assert await equal(engine)
    assert [(await ask(coordinator, **one))["digest"] for one in asked] == [one["digest"] for one in final]

    late = topic.tell(joined(ONE, "health", "2013-01-01"))
    topic.tell(retracted(OTHER, stays[1]))
    topic.tell(joined(OTHER, "start-up-advice", "2013-01-02"))
    topic.apply_programme(other_definition())
    await forget(engine, topic)

    moved = {name: value - live[name] for name, value in (await figures(coordinator)).items() if value != live[name]}
    assert moved == {"young-people-trained": -1, "start-up-advice": 1}
    assert found_in(await contents(engine), canaries(topic, [late])) == []
    assert (await ask(coordinator))["state"]["not_recomputed"] == 2
    assert await equal(engine)
    assert [(await ask(coordinator, **one))["digest"] for one in asked] == [one["digest"] for one in final]


async def test_a_restatement_tells_what_moved_whoever_goes_on(engine, coordinator):
    """What moved about the other, before and after, is told with its facts; the erasure itself moves nothing."""
    topic = network()
    await apply(coordinator, engine, topic)
    lives(topic, ONE, "2012-03-07", 0xDD01)
    trained = lives(topic, OTHER, "2012-03-08", 0xDD02)[1]
    for told in (*merged(ONE, OTHER), *separated(ONE, OTHER)):
        topic.tell(told)
    topic.known = topic.at
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    sealed = (await seal(engine, coordinator, topic))["seal"]
    before = topic.tell(joined(OTHER, "start-up-advice"))
    topic.tell(erased(ONE))
    await forget(engine, topic)
    after = topic.tell(retracted(OTHER, trained))
    await forget(engine, topic)

    restated = (await coordinator.get(f"/seals/{sealed}/restatement")).json()
    moves = {row["id"]: [(move["quantity"], move["events"]) for move in row["moves"]] for row in restated["indicators"]}
    assert {name: moved for name, moved in moves.items() if moved} == {
        "young-people-trained": [(-1, [after])],
        "start-up-advice": [(1, [before])],
    }


async def test_both_are_erased_one_after_the_other(engine, coordinator):
    """Whoever was one with an erased person is erased like anybody else, also while it is one with a third."""
    topic = network()
    topic.apply_programme()
    gone = [*lives(topic, ONE, "2012-03-07", 0xDD01), *lives(topic, OTHER, "2012-03-08", 0xDD02)]
    stays = lives(topic, THIRD, "2012-03-09", 0xDD03)
    for pair in ((ONE, OTHER), (OTHER, THIRD)):
        for told in (*merged(*pair), *separated(*pair)):
            (stays if told.subject == THIRD else gone).append(topic.tell(told))
    topic.tick()
    await hear(engine, topic)
    live = await figures(coordinator)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    first = await settled(engine)
    for told in (*merged(THIRD, ONE), *separated(OTHER, ONE)):
        (stays if told.subject == THIRD else gone).append(topic.tell(told))
    topic.tell(erased(OTHER))
    await forget(engine, topic)

    assert (first, await settled(engine)) == ([ONE], [ONE, OTHER, THIRD])
    assert await open_erasures(engine) == 0
    assert found_in(await contents(engine), canaries(topic, [*gone, *stays])) == []
    assert await figures(coordinator) == live
    assert await equal(engine)


@pytest.mark.parametrize("passed", [0, 1, 2, 3])
async def test_a_rebuild_that_is_under_way_has_it_too(engine, coordinator, passed):
    """Wherever a rebuild is when somebody is settled, it holds the same in the end, also what comes in meanwhile."""
    topic = network()
    topic.apply_programme()
    lives(topic, number(0xA0), "2012-03-06", 0xDD00)
    lives(topic, ONE, "2012-03-07", 0xDD01)
    stays = lives(topic, OTHER, "2012-03-08", 0xDD02)
    for told in (*merged(ONE, OTHER), joined(ONE, "health"), *separated(ONE, OTHER)):
        topic.tell(told)
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    async with transaction(engine) as connection:
        made = await connection.execute(
            text("""
                insert into build (operation, edition, definition, digest, case_function, known_from, state, replaces)
                select operation, edition, definition, digest, case_function, known_from, 'building', number
                from build returning number""")
        )
        again = int(made.scalar_one())
    for _ in range(passed):
        await building.advance(engine, again, chunk=1)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    topic.tell(retracted(OTHER, stays[1]))
    topic.tell(joined(OTHER, "start-up-advice"))
    await forget(engine, topic)
    before, live = await rows(engine), await figures(coordinator)
    await building.finish(engine, again)

    assert await settled(engine) == [ONE]
    assert await rows(engine) == before
    assert await figures(coordinator) == live
    assert await equal(engine)


async def test_entries_of_whoever_goes_on_are_guarded(engine, database):
    """Of those known before, events alone can be let go of; those opened anew keep theirs, and nothing is added."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 0xDD01)
    lives(topic, OTHER, "2012-03-08", 0xDD02)
    for told in (*merged(OTHER, ONE), *separated(ONE, OTHER)):
        topic.tell(told)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    owner = create_async_engine(database.owner_url("reporting"))
    for which, change in (
        ("known_from >= given_until", "event_ids = '{}'"),
        ("known_from < given_until", "event_ids = event_ids || gen_random_uuid()"),
        ("known_from < given_until", "event_ids = '{}', quantity = 0"),
        ("known_from < given_until", "known_until = 1"),
    ):
        statement = text(f"""
            update reporting.entry set {change} from reporting.unit subject
            where subject.id = entry.unit and unit = :unit and {which}""")  # noqa: S608 - constants
        async with owner.connect() as connection:
            with pytest.raises(DBAPIError, match="when an open one is closed, and when its person was erased"):
                await connection.execute(statement, {"unit": OTHER})
    await owner.dispose()
