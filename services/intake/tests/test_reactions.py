"""What intake answers to facts of others."""

from datetime import date

import pytest
from intake_world import done
from lotse_shared.contracts.codes import LabourMarket, LegalSphere, PlacementKind
from lotse_shared.contracts.jobcenter import ReferralMade
from lotse_shared.contracts.matching import PlacementMade
from lotse_shared.database import transaction
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Stream


def referral(case: str, to: str = "spi") -> ReferralMade:
    return ReferralMade(
        operation="mehrlin",
        case=case,
        partner="jobcenter-magdeburg",
        referral=new_id(),
        to_partner=to,
        referred_on=date(2012, 2, 1),
        legal_sphere=LegalSphere.SGB2,
    )


@pytest.fixture
def hear(service, engine):
    """Takes in facts that others told, each twice."""

    async def heard(*facts, source="jobcenter"):
        stream = Stream()
        for fact in facts:
            identity = new_id()
            for _ in range(2):
                stream.add(fact, identity=identity, source=source)
        await service.inbox(engine).receive(new_id(), stream.records)

    return heard


async def told(engine) -> list[str]:
    async with transaction(engine) as connection:
        found = await connection.execute(text("select type from outbox where subject <> 'mehrlin' order by position"))
        return list(found.scalars())


async def test_a_jobcenters_referral_opens_the_named_partners_case_once(client, bbi, engine, hear):
    """referral-made is answered by participant-referred, once however often it comes, for the partner it names."""
    case = new_id()

    await hear(referral(case))
    await hear(referral(case))

    assert await told(engine) == ["participant-referred.v1"]
    found = (await client.get(f"/cases/{case}")).json()
    assert found["partners"] == ["spi"]
    assert found["state"]["referred_on"] == "2012-02-01"
    assert (await bbi.get(f"/cases/{case}")).status_code == 404


async def test_a_referral_of_an_erased_person_opens_nothing(client, coordinator, engine, hear):
    """After an erasure the same case never begins again."""
    case = new_id()
    await hear(referral(case))
    await done(coordinator, f"/cases/{case}/erase-participant", basis="art-17")

    await hear(referral(case))

    assert await told(engine) == ["participant-referred.v1", "participant-erased.v1"]


async def test_intake_notes_a_placement(client, hear):
    """placement-made: intake notes that the person works."""
    case = new_id()
    placed = PlacementMade(
        operation="mehrlin",
        case=case,
        partner="spi",
        placement=new_id(),
        kind=PlacementKind.INSURED,
        labour_market=LabourMarket.FIRST,
        insured=True,
        starts_on=date(2012, 6, 1),
    )
    await hear(referral(case))

    await hear(placed, source="matching")

    assert (await client.get(f"/cases/{case}")).json()["state"]["working_since"] == "2012-06-01"
