"""Control records: what publishers say about how far they had sent, beside the facts."""

from datetime import UTC, datetime

from lotse_shared.messaging.records import TICK
from reporting_world import begun, enrolled, hear, letters, number, select


async def test_a_control_record_is_no_fact_however_complete_its_headers(engine):
    """Its type decides: it says how far its publisher had sent, and is neither journalled nor a dead letter."""
    topic = await begun(engine)
    fact = topic.put(topic.envelopes[topic.tell(enrolled(number(1)))])
    headers = tuple((key, TICK.encode() if key == "ce_type" else raw) for key, raw in fact.headers)
    topic.raw((*headers, ("sent_up_to", b"2026-02-03T04:05:06+00:00")), b"{}", fact.key or b"")

    await hear(engine, topic)

    heard = await select(engine, "select sent_up_to from heard_from where publisher = 'intake'")
    assert [row.sent_up_to for row in heard] == [datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)]
    assert await select(engine, "select id from journal where type = :tick", tick=TICK) == []
    assert await letters(engine) == []
