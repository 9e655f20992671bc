"""An operation whose programme was applied through reporting itself, and seals of it: for tests of what rests on it."""

from datetime import UTC, datetime

from lotse_reporting.main import executor
from lotse_reporting.seals.requests import look
from reporting_world import PROGRAMMES, Topic, enrolled, hear, network, number, relay
from sqlalchemy.ext.asyncio import AsyncEngine
from toy_service import Client

SEALS = "/operations/mehrlin/seals"
DAY = "2014-09-30"
MEHRLIN = (PROGRAMMES / "mehrlin.yaml").read_bytes()


def instant(milliseconds: int) -> str:
    """A knowledge time as people write it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


async def sealed_network(engine: AsyncEngine, coordinator: Client) -> Topic:
    """A topic with the programme and two people; everything heard. `known` is the moment up to which."""
    made = network()
    await apply(coordinator, engine, made)
    for case in (number(1), number(2)):
        made.tell(enrolled(case, age_at_entry=20, foreign_background="yes"))
    made.known = made.at
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


async def apply(coordinator: Client, engine: AsyncEngine, topic: Topic, content: bytes = MEHRLIN) -> None:
    """Bring a programme file into force as people do."""
    answer = await coordinator.post("/programmes", content=content, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 200, answer.text
    await relay(engine, topic)


async def ask_for_seal(coordinator: Client, known: int | None, as_of: str = DAY, **headers: str) -> dict:
    """Ask for a seal."""
    body = {"as_of": as_of, "known_at": instant(known)} if known else {"as_of": as_of}
    answer = await coordinator.post(SEALS, json=body, headers=headers)
    assert answer.status_code == 202
    return answer.json()


async def seal(engine: AsyncEngine, coordinator: Client, topic: Topic, as_of: str = DAY) -> dict:
    """A seal of what was known, sealed and heard back."""
    asked = await ask_for_seal(coordinator, topic.known, as_of)
    assert await look(engine, executor(engine), asked["seal"])
    await relay(engine, topic)
    topic.tick()
    topic.tick()
    await hear(engine, topic)
    return (await coordinator.get(f"/seals/{asked['seal']}")).json()
