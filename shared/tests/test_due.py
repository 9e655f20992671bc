import asyncio
from datetime import UTC, date, datetime

from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel
from lotse_shared.database import transaction
from lotse_shared.envelope import Cause
from lotse_shared.messaging.subjects import Subjects
from lotse_shared.operations import OPERATION
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import CASE, SERVICE, blocked

KINDS = {"case": CASE, "operation": OPERATION}


def visit(case: str, on: date) -> VisitHeld:
    return VisitHeld(operation="mehrlin", case=case, partner="spi", held_on=on, minutes=30, channel=Channel.OFFICE)


async def test_a_deadline_that_moves_while_it_is_decided_about_is_kept(engine):
    """A visit that commits between finding a deadline and locking its subject moves the deadline; it is not lost."""
    case, at = new_id(), datetime(2012, 2, 16, tzinfo=UTC)
    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", KINDS, new_id)
        row = subjects.start(case, CASE, "mehrlin", "spi")
        subjects.tell([row], [visit(case, date(2012, 2, 2))], Cause(new_id()), at)
        await subjects.store()

    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", KINDS, new_id)
        await subjects.lock([case])
        deciding = asyncio.create_task(SERVICE.deadlines(engine).once())
        await blocked(engine, deciding)
        row = subjects.by_id(case)
        subjects.tell([row], [visit(case, date(2999, 1, 1))], Cause(new_id()), at)
        await subjects.store()
    await deciding

    async with transaction(engine) as connection:
        due = (await connection.execute(text("select due_on from due where subject = :case"), {"case": case})).all()
        told = (await connection.execute(text("select type from outbox order by position"))).scalars().all()
    assert [row.due_on for row in due] == [date(2999, 1, 15)]
    assert told == ["visit-held.v1", "visit-held.v1"]
