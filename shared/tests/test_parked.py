"""Bad facts delay only their own subject, and what was put aside is taken in later as if nothing had been wrong."""

import asyncio
import contextlib
import dataclasses
import random
from collections import defaultdict
from datetime import date

from lotse_shared import envelope
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel, RetractionReason
from lotse_shared.contracts.intake import ParticipantEnrolled
from lotse_shared.database import transaction
from lotse_shared.deciding import Handlers
from lotse_shared.envelope import EVENTS
from lotse_shared.messaging import dead_letters
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import CASE, SERVICE, Stream, enrolled, joined_network

FIXED = Handlers()


@FIXED.on(ParticipantEnrolled, CASE)
def greet_anybody(case, fact, now):
    """The handler after the fault was mended: minors are visited, too."""
    return [
        VisitHeld(
            operation=fact.operation,
            case=fact.case,
            partner=fact.partner,
            held_on=fact.entry_date.replace(day=len(case.visits) % 28 + 1),
            minutes=10,
            channel=Channel.OFFICE,
        )
    ]


async def letters(engine):
    async with transaction(engine) as connection:
        return await dead_letters.listed(connection)


async def told(engine) -> dict[str, list[int]]:
    """The numbers of the facts told about each subject, in the order of the outbox."""
    found = defaultdict(list)
    async with transaction(engine) as connection:
        for row in await connection.execute(text("select subject, headers from outbox order by position")):
            found[row.subject].append(int(dict(row.headers)["ce_sequence"]))
    return found


async def take_all(engine, stream: Stream, chance: random.Random) -> None:
    """Take in a stream batch by batch; some batches are killed under way and come again."""
    inbox, reached = SERVICE.inbox(engine), 0
    while reached < len(stream.records):
        taking = asyncio.create_task(inbox.receive("topic", stream.records[reached : reached + 25]))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.01)
            taking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            reached = (await taking)[0]


async def retry_all(engine, inbox, chance: random.Random) -> None:
    """Try failed records again until there are none; some attempts are killed under way."""
    while failed := [one["number"] for one in await letters(engine) if one["kind"] == "failed"]:
        trying = asyncio.create_task(inbox.retry(failed[0], "somebody", "mended"))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.005)
            trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)


async def test_what_was_put_aside_is_taken_in_after_the_fault_is_mended(engine):
    """Ten of sixty subjects fail, among killed batches and retries; after the mend all is as if nothing had failed.

    Before it, the other fifty are complete and the ten hold just what came before their first fault. After it every
    fact has had its effect once, in order, and reading it all again changes nothing.
    """
    chance = random.Random(7)  # noqa: S311 - an arrangement that can be repeated
    cases = [new_id() for _ in range(60)]
    faults = {bad: chance.randrange(4) for bad in cases[:10]}
    stream: Stream = joined_network()
    for place in range(4):
        for case in chance.sample(cases, len(cases)):
            stream.add(enrolled(case, age=10 if faults.get(case) == place else 40), sequence=place + 1)

    await take_all(engine, stream, chance)

    before, put_aside = await told(engine), await letters(engine)
    assert all(before[case] == list(range(1, faults.get(case, 4) + 1)) for case in cases)
    assert len(put_aside) == sum(4 - place for place in faults.values())

    mended = dataclasses.replace(SERVICE, handlers=FIXED).inbox(engine)
    await retry_all(engine, mended, chance)

    after = await told(engine)
    assert await letters(engine) == []
    assert all(after[case] == [1, 2, 3, 4] for case in cases)
    await mended.receive("topic", stream.records)
    assert await told(engine) == after


async def test_a_fact_retracted_while_it_lay_among_the_dead_letters_has_no_effect(engine, stream, monkeypatch):
    """A fact of a type not known yet is put aside, its retraction comes first: tried again, it is noted and no more."""
    case, identity = new_id(), new_id()
    await SERVICE.inbox(engine).receive("topic", stream.records)
    with monkeypatch.context() as older:
        known = {kind: event for kind, event in EVENTS.items() if kind != ParticipantEnrolled.type}
        older.setattr(envelope, "EVENTS", known)
        stream.add(enrolled(case), identity=identity)
        await SERVICE.inbox(engine).receive("topic", stream.records)
    [letter] = await letters(engine)
    stream.add(
        FactRetracted(
            operation="mehrlin", subject_id=case, retracts=identity, reason=RetractionReason.ENTERED_BY_MISTAKE
        )
    )
    await SERVICE.inbox(engine).receive("topic", stream.records)

    await SERVICE.inbox(engine).retry(letter["number"], "somebody", "the type is known now")

    assert await letters(engine) == []
    assert await told(engine) == {}
    stream.add(enrolled(case).model_copy(update={"entry_date": date(2012, 4, 1)}))
    await SERVICE.inbox(engine).receive("topic", stream.records)
    async with transaction(engine) as connection:
        found = await connection.execute(text("select state from subject where id = :id"), {"id": case})
        assert found.scalar_one()["visits"] == ["2012-04-01"]
