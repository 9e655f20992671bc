"""Forgetting people: what a deciding service told and heard of somebody who was erased loses its content.

That participant-erased was told or heard is noted in its transaction. A task of the worker empties what is there, as
soon as Kafka has it and no dead letter of the person is open; whatever comes later is kept emptied and changes
nothing. The states of other subjects are folded again from what is left.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_shared import metrics
from lotse_shared.database import transaction
from lotse_shared.deciding import Kind
from lotse_shared.envelope import from_headers, to_headers
from lotse_shared.erasing import ERASED, emptied, fingerprint, fingerprints
from lotse_shared.messaging.erasures import empty_letters
from lotse_shared.messaging.inbox import digest
from lotse_shared.messaging.subjects import Subjects

EVERY: Final = 2.0
BATCH: Final = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Empties what one service holds of people who were erased."""

    service: str
    kinds: Mapping[str, Kind[Any]]
    engine: AsyncEngine
    new_id: Callable[[], str]

    async def run(self) -> None:
        """Look every two seconds, until cancelled."""
        while True:
            try:
                await self.once()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - the database is away: what is to be emptied stays noted
                log.warning("not emptied yet", reason=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """Empty what can be emptied now, each person in a transaction; gives how many people are done."""
        async with transaction(self.engine) as connection:
            found = await connection.execute(text("select subject from erasure where not done order by subject"))
            waiting = [row.subject for row in found]
        done = 0
        for subject in waiting:
            async with transaction(self.engine) as connection:
                done += await self._forget(connection, subject)
        metrics.ERASURES_OPEN.set(len(waiting) - done)
        return done

    async def _forget(self, connection: AsyncConnection, subject: str) -> bool:
        subjects = Subjects(connection, self.service, self.kinds, self.new_id)
        beside = await _touched_with(connection, subject)
        await subjects.lock([subject, *beside])
        if await _touched_with(connection, subject) - beside or await _held_back(connection, subject):
            return False
        await _empty_outbox(connection, subject)
        await _empty_inbox(connection, subject)
        await empty_letters(connection, [subject])
        await _empty_answers(connection, subject)
        await subjects.fold_again(beside)
        await connection.execute(text("update erasure set done = true where subject = :subject"), {"subject": subject})
        return True


async def _touched_with(connection: AsyncConnection, subject: str) -> set[str]:
    """Other subjects whose states rest on this one's facts."""
    found = await connection.execute(
        text("""
            select distinct unnest(touched) as id from outbox
            where touched @> array[:subject] and subject = :subject and value <> ''"""),
        {"subject": subject},
    )
    return {row.id for row in found} - {subject}


async def _held_back(connection: AsyncConnection, subject: str) -> bool:
    """Whether Kafka does not have all of it yet, or a human has yet to decide about a part."""
    found = await connection.execute(
        text("""
            select exists (select from outbox where touched @> array[:subject] and sent_at is null)
                or exists (select from dead_letter where subject = :subject and state = 'open')"""),
        {"subject": subject},
    )
    return bool(found.scalar_one())


async def _empty_outbox(connection: AsyncConnection, subject: str) -> None:
    found = await connection.execute(
        text("""
            select position, headers, value from outbox
            where touched @> array[:subject] and subject = :subject and value <> '' and type <> :erased"""),
        {"subject": subject, "erased": ERASED},
    )
    rows: Sequence[Any] = found.all()
    told = [from_headers([(name, content.encode()) for name, content in row.headers], row.value) for row in rows]
    left = [emptied(one, digest(one)) for one in told]
    await connection.execute(
        text("""
            update outbox set id = new.id, headers = new.headers::jsonb, value = '', touched = array[subject]
            from unnest(cast(:positions as bigint[]), cast(:ids as uuid[]), cast(:headers as text[]))
                as new (position, id, headers)
            where outbox.position = new.position"""),
        {
            "positions": [row.position for row in rows],
            "ids": [one.id for one in left],
            "headers": [json.dumps([[name, raw.decode()] for name, raw in to_headers(one)]) for one in left],
        },
    )


async def _empty_inbox(connection: AsyncConnection, subject: str) -> None:
    found = await connection.execute(
        text("""
            select position, id::text as id, value <> '' and type <> :erased as full from inbox
            where subject = :subject"""),
        {"subject": subject, "erased": ERASED},
    )
    rows: Sequence[Any] = found.all()
    left = fingerprints([row.id for row in rows if row.full], {row.id for row in rows})
    await connection.execute(
        text("""
            update inbox set id = new.id, value = ''
            from unnest(cast(:positions as bigint[]), cast(:ids as uuid[])) as new (position, id)
            where inbox.subject = :subject and inbox.position = new.position"""),
        {
            "subject": subject,
            "positions": [row.position for row in rows if row.full],
            "ids": left,
        },
    )


async def _empty_answers(connection: AsyncConnection, subject: str) -> None:
    """Keys and answers of commands go with the case; those about other subjects keep no id of the person's facts.

    The answer to the erasure itself stays: whoever asks again is told the same.
    """
    await connection.execute(
        text("""
            delete from command where subject = :subject
            and position('participant-erased.v1' in cast(answer as text)) = 0"""),
        {"subject": subject},
    )
    found = await connection.execute(
        text("""
            select partner, key, cast(answer as text) as answer from command
            where subject <> :subject and position(:subject in cast(answer as text)) > 0"""),
        {"subject": subject},
    )
    rows: Sequence[Any] = found.all()
    for row in rows:
        answer = json.loads(row.answer)
        answer["facts"] = [
            {**fact, "id": fingerprint(fact["id"])} if fact["subject"] == subject and fact["type"] != ERASED else fact
            for fact in answer["facts"]
        ]
        await connection.execute(
            text("update command set answer = cast(:answer as json) where partner = :partner and key = :key"),
            {"answer": json.dumps(answer), "partner": row.partner, "key": row.key},
        )
