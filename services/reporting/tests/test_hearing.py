"""From records to journal, ledger and report, on a real PostgreSQL."""

from reporting_world import advised, attended, enrolled, gathered, hear, joined, network, number, placed, rows

YOUNG = {"age_at_entry": 20, "gender": "female"}


async def figures(client, **asked) -> dict[str, int]:
    answer = await client.get("/operations/mehrlin/report", params=asked)
    assert answer.status_code == 200, answer.text
    return {row["id"]: row["result"] for row in answer.json()["report"]["indicators"]}


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
    assert len(await rows(engine)) == 5
