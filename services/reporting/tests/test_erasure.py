"""Whoever was erased: what was counted stays, to the byte; what it rests on goes, whenever it comes."""

import json
from datetime import UTC, datetime

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
from histories import histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_reporting import building, seals
from lotse_reporting.building.given import not_recomputed
from lotse_reporting.report import NoReport, read_report, snapshot
from lotse_shared.erasing import ERASED, fingerprint
from reporting_world import (
    NOW,
    ask,
    build,
    consume,
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
    rows,
    select,
    separated,
)
from scanning import contents, found_in
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine


async def test_nothing_of_an_erased_person_is_left(engine, coordinator):
    """No content and no id of the person's facts in any table; another person's are all there."""
    topic = network()
    topic.apply_programme()
    gone, stays = lives(topic, ONE, "2012-03-07", 0xDD01), lives(topic, OTHER, "2012-03-08", 0xDD02)
    topic.tick()
    await hear(engine, topic)
    there = canaries(topic, [*gone, *stays])
    before = await contents(engine)
    topic.tell(erased(ONE))
    await forget(engine, topic)

    kept = await contents(engine)
    assert found_in(before, there) == sorted(set(there))
    assert found_in(kept, [*canaries(topic, gone), number(0xDD01), "2012-03-07T"]) == []
    assert found_in(kept, canaries(topic, stays)) == sorted(set(canaries(topic, stays)))
    assert await settled(engine) == [ONE]


