"""Reports as sums over the ledger: any day, as known at any moment; and what stands behind each figure.

Everything here reads. One call of `snapshot` gives one view of watermark, open list and entries; all functions take
the connection it yields.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report, its digest and its state, as the HTTP interface gives them.

    `report`: operation, programme, edition, period {from, until}, as_of, known_at (None when live), indicators
    [{id, title {de, en}, counts, target, result, percent}]. `digest`: SHA-256 of its RFC 8785 form. `state`: final,
    complete_up_to, heard_from {publisher: instant}, open [{kind, number, type, reason}]. `source` is the source line
    to print under the table, `partners` the printed names by slug.
    """

    report: Mapping[str, Any]
    digest: str
    state: Mapping[str, Any]
    source: str
    partners: Mapping[str, str]

    def content(self) -> dict[str, Any]:
        """As JSON: `{"report", "digest", "state"}`."""
        return {"report": self.report, "digest": self.digest, "state": self.state}


@dataclass(frozen=True, slots=True)
class EntriesAnswer:
    """A page of the entries behind one figure, in the order of their effective dates.

    Each of `entries`: {unit, partner, site, effective, quantity, known_from, known_until, events [ids]}; quantities
    are written like results. `sum` is the figure of all pages; `next` the cursor of the next page, or None.
    """

    indicator: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]
    sum: str | int
    next: str | None


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One repeatable view of everything, read only."""
    raise NotImplementedError
    yield  # pragma: no cover


async def list_operations(connection: AsyncConnection, partner: str) -> list[dict[str, Any]]:
    """The operations a partner may see (EVERYBODY: all): {id, programme, first_day, last_day, partners}."""
    raise NotImplementedError


async def read_report(
    connection: AsyncConnection, operation: str, *, as_of: date | None, known_at: datetime | None, now: datetime
) -> ReportAnswer:
    """The report of an operation as of a day (default: the operation's today), as known at a moment (None: live).

    Raises:
        NoReport: nothing was in force at that moment: says so, never zeros.
        NotYet: `as_of` lies after the operation's today.
    """
    raise NotImplementedError


async def read_entries(
    connection: AsyncConnection,
    operation: str,
    indicator: str,
    *,
    as_of: date | None,
    known_at: datetime | None,
    now: datetime,
    partner: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> EntriesAnswer:
    """The entries behind one figure, of one partner alone where it is named.

    Raises:
        NoReport, NotYet: as `read_report`; NoReport also where the indicator is not in force.
    """
    raise NotImplementedError


async def read_event(connection: AsyncConnection, identity: str) -> dict[str, Any] | None:
    """An event as heard: {id, source, type, subject, operation, partner, time, sequence, correlation, causation,
    topic, partition, offset, known, data}, or None."""
    raise NotImplementedError
