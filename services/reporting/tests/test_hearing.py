"""From records to journal, ledger and report, on a real PostgreSQL: once, in order, or put aside."""

from datetime import UTC, datetime

import pytest
from lotse_reporting import building, main, unit
from lotse_shared.contracts.intake import PartnerJoined
from lotse_shared.settings import Settings
from prometheus_client import REGISTRY
from reporting_world import (
    PARTITIONS,
    advised,
    ask,
    attended,
    counted,
    enrolled,
    figures,
    gathered,
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
)
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

YOUNG = {"age_at_entry": 20, "gender": "female"}


async def test_a_stream_becomes_a_report(engine, coordinator):
    """Facts of several units on several partitions become the figures of the programme in force."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1), **YOUNG))
    topic.tell(joined(number(1)))
    topic.tell(joined(number(1), day="2012-05-01"))
    topic.tell(attended(number(1)))
    topic.tell(placed(number(1)))
    topic.tell(advised(number(2), 12))
    topic.tell(gathered(number(3), 25))
    topic.tick()
    await hear(engine, topic)

    found = await figures(coordinator)

    assert found["young-people-trained"] == 1
    assert found["placed-first-market"] == 1
    assert found["small-businesses-advised"] == 1
    assert found["health-attendances"] == 26
    assert found["start-up-advice"] == 0
    assert len(await counted(engine)) == 5


async def test_facts_heard_are_counted_by_their_type(engine):
    """The dashboard shows what reporting hears, each fact once."""

    def heard() -> float:
        return REGISTRY.get_sample_value("lotse_facts_heard_total", {"type": "measure-joined.v1"}) or 0.0

    topic, before = network(), heard()
    topic.tell(enrolled(number(1)))
    topic.tell(joined(number(1)))
    topic.tell(joined(number(1), day="2012-05-01"))
    await hear(engine, topic)
    await hear(engine, topic)

    assert heard() - before == 2


async def test_a_missing_fact_parks_its_unit_until_it_is_there(engine):
    """A gap in a publisher's numbers is named; the unit waits, others go on; the missing fact heals it on a retry."""
    topic = network()
    topic.apply_programme()
    first = topic.tell(enrolled(number(1), foreign_background="yes"))
    lost = topic.envelopes[topic.tell(joined(number(1), "start-up-advice"))]
    topic.tell(joined(number(1), "education", day="2012-06-01"))
    topic.tell(enrolled(number(2), foreign_background="yes"))
    topic.remove(lost.id)
    await hear(engine, topic)

    [(letter, kind, reason)] = await letters(engine)
    assert kind == "gap"
    assert "number 1 is missing" in reason
    assert first
    assert [row[2] for row in await counted(engine)] == [number(1), number(2)]
    hearing = receiver(engine)
    assert await hearing.retry(letter, "somebody", "looked again") == 0
    assert [one[1] for one in await letters(engine)] == ["gap"]

    topic.put(lost)
    await hear(engine, topic)
    assert await hearing.retry(letter, "somebody", "sent again") == 2

    assert await letters(engine) == []
    assert "start-up-advice" in {row[3] for row in await rows(engine)}
    assert await building.verify(engine) == []


