import asyncio
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_shared.database import transaction
from lotse_shared.messaging import dead_letters
from lotse_shared.messaging.inbox import Brake
from lotse_shared.messaging.kafka import TooMuchBad
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import SERVICE, Stream, blocked, enrolled, joined_network


async def letters(engine):
    async with transaction(engine) as connection:
        return await dead_letters.listed(connection)


async def visits(engine, case: str) -> list[str]:
    async with transaction(engine) as connection:
        found = await connection.execute(text("select state from subject where id = :id"), {"id": case})
        row = found.first()
        return row.state.get("visits", []) if row else []


async def test_a_fact_heard_twice_has_its_effect_once(engine, stream):
    """The same record again, and the same fact in another record, change nothing (exactly-once effect)."""
    case, identity = new_id(), new_id()
    stream.add(enrolled(case), identity=identity)
    stream.add(enrolled(case), identity=identity)
    inbox = SERVICE.inbox(engine)

    await inbox.receive("topic", stream.records)
    reached = await inbox.receive("topic", stream.records)

    assert await visits(engine, case) == ["2012-03-01"]
    assert reached == {0: len(stream.records)}
    assert await letters(engine) == []


async def test_a_known_id_with_other_content_is_refused(engine, stream):
    """An id that comes with other content is put aside as a conflict and never applied."""
    case, identity = new_id(), new_id()
    stream.add(enrolled(case), identity=identity)
    stream.add(enrolled(case, age=50), identity=identity)

    await SERVICE.inbox(engine).receive("topic", stream.records)

    [letter] = await letters(engine)
    assert letter["kind"] == "conflict"
    assert await visits(engine, case) == ["2012-03-01"]


async def test_undecodable_records_stop_nothing(engine, stream):
    """Non-UTF-8 headers, no headers, bodies that are no event of ours become dead letters; what follows is taken in."""
    good = stream.add(enrolled(new_id()))
    stream.raw((("ce_type", b"\xff\xfe"),), b"{}")
    stream.raw((), b"hello")
    stream.raw(tuple((n, v) for n, v in good.headers if n != "ce_id"), good.value or b"")
    stream.raw((good.headers[0], ("ce_id", new_id().encode()), *good.headers[2:]), b"{}")
    last = new_id()
    stream.add(enrolled(last))

    await SERVICE.inbox(engine).receive("topic", stream.records)

    assert [letter["kind"] for letter in await letters(engine)] == ["undecodable"] * 4
    assert await visits(engine, last) == ["2012-03-01"]


