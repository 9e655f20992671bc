"""A fact sent twice is taken in once, whether or not its id was looked up first; on a real PostgreSQL."""

from prometheus_client import REGISTRY
from reporting_world import enrolled, figures, hear, joined, letters, network, number, placed, receiver, rows, select


def dropped() -> float:
    """How many records were dropped until now since they were heard before."""
    return REGISTRY.get_sample_value("lotse_duplicates_refused_total") or 0.0


async def journalled(engine) -> int:
    """How many facts the journal holds."""
    return (await select(engine, "select count(*) as facts from journal"))[0].facts


async def test_a_publisher_that_died_sends_some_again(engine, coordinator):
    """What comes again among new facts counts once, for as many batches as it goes on, and so does what comes after."""
    topic, hearing = network(), receiver(engine)
    topic.apply_programme()
    told = [topic.tell(joined(number(1))), topic.tell(enrolled(number(1), age_at_entry=20, gender="female"))]
    told.append(topic.tell(placed(number(1))))
    topic.tick()
    await hear(engine, topic, one=hearing)
    before, facts = dropped(), await journalled(engine)

    for batch in range(3):
        for one in told:
            topic.put(topic.envelopes[one])
        topic.tell(placed(number(20 + batch)))
        topic.tick()
        await hear(engine, topic, one=hearing)
    topic.tell(placed(number(30)))
    topic.tick()
    await hear(engine, topic, one=hearing)

    assert dropped() - before == 3 * len(told)
    assert await journalled(engine) == facts + 4
    assert not await letters(engine)
    assert (await figures(coordinator))["young-people-trained"] == 1


async def test_twice_in_one_batch(engine):
    """The second of two deliveries that come together is dropped as well."""
    topic = network()
    topic.apply_programme()
    twice = topic.tell(enrolled(number(1)))
    topic.put(topic.envelopes[twice])
    before = dropped()
    await hear(engine, topic)

    assert dropped() - before == 1
    assert not await letters(engine)


async def test_a_known_id_explains_what_is_wrong(engine):
    """A known id about another operation is a conflict about that id: the unit it names does not wait behind it."""
    topic = network()
    topic.apply_programme()
    told = topic.envelopes[topic.tell(enrolled(number(1)))]
    topic.tick()
    await hear(engine, topic)

    value = told.value.replace(b'"mehrlin"', b'"wir"')
    topic.raw(topic.headers_of(told, ce_operation=b"wir"), value, number(1).encode())
    topic.tell(joined(number(1)))
    topic.tick()
    await hear(engine, topic)

    assert [kind for _, kind, _ in await letters(engine)] == ["conflict"]
    assert {row.state for row in await select(engine, "select state from journal")} == {"applied"}


async def test_what_another_process_took_in_meanwhile(engine):
    """Two workers that both hear a fact, as after a rebalance under a topic made anew: the ledger says it once."""
    topic, first, second = network(), receiver(engine), receiver(engine)
    topic.apply_programme()
    topic.tell(enrolled(number(1), foreign_background="yes"))
    await hear(engine, topic, one=first)
    before = await rows(engine)
    await hear(engine, topic, "topic-2", one=second)
    topic.tell(enrolled(number(2), foreign_background="yes"))
    await hear(engine, topic, "topic-2", one=first)

    assert [row for row in await rows(engine) if row in before] == before
    assert {row[2] for row in await rows(engine)} == {number(1), number(2)}
