"""Nothing of a person leaves the vault: not in answers, facts, tables, logs or metrics."""

import logging
import re

import structlog
from intake_world import REFERRED
from lotse_intake.domain import commands
from lotse_shared.database import transaction
from lotse_shared.logging import configure
from lotse_shared.service import new_id
from sqlalchemy import text
from test_isolation import BODIES, case_routes

CANARIES = {
    "given_name": "Kanarilla",
    "family_name": "Zeisigtrill",
    "birth_date": "1971-11-23",
    "postcode": "39999",
    "contact": "zwitscher@example.org",
}


async def contents(engine) -> str:
    """All that is stored, table by table, as text."""
    async with transaction(engine) as connection:
        names = (
            await connection.execute(
                text("""
                    select relname from pg_class where relnamespace = 'intake'::regnamespace and relkind = 'r'
                    and has_table_privilege(oid, 'select')""")
            )
        ).scalars()
        found = []
        for name in names:
            rows = await connection.execute(text(f"select row_to_json(t)::text from {name} t"))  # noqa: S608 - our tables
            found += [name, *rows.scalars()]
        values = await connection.execute(text("select convert_from(value, 'UTF8') from outbox"))
        return "\n".join([*found, *values.scalars()])


def leaks(where: str) -> list[str]:
    """Canaries that can be read, as text or in hexadecimal; digits count only where they are no part of a number."""
    return [
        canary
        for canary in CANARIES.values()
        if re.search(rf"(?<![0-9a-f.]){re.escape(canary)}(?![0-9a-f])", where) or canary.encode().hex() in where
    ]


async def test_a_person_is_seen_nowhere_but_in_the_vaults_own_answer(app, client, coordinator, engine, capsys):
    """Every command is driven, well and badly, about somebody whose every field is a canary: none sings elsewhere."""
    configure("intake", "DEBUG")
    seen: list[str] = []
    try:
        for person in (CANARIES, {**CANARIES, "nickname": "Zeisigtrill"}, {**CANARIES, "birth_date": "Zeisigtrill"}):
            for body in (
                {**REFERRED, "person": person},
                {**REFERRED, "person": person, "referred_on": "2999-01-01"},
                {**REFERRED, "person": person, "operation": "unknown"},
                {**REFERRED, "person": person, "referred_by": "Zeisigtrill"},
            ):
                answer = await client.post("/cases/refer-participant", json=body, headers={"Idempotency-Key": new_id()})
                seen.append(answer.text)
                results = await client.post("/bulk", json={"items": [{"command": "refer-participant", "body": body}]})
                seen.append(results.text)
        case = (await client.post("/cases/refer-participant", json={**REFERRED, "person": CANARIES})).json()["subject"]
        await client.put(f"/cases/{case}/person", json=CANARIES)
        for name in commands.rules:
            if name in BODIES:
                for body in (BODIES[name], {**BODIES[name], "person": CANARIES}, {"note": CANARIES["contact"]}):
                    seen += [(await who.post(f"/cases/{case}/{name}", json=body)).text for who in (client, coordinator)]
        for method, path, _ in case_routes(app):
            if method == "GET" and not path.endswith("/person"):
                seen.append((await client.get(path.format(subject=case, case=case))).text)
        seen.append((await client.get("/metrics")).text)
        assert CANARIES["given_name"] in (await client.get(f"/cases/{case}/person")).text
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()
    logged = capsys.readouterr()

    assert leaks("\n".join(seen)) == []
    assert leaks(await contents(engine)) == []
    assert "vault written" in logged.err
    assert leaks(logged.err + logged.out) == []
