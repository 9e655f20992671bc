"""What coaching answers to facts of others, on a real database: heard twice, answered once."""

import pytest
from coaching_world import enrolled, placed
from lotse_coaching.main import COACHING
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import ConsentPurpose, PlacementKind
from lotse_shared.contracts.intake import ConsentGiven, ConsentWithdrawn, ParticipantErased, ParticipantExited
from lotse_shared.contracts.matching import JobEnded, JobLost
from lotse_shared.database import transaction
from lotse_shared.envelope import EVENTS
from lotse_shared.service import new_id
from sqlalchemy import text


async def told(engine, case):
    async with transaction(engine) as connection:
        found = await connection.execute(
            text("select type, value from outbox where subject = :case order by position"), {"case": case}
        )
        return [EVENTS[row.type].from_bytes(row.value) for row in found]


async def types(engine, case):
    return [fact.type for fact in await told(engine, case)]


async def due(engine, case):
    async with transaction(engine) as connection:
        found = await connection.execute(text("select name, due_on from due where subject = :case"), {"case": case})
        return {row.name: str(row.due_on) for row in found}


def about(case):
    return {"operation": "mehrlin", "case": case, "partner": "spi"}


async def test_the_first_meeting_is_planned_at_the_entry(client, engine, world):
    """participant-enrolled puts the first meeting on the list; a visit takes it off."""
    case = await world.refer()
    before = await due(engine, case)

    await world.tell(enrolled(case))
    planned = await due(engine, case)
    visit = {"held_on": "2012-03-05", "minutes": 60, "channel": "office"}
    answer = await client.post(f"/cases/{case}/hold-visit", json=visit)

    assert answer.status_code == 200, answer.text
    assert (before, planned, await due(engine, case)) == ({}, {"first-meeting": "2012-03-08"}, {})


async def test_the_start_of_work_starts_weekly_aftercare_once(engine, world):
    """placement-made with an LZA job starts weekly contact; the same fact heard again starts nothing."""
    case, placement = await world.refer(), new_id()

    await world.tell(enrolled(case), placed(case, placement))
    world.topic = new_id()  # as if the topic were read again from its beginning
    await world.arrive()

    [started] = await told(engine, case)
    assert (started.type, started.placement, started.every_days) == ("aftercare-started.v1", placement, 7)
    assert str(started.started_on) == "2012-06-01"
    assert (await due(engine, case))["contact-overdue"] == "2012-06-09"


async def test_not_every_start_is_followed_up(engine, world):
    """How often contact is planned depends on the kind of placement; a holiday job has none."""
    case = await world.refer()

    await world.tell(
        placed(case, new_id(), PlacementKind.HOLIDAY_JOB), placed(case, new_id(), PlacementKind.SUBSIDISED_16E)
    )

    [started] = await told(engine, case)
    assert started.every_days == 14


async def test_a_lost_job_opens_a_crisis_and_ends_its_aftercare(engine, world):
    """job-lost ends the contact planned for that job and opens a crisis of category job, from the last day on."""
    case, placement, other = await world.refer(), new_id(), new_id()
    lost = JobLost(**about(case), placement=placement, last_day="2012-09-30", ended_by="employer", reason="business")

    await world.tell(placed(case, placement), placed(case, other, PlacementKind.INSURED), lost)

    _, _, ended, crisis = await told(engine, case)
    assert (ended.type, ended.placement, str(ended.ended_on)) == ("aftercare-ended.v1", placement, "2012-09-30")
    assert (crisis.type, crisis.category, str(crisis.reported_on)) == ("crisis-reported.v1", "job", "2012-09-30")


async def test_a_job_that_ended_as_planned_is_no_crisis(engine, world):
    """job-ended ends the aftercare and nothing else; a job that had none is answered by nothing."""
    case, placement = await world.refer(), new_id()
    ended = JobEnded(**about(case), placement=placement, last_day="2012-09-30", ended_by="both", reason="term-over")
    unknown = ended.model_copy(update={"placement": new_id()})

    await world.tell(placed(case, placement), ended, unknown)

    assert await types(engine, case) == ["aftercare-started.v1", "aftercare-ended.v1"]


async def test_contact_ends_with_the_exit_unless_agreed(engine, world):
    """After the exit contact goes on with consent alone; withdrawing it later ends it then (SGB X 67b)."""
    silent, agreeing = await world.refer(), await world.refer()
    consent = new_id()
    agreed = ConsentGiven(
        **about(agreeing),
        consent=consent,
        purpose=ConsentPurpose.CONTACT_AFTER_EXIT,
        text_version="v1",
        given_on="2012-03-01",
    )
    for case in (silent, agreeing):
        await world.tell(enrolled(case), placed(case, new_id()))
    await world.tell(agreed)
    for case in (silent, agreeing):
        await world.tell(ParticipantExited(**about(case), exit_date="2012-12-31", reason="work-insured"))

    assert await types(engine, silent) == ["aftercare-started.v1", "aftercare-ended.v1"]
    assert await types(engine, agreeing) == ["aftercare-started.v1"]
    await world.tell(
        ConsentWithdrawn(
            **about(agreeing), consent=consent, purpose=ConsentPurpose.CONTACT_AFTER_EXIT, withdrawn_on="2013-02-01"
        )
    )
    assert await types(engine, agreeing) == ["aftercare-started.v1", "aftercare-ended.v1"]