async def test_figures_and_final_reports_stay(engine, coordinator):
    """The live figures are the same after an erasure, a final report is so to the byte, and so is a rebuilt one."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 501)
    lives(topic, OTHER, "2012-03-08", 502)
    topic.tick()
    known = instant(topic)
    topic.tick()
    await hear(engine, topic)
    asked = {"known_at": known.isoformat(), "as_of": "2014-09-30"}
    final, live = await ask(coordinator, **asked), await figures(coordinator)

    topic.tell(erased(ONE))
    await forget(engine, topic)
    after = [await ask(coordinator, **asked), await figures(coordinator)]
    same = await equal(engine)

    assert final["state"]["final"]
    assert sum(live.values()) > 2
    for report, live_again in (after, [await ask(coordinator, **asked), await figures(coordinator)]):
        assert report["report"] == final["report"]
        assert report["digest"] == final["digest"]
        assert live_again == live
    assert same


async def test_a_settled_entry_says_so_and_its_events_are_empty(engine, coordinator):
    """An entry of an erased person has no events; an event that was looked at before is shown without content."""
    topic = network()
    topic.apply_programme()
    ids = lives(topic, ONE, "2012-03-07", 501)
    topic.tick()
    await hear(engine, topic)
    [indicator] = [name for name, result in (await figures(coordinator)).items() if result][:1]
    path = f"/operations/mehrlin/indicators/{indicator}/entries"
    full = (await coordinator.get(path)).json()
    topic.tell(erased(ONE))
    await forget(engine, topic)

    left = (await coordinator.get(path)).json()
    event = (await coordinator.get(f"/events/{ids[0]}")).json()

    assert full["entries"][0]["events"]
    assert left["sum"] == full["sum"]
    assert [(one["events"], one["settled"], one["unit"]) for one in left["entries"]] == [([], True, ONE)]
    assert not full["entries"][0]["settled"]
    assert (event["data"], event["emptied"], event["partner"], event["correlation"]) == (None, True, None, None)
    assert (event["id"], event["type"], event["subject"]) == (ids[0], "participant-enrolled.v1", ONE)


async def test_later_facts_and_second_deliveries_change_nothing(engine, coordinator):
    """What comes after the erasure is kept emptied, whatever it says; what comes again is a duplicate."""
    topic = network()
    topic.apply_programme()
    ids = lives(topic, ONE, "2012-03-07", 501)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    before, facts = await rows(engine), await select(engine, "select count(*) as facts from journal")
    late = [
        topic.tell(placed(ONE, day="2012-11-11", placement=0xDD09)),
        topic.tell(retracted(ONE, ids[1])),
        topic.tell(joined(ONE, day="2013-01-01"), skip=3),
    ]
    good = topic.put(topic.envelopes[ids[0]])
    unreadable = dict(good.headers) | {"ce_id": number(0xEE01).encode()}
    topic.raw(tuple(unreadable.items()), b'{"half', good.key or b"")
    topic.tick()
    await hear(engine, topic)

    after = await select(engine, "select count(*) as facts from journal")
    full = await select(engine, "select type from journal where subject = :one and value <> ''", one=ONE)
    assert await rows(engine) == before
    assert after[0].facts == facts[0].facts + len(late) + 1
    assert [row.type for row in full] == ["participant-erased.v1"]
    assert found_in(await contents(engine), [*canaries(topic, late), number(0xDD09), number(0xEE01), '{"half']) == []
    assert await letters(engine) == []
    assert await equal(engine)


async def test_what_is_parked_is_waited_for(engine, coordinator):
    """Nobody is settled while a dead letter of theirs is open; once it is decided, also the letter is emptied."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 501)
    bad = topic.put(topic.envelopes[topic.tell(joined(ONE, day="2012-12-12"))])
    headers = dict(bad.headers) | {"ce_id": number(0xEE02).encode()}
    topic.raw(tuple(headers.items()), b'{"half', bad.key or b"")
    topic.tell(erased(ONE))
    one = receiver(engine)
    await forget(engine, topic, one)
    waiting = await settled(engine)
    [(letter, kind, _)] = await letters(engine)

    await one.discard(letter, "somebody", "unreadable")
    await forget(engine, topic, one)

    assert (waiting, kind) == ([], "undecodable")
    assert await settled(engine) == [ONE]
    assert found_in(await contents(engine), [number(0xEE02), '{"half', "2012-12-12"]) == []
    assert await equal(engine)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_who_is_one_with_an_erased_person_is_settled_too(engine, coordinator, when):
    """Merged before, or told of later: both cases are one person, and nothing of either is left."""
    topic = network()
    topic.apply_programme()
    ids = [*lives(topic, ONE, "2012-03-07", 0xDD01), *lives(topic, OTHER, "2012-03-08", 0xDD02)]
    stays = lives(topic, THIRD, "2012-03-09", 0xDD03)
    merge = merged(ONE, OTHER)
    if when == "before":
        ids += map(topic.tell, merge)
        topic.tick()
    topic.tell(erased(ONE))
    await forget(engine, topic)
    figures_before = await figures(coordinator)
    if when == "after":
        ids += map(topic.tell, merge)
    ids.append(topic.tell(joined(OTHER, day="2013-02-02")))
    await forget(engine, topic)

    assert await settled(engine) == [ONE, OTHER]
    assert await figures(coordinator) == figures_before
    assert found_in(await contents(engine), canaries(topic, ids)) == []
    assert found_in(await contents(engine), canaries(topic, stays)) == sorted(set(canaries(topic, stays)))
    assert await equal(engine)
    assert await seals.verify(engine, NOW) == []


async def test_a_new_edition_has_settled_units_as_they_were(engine, coordinator):
    """Other definitions cannot be applied to emptied facts: the entries are taken over, and named as such."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 501)
    lives(topic, OTHER, "2012-03-08", 502)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    before = await figures(coordinator)
    changed = other_definition()
    topic.apply_programme(changed)
    topic.tick()
    await hear(engine, topic)

    live = await select(engine, "select number from build where state = 'live' order by number desc limit 1")
    async with snapshot(engine) as connection:
        units = await not_recomputed(connection, live[0].number)
    assert units == [ONE]
    assert (await ask(coordinator))["state"]["not_recomputed"] == 1
    assert await figures(coordinator) == before
    assert await equal(engine)


async def test_the_ledger_changes_so_and_no_other_way(engine, database):
    """Not even its owner changes an entry of somebody who was not erased, or more of it than its events."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 501)
    lives(topic, OTHER, "2012-03-08", 502)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    owner = create_async_engine(database.owner_url("reporting"))
    for unit, change in (
        (OTHER, "event_ids = '{}'"),
        (ONE, "event_ids = array[gen_random_uuid()]"),
        (ONE, "quantity = 0, event_ids = '{}'"),
        (ONE, "event_ids = '{}'"),
    ):
        statement = text(f"update reporting.entry set {change} where unit = :unit")  # noqa: S608 - constants
        async with owner.connect() as connection:
            with pytest.raises(DBAPIError, match="when an open one is closed, and when its person was erased"):
                await connection.execute(statement, {"unit": unit})
    await owner.dispose()


