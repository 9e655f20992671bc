"""Commands, single and in bulk, beside a bare endpoint with the same SQL in the same run."""

import base64
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bare_endpoint_tables import TABLES
from joserfc.jwk import KeySet, OKPKey
from load import free_port, post, python, serving
from lotse_shared.security import issue
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

pytestmark = pytest.mark.bench

TURNS = 5
SINGLE = 400
CASES = 200
BULKS = 4
BULK = 500


@pytest.fixture
def intake(migrated, tmp_path):
    """The intake API as a process, with a token of a coach and one of a coordinator."""
    key = OKPKey.generate_key("Ed25519")
    (tmp_path / "keys.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    (tmp_path / "vault").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    port = free_port()
    environment = {
        **os.environ,
        "LOTSE_DATABASE_URL": migrated("intake"),
        "LOTSE_TOKEN_PUBLIC_KEY_FILE": str(tmp_path / "keys.json"),
        "LOTSE_VAULT_KEY_FILE": str(tmp_path / "vault"),
        "LOTSE_PORT": str(port),
    }

    def headers(role: str, partner: str) -> dict[str, str]:
        token = issue(key, name="bench", role=role, partner=partner, now=datetime.now(UTC), lasts=timedelta(hours=1))
        return {"Authorization": f"Bearer {token}"}

    with serving([str(Path(python()).parent / "lotse-intake"), "api"], port, environment, tmp_path / "intake.log"):
        yield port, headers


async def _network(port, headers) -> None:
    coordinator = headers("coordinator", "*")
    operation = {
        "id": "bench",
        "programme": "biwaq",
        "approved_on": "2024-01-01",
        "first_day": "2024-01-01",
        "last_day": "2027-12-31",
    }
    await post(port, [("/operations/approve-operation", operation)], coordinator)
    joins = {"joined": "spi", "role": "network-partner", "joined_on": "2024-01-01"}
    await post(port, [("/operations/bench/join-partner", joins)], coordinator)


async def test_single_commands_beside_a_bare_endpoint(intake, database, figures, tmp_path):
    """A command does at least half as much a second as a bare endpoint with the same SQL; bulk ten times that.

    The three take turns, so that whatever else runs on the machine slows them alike.
    """
    port, headers = intake
    await _network(port, headers)
    coach = headers("coach", "spi")
    referral = {"operation": "bench", "referred_on": "2024-02-01", "referred_by": "self"}
    visit = {"held_on": "2024-02-01", "minutes": 30}
    bare = ours = bulk = 0.0
    async with _bare(database, tmp_path) as bare_port:
        for turn in range(TURNS):
            visits = [(f"/cases/case-{n % CASES + 1}/hold-visit?{turn}", visit) for n in range(SINGLE)]
            bare += await post(bare_port, visits, {})
            ours += await post(port, [(f"/cases/refer-participant?{turn}", referral)] * SINGLE, coach)
            items = [
                {"command": "refer-participant", "body": referral, "key": f"{turn}-{n}"} for n in range(BULKS * BULK)
            ]
            bulks = [("/bulk", {"items": items[at : at + BULK]}) for at in range(0, len(items), BULK)]
            bulk += await post(port, bulks, coach, clients=2)

    bare, ours, bulk = TURNS * SINGLE / bare, TURNS * SINGLE / ours, TURNS * BULKS * BULK / bulk
    title = "Commands"
    figures.note(title, "bare endpoint, same SQL, one process", f"{bare:,.0f}/s", "1.00")
    figures.note(title, "single commands, one process", f"{ours:,.0f}/s", f"{ours / bare:.2f} of bare", "0.50")
    figures.note(title, f"bulk of {BULK}, one process", f"{bulk:,.0f}/s", f"{bulk / ours:.1f} x single", "10 x")


@asynccontextmanager
async def _bare(database, tmp_path) -> AsyncIterator[int]:
    """The bare endpoint as a process; gives its port."""
    url = database.owner_url("intake")
    admin = create_async_engine(url)
    async with admin.begin() as connection:
        await connection.execute(text("set search_path to intake"))
        for statement in TABLES.split(";"):
            if statement.strip():
                await connection.execute(text(statement))
        await connection.execute(
            text("insert into bare_subject select 'case-' || n, '{}', 0 from generate_series(1, :cases) n"),
            {"cases": CASES},
        )
    await admin.dispose()
    port = free_port()
    script = str(Path(__file__).with_name("bare_endpoint.py"))
    with serving([python(), script, url, str(port)], port, os.environ, tmp_path / "bare.log"):
        yield port