@pytest.mark.parametrize("together", [True, False])
async def test_a_placement_that_never_was_leaves_no_aftercare(client, engine, world, together):
    """A no-show is taken back by matching: the aftercare that it started never was either, whatever came in between."""
    case = await world.refer()
    start, identity = placed(case, new_id()), new_id()
    taken_back = FactRetracted(
        operation="mehrlin", subject_id=case, partner="spi", retracts=identity, reason="not-happened"
    )
    world.add(start, identity)
    world.add(placed(case, new_id()))
    if not together:
        await world.arrive()
    world.add(taken_back)
    await world.arrive()
    world.topic = new_id()
    await world.arrive()

    first, other, retraction = await told(engine, case)
    assert retraction.type == "fact-retracted.v1"
    assert first.placement == start.placement
    state = (await client.get(f"/cases/{case}")).json()["state"]
    assert list(state["jobs"]) == list(state["aftercare"]) == [other.placement]
    assert "cared_for" not in state


async def test_a_loss_that_never_was_leaves_no_crisis(client, engine, world):
    """When matching takes job-lost back, its crisis and the end of aftercare are taken back too."""
    case, placement = await world.refer(), new_id()
    lost = JobLost(**about(case), placement=placement, last_day="2012-09-30", ended_by="employer", reason="business")
    _, identity = await world.tell(placed(case, placement), lost)

    await world.tell(
        FactRetracted(operation="mehrlin", subject_id=case, partner="spi", retracts=identity, reason="not-happened")
    )

    assert (await types(engine, case))[3:] == ["fact-retracted.v1", "fact-retracted.v1"]
    state = (await client.get(f"/cases/{case}")).json()["state"]
    assert list(state["aftercare"]) == [placement]
    assert "crises" not in state
    assert (await due(engine, case))["contact-overdue"] == "2012-06-09"


@pytest.mark.parametrize("lost_since", [False, True])
async def test_an_exit_that_never_was_ends_no_contact(client, engine, world, lost_since):
    """When intake takes the exit back, contact goes on, unless the job was lost in between."""
    case, placement = await world.refer(), new_id()
    gone = ParticipantExited(**about(case), exit_date="2012-08-31", reason="work-insured")
    lost = JobLost(**about(case), placement=placement, last_day="2012-09-30", ended_by="employer", reason="business")
    *_, identity = await world.tell(enrolled(case), placed(case, placement), gone)
    taken_back = FactRetracted(
        operation="mehrlin", subject_id=case, partner="spi", retracts=identity, reason="not-happened"
    )

    await world.tell(*([lost] if lost_since else []), taken_back)

    state = (await client.get(f"/cases/{case}")).json()["state"]
    assert list(state.get("aftercare", ())) == ([] if lost_since else [placement])
    assert ("contact-overdue" in await due(engine, case)) is not lost_since


async def test_an_erased_person_is_forgotten(client, engine, world):
    """participant-erased empties what coaching keeps; nothing is accepted or answered any more."""
    case = await world.refer()
    await world.tell(enrolled(case), ParticipantErased(**about(case), basis="wish"), placed(case, new_id()))

    answer = await client.post(
        f"/cases/{case}/hold-visit", json={"held_on": "2012-03-05", "minutes": 60, "channel": "office"}
    )

    assert answer.status_code == 409
    assert (await client.get(f"/cases/{case}")).json()["state"] == {"erased": True}
    assert await types(engine, case) == []
    assert await due(engine, case) == {}


async def test_a_late_contact_is_told_once_a_lapse_on_the_operations_clock(client, coordinator, engine, world):
    """However far the clock jumps, one lapse is one fact; the next lapse after a visit is another."""
    case = await world.refer()
    await world.tell(enrolled(case), placed(case, new_id()))
    deadlines = COACHING.deadlines(engine)

    async def clock(now):
        assert (await coordinator.put("/operations/mehrlin/clock", json={"now": now})).status_code == 200
        while await deadlines.once():
            pass

    async def visit(day):
        body = {"held_on": day, "minutes": 30, "channel": "workplace"}
        assert (await client.post(f"/cases/{case}/hold-visit", json=body)).status_code == 200

    await clock("2012-06-08T12:00:00+02:00")
    in_time = await types(engine, case)
    await clock("2012-07-20T12:00:00+02:00")
    for day in ("2012-06-08", "2012-06-15", "2012-07-13"):
        await visit(day)  # entered late
        await deadlines.once()
    once = await types(engine, case)
    await clock("2012-07-28T12:00:00+02:00")
    await clock("2012-12-28T12:00:00+01:00")

    facts = await told(engine, case)
    late = [fact for fact in facts if fact.type == "contact-overdue.v1"]
    assert in_time == ["aftercare-started.v1"]
    assert once.count("contact-overdue.v1") == 1
    assert [str(fact.due_on) for fact in late] == ["2012-06-08", "2012-07-20"]
    assert [str(fact.last_contact_on) for fact in late] == ["None", "2012-07-13"]
