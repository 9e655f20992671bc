"""A small deciding service of its own, so that the plumbing is tested without any real one."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import httpx
from fastapi import FastAPI
from joserfc.jwk import KeySet, OKPKey
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import ContactOverdue, VisitHeld
from lotse_shared.contracts.codes import Channel, ReferralSource, RetractionReason
from lotse_shared.contracts.intake import OperationApproved, ParticipantEnrolled, ParticipantReferred, PartnerJoined
from lotse_shared.deciding import Command, Commands, Handlers, Kind, Now, Refused, State
from lotse_shared.envelope import Cause, Event, Id, Slug, seal, to_headers
from lotse_shared.messaging.records import Record
from lotse_shared.messaging.tables import Tables
from lotse_shared.operations import OPERATION
from lotse_shared.security import issue
from lotse_shared.service import Service, new_id
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


class Case(State):
    """How often somebody was visited."""

    visits: tuple[date, ...] = ()
    enrolled: bool = False
    overdue: int = 0


def evolve(case: Case, fact: Event) -> Case:
    match fact:
        case ParticipantEnrolled():
            return case.model_copy(update={"enrolled": True})
        case VisitHeld():
            return case.model_copy(update={"visits": (*case.visits, fact.held_on)})
        case ContactOverdue():
            return case.model_copy(update={"overdue": case.overdue + 1})
        case _:
            return case


CASE = Kind(
    name="case",
    state=Case,
    evolve=evolve,
    hears=(ParticipantEnrolled,),
    deadlines=lambda case: (
        {"contact-overdue": case.visits[-1] + timedelta(days=14)} if case.visits and not case.overdue else {}
    ),
)
commands = Commands("coaching")
handlers = Handlers()


class ReferParticipant(Command):
    """Somebody comes."""

    operation: Slug
    referred_on: date


class HoldVisit(Command):
    """A visit."""

    held_on: date
    minutes: int = 30


class RetractFact(Command):
    """Which fact does not hold."""

    names_fact = "retracts"
    retracts: Id


@commands.on(CASE, roles={"coach", "coordinator"}, creates=True)
def refer_participant(case: Case, command: ReferParticipant, now: Now) -> Sequence[Event]:
    """Open a case."""
    return [
        ParticipantReferred(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            referred_on=command.referred_on,
            referred_by=ReferralSource.SELF,
        )
    ]


@commands.on(CASE, roles={"coach"})
def hold_visit(case: Case, command: HoldVisit, now: Now) -> Sequence[Event]:
    """Note a visit."""
    if command.held_on > now.today:
        raise Refused("the visit has not been yet", field="held_on", way_out="Send it after the visit.")
    return [
        VisitHeld(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            held_on=command.held_on,
            minutes=command.minutes,
            channel=Channel.OFFICE,
        )
    ]


@commands.on(CASE, roles={"coach"})
def retract_fact(case: Case, command: RetractFact, now: Now, *, original: Event) -> Sequence[Event]:
    """Take a fact back."""
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=now.subject,
            partner=now.partner,
            retracts=command.retracts,
            reason=RetractionReason.ENTERED_BY_MISTAKE,
        )
    ]


@commands.when_due(CASE, "contact-overdue")
def report_overdue_contact(case: Case, now: Now) -> Sequence[Event]:
    """Say that nobody spoke with the person."""
    return [ContactOverdue(operation=now.operation, case=now.subject, partner=now.partner, due_on=now.today)]


@handlers.on(ParticipantEnrolled, CASE)
def greet(case: Case, enrolled: ParticipantEnrolled, now: Now) -> Sequence[Event]:
    """Visit on the day of entry; fails on a minor, so that tests can see what a failing handler does."""
    if enrolled.age_at_entry is not None and enrolled.age_at_entry < 18:
        raise RuntimeError("a fault of this handler")
    return [
        VisitHeld(
            operation=enrolled.operation,
            case=enrolled.case,
            partner=enrolled.partner,
            held_on=enrolled.entry_date,
            minutes=10,
            channel=Channel.OFFICE,
        )
    ]


SERVICE = Service(
    name="coaching",
    commands=commands,
    handlers=handlers,
    kinds=(CASE, OPERATION),
    tables=Tables("coaching"),
    migrations="",
)


KEY = OKPKey.generate_key("Ed25519")
KEYS = KeySet([OKPKey.import_key(KEY.as_dict(private=False))])


def token(partner: str = "spi", role: str = "coach") -> str:
    return issue(KEY, name="somebody", role=role, partner=partner, now=datetime.now(UTC), lasts=timedelta(minutes=5))


class Client(httpx.AsyncClient):
    """Calls the application in this process, through real HTTP parsing."""

    def __init__(self, app: FastAPI, bearer: str) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app), base_url="http://test", headers={"Authorization": f"Bearer {bearer}"}
        )


class Stream:
    """Makes the records of a topic, in order, as a broker would number them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(self, event: Event, *, identity: str | None = None, source: str = "intake", sequence: int = 1) -> Record:
        """Add an event as its publisher would send it."""
        envelope = seal(
            event,
            id=identity or new_id(),
            source=source,
            time=datetime(2026, 1, 1, tzinfo=UTC),
            sequence=sequence,
            cause=Cause(new_id()),
        )
        return self.raw(tuple(to_headers(envelope)), envelope.value, envelope.subject.encode())

    def raw(self, headers: tuple[tuple[str, bytes], ...], value: bytes, key: bytes = b"k") -> Record:
        """Add whatever it is."""
        record = Record(0, len(self.records), 1_767_225_600_000 + len(self.records), key, headers, value)
        self.records.append(record)
        return record


async def blocked(engine: AsyncEngine, task: asyncio.Task[object], others: int = 0) -> None:
    """Wait until a task, beside so many others, waits for a row that somebody holds; or until it is done."""
    while not task.done():
        async with engine.connect() as connection:
            found = await connection.execute(
                text("""
                    select count(*) from pg_stat_activity
                    where wait_event_type = 'Lock' and datname = current_database()""")
            )
            if found.scalar_one() > others:
                return
        await asyncio.sleep(0.01)


def enrolled(case: str, age: int = 40, partner: str = "spi") -> ParticipantEnrolled:
    return ParticipantEnrolled(
        operation="mehrlin", case=case, partner=partner, entry_date=date(2012, 3, 1), age_at_entry=age
    )


def joined_network(*partners: str) -> Stream:
    """A stream in which the operation mehrlin was approved and these partners joined, spi and bbi if none is named."""
    made = Stream()
    made.add(
        OperationApproved(
            operation="mehrlin",
            programme="biwaq",
            approved_on=date(2011, 9, 1),
            first_day=date(2011, 10, 1),
            last_day=date(2014, 9, 30),
        )
    )
    for number, partner in enumerate(partners or ("spi", "bbi"), 2):
        made.add(
            PartnerJoined(operation="mehrlin", joined=partner, role="network-partner", joined_on=date(2011, 10, 1)),
            sequence=number,
        )
    return made
