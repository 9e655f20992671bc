"""The common block of a funder report: what the operation is, who takes part, its areas, and its money by source.

Everything in it is what the operation's own facts say that hold: as of a day, as known at a moment. How complete its
records are and what subsidies were paid is counted in the ledger (`every_programme`). Printed names come from the
programme file in force. What people type (activities, problems, outlook) is kept elsewhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fastapi import APIRouter
from lotse_shared.calendar import percent_of
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.intake import (
    AreaDescribed,
    BudgetApproved,
    CommitmentMade,
    CommitmentReleased,
    MilestoneReached,
    OperationApproved,
    PartnerJoined,
    PartnerLeft,
    PaymentMade,
    PaymentRequested,
    PaymentReturned,
)
from lotse_shared.deciding import standing
from lotse_shared.envelope import EVENTS, Event
from lotse_shared.http import CallerDep, ProblemBody
from lotse_shared.programme import Programme
from lotse_shared.security import utc_now
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.api import AsOf, KnownAt, View, may_see, problem
from lotse_reporting.every_programme import COMMON, RECORDS, SUBSIDIES
from lotse_reporting.report import NoReport, NotYet, Question, Sums, settle, written
from lotse_reporting.report.sums import HOLDS

_DATED: Final[Mapping[type[Event], str]] = {
    OperationApproved: "approved_on",
    PartnerJoined: "joined_on",
    PartnerLeft: "left_on",
    AreaDescribed: "described_on",
    MilestoneReached: "reached_on",
    BudgetApproved: "approved_on",
    CommitmentMade: "committed_on",
    CommitmentReleased: "released_on",
    PaymentRequested: "requested_on",
    PaymentMade: "paid_on",
    PaymentReturned: "returned_on",
}
"""The facts a profile is made of, and the field that says since when each holds."""

_BOOKED: Final[Mapping[type[Event], tuple[str, int]]] = {
    BudgetApproved: ("budget", 1),
    CommitmentMade: ("committed", 1),
    CommitmentReleased: ("committed", -1),
    PaymentRequested: ("requested", 1),
    PaymentMade: ("paid", 1),
    PaymentReturned: ("paid", -1),
}
"""Which column of the money table an amount goes to: commitments are those made less those released."""

COLUMNS: Final = ("budget", "committed", "requested", "paid")

router = APIRouter(tags=["reports"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 422, 425)})


@router.get("/operations/{operation}/profile")
async def show_profile(
    operation: str, who: CallerDep, connection: View, known: KnownAt, as_of: AsOf = None
) -> dict[str, Any]:
    """The common block of a funder report: title, funder, period, partners, areas, money; on both clocks."""
    await may_see(connection, operation, who)
    try:
        return await read_profile(connection, operation, as_of=as_of, known_at=known, now=utc_now())
    except (NoReport, NotYet) as error:
        raise problem(error) from None


async def read_profile(
    connection: AsyncConnection, operation: str, *, as_of: date | None, known_at: datetime | None, now: datetime
) -> dict[str, Any]:
    """The profile of an operation as of a day (default: its today), as known at a moment (None: live).

    Raises:
        NoReport, NotYet: as `settle`.
    """
    question = await settle(connection, operation, as_of=as_of, known_at=known_at, now=now)
    sums = await _built_in_sums(connection, question)
    return {
        "operation": operation,
        "as_of": question.as_of.isoformat(),
        "known_at": written(question.known),
        "edition": question.edition.name,
        "records": records_of(sums),
        **profile_of(question.edition.programme, await _facts(connection, question), subsidies_of(sums)),
    }


async def _built_in_sums(connection: AsyncConnection, question: Question) -> Sums:
    found = await connection.execute(
        text(f"""
            select indicator, sum(quantity) as total from entry
            where {HOLDS} and indicator = any(:common) group by indicator"""),  # noqa: S608 - constants
        {
            "build": question.edition.build,
            "as_of": question.as_of,
            "known": question.known,
            "common": [one.id for one in COMMON],
        },
    )
    return {row.indicator: row.total for row in found}


def records_of(sums: Sums) -> dict[str, int]:
    """Numbers of people: {entered, complete, incomplete, refused}; complete and incomplete add up to entered.

    Incomplete is who lacks gender, employment, age or level of education (R-10). That somebody refused a sensitive
    question is an answer and no part of that check (R-10b): who refused is complete or not, all the same.
    """
    entered, complete, refused = (int(sums.get(one.id, 0)) for one in RECORDS)
    return {"entered": entered, "complete": complete, "incomplete": entered - complete, "refused": refused}


def subsidies_of(sums: Sums) -> dict[str, Decimal]:
    """Subsidies paid for the employment of people, by source; those of which nothing was paid are absent."""
    return {source.value: sums[one.id] for source, one in SUBSIDIES.items() if one.id in sums}


async def _facts(connection: AsyncConnection, question: Question) -> list[Event]:
    """The facts about the operation itself that hold, in the order in which they became known."""
    found = await connection.execute(
        text("""
            select id::text as id, type, value from journal
            where subject = :operation and state = 'applied' and type = any(:types)
            and (cast(:known as bigint) is null or known <= :known)
            order by known, partition, kafka_offset"""),
        {
            "operation": question.operation,
            "known": question.known,
            "types": [FactRetracted.type, *(one.type for one in _DATED)],
        },
    )
    told = standing([(row.id, EVENTS[row.type].from_bytes(row.value)) for row in found])
    return [one for one in told if getattr(one, _DATED[type(one)]) <= question.as_of]


def profile_of(
    programme: Programme, facts: Sequence[Event], subsidies: Mapping[str, Decimal] | None = None
) -> dict[str, Any]:
    """The profile that these facts and this programme file make. Amounts are euros, written as decimal strings.

    `subsidies`: what was paid to employers for the employment of people, by source; it is part of what was paid.
    """
    approved = next((one for one in reversed(facts) if isinstance(one, OperationApproved)), None)
    return {
        "title": programme.title.model_dump() if programme.title else None,
        "funder": programme.funder,
        "reference": programme.reference,
        "programme": programme.programme,
        "source": programme.source,
        "period": {"from": programme.period.first.isoformat(), "until": programme.period.last.isoformat()},
        "approved_on": approved.approved_on.isoformat() if approved else None,
        "region": approved.region.value if approved and approved.region else None,
        "traits": [one.value for one in approved.traits] if approved else [],
        "partners": _partners(programme, facts),
        "areas": _areas(facts),
        "milestones": [
            {"milestone": one.milestone.value, "reached_on": one.reached_on.isoformat()}
            for one in sorted(
                (one for one in facts if isinstance(one, MilestoneReached)), key=lambda one: one.reached_on
            )
        ],
        "money": {"granted": _euros(approved.budget if approved else None), **_money(facts, subsidies or {})},
    }


def _partners(programme: Programme, facts: Sequence[Event]) -> list[dict[str, Any]]:
    """Who takes part, in the order of joining; who came back is listed once, with the latest joining."""
    found: dict[str, dict[str, Any]] = {}
    for one in facts:
        match one:
            case PartnerJoined():
                titles = programme.subprojects or {}
                found[one.joined] = {
                    "id": one.joined,
                    "name": programme.partners.get(one.joined),
                    "role": one.role.value,
                    "organisation": one.organisation.value,
                    "subproject": one.subproject,
                    "subproject_title": titles.get(one.subproject) if one.subproject else None,
                    "joined_on": one.joined_on.isoformat(),
                    "left_on": None,
                }
            case PartnerLeft() if one.left in found:
                found[one.left]["left_on"] = one.left_on.isoformat()
    return list(found.values())


def _areas(facts: Sequence[Event]) -> list[dict[str, Any]]:
    """The latest data sheet of each area; a figure without a value is `keine Angabe`."""
    latest: dict[str, AreaDescribed] = {}
    for one in sorted((one for one in facts if isinstance(one, AreaDescribed)), key=lambda one: one.described_on):
        latest[one.area] = one
    return [
        {
            "area": one.area,
            "described_on": one.described_on.isoformat(),
            "figures": [
                {
                    "kind": figure.kind.value,
                    "scope": figure.scope.value,
                    "value": None if figure.value is None else f"{figure.value:f}",
                    "year": figure.year,
                }
                for figure in one.figures
            ],
        }
        for _, one in sorted(latest.items())
    ]


def _money(facts: Sequence[Event], subsidies: Mapping[str, Decimal]) -> dict[str, Any]:
    """Amounts by source and in all, with each source's share of the budget and of what was paid, in percent (C-8).

    Paid are payments less what came back, and the subsidies to employers, since the same sources pay both: a share of
    the payments alone would say too little of who bears the operation. What is reclaimed of a subsidy is not taken off
    here: it is due from the employer, and its fact names no source.
    """
    sources: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COLUMNS, Decimal(0)))
    for one in facts:
        match one:
            case (
                BudgetApproved()
                | CommitmentMade()
                | CommitmentReleased()
                | PaymentRequested()
                | PaymentMade()
                | PaymentReturned()
            ):
                column, sign = _BOOKED[type(one)]
                sources[one.money_source.value][column] += sign * one.amount
    for source, amount in subsidies.items():
        sources[source]["paid"] += amount
    total = {column: sum((row[column] for row in sources.values()), Decimal(0)) for column in COLUMNS}
    return {
        "total": {column: _euros(total[column]) for column in COLUMNS},
        "sources": [
            {
                "source": source,
                **{column: _euros(row[column]) for column in COLUMNS},
                "percent_of_budget": percent_of(row["budget"], total["budget"]),
                "percent_of_paid": percent_of(row["paid"], total["paid"]),
            }
            for source, row in sorted(sources.items())
        ],
    }


def _euros(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
