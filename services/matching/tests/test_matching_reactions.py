"""What matching makes of the facts of others, on a real PostgreSQL; each arrives twice and counts once."""

from datetime import date

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import ConsentPurpose, RetractionReason
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    CharacteristicsCorrected,
    ConsentGiven,
    ConsentWithdrawn,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ReferredOn,
)
from lotse_shared.database import transaction
from lotse_shared.service import new_id
from matching_world import enrolled, referred
from sqlalchemy import text
from toy_service import Client, token

WORK = {"kind": "insured", "starts_on": "2012-05-01"}


def about(case: str) -> dict:
    return {"operation": "mehrlin", "case": case, "partner": "spi"}


async def state(client, case: str) -> dict:
    answer = await client.get(f"/cases/{case}")
    assert answer.status_code == 200, answer.text
    return answer.json()["state"]


async def test_an_enrolment_opens_a_profile(client, world):
    """Without the entry nobody is placed; once it is heard, from the day of entry on. Heard twice it is the same."""
    case = new_id()
    await world.tell(referred(case))
    early = await client.post(f"/cases/{case}/make-placement", json=WORK)
    await world.tell(enrolled(case, benefits_since=date(2005, 1, 1), unemployed_since=date(2010, 1, 1)))

    await world.arrive()
    await world.arrive()

    assert early.status_code == 409
    assert "intake" in early.json()["way_out"]
    known = {"enrolment": "2012-03-01", "benefits_since": "2005-01-01", "unemployed_since": "2010-01-01"}
    assert await state(client, case) == known
    on_the_day = await client.post(f"/cases/{case}/make-placement", json={**WORK, "starts_on": "2012-03-01"})
    assert on_the_day.status_code == 200


async def test_a_fact_heard_twice_has_one_effect(client, world, engine):
    """A second delivery leaves one row in the inbox and one guest on the case."""
    case = await world.enrol()
    await world.tell(ReferredOn(**about(case), referred_on=date(2012, 4, 1), to_partner="bbi"))

    world.topic = new_id()  # a topic that was written anew: every record has another position
    await world.arrive()

    async with transaction(engine) as connection:
        heard = await connection.execute(text("select count(*) from inbox where subject = :case"), {"case": case})
        assert heard.scalar_one() == 3
    assert (await state(client, case))["guests"] == ["bbi"]


async def test_a_guest_sees_and_places(app, client, world):
    """Another partner finds the case once the person was referred on to it, and acts in its own name."""
    case = await world.enrol()
    async with Client(app, token("bbi", "job-acquirer")) as guest:
        assert (await guest.get(f"/cases/{case}")).status_code == 404
        await world.tell(ReferredOn(**about(case), referred_on=date(2012, 4, 1), to_partner="bbi"))

        placed = await guest.post(f"/cases/{case}/make-placement", json=WORK)

    assert placed.status_code == 200
    assert next(iter((await state(client, case))["jobs"].values()))["starts_on"] == "2012-05-01"


async def test_corrections_of_the_entry_count(client, world):
    """A corrected day of entry is the day from which on somebody may be placed."""
    case = await world.enrol()
    correction = {"corrects": new_id(), "corrected_on": date(2012, 6, 1), "entry_date": date(2012, 5, 2)}
    await world.tell(CharacteristicsCorrected(**about(case), **correction))

    assert (await client.post(f"/cases/{case}/make-placement", json=WORK)).json()["field"] == "starts_on"


async def test_an_enrolment_taken_back_closes_the_profile(client, world):
    """Who never entered is not placed; retracting a fact folds the state from what still stands."""
    case = new_id()
    _, entry = await world.tell(referred(case), enrolled(case))
    mistake = RetractionReason.ENTERED_BY_MISTAKE
    await world.tell(FactRetracted(operation="mehrlin", subject_id=case, partner="spi", retracts=entry, reason=mistake))

    assert await state(client, case) == {}
    assert (await client.post(f"/cases/{case}/make-placement", json=WORK)).status_code == 409


async def test_exit_and_return_are_noted(client, world):
    """An exit is noted and a return takes the note away; placing goes on in both."""
    case = await world.enrol()
    await world.tell(ParticipantExited(**about(case), exit_date=date(2012, 4, 1), reason="planned-end"))
    left = await state(client, case)
    await world.tell(ParticipantReentered(**about(case), reentry_date=date(2012, 4, 15)))

    assert left["left"] == "2012-04-01"
    assert "left" not in await state(client, case)
    assert (await client.post(f"/cases/{case}/make-placement", json=WORK)).status_code == 200


async def test_a_withdrawn_consent_stops_suggestions(client, world):
    """Matching decides about no offer against the person's will; a new consent opens the way again."""
    case = await world.enrol()
    employer = {"operation": "mehrlin", "registered_on": "2012-03-01"}
    employer_id = (await client.post("/employers/register-employer", json=employer)).json()["subject"]
    offer = {"operation": "mehrlin", "employer": employer_id, "kind": "job", "opened_on": "2012-03-10"}
    vacancy = (await client.post("/vacancies/open-vacancy", json=offer)).json()["subject"]
    decision = {"vacancy": vacancy, "decision": "suggested", "reason": "fits", "decided_on": "2012-05-01"}
    consent = {"consent": new_id(), "purpose": ConsentPurpose.MATCHING}

    await world.tell(ConsentWithdrawn(**about(case), **consent, withdrawn_on=date(2012, 4, 1)))
    refused = await client.post(f"/cases/{case}/decide-match", json=decision)
    await world.tell(ConsentGiven(**about(case), **consent, text_version="v1", given_on=date(2012, 4, 20)))
    decided = await client.post(f"/cases/{case}/decide-match", json=decision)

    assert (refused.status_code, decided.status_code) == (409, 200)


async def test_merged_cases_keep_their_ids(client, world):
    """An absorbed case takes facts under its own id; one that never entered names the case it is read as."""
    case, double, empty = await world.enrol(), await world.enrol(), new_id()
    await world.tell(referred(empty))
    for one in (double, empty):
        await world.tell(CasesMerged(**about(case), absorbed=one), CaseAbsorbed(**about(one), into=case))

    placed = await client.post(f"/cases/{double}/make-placement", json=WORK)
    refused = await client.post(f"/cases/{empty}/make-placement", json=WORK)

    assert placed.json()["facts"][0]["subject"] == double
    assert case in refused.json()["way_out"]
    await world.tell(CasesSeparated(**about(double), from_case=case), CasesSeparated(**about(case), from_case=double))
    assert "absorbed_into" not in await state(client, double)
    assert (await state(client, case))["absorbs"] == [empty]


async def test_an_erased_person_is_forgotten(client, world):
    """Nothing is left of an erased person, nothing comes back by late facts, and nothing more is decided."""
    case = await world.enrol(benefits_since=date(2005, 1, 1))
    made = (await client.post(f"/cases/{case}/make-placement", json=WORK)).json()["facts"][0]["id"]

    await world.tell(
        ParticipantErased(**about(case), basis="retention-over"),
        ParticipantExited(**about(case), exit_date=date(2012, 6, 1), reason="planned-end"),
    )

    assert await state(client, case) == {"erased": True}
    retraction = {"retracts": made, "reason": "not-happened"}
    end = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
    for command, body in (("make-placement", WORK), ("retract-fact", retraction), ("lose-job", end)):
        answer = await client.post(f"/cases/{case}/{command}", json=body)
        assert answer.status_code == 409, command
        assert await state(client, case) == {"erased": True}
