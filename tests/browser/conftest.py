"""A real Chromium in front of the real pages: served by uvicorn over a real PostgreSQL whose ledger heard facts."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from joserfc.jwk import KeySet, OKPKey
from lotse_local import frontend, testing
from lotse_local.kafka import free_port
from lotse_local.postgres import Postgres
from lotse_reporting import building
from lotse_reporting.main import application, executor
from lotse_reporting.pages.words import NOTHING
from lotse_reporting.publications.issuing import Asked, publish
from lotse_reporting.receiver import Receiver
from lotse_reporting.report import By, settle
from lotse_reporting.seals.requests import ask, look
from lotse_shared.commands import Request as CommandRequest
from lotse_shared.contracts.coaching import GatheringHeld, GatheringKind, MeasureJoined, MeasureKind
from lotse_shared.contracts.codes import ExitReason, Gender
from lotse_shared.contracts.intake import (
    OperationApproved,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    PartnerJoined,
)
from lotse_shared.database import connect, migrate, transaction
from lotse_shared.envelope import Cause, Event, seal, to_headers
from lotse_shared.messaging.records import TICK, Record
from lotse_shared.programme import Programme
from lotse_shared.security import Caller, issue_ticket
from lotse_shared.service import new_id
from lotse_shared.settings import Settings
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

PROGRAMME = {
    "operation": "mehrlin",
    "programme": "biwaq-2007-2013",
    "title": {"de": "MEHRLiN", "en": "MEHRLiN"},
    "period": {"from": "2011-10-01", "until": "2014-09-30"},
    "source": "Projektkoordination MEHRLiN",
    "partners": {"awo": "AWO fair.leben", "spi": "SPI Soziale Stadt und Land"},
    "indicators": [
        {
            "id": "trained",
            "title": {"de": "Teilnehmende an Qualifizierungsmaßnahmen", "en": "People in training"},
            "counts": "persons",
            "moments": [{"is": "measure-joined", "where": {"measure.kind": ["education", "qualification"]}}],
            "per": "person",
            "target": 4,
        },
        {
            "id": "health",
            "title": {"de": "Teilnahmen an Gesundheitsprojekten", "en": "Attendances at health projects"},
            "counts": "attendances",
            "moments": [
                {"is": "gathering-held", "where": {"gathering.kind": "health"}, "quantity": "gathering.unlisted"}
            ],
            "target": 2000,
        },
        {
            "id": "entered",
            "title": {"de": "Eingetretene", "en": "People who entered"},
            "counts": "persons",
            "moments": [{"is": "participant-enrolled"}],
            "per": "person",
            "target": 40,
        },
        {
            "id": "young",
            "title": {"de": "Eingetretene unter 27 Jahren", "en": "People under 27 who entered"},
            "counts": "persons",
            "moments": [{"is": "participant-enrolled", "where": {"entry.age": {"less-than": 27}}}],
            "per": "person",
        },
        {
            "id": "women",
            "title": {"de": "Eingetretene Frauen", "en": "Women who entered"},
            "counts": "persons",
            "moments": [{"is": "participant-enrolled", "where": {"entry.gender": "female"}}],
            "per": "person",
        },
        {
            "id": "in-work",
            "title": {"de": "Nach dem Austritt beschäftigt", "en": "Employed after leaving"},
            "counts": "persons",
            "moments": [{"is": "situation-after-leaving", "where": {"after.situation": "employed"}}],
            "per": "person",
        },
    ],
}
PRINTED = [
    ["Teilnehmende an Qualifizierungsmaßnahmen", "4", "6", "150"],
    ["Teilnahmen an Gesundheitsprojekten", "2.000", "10.360", "518"],
    ["Eingetretene", "40", "25", "63"],
    ["Eingetretene unter 27 Jahren", NOTHING, "5", NOTHING],
    ["Eingetretene Frauen", NOTHING, "6", NOTHING],
    ["Nach dem Austritt beschäftigt", NOTHING, "0", NOTHING],
]


@dataclass
class Site:
    """A reporting service with its pages, and what is in its ledger."""

    url: str
    key: OKPKey
    engine: AsyncEngine
    receiver: Receiver
    operation: str = "mehrlin"
    indicator: str = "trained"
    result: str = "6"
    result_in_2012: str = "3"
    moving: str = "entered"
    event: str = ""
    final: str = ""
    seal: str = ""
    printed: list[list[str]] = field(default_factory=lambda: PRINTED)
    statuses: list[str] = field(default_factory=lambda: ["erreicht", "erreicht", "Ziel", *["Zielwert"] * 3])
    sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    offset: int = -1
    signed_in: dict[str, Any] = field(default_factory=dict)
    """What a browser keeps of a session, by role: one is enough for many pages."""

    def now(self) -> datetime:
        """The real time."""
        return datetime.now(UTC)

    def address(self, path: str) -> str:
        """A path with what is known here filled in."""
        return self.url + path.format(
            operation=self.operation, indicator=self.indicator, event=self.event, final=self.final, seal=self.seal
        )

    def link(self, role: str, partner: str = "*", age: timedelta = timedelta(0)) -> str:
        """A fresh sign-in link, or one made a while ago."""
        ticket = issue_ticket(self.key, ticket=new_id(), name="anna", role=role, partner=partner, now=self.now() - age)
        return f"{self.url}/sign-in?ticket={ticket}"

    async def hear(self, *facts: tuple[str, Event]) -> list[str]:
        """Take in facts of these publishers, and a tick after them, as from Kafka; gives their ids."""
        records, ids = [], []
        for source, fact in facts:
            key = (source, fact.subject)
            self.sequences[key] = self.sequences.get(key, 0) + 1
            ids.append(new_id())
            envelope = seal(
                fact, id=ids[-1], source=source, time=self.now(), sequence=self.sequences[key], cause=Cause(new_id())
            )
            records.append(self._record(tuple(to_headers(envelope)), envelope.value, envelope.subject.encode()))
        await self._take_in(records)
        return ids

    async def relay(self) -> None:
        """Take in what reporting itself told, as it comes back through the topic."""
        async with transaction(self.engine) as connection:
            told = await connection.execute(
                text("""
                    update outbox set sent_at = now() where sent_at is null
                    returning position, subject, headers, value""")
            )
        rows = sorted(told, key=lambda row: row.position)
        await self._take_in(
            [
                self._record(tuple((name, one.encode()) for name, one in row.headers), row.value, row.subject.encode())
                for row in rows
            ]
        )

    async def _take_in(self, records: list[Record]) -> None:
        at = self.now().isoformat().encode()
        tick = (("ce_type", TICK.encode()), ("ce_source", b"reporting"), ("sent_up_to", at))
        await self.receiver.receive("topic", [*records, self._record(tick, b"{}", None)])

    def _record(self, headers: tuple[tuple[str, bytes], ...], value: bytes, key: bytes | None) -> Record:
        self.offset += 1
        return Record(0, self.offset, int(self.now().timestamp() * 1000), key, headers, value)

    async def hear_nonsense(self) -> None:
        """A record that is no event of ours, from nobody knows which operation."""
        await self.receiver.receive("topic", [self._record((("ce_type", b"\xff"),), b"{", b"k")])

    async def receive_another(self, *numbers: int) -> None:
        """One more person enters, or several."""
        await self.hear(*(("intake", enrolled(1000 + number, date(2013, 5, 1), 40)) for number in numbers))

    async def erase(self, number: int) -> None:
        """A person is erased, and what is read after that settles it."""
        await self.hear(
            ("intake", ParticipantErased(operation="mehrlin", case=identity(number), partner="awo", basis="wish"))
        )
        for _ in range(3):
            await self.hear()


def identity(number: int) -> str:
    """An id that says which one it is."""
    return str(UUID(int=number))


def enrolled(number: int, day: date, age: int, partner: str = "awo") -> ParticipantEnrolled:
    """Somebody enters; whether it is a woman is known of every third of the first eighteen, of the rest nothing."""
    gender = None if number > 19 else Gender.FEMALE if number % 3 == 0 else Gender.MALE
    return ParticipantEnrolled(
        operation="mehrlin", case=identity(number), partner=partner, entry_date=day, age_at_entry=age, gender=gender
    )


async def apply(site: Site) -> None:
    """The programme file comes into force, told by reporting itself."""
    definition = Programme.model_validate(PROGRAMME).definition()
    body = {"id": "mehrlin", "programme": "biwaq-2007-2013", "definition": definition}
    [answer] = await executor(site.engine).run(
        Caller("anna", "coordinator", "*"), [CommandRequest("apply-programme", None, body)], Cause(new_id())
    )
    assert answer.status == 200, answer.content
    await site.relay()
    await building.finish(site.engine, 1)


async def seal_and_publish(site: Site) -> None:
    """The final report is sealed and published; then something is told that had happened before."""
    final = datetime.fromisoformat(site.final)
    day = date(2014, 9, 30)
    async with transaction(site.engine) as connection:
        site.seal = await ask(
            connection, "mehrlin", seal=new_id(), as_of=day, known_at=final, by="anna", key=None, now=site.now()
        )
    assert await look(site.engine, executor(site.engine), site.seal)
    await site.relay()
    async with transaction(site.engine) as connection:
        question = await settle(connection, "mehrlin", as_of=day, known_at=final, now=site.now())
        asked = Asked(UUID(new_id()), question, [By.GENDER, By.PARTNER], "anna", site.now())
        await publish(site.engine, connection, asked)
    await site.hear(
        (
            "coaching",
            GatheringHeld(
                operation="mehrlin",
                gathering=identity(3002),
                partner="spi",
                kind=GatheringKind.HEALTH,
                held_on=date(2013, 7, 1),
                unlisted=25,
            ),
        )
    )


async def fill(site: Site) -> None:
    """Three years of an operation with two partners: 25 people, 6 of them in training, one large gathering."""
    await site.hear(
        (
            "intake",
            OperationApproved(
                operation="mehrlin",
                programme="biwaq-2007-2013",
                approved_on=date(2011, 9, 1),
                first_day=date(2011, 10, 1),
                last_day=date(2014, 9, 30),
            ),
        ),
        *(
            (
                "intake",
                PartnerJoined(operation="mehrlin", joined=partner, role="network-partner", joined_on=date(2011, 10, 1)),
            )
            for partner in ("awo", "spi")
        ),
    )
    await apply(site)
    entered = [("intake", enrolled(n, date(2012, 1, 1 + n), 20 + n, "awo" if n < 20 else "spi")) for n in range(2, 27)]
    await site.hear(*entered)
    joined = [
        (
            "coaching",
            MeasureJoined(
                operation="mehrlin",
                case=identity(n),
                partner="awo" if n < 20 else "spi",
                measure=identity(2001),
                kind=MeasureKind.QUALIFICATION,
                joined_on=date(2012, 3, 1) if n < 20 else date(2013, 3, 1),
            ),
        )
        for n in (3, 4, 5, 22, 23, 24)
    ]
    ids = await site.hear(*joined)
    site.event = ids[0]
    await site.hear(
        (
            "intake",
            ParticipantExited(
                operation="mehrlin",
                case=identity(10),
                partner="awo",
                exit_date=date(2014, 6, 20),
                reason=ExitReason.PLANNED_END,
            ),
        )
    )
    await site.hear(
        (
            "coaching",
            GatheringHeld(
                operation="mehrlin",
                gathering=identity(3001),
                partner="spi",
                kind=GatheringKind.HEALTH,
                held_on=date(2013, 6, 1),
                unlisted=10_360,
            ),
        )
    )
    site.final = (site.now() - timedelta(milliseconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    await asyncio.sleep(0.002)
    await site.hear()
    await seal_and_publish(site)


@pytest.fixture(scope="session")
async def site(postgres: Postgres) -> AsyncIterator[Site]:
    """The pages of a reporting service whose ledger heard the facts of `fill`."""
    await testing._make(postgres, "browser")
    await asyncio.to_thread(migrate, postgres.owner_url("reporting", "browser"), "lotse_reporting:migrations")
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    port = free_port()
    engine = connect(postgres.url("reporting", "browser"), "reporting", 8)
    app = application(engine, Settings(), KeySet([key]))
    made = Site(f"http://127.0.0.1:{port}", key, engine, Receiver(engine, 1, lambda: datetime.now(UTC)))
    await fill(made)
    async with serving(app, port):
        yield made
    await engine.dispose()


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """The application over HTTP, in this loop."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1))
    app.state.stopping = lambda: server.should_exit
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the whole run."""
    path = await asyncio.to_thread(frontend.chromium, frontend.checkout())
    async with async_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = await playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        await started.close()


Visit = Callable[..., Awaitable[Page]]


@pytest.fixture
async def visit(browser: Browser, site: Site) -> AsyncIterator[Visit]:
    """Opens a page as a role (`coach:awo` is one of a partner), signed in by a fresh link; None is a stranger.

    In the end nothing was asked of another host, and the console is empty but for answers that are meant as errors.
    """
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_page(role: str | None, language: str = "de", **more: Any) -> Page:
        kept = site.signed_in.get(role or "")
        context = await browser.new_context(locale={"de": "de-DE", "en": "en-GB"}[language], storage_state=kept, **more)
        context.set_default_timeout(60_000)
        contexts.append(context)
        context.on("request", lambda one: None if one.url.startswith(site.url) else faults.append(one.url))
        context.on(
            "console", lambda one: None if is_answer(one) else faults.append(f"{one.text} {one.location['url']}")
        )
        context.on("weberror", lambda one: faults.append(str(one.error)))
        page = await context.new_page()
        if role and not kept:
            name, _, partner = role.partition(":")
            await page.goto(site.link(name, partner or "*"))
            await page.wait_for_url(f"{site.url}/")
            site.signed_in[role] = await context.storage_state()
        return page

    def is_answer(one: Any) -> bool:
        return one.type == "error" and "status of 4" in one.text and "/static/" not in one.location["url"]

    yield open_page
    for context in contexts:
        await context.close()
    assert faults == []
