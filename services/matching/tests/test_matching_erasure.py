"""Whoever was erased: matching keeps no content and no id of their facts; place and offer keep their own truth."""

from lotse_matching.main import MATCHING
from lotse_shared.contracts.intake import ParticipantErased
from lotse_shared.database import transaction
from matching_world import World
from scanning import contents, found_in
from sqlalchemy import text
from test_matching_http import employer, place, state, told, vacancy


async def execute(engine, statement: str, **values):
    async with transaction(engine) as connection:
        result = await connection.execute(text(statement), values)
        return result.all() if result.returns_rows else None


async def test_an_erased_person_leaves_place_and_offer_as_they_are(client, coordinator, world: World, engine):
    """The facts of the case are emptied; what is true of the place and the offer stays, under pseudonyms alone."""
    gone, stays = await world.enrol(), await world.enrol()
    offer, funded = await vacancy(client, await employer(client), positions=2), await place(coordinator)
    where = {"kind": "insured", "vacancy": offer}
    await told(client, f"/cases/{gone}/make-placement", **where, starts_on="2012-05-07", place=funded)
    await told(client, f"/cases/{stays}/make-placement", **where, starts_on="2012-05-08")
    query = """
        select id::text as id, convert_from(value, 'UTF8') as value from outbox where subject = :case union all
        select id::text, convert_from(value, 'UTF8') from inbox where subject = :case"""
    facts, others = [[one for row in await execute(engine, query, case=case) for one in row] for case in (gone, stays)]
    before = [await state(client, f"/places/{funded}"), await state(client, f"/vacancies/{offer}")]

    await world.tell(ParticipantErased(operation="mehrlin", case=gone, partner="spi", basis="wish"))
    await execute(engine, "update outbox set sent_at = now(), appended = 1, partition = 0, kafka_offset = position")
    done = await MATCHING.forgetting(engine).once()

    kept = await contents(engine)
    assert (done, len(facts) >= 4) == (1, True)
    assert found_in(kept, facts) == []
    assert found_in(kept, others) == sorted(set(others))
    assert [await state(client, f"/places/{funded}"), await state(client, f"/vacancies/{offer}")] == before
    assert await execute(engine, "select type from outbox where subject = :place and value = ''", place=funded) == []
