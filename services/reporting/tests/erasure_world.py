"""People who were erased, what must not be found of them, and what must be equal: for tests of erasure."""

from datetime import UTC, datetime, timedelta

from lotse_reporting import building, erasing
from lotse_reporting.report import snapshot
from lotse_shared.contracts.intake import ParticipantErased
from reporting_world import BEGAN, enrolled, hear, joined, number, placed, rows, select

ONE, OTHER, THIRD = number(0xA1), number(0xB2), number(0xC3)


def erased(case: str) -> ParticipantErased:
    return ParticipantErased(operation="mehrlin", case=case, partner="spi", basis="wish")


def lives(topic, case: str, day: str, placement: int) -> list[str]:
    """Somebody enters, trains and works; gives the ids of the facts."""
    return [
        topic.tell(enrolled(case, day, age_at_entry=20, foreign_background="yes", employment="unemployed")),
        topic.tell(joined(case, day=day)),
        topic.tell(placed(case, day=day, placement=placement)),
    ]


def canaries(topic, ids: list[str]) -> list[str]:
    """Ids and contents of facts, as they must not be found."""
    return [*ids, *(topic.envelopes[one].value.decode() for one in ids)]


def instant(topic, later: int = 0) -> datetime:
    return datetime.fromtimestamp(BEGAN / 1000, UTC) + timedelta(milliseconds=topic.at - BEGAN + later)


async def equal(engine) -> bool:
    """Live, folded again and rebuilt are the same."""
    before = await rows(engine)
    return (
        await building.verify(engine) == []
        and await building.rebuild(engine, lambda _: None) == []
        and await rows(engine) == before
        and await building.verify(engine) == []
    )


async def forget(engine, topic, one=None) -> None:
    """Read on, until whoever was erased is settled if nothing holds it back: a watermark later, all computed."""
    for _ in range(3):
        topic.tick()
        await hear(engine, topic, one=one)


async def settled(engine) -> list[str]:
    return [row.id for row in await select(engine, "select id from unit where settled is not null order by id")]


async def open_erasures(engine) -> int:
    async with snapshot(engine) as connection:
        return await erasing.count_open(connection)