async def test_doing_without_a_missing_fact_is_a_decision(engine):
    """A discarded gap means: the facts are missing for good; what waited goes on, and nothing parks again for it."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1), foreign_background="yes"), skip=3)
    await hear(engine, topic)
    [(letter, _, _)] = await letters(engine)

    assert await receiver(engine).discard(letter, "somebody", "lost for good") == 1
    topic.tell(joined(number(1), "start-up-advice"))
    await hear(engine, topic)

    assert {row[3] for row in await counted(engine)} == {"foreign-background", "start-up-advice"}
    assert await letters(engine) == []


async def test_a_case_function_that_fails_parks_one_unit(engine, monkeypatch):
    """Facts wait behind one that cannot be folded; once the fault is mended, all is as if it had never been."""
    topic = network()
    topic.apply_programme()
    await hear(engine, topic)
    topic.tell(enrolled(number(1), **YOUNG))
    topic.tell(enrolled(number(2), **YOUNG))
    for case in (number(1), number(2)):
        topic.tell(joined(case))
        topic.tell(placed(case))
    whole = unit.moment_of

    def faulty(told):
        if told.type == "measure-joined.v1" and told.body.case == number(1):
            raise RuntimeError("a fault")
        return whole(told)

    monkeypatch.setattr(unit, "moment_of", faulty)
    await hear(engine, topic)
    [(letter, kind, _)] = await letters(engine)
    assert kind == "failed"
    assert {row[2] for row in await counted(engine)} == {number(2)}
    assert await receiver(engine).retry(letter, "somebody", "too early") == 0
    assert [one[0] for one in await letters(engine)] == [letter]

    monkeypatch.undo()
    topic.tell(attended(number(1)))
    await hear(engine, topic)
    assert await receiver(engine).retry(letter, "somebody", "mended") == 3

    assert len({row[11] for row in await counted(engine) if row[2] == number(1)}) == 3
    assert await building.verify(engine) == []


async def test_a_fact_that_never_counts(engine, monkeypatch):
    """A discarded fact stays in the journal and counts nowhere, neither live nor rebuilt."""
    topic = network()
    topic.apply_programme()
    await hear(engine, topic)
    topic.tell(enrolled(number(1), **YOUNG))
    bad = topic.tell(joined(number(1)))
    topic.tell(placed(number(1)))
    whole = unit.moment_of

    def faulty(told):
        if told.id == bad:
            raise RuntimeError("a fault")
        return whole(told)

    monkeypatch.setattr(unit, "moment_of", faulty)
    await hear(engine, topic)
    [(letter, _, _)] = await letters(engine)
    await receiver(engine).discard(letter, "somebody", "never happened")
    monkeypatch.undo()

    assert {row[3] for row in await counted(engine)} == {"placed-first-market"}
    assert await building.rebuild(engine, lambda _: None) == []
    assert [row.state for row in await select(engine, "select state from journal where id = :id", id=bad)] == [
        "discarded"
    ]


async def test_poison_stops_nothing_and_keeps_reports_open(engine, coordinator):
    """Unreadable headers, a known id with other content: put aside; reports say so and are final once it is decided."""
    topic = network()
    topic.apply_programme()
    told = topic.envelopes[topic.tell(enrolled(number(1), foreign_background="yes"))]
    topic.raw((("ce_type", b"\xff"),), b"x")
    topic.raw(topic.put(told).headers, b'{"other": 1}', number(1).encode())
    topic.tell(enrolled(number(2), foreign_background="yes"))
    known = topic.at
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    at = datetime.fromtimestamp(known / 1000, UTC).isoformat()

    answer = await ask(coordinator, known_at=at)
    assert answer["report"]["indicators"][10]["result"] == 2
    assert answer["state"]["final"] is False
    assert {one["kind"] for one in answer["state"]["open"]} == {"undecodable", "conflict"}

    for number_, _, _ in await letters(engine):
        await receiver(engine).discard(number_, "somebody", "garbage")
    again = await ask(coordinator, known_at=at)
    assert again["state"]["final"] is True
    assert again["report"] == answer["report"]
    assert again["digest"] == answer["digest"]


async def test_merged_cases_wait_for_the_watermark(engine, coordinator):
    """Facts of merged cases count when every partition was heard up to them, in the order of knowledge."""
    topic = network()
    topic.apply_programme()
    for case in (number(1), number(2)):
        topic.tell(enrolled(case, foreign_background="yes"))
    await hear(engine, topic)
    assert (await figures(coordinator))["foreign-background"] == 2
    for half in merged(number(1), number(2)):
        topic.tell(half)
    await hear(engine, topic)
    waiting = await ask(coordinator)
    assert waiting["report"]["indicators"][10]["result"] == 2
    assert {one["kind"] for one in waiting["state"]["open"]} == {"waiting"}
    assert await to_apply(engine) == 2

    topic.tick()
    await hear(engine, topic)
    assert (await figures(coordinator))["foreign-background"] == 1
    assert await to_apply(engine) == 0
    assert (await ask(coordinator))["state"]["open"] == []


async def to_apply(engine) -> int:
    """What the worker says of itself to whoever waits until all is heard and applied."""
    progress = await main.worker(engine, Settings(partitions=PARTITIONS)).progress()
    return progress["waiting"]


async def test_nobody_waits_for_what_only_a_human_can_settle(engine):
    """Facts of a parked unit are not among those that are applied by waiting, merged or not."""
    topic = network()
    topic.apply_programme()
    for case in (number(1), number(2)):
        topic.tell(enrolled(case))
    for half in merged(number(1), number(2)):
        topic.tell(half)
    topic.tick()
    await hear(engine, topic)
    topic.tell(joined(number(1)), skip=1)
    topic.tell(placed(number(1)))
    await hear(engine, topic)
    assert await to_apply(engine) == 2
    topic.tick()
    await hear(engine, topic)

    assert await letters(engine)
    assert await to_apply(engine) == 0


async def test_knowledge_times_never_run_backwards(engine):
    """A leader whose clock is behind gives its records the knowledge time reached before (running maximum)."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1)))
    topic.at -= 5_000
    topic.tell(joined(number(1)))
    topic.at += 9_000
    topic.tell(placed(number(1)))
    records = sorted(topic.partitions[topic.partition_of(number(1))], key=lambda one: one.offset)
    await receiver(engine).receive("topic", records)

    known = [row.known for row in await select(engine, "select known from journal order by partition, kafka_offset")]
    assert known == sorted(known)
    assert records[-1].appended == known[-1]


