import pytest
from aiokafka.errors import KafkaConnectionError
from lotse_shared.messaging.relay import Relay
from lotse_shared.security import utc_now
from lotse_shared.settings import Settings
from sqlalchemy import text


async def test_a_relay_that_fails_lets_go_of_its_lock(engine):
    """Kafka is away: the lock ends with its connection. Kept in the pool, it would shut out every later relay."""
    nowhere = Settings(kafka=["127.0.0.1:1"])
    relay = Relay("coaching", nowhere, engine, utc_now)

    with pytest.raises(KafkaConnectionError):
        await relay._run_once()

    async with engine.connect() as connection:
        locks = await connection.execute(
            text("""
                select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database
                where locktype = 'advisory' and datname = current_database()""")
        )
        assert locks.scalar_one() == 0
