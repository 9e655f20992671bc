"""An organisation that matching knows as an employer is supported as that employer: through the application."""

from datetime import date

import pytest
from intake_world import done
from lotse_shared.contracts.matching import EmployerAdvised, EmployerRegistered
from lotse_shared.database import transaction
from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import Stream

SUPPORT = {"kind": "enterprise", "audience": "companies", "support": "training", "supported_on": "2012-05-01"}
ADDRESS = "/operations/mehrlin/support-organisation"


@pytest.fixture
def matching(service, engine):
    """Takes in what matching told."""

    async def tells(*facts):
        stream = Stream()
        for number, fact in enumerate(facts, 1):
            stream.add(fact, source="matching", sequence=number)
        await service.inbox(engine).receive(new_id(), stream.records)

    return tells


def registered(employer: str, operation: str = "mehrlin") -> EmployerRegistered:
    return EmployerRegistered(
        operation=operation, employer=employer, partner="bbi", headcount=9, size="micro", registered_on="2012-01-10"
    )


async def facts(client, **more) -> list[dict]:
    return await done(client, ADDRESS, **SUPPORT, **more)


async def outbox(engine, kind: str) -> list[dict]:
    """What was told of a kind, as it will be sent."""
    async with transaction(engine) as connection:
        query = text(
            "select convert_from(value, 'UTF8')::jsonb as told from outbox where type = :kind order by position"
        )
        return list((await connection.execute(query, {"kind": kind})).scalars())


async def test_both_are_told_with_the_size_known_then(client, engine, matching):
    """One transaction, two facts, each under its own subject; later support of the employer is of one organisation."""
    employer = new_id()
    advice = {"advised_on": date(2012, 2, 1), "advice": "hiring", "headcount": 12, "size": "small"}
    await matching(
        registered(employer), EmployerAdvised(operation="mehrlin", employer=employer, partner="bbi", **advice)
    )

    told = [await facts(client, employer=employer) for _ in range(2)]

    for one in told:
        assert [(fact["type"], fact["subject"]) for fact in one] == [
            ("organisation-supported.v1", "mehrlin"),
            ("employer-trained.v1", employer),
        ]
    first, second = await outbox(engine, "employer-trained.v1")
    assert (first["headcount"], first["size"], first["trained_on"]) == (12, "small", "2012-05-01")
    assert first["organisation"] == second["organisation"]
    assert {one["is_employer"] for one in await outbox(engine, "organisation-supported.v1")} == {True}


async def test_support_taken_back_is_taken_back_of_both(client, coordinator, engine, matching):
    """Only together, and of the organisation; afterwards the same organisation may be recorded as no employer."""
    employer = new_id()
    await matching(registered(employer))
    support, training = await facts(client, employer=employer)
    address = "/operations/mehrlin/retract-operation-fact"
    body = {"reason": "entered-by-mistake", "partner": "spi"}

    alone = await coordinator.post(address, json={**body, "retracts": training["id"]})
    both = await done(coordinator, address, **body, retracts=support["id"])

    assert (alone.status_code, alone.json()["way_out"]) == (409, "Take back that support.")
    assert [fact["subject"] for fact in both] == ["mehrlin", employer]
    assert "employers" not in (await client.get("/operations/mehrlin")).json()["state"]


async def test_only_an_employer_of_the_operation_can_be_named(client, matching):
    """One that nobody registered, and one of another operation, are not found; nothing is told."""
    elsewhere = new_id()
    await matching(registered(elsewhere, "another"))

    for employer in (new_id(), elsewhere):
        answer = await client.post(ADDRESS, json={**SUPPORT, "employer": employer})
        assert (answer.status_code, answer.json()["field"]) == (404, "employer")


async def test_a_known_employer_is_named_every_time(client, matching):
    """Left out later, the support would count for an organisation that is no employer."""
    employer = new_id()
    await matching(registered(employer))
    support, _ = await facts(client, employer=employer)

    answer = await client.post(ADDRESS, json={**SUPPORT, "same_as": support["id"]})

    assert (answer.status_code, answer.json()["way_out"]) == (409, f"Name the employer {employer}.")
