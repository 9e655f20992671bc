"""A report of 25 indicators over an operation of a million entries, in a ledger of five: at any two instants."""

import json
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest
from big_ledger import DAYS, FIRST, Operation, fill
from joserfc.jwk import KeySet, OKPKey
from load import free_port, python, serving
from lotse_reporting import rollups
from lotse_reporting.report import By, Question, parts, settle, snapshot, totals
from lotse_reporting.report.sums import HOLDS
from lotse_shared.database import connect
from lotse_shared.programme import read
from lotse_shared.security import issue
from sqlalchemy import text

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

BIG = Operation("big", 1_000_000)
OTHERS = [Operation(f"other-{number}", 500_000) for number in range(8)]
QUESTIONS = 400
SCANNED = 8
"""Questions whose answer is compared with a scan; each takes about a second."""
PAGES = 100
MEHRLIN = Path(__file__).parents[2] / "deploy" / "programmes" / "mehrlin.yaml"
NOW = FIRST + timedelta(days=DAYS)


@dataclass
class Times:
    """How long something took, again and again."""

    milliseconds: list[float] = field(default_factory=list)

    def since(self, started: float) -> None:
        """Note how long it took this time."""
        self.milliseconds.append((time.perf_counter() - started) * 1000)

    def at(self, share: float) -> float:
        """What this share of all times stays below."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * share)]

    def __str__(self) -> str:
        return f"{self.at(0.5):.1f} / {self.at(0.95):.1f} ms"


def asked(random: Random) -> tuple[date, datetime | None]:
    """Any day, and in three of four questions any moment; every third as of today."""
    day = NOW.date() - timedelta(days=random.randrange(DAYS) if random.random() < 0.67 else 0)
    moment = FIRST + timedelta(seconds=random.random() * DAYS * 86_400)
    return day, moment if random.random() < 0.75 else None


async def scan(connection: Any, question: Question) -> Mapping[str, Decimal]:
    """The same by reading every entry."""
    found = await connection.execute(
        text(f"select indicator, sum(quantity) as total from entry where {HOLDS} group by 1"),  # noqa: S608 - constants
        {"build": question.edition.build, "as_of": question.as_of, "known": question.known},
    )
    return {row.indicator: row.total for row in found if row.total}


@pytest.fixture
async def ledger(migrated, database, figures):
    """The ledger, rolled up; gives the title of its figures and an engine."""
    title = "Reports, 25 indicators, 1 M of 5 M entries"
    url = migrated("reporting")
    file = MEHRLIN.read_text() + Path(__file__).with_name("indicators13.yaml").read_text()
    owner = await asyncpg.connect(database.owner_url("reporting").replace("+asyncpg", ""))
    await fill(owner, read("programme", file).programme, [BIG, *OTHERS])
    engine = connect(url, "reporting", 5)
    started = time.perf_counter()
    stretches = await rollups.roll_up(engine)
    took = time.perf_counter() - started
    size = await owner.fetchval("""
        select round(100.0 * (pg_total_relation_size('rollup') + pg_total_relation_size('rollup_day'))
            / pg_total_relation_size('entry'))""")
    await owner.execute("vacuum analyze reporting.rollup, reporting.rollup_day, reporting.entry")
    await owner.close()
    figures.note(title, "rolling everything up", f"{took:.0f} s", f"{stretches} stretches, {size} % of the ledger")
    yield title, engine, url
    await engine.dispose()


async def test_reports_at_any_two_instants(ledger, figures, tmp_path):
    """In the database and over HTTP, in parts, and the page of entries behind a figure; always what a scan gives."""
    title, engine, url = ledger
    await _in_the_database(title, engine, figures)
    async with _serving(url, tmp_path) as client:
        await _over_http(title, client, figures)


async def _in_the_database(title, engine, figures) -> None:
    random = Random(11)  # noqa: S311 - chance, not secrecy
    for by in (None, *By):
        took, scans = Times(), Times()
        for turn in range(QUESTIONS if by is None else QUESTIONS // 4):
            day, moment = asked(random)
            async with snapshot(engine) as connection:
                question = await settle(connection, BIG.name, as_of=day, known_at=moment, now=NOW)
                started = time.perf_counter()
                found = await (totals(connection, question) if by is None else parts(connection, question, by))
                took.since(started)
                if by is None and turn % (QUESTIONS // SCANNED) == 0:
                    started = time.perf_counter()
                    expected = await scan(connection, question)
                    scans.since(started)
                    assert {name: total for name, total in found.items() if total} == expected
        name = "report in the database" if by is None else f"the same with parts by {by.value}"
        figures.note(title, f"{name}, p50 / p95", str(took), goal="p95 20 ms" if by is None else "")
        if by is None:
            figures.note(title, "the same by a scan of the ledger, p50", f"{scans.at(0.5):.0f} ms")


async def _over_http(title, client, figures) -> None:
    random = Random(12)  # noqa: S311 - the same
    reports, pages = Times(), Times()
    for turn in range(QUESTIONS):
        day, moment = asked(random)
        query = {"as_of": day.isoformat()} | ({"known_at": moment.isoformat()} if moment else {})
        started = time.perf_counter()
        answer = await client.get(f"/operations/{BIG.name}/report", params=query)
        reports.since(started)
        assert answer.status_code == 200, answer.text
        if turn % (QUESTIONS // PAGES) == 0:
            indicator = random.choice(answer.json()["report"]["indicators"])["id"]
            path = f"/operations/{BIG.name}/indicators/{indicator}/entries"
            started = time.perf_counter()
            page = await client.get(path, params={**query, "limit": "100"})
            pages.since(started)
            assert page.status_code == 200, page.text
    figures.note(title, "report over HTTP, p50 / p95", str(reports), goal="p95 100 ms")
    figures.note(title, "page of 100 entries behind a figure over HTTP, p50 / p95", str(pages), goal="p95 100 ms")


@asynccontextmanager
async def _serving(url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The service's API as a process; gives a client of it."""
    key = OKPKey.generate_key("Ed25519")
    (folder / "keys.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    port = free_port()
    environment = {
        **os.environ,
        "LOTSE_DATABASE_URL": url,
        "LOTSE_TOKEN_PUBLIC_KEY_FILE": str(folder / "keys.json"),
        "LOTSE_PORT": str(port),
    }
    token = issue(key, name="bench", role="coordinator", partner="*", now=datetime.now(UTC), lasts=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}"}
    command = [str(Path(python()).parent / "lotse-reporting"), "api"]
    with serving(command, port, environment, folder / "reporting.log"):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
            yield client
