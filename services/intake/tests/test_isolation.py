"""Another partner's case is as if it did not exist: for every route there is, byte for byte."""

import pytest
from fastapi import FastAPI
from intake_world import PERSON, done, opened
from lotse_intake.domain import commands
from lotse_shared.service import new_id
from toy_service import Client, token

FACT = "01950000-0000-7000-8000-00000000000f"
BODIES = {
    "hold-first-interview": {"held_on": "2012-02-02"},
    "give-consent": {"purpose": "matching", "text_version": "v1", "given_on": "2012-02-02"},
    "refuse-consent": {"purpose": "matching", "text_version": "v1", "given_on": "2012-02-02"},
    "withdraw-consent": {"consent": FACT, "withdrawn_on": "2012-02-02"},
    "refer-on": {"to_partner": "bbi", "referred_on": "2012-02-02"},
    "check-eligibility": {"rules": "wir", "decided_on": "2023-02-02"},
    "enrol-participant": {"entry_date": "2012-03-01"},
    "correct-characteristics": {"corrects": FACT, "corrected_on": "2012-04-01", "isced": 3},
    "exit-participant": {"exit_date": "2012-06-01", "reason": "planned-end"},
    "reenter-participant": {"reentry_date": "2012-08-01"},
    "change-residence-status": {"residence_status": "ae-24", "valid_from": "2012-03-01"},
    "record-status": {"status_on": "2012-06-02", "status": "employed"},
    "record-follow-up": {"status": "employed", "answered_on": "2012-12-01"},
    "analyse-competence": {"analysed_on": "2012-03-02", "instrument": "kode", "occasion": "entry", "score": 1},
    "decide-recognition": {"decided_on": "2012-03-02", "result": "yes"},
    "give-support": {"given_on": "2012-03-02", "kind": "career-orientation"},
    "involve-family": {"involved_on": "2012-03-02", "members": 1},
    "merge-cases": {"other": FACT},
    "separate-cases": {"other": FACT},
    "retract-fact": {"retracts": FACT, "reason": "duplicate"},
    "restrict-participant": {"until": "2999-01-01", "basis": "retention"},
    "erase-participant": {"basis": "art-17"},
}
"""A sound body for every command about a case."""


def case_routes(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, path and name of every route that names a case, found in the application's own description."""
    found = [
        (method.upper(), path, route["operationId"])
        for path, routes in app.openapi()["paths"].items()
        for method, route in routes.items()
        if path.startswith("/cases/{")
    ]
    named = {rule.name for rule in commands.rules.values() if rule.kind.name == "case" and not rule.creates}
    assert {name for _, _, name in found} > named
    return found


async def test_a_foreign_case_is_as_unknown_on_every_route(app, client):
    """Reading, changing, the vault, duplicates: a coordinator of another partner gets the same 404 for both, always."""
    case = await opened(client, PERSON)
    before = (await client.get(f"/cases/{case}")).content

    async with Client(app, token("bbi", "coordinator")) as foreign:
        for method, path, name in case_routes(app):
            body = {} if method == "GET" else {"json": PERSON if method == "PUT" else BODIES[name]}
            answers = [
                await foreign.request(method, path.format(subject=one, case=one), **body)
                for one in (case, new_id(), "no-id%20at%00all")
            ]
            assert [answer.status_code for answer in answers] == [404] * 3, (path, answers[0].text)
            assert len({answer.content for answer in answers}) == 1, path
            assert len({tuple(answer.headers.items()) for answer in answers}) == 1, path

    assert (await client.get(f"/cases/{case}")).content == before


async def test_bulk_tells_a_partner_no_more_than_single_calls(app, client):
    """In bulk, too, a foreign case is as unknown, and a foreign other to merge with as well."""
    case, own = await opened(client), None
    async with Client(app, token("bbi", "coordinator")) as foreign:
        own = await opened(foreign)
        items = [
            {"command": "merge-cases", "subject": subject, "body": {"other": other}}
            for subject, other in ((case, own), (new_id(), own), (own, case), (own, new_id()))
        ]
        results = (await foreign.post("/bulk", json={"items": items})).json()["results"]

    assert results[0] == results[1]
    assert results[2] == results[3]
    assert {one["status"] for one in results} == {404}


@pytest.mark.parametrize("subject", ["x" * 61, "%00", "a%00b", "ä", "..%2Fcases", "null"])
async def test_what_cannot_be_an_id_is_unknown(client, subject):
    """Odd ids give the same 404 as any other unknown one; nothing fails."""
    known = await client.get(f"/cases/{new_id()}")

    assert (await client.get(f"/cases/{subject}")).content == known.content
    assert (await client.post(f"/cases/{subject}/give-support", json=BODIES["give-support"])).status_code == 404


async def test_somebody_else_is_not_named_by_a_partner(app, client):
    """A partner acts in its own name only: naming another is as if there were nothing."""
    answer = await client.post(
        "/cases/refer-participant",
        json={"operation": "mehrlin", "referred_on": "2012-02-01", "referred_by": "self", "partner": "bbi"},
    )

    assert answer.status_code == 404


async def test_the_coordinator_of_the_network_acts_for_the_cases_partner(coordinator, client):
    """What the network's coordinator does about a case is done for the partner it belongs to, unless one is named."""
    case = await opened(client)

    await done(coordinator, f"/cases/{case}/hold-first-interview", held_on="2012-02-02")

    assert (await client.get(f"/cases/{case}")).json()["partners"] == ["spi"]
