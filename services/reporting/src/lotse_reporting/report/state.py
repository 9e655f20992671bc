"""Whether an answer can still change, and what keeps it from being final."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.building.given import not_recomputed
from lotse_reporting.positions import complete_up_to
from lotse_reporting.report.question import Question, written

_MOST_SHOWN: Final = 100


async def read_state(connection: AsyncConnection, question: Question) -> Mapping[str, Any]:
    """{final, complete_up_to, heard_from {publisher: instant}, open [{kind, number, type, reason}]}.

    And `not_recomputed`, where there are any: how many erased people are held as an earlier edition had counted them.
    """
    complete = await complete_up_to(connection)
    heard = await connection.execute(text("select publisher, sent_up_to from heard_from order by publisher"))
    stands_open = await _open(connection, question)
    state: dict[str, Any] = {
        "final": question.known is not None and question.known < complete and not stands_open,
        "complete_up_to": written(complete) if complete else None,
        "heard_from": {row.publisher: row.sent_up_to.isoformat().replace("+00:00", "Z") for row in heard},
        "open": stands_open,
    }
    kept = len(await not_recomputed(connection, question.edition.build))
    return {**state, "not_recomputed": kept} if kept else state


async def _open(connection: AsyncConnection, question: Question) -> list[dict[str, Any]]:
    """What keeps the answer from being final: facts that wait, dead letters, an edition that is not computed yet."""
    values = {"operation": question.operation, "known": question.known, "most": _MOST_SHOWN}
    letters = await connection.execute(
        text("""
            select kind, number, type, reason from dead_letter
            where state = 'open' and (operation is null or operation = :operation
                or not exists (select from unit where unit.operation = dead_letter.operation))
            and (cast(:known as bigint) is null or appended <= :known)
            order by number limit :most"""),
        values,
    )
    found = [{"kind": row.kind, "number": row.number, "type": row.type, "reason": row.reason} for row in letters]
    waiting = await connection.execute(
        text("""
            select type, count(*) as facts from journal
            where state = 'waiting' and operation = :operation and (cast(:known as bigint) is null or known <= :known)
            group by type order by type"""),
        values,
    )
    found += [
        {"kind": "waiting", "number": None, "type": row.type, "reason": f"facts that wait to be applied: {row.facts}"}
        for row in waiting
    ]
    building = await connection.execute(
        text("""
            select number from build
            where operation = :operation and state = 'building' and replaces is null
            and (cast(:known as bigint) is null or known_from <= :known)
            and (known_until is null or :known < known_until)"""),
        values,
    )
    found += [
        {
            "kind": "edition",
            "number": row.number,
            "type": "programme-applied.v1",
            "reason": "the definitions in force at that moment are still being computed",
        }
        for row in building
    ]
    return found
