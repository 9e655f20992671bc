import asyncio
from datetime import UTC, date, datetime

from lotse_shared.contracts.coaching import ContactOverdue, VisitHeld
from lotse_shared.contracts.codes import Channel
from lotse_shared.database import transaction
from lotse_shared.deciding import Commands
from lotse_shared.envelope import Cause
from lotse_shared.messaging.due import Deadlines
from lotse_shared.messaging.subjects import Subjects
from lotse_shared.operations import OPERATION
from lotse_shared.security import utc_now
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import CASE, SERVICE, blocked

AT = datetime(2012, 2, 16, tzinfo=UTC)
KINDS = {"case": CASE, "operation": OPERATION}


def visit(case: str, on: date) -> VisitHeld:
    return VisitHeld(operation="mehrlin", case=case, partner="spi", held_on=on, minutes=30, channel=Channel.OFFICE)


async def test_a_deadline_that_moves_while_it_is_decided_about_is_kept(engine):
    """A visit that commits between finding a deadline and locking its subject moves the deadline; it is not lost."""
    case = new_id()
    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", KINDS, new_id)
        row = subjects.start(case, CASE, "mehrlin", "spi")
        subjects.tell([row], [visit(case, date(2012, 2, 2))], Cause(new_id()), AT)
        await subjects.store()

    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", KINDS, new_id)
        await subjects.lock([case])
        deciding = asyncio.create_task(SERVICE.deadlines(engine).once())
        await blocked(engine, deciding)
        row = subjects.by_id(case)
        subjects.tell([row], [visit(case, date(2999, 1, 1))], Cause(new_id()), AT)
        await subjects.store()
    await deciding

    async with transaction(engine) as connection:
        due = (await connection.execute(text("select due_on from due where subject = :case"), {"case": case})).all()
        told = (await connection.execute(text("select type from outbox order by position"))).scalars().all()
    assert [row.due_on for row in due] == [date(2999, 1, 15)]
    assert told == ["visit-held.v1", "visit-held.v1"]


async def test_a_deadline_that_cannot_be_decided_about_stops_no_other(engine):
    """A fault in one decision leaves that deadline where it is, to be seen; everybody else's are decided about."""
    bad, good = sorted([new_id(), new_id()])
    commands = Commands("coaching")

    @commands.when_due(CASE, "contact-overdue")
    def decide(case, now):
        if now.subject == bad:
            raise RuntimeError("a fault of this decision")
        return [ContactOverdue(operation=now.operation, case=now.subject, partner=now.partner, due_on=now.today)]

    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", KINDS, new_id)
        for case in (bad, good):
            row = subjects.start(case, CASE, "mehrlin", "spi")
            subjects.tell([row], [visit(case, date(2012, 2, 2))], Cause(new_id()), AT)
        await subjects.store()

    decided = await Deadlines(commands, KINDS, engine, utc_now, new_id).once()

    async with transaction(engine) as connection:
        left = (await connection.execute(text("select subject from due"))).scalars().all()
        told = await connection.execute(text("select subject from outbox where type = 'contact-overdue.v1'"))
        assert told.scalars().all() == [good]
    assert (decided, left) == (1, [bad])
