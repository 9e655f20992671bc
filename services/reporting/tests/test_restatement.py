"""Restatements: a sealed figure never changes; what it would be now, and what moved it, is told beside it."""

from decimal import Decimal

import pytest
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import RetractionReason
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    FollowUpRecorded,
    ParticipantExited,
    ParticipantReentered,
)
from reporting_world import Topic, attended, enrolled, gathered, hear, joined, merged, network, number, placed
from seal_world import MEHRLIN, apply, instant, seal
from toy_service import Client, token

ESF = b"""
operation: mehrlin
programme: esf-plus-2021-2027
period: {from: 2011-10-01, until: 2014-09-30}
source: somebody
include: [{set: esf-plus-2021}]
"""


@pytest.fixture
async def topic(engine, coordinator) -> Topic:
    """Three people: two trained, one placed; sealed as known then."""
    made = network()
    await apply(coordinator, engine, made)
    made.enrolled = made.tell(enrolled(number(1), age_at_entry=20, employment="unemployed"))
    made.tell(joined(number(1)))
    made.tell(enrolled(number(2), age_at_entry=20))
    made.tell(joined(number(2)))
    made.tell(enrolled(number(3), foreign_background="yes"))
    made.placed = made.tell(placed(number(3)))
    await everything_heard(engine, made)
    made.sealed = made.known
    made.seal = (await seal(engine, coordinator, made))["seal"]
    return made


async def everything_heard(engine, topic: Topic) -> None:
    """All facts are heard, and that it is so."""
    topic.known = topic.at
    topic.tick()
    topic.tick()
    await hear(engine, topic)


