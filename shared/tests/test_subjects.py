from datetime import UTC, date, datetime

from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel
from lotse_shared.database import transaction
from lotse_shared.envelope import Cause
from lotse_shared.messaging.subjects import Subjects
from lotse_shared.operations import OPERATION
from lotse_shared.service import new_id
from toy_service import CASE

AT = datetime(2012, 3, 1, tzinfo=UTC)


def visit(case: str, day: int) -> VisitHeld:
    return VisitHeld(
        operation="mehrlin",
        case=case,
        partner="spi",
        held_on=date(2012, 3, day),
        minutes=30,
        channel=Channel.OFFICE,
    )


async def test_what_was_told_together_is_found_together(engine):
    """Of one decision's facts each leads to the others; those of another decision about the same subject do not."""
    case = new_id()
    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", {"case": CASE, "operation": OPERATION}, new_id)
        row = subjects.start(case, CASE, "mehrlin", "spi")
        first, second = subjects.tell([row], [visit(case, 1), visit(case, 2)], Cause(new_id()), AT)
        [alone] = subjects.tell([row], [visit(case, 3)], Cause(new_id()), AT)
        await subjects.store()

    async with transaction(engine) as connection:
        subjects = Subjects(connection, "coaching", {"case": CASE, "operation": OPERATION}, new_id)
        found = await subjects.told_with([first.id, alone.id])

    assert found == {first.id: {second.id: visit(case, 2)}, alone.id: {}}
