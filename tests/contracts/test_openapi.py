"""Every API as it describes itself: a valid description, and no request made from it meets a fault of ours."""

from collections.abc import Callable

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from lotse_coaching.main import COACHING
from lotse_intake.main import intake
from lotse_intake.vault import Vault
from lotse_matching.main import MATCHING
from lotse_reporting.main import application
from lotse_shared.database import connect
from lotse_shared.settings import Settings
from schemathesis import Case
from toy_service import KEYS, Client, token

EXAMPLES = 3
WAITS = "Lotse-After"
"""A header that makes a request wait for seconds; its own tests look at it."""

PLAY = Settings(play=True)
APIS: dict[str, Callable[..., FastAPI]] = {
    "intake": lambda engine: intake(Vault(bytes(32))).api(engine, PLAY, KEYS),
    "matching": lambda engine: MATCHING.api(engine, PLAY, KEYS),
    "coaching": lambda engine: COACHING.api(engine, PLAY, KEYS),
    "reporting": lambda engine: application(engine, PLAY, KEYS),
}


def requests(operation) -> list[Case]:
    """Requests made from the description of an operation: same ones in every run."""
    found: list[Case] = []

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def collect(case: Case) -> None:
        found.append(case)

    collect()
    return found


async def send(client: Client, case: Case) -> int:
    """Send a request; gives the status of its answer."""
    made = case.as_transport_kwargs(base_url="http://test")
    parts = {part: made[part] for part in ("params", "json") if part in made}
    headers = {
        name: value
        for name, value in (made.get("headers") or {}).items()
        if name not in (WAITS, "User-Agent", "Authorization") and value.isascii()
    }
    return (await client.request(made["method"], made["url"], headers=headers, **parts)).status_code


@pytest.mark.parametrize("service", APIS)
@pytest.mark.parametrize("role", ["coordinator", "administrator"])
async def test_no_request_meets_a_fault(migrated: Callable[[str], str], service: str, role: str):
    """Whatever is sent that the description allows is done or refused, and the description is OpenAPI 3.1."""
    engine = connect(migrated(service), service, 5)
    app = APIS[service](engine)
    description = app.openapi()
    assert description["openapi"].startswith("3.1")
    schema = schemathesis.openapi.from_dict(description)
    schema.validate()
    async with Client(app, token("*", role)) as client:
        for found in schema.get_all_operations():
            for case in requests(found.ok()):
                status = await send(client, case)
                assert status < 500, f"{case.method} {case.formatted_path}: {status}"
    await engine.dispose()
