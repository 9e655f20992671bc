"""Whatever was once served as final is served again byte for byte: under load, after a rebuild, after new editions."""

from decimal import Decimal
from random import Random

import pytest
from busy_network import Load, rebuilt
from lotse_reporting import building, case, seals
from lotse_reporting.restatement.reading import read_restatement
from lotse_reporting.seals.sealed import read_seals
from lotse_reporting.store import snapshot
from lotse_shared.contracts.intake import ParticipantErased
from reporting_world import NOW, number, other_definition, programme


async def another_edition(load: Load) -> None:
    """A programme file with another rule comes into force, and more is heard."""
    await load.apply(other_definition())
    await load.work(20)


async def the_same_edition_again(load: Load) -> None:
    """The first file comes into force once more: another edition of the same name."""
    await load.apply(programme().programme.definition())
    await load.work(20)


async def another_case_function(load: Load) -> None:
    """A release folds otherwise from now on: here nobody has an age any more."""
    case.CASE_FUNCTION += 1
    await load.work(20)


async def somebody_erased(load: Load) -> None:
    """Two people are erased, and facts of theirs come later all the same."""
    for person in (number(1), number(2)):
        load.topic.tell(ParticipantErased(operation="mehrlin", case=person, partner="spi", basis="wish"))
    await load.work(20)


async def kafka_lost(load: Load) -> None:
    """All that was told is written anew to another topic, and read from its beginning."""
    before = load.topic.records
    load.topic.partitions = [[] for _ in load.topic.partitions]
    for record in before:
        load.topic.raw(record.headers, record.value, record.key or b"", partition=record.partition)
    load.name, load.next = f"{load.name}, anew", dict.fromkeys(load.next, 0)
    await load.work(20)


AFTERWARDS = (
    rebuilt,
    another_edition,
    somebody_erased,
    rebuilt,
    the_same_edition_again,
    kafka_lost,
    another_case_function,
    rebuilt,
)
"""What may happen to a network that has served final answers. Whoever adds something that may happen adds it here."""

ANSWERS = 30
"""Final answers, at least, that are asked for again after each of them."""


@pytest.mark.parametrize("seed", range(2))
async def test_what_was_once_final_is_served_again_for_ever(engine, seed, monkeypatch):
    """Reports, their parts, entries, trends and seals: while facts pour in, and after all that may happen.

    In the end what moved each sealed figure adds up to the difference.
    """
    monkeypatch.setattr(case, "CASE_FUNCTION", case.CASE_FUNCTION)
    load = Load(engine, Random(seed))  # noqa: S311 - to be drawn again
    await load.apply(programme().programme.definition())
    await load.work(150, rebuilt, another_rule)
    while len(load.served) < ANSWERS:
        await load.ask()
    for happens in AFTERWARDS:
        await happens(load)
        await load.again()

    async with snapshot(engine) as connection:
        sealed = await read_seals(connection)
        assert sealed
        for one in sealed:
            for row in (await read_restatement(connection, one, known_at=None, now=NOW)).moved:
                assert Decimal(row.difference) == Decimal(row.by_definition or 0) + sum(
                    move.quantity for move in row.moves
                )
    assert await seals.verify(engine, NOW) == []
    assert await building.verify(engine) == []


async def another_rule(load: Load) -> None:
    """Another programme file comes into force while everything else goes on."""
    definition = other_definition()
    definition["indicators"][0]["target"] = 1
    await load.apply(definition)
