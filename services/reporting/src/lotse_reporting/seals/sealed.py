"""Sealed reports, as the journal has them: the facts are the seals, there is no second copy of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from lotse_shared.contracts.reporting import ReportSealed, ReportSubmitted
from lotse_shared.envelope import Undecodable
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report import milliseconds


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed report. `known` is its K in milliseconds; `event` the id of the fact that sealed it."""

    seal: str
    operation: str
    as_of: date
    known: int
    edition: str
    digest: str
    journal_digest: str
    report: Mapping[str, Any]
    definition: Mapping[str, Any]
    event: str
    sealed_at: datetime
    submitted_on: date | None = None


async def read_seals(
    connection: AsyncConnection, *, operation: str | None = None, seal: str | None = None
) -> Sequence[Sealed]:
    """The sealed reports of an operation, or one of them, or all; in the order in which they were sealed.

    What was sealed cannot be taken back, so retractions are not looked at. A row that cannot be read any more was
    altered: it is left out here, and named by `lotse verify`.
    """
    found = await connection.execute(
        text("""
            select id::text as id, type, operation, time, value from journal
            where type in ('report-sealed.v1', 'report-submitted.v1') and state <> 'discarded'
            and (cast(:operation as text) is null or subject = :operation) order by known, journal.id"""),
        {"operation": operation},
    )
    sealed: dict[str, Sealed] = {}
    for row in found:
        fact = _read(row)
        if isinstance(fact, ReportSealed) and seal in (None, fact.seal):
            sealed.setdefault(fact.seal, _sealed(fact, row))
        elif isinstance(fact, ReportSubmitted) and fact.seal in sealed:
            sealed[fact.seal] = replace(sealed[fact.seal], submitted_on=fact.submitted_on)
    return list(sealed.values())


def _read(row: Any) -> ReportSealed | ReportSubmitted | None:  # noqa: ANN401 - a result row
    try:
        return (ReportSealed if row.type == ReportSealed.type else ReportSubmitted).from_bytes(row.value)
    except Undecodable:
        return None


def _sealed(fact: ReportSealed, row: Any) -> Sealed:  # noqa: ANN401 - a result row
    return Sealed(
        seal=fact.seal,
        operation=row.operation,
        as_of=fact.as_of,
        known=milliseconds(fact.known_at),
        edition=fact.edition,
        digest=fact.digest,
        journal_digest=fact.journal_digest,
        report=fact.report,
        definition=fact.definition or {},
        event=row.id,
        sealed_at=row.time,
    )