async def test_an_entry_of_an_erased_person_that_was_altered_is_found(engine, database):
    """What is given is compared with its digest."""
    topic = network()
    topic.apply_programme()
    lives(topic, ONE, "2012-03-07", 501)
    topic.tell(erased(ONE))
    await forget(engine, topic)
    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(text("alter table reporting.entry disable trigger guard"))
        await connection.execute(text("update reporting.entry set quantity = 7 where unit = :one"), {"one": ONE})
    await owner.dispose()

    assert {one.unit for one in await building.verify(engine)} == {ONE}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_whenever_an_erasure_comes_final_answers_stay(engine, emptied, data):
    """In any history, with merges, separations, retractions, duplicates, a second edition, any batches.

    Content and ids of whoever was erased go, wherever they were; no final figure moves; whoever is left goes on.
    """
    await emptied()
    topic = network()
    topic.apply_programme()
    data.draw(histories(topic, 12))
    case, other = data.draw(st.permutations([number(1), number(2), number(3)]))[:2]
    if data.draw(st.booleans()):
        tell_apart(topic, data, case, other)
    topic.tell(erased(case))
    if data.draw(st.booleans()):
        topic.tick()
        topic.tick()
    data.draw(histories(topic, 8))
    if data.draw(st.booleans()):
        topic.put(data.draw(st.sampled_from(list(topic.envelopes.values()))))
    topic.tick()
    topic.tick()
    await consume(engine, topic.records, data.draw(st.integers(1, 40)))
    await build(engine)
    question = {"as_of": datetime(2014, 12, 31, tzinfo=UTC).date(), "known_at": instant(topic, -20), "now": NOW}
    before = await _final(engine, question)
    if data.draw(st.booleans()):
        topic.apply_programme(other_definition())
    topic.tell(joined(case, day="2013-03-03"))
    await forget(engine, topic)
    if data.draw(st.booleans()):
        data.draw(histories(topic, 8))
        topic.tell(erased(other))
        await forget(engine, topic)

    gone = await settled(engine)
    if not await letters(engine):
        assert await open_erasures(engine) == 0
        assert case in gone
    full = await select(
        engine,
        """select subject from journal where subject = any(:gone) and value <> ''
           and type <> 'participant-erased.v1'""",
        gone=gone,
    )
    resting = await select(engine, "select id from entry where unit = any(:gone) and event_ids <> '{}'", gone=gone)
    assert (full, resting) == ([], [])
    # a retraction of somebody else names whatever id it was given: what a fact of others says stays
    said = b" ".join(told.value for told in topic.envelopes.values() if told.subject not in gone)
    theirs = [one for one, told in topic.envelopes.items() if told.subject in gone and told.type != ERASED]
    assert found_in(await contents(engine), [one for one in theirs if one.encode() not in said]) == []
    if before is not None:
        assert await _final(engine, question) == before
    assert await equal(engine)


def tell_apart(topic, data, case: str, other: str) -> None:
    """Two cases are one for a while, in which things happen to both, and are separated."""
    pair = data.draw(st.permutations([case, other]))
    for act in (merged, separated):
        for half in data.draw(st.permutations(list(act(*pair)))):
            topic.tell(half)
        data.draw(histories(topic, 4))


async def _final(engine, question) -> str | None:
    async with snapshot(engine) as connection:
        try:
            answer = await read_report(connection, "mehrlin", **question)
        except NoReport:
            return None
    return json.dumps(answer.report) if answer.state["final"] else None


def test_a_fingerprint_is_the_same_however_the_id_is_written():
    """Who looks for an emptied fact by the id it had finds it."""
    assert fingerprint(ONE.upper()) == fingerprint(ONE)
    assert fingerprint(ONE) != ONE
