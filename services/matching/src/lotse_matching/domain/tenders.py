"""A public order with a clause on jobs: published, awarded, kept or broken (GWB paragraphs 127, 128)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.codes import ClauseResult
from lotse_shared.contracts.matching import ClauseAwarded, ClauseSettled, Count, TenderPublished
from lotse_shared.deciding import EVERYBODY, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Id, Slug
from pydantic import BaseModel, Field

from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.employers import EMPLOYER, Employer


class Obligation(BaseModel, frozen=True):
    """The jobs that a contractor owes within a time."""

    awarded_on: date
    jobs: int
    last_day: date
    result: ClauseResult | None = None


class Tender(State):
    """A public order, seen by every partner of the operation."""

    published_on: date | None = None
    clause: bool = False
    obligations: Mapping[str, Obligation] = Field(default_factory=dict)
    """By employer."""


def evolve(tender: Tender, fact: Event) -> Tender:
    """Take one fact into the state."""
    match fact:
        case TenderPublished():
            return tender.model_copy(update={"published_on": fact.published_on, "clause": fact.clause})
        case ClauseAwarded():
            owed = Obligation(awarded_on=fact.awarded_on, jobs=fact.jobs, last_day=fact.last_day)
            return tender.model_copy(update={"obligations": {**tender.obligations, fact.employer: owed}})
        case ClauseSettled() if fact.employer in tender.obligations:
            settled = tender.obligations[fact.employer].model_copy(update={"result": fact.result})
            return tender.model_copy(update={"obligations": {**tender.obligations, fact.employer: settled}})
        case _:
            return tender


TENDER = Kind(name="tender", state=Tender, evolve=evolve, partners=lambda _, owner: (owner, EVERYBODY))


class PublishTender(Command):
    """An order is put out to tender."""

    operation: Slug
    published_on: date
    clause: bool
    persons: Count | None = None
    hours: Annotated[int, Field(ge=1)] | None = None


@commands.on(TENDER, roles=STAFF, creates=True)
def publish_tender(_: Tender, command: PublishTender, now: Now) -> Sequence[Event]:
    """Record a tender; a clause demands persons or hours, and without one there is nothing to demand."""
    not_in_future(command.published_on, now, "published_on")
    demands = command.persons is not None or command.hours is not None
    if command.clause != demands:
        raise Refused(
            "a clause demands persons or hours" if command.clause else "without a clause nothing is demanded",
            field="clause",
            way_out="Name persons or hours with the clause, and none without it.",
        )
    return [
        TenderPublished(
            operation=now.operation,
            tender=now.subject,
            partner=now.partner,
            published_on=command.published_on,
            clause=command.clause,
            persons=command.persons,
            hours=command.hours,
        )
    ]


class AwardClause(Command):
    """Who got the order, and the jobs owed for it."""

    employer: Id
    awarded_on: date
    jobs: Count
    first_day: date
    last_day: date


@commands.on(TENDER, roles=STAFF, also={"employer": EMPLOYER})
def award_clause(tender: Tender, command: AwardClause, now: Now, *, employer: Employer) -> Sequence[Event]:
    """Record the award of a tender with a clause, once per contractor; the days must be in order."""
    not_in_future(command.awarded_on, now, "awarded_on")
    not_before(command.awarded_on, tender.published_on, "the publication", "awarded_on")
    not_before(command.awarded_on, employer.registered_on, "the registration of the employer", "awarded_on")
    not_before(command.first_day, command.awarded_on, "the award", "first_day")
    not_before(command.last_day, command.first_day, "the first day", "last_day")
    if not tender.clause:
        raise Refused("this tender has no clause", way_out="Publish the tender with its clause.")
    if command.employer in tender.obligations:
        raise Refused(
            "this employer was awarded the order already",
            field="employer",
            way_out="To mend it, take the award back with retract-tender-fact first.",
        )
    return [
        ClauseAwarded(
            operation=now.operation,
            tender=now.subject,
            partner=now.partner,
            employer=command.employer,
            awarded_on=command.awarded_on,
            jobs=command.jobs,
            first_day=command.first_day,
            last_day=command.last_day,
        )
    ]


class SettleClause(Command):
    """How it came out."""

    employer: Id
    settled_on: date
    result: ClauseResult
    jobs_filled: Annotated[int, Field(ge=0)]


@commands.on(TENDER, roles=STAFF)
def settle_clause(tender: Tender, command: SettleClause, now: Now) -> Sequence[Event]:
    """Settle an obligation, once: kept with all jobs filled, broken with fewer once the time is over, or waived."""
    not_in_future(command.settled_on, now, "settled_on")
    owed = tender.obligations.get(command.employer)
    if owed is None:
        raise Refused("this employer owes nothing here", field="employer", way_out="Use award-clause first.")
    if owed.result:
        raise Refused(
            f"this obligation was settled as {owed.result}",
            field="employer",
            way_out="To mend it, take that back with retract-tender-fact first.",
        )
    not_before(command.settled_on, owed.awarded_on, "the award", "settled_on")
    enough = command.jobs_filled >= owed.jobs
    if command.result != ClauseResult.WAIVED and enough != (command.result == ClauseResult.KEPT):
        raise Refused(
            f"{command.jobs_filled} of {owed.jobs} jobs were filled",
            field="result",
            way_out="An obligation is kept when all its jobs were filled, broken when fewer were.",
        )
    if command.result == ClauseResult.BROKEN and command.settled_on <= owed.last_day:
        raise Refused(
            f"there is time until {owed.last_day}", field="settled_on", way_out="Wait until it is over, or waive it."
        )
    return [
        ClauseSettled(
            operation=now.operation,
            tender=now.subject,
            partner=now.partner,
            employer=command.employer,
            settled_on=command.settled_on,
            result=command.result,
            jobs_filled=command.jobs_filled,
        )
    ]