async def restated(client: Client, topic: Topic, **asked: str) -> dict:
    """The restatement, once it is sure that what moved each figure adds up to the difference."""
    answer = await client.get(f"/seals/{topic.seal}/restatement", params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    for row in found["indicators"]:
        if row["sealed"] is not None and row["now"] is not None and not row["follows"]:
            parts = [row["by_definition"] or 0, *(move["quantity"] for move in row["moves"])]
            assert (
                sum(map(Decimal, parts)) == Decimal(row["difference"]) == Decimal(row["now"]) - Decimal(row["sealed"])
            )
    return found


def figures(found: dict) -> dict[str, tuple]:
    """What moved: indicator to sealed, now, and the words of what moved it."""
    return {
        row["id"]: (row["sealed"], row["now"], *(move["words"]["en"] for move in row["moves"]))
        for row in found["indicators"]
    }


def corrected(case: str, of: str, **what) -> CharacteristicsCorrected:
    return CharacteristicsCorrected(
        operation="mehrlin", case=case, partner="spi", corrects=of, corrected_on="2014-10-02", **what
    )


async def test_nothing_moved(engine, coordinator, topic):
    """A restatement lists only what moved; all figures are named that are what they were."""
    topic.tell(joined(number(1), "health", measure=79))
    await everything_heard(engine, topic)
    found = await restated(coordinator, topic)
    assert found["indicators"] == []
    assert len(found["unchanged"]) == 12


async def test_what_moved_a_figure_is_told_in_words(engine, coordinator, topic):
    """A correction, a late entry, a retraction: each with the fact that did it, and what it did to the figure."""
    correction = topic.tell(corrected(number(1), topic.enrolled, age_at_entry=60))
    topic.tell(attended(number(2)))
    topic.tell(gathered(number(4), 25))
    taken_back = topic.tell(
        FactRetracted(
            operation="mehrlin",
            subject_id=number(3),
            partner="spi",
            retracts=topic.placed,
            reason=RetractionReason.ENTERED_BY_MISTAKE,
        )
    )
    await everything_heard(engine, topic)
    found = await restated(coordinator, topic)
    assert figures(found) == {
        "young-people-trained": (2, 1, "Correction of a birth year"),
        "placed-first-market": (1, 0, "Retraction: placement"),
        "health-attendances": (
            0,
            26,
            "Late entry: attendance for 05/2012, recorded 01/2026",
            "Late entry: gathering for 07/2012, recorded 01/2026",
        ),
    }
    [move] = found["indicators"][0]["moves"]
    assert (move["why"], move["quantity"], move["unit"], move["events"]) == ("correction", -1, number(1), [correction])
    [move] = next(row["moves"] for row in found["indicators"] if row["id"] == "placed-first-market")
    assert (move["why"], move["events"]) == ("retraction", [taken_back])


async def test_two_records_of_one_person(engine, coordinator, topic):
    """A merge takes one of two away, by whichever of its two facts came later."""
    for half in merged(number(1), number(2)):
        topic.tell(half)
    await everything_heard(engine, topic)
    topic.tick()
    await hear(engine, topic)
    assert figures(await restated(coordinator, topic)) == {
        "young-people-trained": (2, 1, "Two records of one person were merged")
    }


async def test_a_result_is_withdrawn_by_a_re_entry(engine, coordinator):
    """R-3: reported as in employment six months after leaving; then the person is back, and has not left for good."""
    topic = network()
    await apply(coordinator, engine, topic, ESF)
    topic.tell(enrolled(number(1), "2012-01-15", employment="unemployed", gender="female", age_at_entry=33, isced="2"))
    topic.tell(
        ParticipantExited(
            operation="mehrlin", case=number(1), partner="spi", exit_date="2012-04-15", reason="planned-end"
        )
    )
    topic.tell(
        FollowUpRecorded(
            operation="mehrlin", case=number(1), partner="spi", reference_date="2012-10-15", status="employed",
            answered_on="2012-11-01",
        )
    )  # fmt: skip
    await everything_heard(engine, topic)
    topic.seal = (await seal(engine, coordinator, topic, "2013-01-31"))["seal"]
    back = topic.tell(
        ParticipantReentered(operation="mehrlin", case=number(1), partner="spi", reentry_date="2012-06-01")
    )
    await everything_heard(engine, topic)

    found = await restated(coordinator, topic)
    [row] = [row for row in found["indicators"] if row["id"] == "eecr05"]
    [move] = row["moves"]
    assert (row["sealed"], row["now"], row["difference"], move["why"]) == (1, 0, -1, "re-entry")
    assert move["words"]["de"].startswith("Wiedereintritt")
    assert move["events"] == [back]


async def test_as_known_at_a_moment(engine, coordinator, topic):
    """The same question is asked of any moment after the seal's, and answered the same for ever."""
    topic.tell(attended(number(2)))
    await everything_heard(engine, topic)
    then = instant(topic.known)
    before = await restated(coordinator, topic, known_at=then)
    topic.tell(gathered(number(4), 25))
    await everything_heard(engine, topic)
    assert await restated(coordinator, topic, known_at=then) == before
    assert figures(await restated(coordinator, topic))["health-attendances"][:2] == (0, 26)
    early = await coordinator.get(f"/seals/{topic.seal}/restatement", params={"known_at": instant(topic.sealed - 1)})
    assert (early.status_code, early.json()["field"]) == (422, "known_at")


async def test_a_definition_that_was_changed(engine, coordinator, topic):
    """What comes from another definition is told apart from what facts moved; figures that came or went say so."""
    await apply(
        coordinator, engine, topic, MEHRLIN.replace(b"{at-least: 14, at-most: 26}", b"{at-least: 14, at-most: 19}")
    )
    topic.tell(attended(number(2)))
    await everything_heard(engine, topic)
    found = await restated(coordinator, topic)
    by_id = {row["id"]: row for row in found["indicators"]}
    assert by_id.keys() == {"young-people-trained", "health-attendances"}
    row = by_id["young-people-trained"]
    assert (row["sealed"], row["now"], row["by_definition"], row["moves"]) == (2, 0, -2, [])
    assert row["words"]["en"].startswith("The definition was changed")
    assert by_id["health-attendances"]["by_definition"] is None

    await apply(coordinator, engine, topic, MEHRLIN.replace(b"id: disabled-people", b"id: people-with-disabilities"))
    await everything_heard(engine, topic)
    by_id = {row["id"]: row for row in (await restated(coordinator, topic))["indicators"]}
    assert by_id["disabled-people"]["words"]["en"] == "Is no longer counted."
    assert by_id["people-with-disabilities"]["words"]["en"] == "Was not counted then."


async def test_funders_and_partners_see_no_unit(engine, app, coordinator, topic):
    """Outside the network's own people a move is a month and a kind of fact."""
    topic.tell(corrected(number(1), topic.enrolled, age_at_entry=60))
    await everything_heard(engine, topic)
    for caller in (token("*", "funder"), token("spi")):
        async with Client(app, caller) as one:
            found = await restated(one, topic)
        [move] = found["indicators"][0]["moves"]
        assert set(move) == {"why", "words", "quantity", "month"}
        assert number(1) not in str(found)
    async with Client(app, token("*", "auditor")) as auditor:
        assert number(1) in str(await restated(auditor, topic))
    async with Client(app, token("elsewhere")) as stranger:
        assert (await stranger.get(f"/seals/{topic.seal}/restatement")).status_code == 404