async def test_what_no_database_can_keep_stops_nothing(engine, stream):
    """NUL in headers and their names, instants and numbers out of all bounds: dead letters, kept as they came."""
    good = stream.add(enrolled(new_id()))
    for name, raw in (
        ("ce_subject", b"a\0b"),
        ("ce_correlationid", b"a\0b"),
        ("a\0b", b"\xff\0"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
        ("ce_sequence", b"9" * 30),
    ):
        others = tuple((key, content) for key, content in good.headers if key not in (name, "ce_id"))
        stream.raw((*others, ("ce_id", new_id().encode()), (name, raw)), b"{}")
    last = new_id()
    stream.add(enrolled(last))

    await SERVICE.inbox(engine).receive("topic", stream.records)

    assert [letter["kind"] for letter in await letters(engine)] == ["undecodable"] * 5
    assert await visits(engine, last) == ["2012-03-01"]


async def test_a_failing_handler_parks_its_subject_only(engine, stream):
    """Facts behind a failed one of the same subject wait in order; other subjects go on; a discard lets them follow."""
    bad, good = new_id(), new_id()
    stream.add(enrolled(bad, age=10))
    stream.add(enrolled(good))
    stream.add(enrolled(bad, age=30))
    inbox = SERVICE.inbox(engine)

    await inbox.receive("topic", stream.records)
    parked = await letters(engine)

    assert [letter["kind"] for letter in parked] == ["failed", "waiting"]
    assert await visits(engine, good) == ["2012-03-01"]
    assert await visits(engine, bad) == []
    assert await inbox.retry(parked[0]["number"], "somebody", "tried again") == 0
    assert await inbox.discard(parked[0]["number"], "somebody", "test data") == 1
    assert await visits(engine, bad) == ["2012-03-01"]
    assert await letters(engine) == []
    with pytest.raises(LookupError):
        await inbox.discard(parked[0]["number"], "somebody", "again")


async def test_what_arrives_while_a_dead_letter_is_settled_is_not_left_waiting(engine, stream):
    """Whoever settles first: a fact that arrives at that moment is taken in; it never waits behind nothing."""
    inbox = SERVICE.inbox(engine)
    cases = [new_id(), new_id()]
    for case in cases:
        stream.add(enrolled(case))
        stream.add(enrolled(case, age=10))
    await inbox.receive("topic", stream.records)
    failed = {letter["subject"]: letter["number"] for letter in await letters(engine)}

    async with transaction(engine) as settling:  # the human is first, and has not committed yet
        await dead_letters.behind(settling, failed[cases[0]])
        await dead_letters.settle(settling, failed[cases[0]], "discarded", "somebody", "test data")
        stream.add(enrolled(cases[0], age=30))
        receiving = asyncio.create_task(inbox.receive("topic", stream.records))
        await blocked(engine, receiving)
    await receiving

    async with transaction(engine) as holding:  # the reader is first, and waits for the subject
        await holding.execute(text("select from subject where id = :id for update"), {"id": cases[1]})
        stream.add(enrolled(cases[1], age=30))
        receiving = asyncio.create_task(inbox.receive("topic", stream.records))
        await blocked(engine, receiving)
        settling = asyncio.create_task(inbox.discard(failed[cases[1]], "somebody", "test data"))
        await blocked(engine, settling, others=1)
    await asyncio.gather(receiving, settling)

    assert await letters(engine) == []
    assert [len(await visits(engine, case)) for case in cases] == [2, 2]


async def test_what_waits_twice_is_taken_in_once(engine, stream):
    """A fact sent twice waits twice behind a failed one; a known id with other content still is a conflict then."""
    case, identity = new_id(), new_id()
    stream.add(enrolled(case, age=10))
    stream.add(enrolled(case, age=30), identity=identity)
    stream.add(enrolled(case, age=30), identity=identity)
    stream.add(enrolled(case, age=31), identity=identity)
    stream.add(enrolled(case, age=32))
    inbox = SERVICE.inbox(engine)
    await inbox.receive("topic", stream.records)

    [failed, *_] = await letters(engine)
    taken = await inbox.discard(failed["number"], "somebody", "test data")

    [conflict] = await letters(engine)
    assert taken == 3
    assert conflict["kind"] == "conflict"
    assert len(await visits(engine, case)) == 2
    assert await inbox.retry(conflict["number"], "somebody", "tried again") == 0
    assert [letter["kind"] for letter in await letters(engine)] == ["conflict"]
    stream.add(enrolled(case, age=33))
    await inbox.receive("topic", stream.records)
    assert len(await visits(engine, case)) == 3


async def test_a_gap_sends_the_reader_back(engine, stream):
    """Records behind a gap are not taken: the position says where to read on (a restored database, a stale hint)."""
    stream.add(enrolled(new_id()))

    reached = await SERVICE.inbox(engine).receive("topic", stream.records[2:])

    assert reached == {0: 0}


async def test_answers_to_a_fact_bear_its_cause(engine, stream):
    """What a handler tells has the heard fact as its cause and shares its correlation."""
    record = stream.add(enrolled(new_id()))
    await SERVICE.inbox(engine).receive("topic", stream.records)

    async with transaction(engine) as connection:
        headers = dict((await connection.execute(text("select headers from outbox"))).scalar_one())
    heard = {name: raw.decode() for name, raw in record.headers}
    assert headers["ce_causationid"] == heard["ce_id"]
    assert headers["ce_correlationid"] == heard["ce_correlationid"]


async def test_what_is_heard_and_what_is_told_stand_in_one_order(engine, stream):
    """Within a batch too an answer stands right behind the fact it answers, so that a state can be folded again."""
    case = new_id()
    for age in (40, 41):
        stream.add(enrolled(case, age))

    await SERVICE.inbox(engine).receive("topic", stream.records)

    async with transaction(engine) as connection:
        found = await connection.execute(
            text("""
                select position, type from outbox where subject = :case
                union all select position, type from inbox where subject = :case order by position"""),
            {"case": case},
        )
        assert [row.type.split("-")[0] for row in found] == ["participant", "visit", "participant", "visit"]


def test_the_brake_stops_a_flood_of_bad_records():
    """More than 5 % and at least 50 bad records within a minute stop the consumer; fewer, or older ones, do not."""
    brake = Brake()
    brake.note(0, 49, 100)
    brake.note(61, 49, 100)
    brake.note(62, 10, 5_000)
    with pytest.raises(TooMuchBad):
        brake.note(63, 260, 300)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_delivery_gives_the_same_state(engine, data):
    """Any repetition of any stretch, in any batches, has the effect of reading the stream once."""
    stream: Stream = joined_network()
    cases = [new_id() for _ in range(3)]
    for number, case in enumerate(cases):
        stream.add(enrolled(case), sequence=number + 10)
    topic = new_id()
    inbox = SERVICE.inbox(engine)
    total = len(stream.records)
    for _ in range(data.draw(st.integers(0, 6))):
        first = data.draw(st.integers(0, total - 1))
        until = data.draw(st.integers(first + 1, total))
        await inbox.receive(topic, stream.records[first:until])
    reached = 0
    while reached < total:
        reached = (await inbox.receive(topic, stream.records[reached : reached + 2]))[0]

    for case in cases:
        assert await visits(engine, case) == [str(date(2012, 3, 1))]