async def test_a_topic_made_anew_adds_nothing(engine):
    """The same facts on a new topic (republished) are known already; knowledge times go on from where they were."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1), foreign_background="yes"))
    topic.tick()
    await hear(engine, topic)
    before = await rows(engine)
    anew = network()
    anew.partitions = [list(records) for records in topic.partitions]
    await hear(engine, anew, "topic-2")

    assert await rows(engine) == before
    known = await select(engine, "select topic_id, min(known) as least from position group by topic_id order by 1")
    assert known[1].least >= known[0].least


async def test_unknown_types_are_kept(engine):
    """A fact of a type that is not known yet is in the journal, counts its number and means nothing."""
    topic = network()
    topic.apply_programme()
    told = topic.envelopes[topic.tell(enrolled(number(1)))]
    topic.remove(told.id)
    headers = topic.headers_of(told, ce_type=b"moon-landed.v1")
    topic.raw(headers, told.value, number(1).encode())
    topic.tell(enrolled(number(1), foreign_background="yes"))
    await hear(engine, topic)

    assert [row[3] for row in await counted(engine)] == ["foreign-background"]
    assert len(await select(engine, "select 1 from journal where type = 'moon-landed.v1'")) == 1


async def test_the_same_file_again_is_no_new_edition(engine, coordinator):
    """An edition lasts until another file comes into force; the report at a moment goes by the edition of it."""
    topic = network()
    topic.apply_programme()
    topic.apply_programme()
    topic.tell(enrolled(number(1), age_at_entry=27))
    topic.tell(joined(number(1)))
    before = topic.at
    topic.apply_programme(other_definition())
    await hear(engine, topic)

    assert len(await select(engine, "select 1 from build")) == 2
    then = datetime.fromtimestamp(before / 1000, UTC).isoformat()
    old, new = await ask(coordinator, known_at=then), await ask(coordinator)
    assert old["report"]["indicators"][0]["result"] == 0
    assert new["report"]["indicators"][0]["result"] == 1
    assert old["report"]["edition"] != new["report"]["edition"]


@pytest.mark.parametrize(
    "statement",
    [
        "update reporting.entry set quantity = 2",
        "update reporting.entry set known_from = 0",
        "update reporting.entry set known_until = null",
        "delete from reporting.entry",
        "truncate reporting.entry",
        "truncate reporting.journal",
    ],
)
async def test_nobody_rewrites_the_ledger(engine, database, statement):
    """The database itself refuses every change but closing an open entry, even to the owner of the schema."""
    topic = network()
    topic.apply_programme()
    topic.tell(retracted(number(1), topic.tell(enrolled(number(1), foreign_background="yes"))))
    await hear(engine, topic)
    owner = create_async_engine(database.owner_url("reporting"))
    with pytest.raises(DBAPIError, match=r"ledger|never"):
        async with owner.begin() as connection:
            await connection.execute(text(statement))
    await owner.dispose()
    assert len(await counted(engine)) == 1


async def test_the_service_may_not_change_entries(engine):
    """The working role has no right to more than closing entries and deleting those of retired builds."""
    topic = network()
    topic.apply_programme()
    topic.tell(enrolled(number(1), foreign_background="yes"))
    await hear(engine, topic)
    with pytest.raises(DBAPIError, match="permission denied"):
        await select(engine, "update entry set quantity = 2 returning id")
    with pytest.raises(DBAPIError, match="a fact of the journal changes when it is applied"):
        await select(engine, "update journal set value = '' returning id")
    with pytest.raises(DBAPIError, match="an entry of the ledger changes when an open one is closed"):
        await select(engine, "update entry set event_ids = '{}' returning id")
    with pytest.raises(DBAPIError, match="permission denied"):
        await select(engine, "update journal set known = 0 returning id")
    with pytest.raises(DBAPIError, match="never deleted"):
        await select(engine, "delete from entry returning id")


async def test_partners_of_an_operation_follow_the_stream(engine, coordinator):
    """Who joined an operation is heard; a joining taken back no longer shows it."""
    topic = network()
    third = topic.tell(PartnerJoined(operation="mehrlin", joined="awo", role="network-partner", joined_on="2011-10-01"))
    await hear(engine, topic)
    [operation] = (await coordinator.get("/operations")).json()["operations"]
    assert operation["partners"] == ["spi", "bbi", "awo"]

    topic.tell(retracted("mehrlin", third))
    await hear(engine, topic)
    [operation] = (await coordinator.get("/operations")).json()["operations"]
    assert operation["partners"] == ["spi", "bbi"]


async def test_forged_records_stop_nothing(engine):
    """Whatever somebody writes to the topic is put aside at most: the batch around it is taken in."""
    topic = network()
    topic.apply_programme()
    told = topic.envelopes[topic.tell(enrolled(number(1), foreign_background="yes"))]
    tick = (("ce_type", b"tick.v1"), ("ce_source", b"forged"), ("sent_up_to", b"tomorrow"))
    topic.raw(tick, b"{}")
    for attribute, wrong in (
        ("ce_partner", b"a\0b"),
        ("ce_sequence", b"99999999999999999999"),
        ("ce_sequence", b"0"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
        ("ce_source", b"coaching"),
    ):
        topic.raw(topic.headers_of(told, **{"ce_id": number(5).encode(), attribute: wrong}), told.value, b"k")
    heads = topic.envelopes[topic.tell(gathered(number(3), 5))]
    value = heads.value.replace(b'"unlisted":5', b'"unlisted":5,"minutes":' + b"9" * 30)
    topic.raw(topic.headers_of(heads, ce_id=number(6).encode(), ce_sequence=b"2"), value, b"k")
    wrong_words = other_definition()
    wrong_words["indicators"][0]["moments"][0]["is"] = "moon-landed"
    topic.apply_programme(wrong_words)
    topic.tell(enrolled(number(2), foreign_background="yes"))
    topic.tick()
    await hear(engine, topic)

    assert [kind for _, kind, _ in await letters(engine)].count("undecodable") == 6
    assert [kind for _, kind, _ in await letters(engine)].count("failed") == 1
    assert number(2) in {row[2] for row in await rows(engine)}
    assert [row.publisher for row in await select(engine, "select publisher from heard_from")] == ["reporting"]
