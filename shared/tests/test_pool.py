"""Pooled connections carry nothing from one caller to the next."""

import asyncio
import random

from lotse_shared.service import new_id
from sqlalchemy import text
from toy_service import SERVICE, Client, Stream, joined_network, token

PARTNERS = ("spi", "bbi", "agb", "bnw")


async def test_two_hundred_parallel_requests_of_four_partners_share_five_connections(app, engine):
    """Whoever asks, and however many hang up, sees only their own; afterwards no connection remembers anybody."""
    stream: Stream = joined_network(*PARTNERS)
    await SERVICE.inbox(engine).receive("topic", stream.records)
    own: dict[str, str] = {}
    clients = {partner: Client(app, token(partner)) for partner in PARTNERS}
    for partner, client in clients.items():
        body = {"operation": "mehrlin", "referred_on": "2012-02-01"}
        own[partner] = (await client.post("/cases/refer-participant", json=body)).json()["subject"]
    chance = random.Random(1)  # noqa: S311 - which of them hang up
    unknown = (await clients["spi"].get(f"/cases/{new_id()}")).content

    async def ask(partner: str, whose: str) -> tuple[str, str, int, bytes]:
        answer = await clients[partner].get(f"/cases/{own[whose]}")
        return partner, whose, answer.status_code, answer.content

    asked = [asyncio.create_task(ask(chance.choice(PARTNERS), chance.choice(PARTNERS))) for _ in range(200)]
    for _ in range(40):
        await asyncio.sleep(0)
        asked[chance.randrange(200)].cancel()
    answers = [one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, tuple)]

    assert len(answers) >= 160
    for partner, whose, status, content in answers:
        assert status == (200 if partner == whose else 404)
        assert partner == whose or content == unknown
    assert engine.pool.checkedout() == 0
    held = [await engine.connect() for _ in range(5)]
    try:
        for connection in held:
            named = await connection.execute(text("select coalesce(current_setting('lotse.partner', true), '')"))
            assert named.scalar_one() == ""
            assert (await connection.execute(text("select count(*) from subject"))).scalar_one() == 0
    finally:
        for connection in held:
            await connection.close()
    for client in clients.values():
        await client.aclose()


async def test_connections_that_broke_in_the_pool_are_replaced_unseen(app, engine, database, postgres):
    """The database was started anew between two requests: whoever asks next gets an answer, on a new connection."""

    async def ask_all() -> set[int]:
        answers = await asyncio.gather(*(client.get(f"/cases/{new_id()}") for _ in range(20)))
        return {answer.status_code for answer in answers}

    async with Client(app, token("spi")) as client:
        assert await ask_all() == {404}
        assert engine.pool.checkedin() > 1
        admin = await postgres.connect()
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database.name)
        await admin.close()

        assert await ask_all() == {404}
