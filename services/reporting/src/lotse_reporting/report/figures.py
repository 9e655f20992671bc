"""Reports: the sums of a question as figures beside their targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lotse_shared.calendar import percent_of
from lotse_shared.programme import Indicator
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.breakdown import read_breakdown
from lotse_reporting.report.numbers import digest_of, figure
from lotse_reporting.report.question import Question, settle, written
from lotse_reporting.report.state import read_state
from lotse_reporting.report.sums import By, Sums, totals


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report, its digest and its state, as the HTTP interface gives them.

    `report`: operation, programme, edition, period {from, until}, as_of, known_at (None when live), indicators
    [{id, title {de, en}, counts, target, result, percent, and limit where there is one}]. `digest`: SHA-256 of its
    RFC 8785 form. `state`: final, complete_up_to, heard_from {publisher: instant}, open [{kind, number, type, reason}].
    `source` is the source line to print under the table, `partners` the printed names by slug. `breakdown`: as
    `read_breakdown`, where one was asked for.
    """

    report: Mapping[str, Any]
    digest: str
    state: Mapping[str, Any]
    source: str
    partners: Mapping[str, str]
    breakdown: Mapping[str, Any] | None = None

    def content(self) -> dict[str, Any]:
        """As JSON: `{"report", "digest", "state"}`, and `"breakdown"` where one was asked for."""
        content = {"report": self.report, "digest": self.digest, "state": self.state}
        return content if self.breakdown is None else {**content, "breakdown": self.breakdown}


async def read_report(
    connection: AsyncConnection,
    operation: str,
    *,
    as_of: date | None,
    known_at: datetime | None,
    now: datetime,
    by: By | None = None,
    own: str | None = None,
) -> ReportAnswer:
    """The report of an operation as of a day (default: the operation's today), as known at a moment (None: live).

    `by` adds its breakdown, in which a partner that asks (`own`) sees its own parts.

    Raises:
        NoReport, NotYet: as `settle`.
    """
    question = await settle(connection, operation, as_of=as_of, known_at=known_at, now=now)
    return await report_on(connection, question, by, own)


async def report_on(
    connection: AsyncConnection, question: Question, by: By | None = None, own: str | None = None
) -> ReportAnswer:
    """The report that answers a settled question."""
    programme = question.edition.programme
    sums = await totals(connection, question)
    report = {
        "operation": question.operation,
        "programme": programme.programme,
        "edition": question.edition.name,
        "period": {"from": programme.period.first.isoformat(), "until": programme.period.last.isoformat()},
        "as_of": question.as_of.isoformat(),
        "known_at": written(question.known),
        "indicators": [_row(one, sums) for one in programme.indicators],
    }
    return ReportAnswer(
        report,
        digest_of(report),
        await read_state(connection, question),
        programme.source,
        dict(programme.partners),
        await read_breakdown(connection, question, by, own) if by else None,
    )


def result(indicator: Indicator, sums: Sums) -> Decimal | None:
    """The figure of an indicator: its sum, or the ratio of two others (0 where there is nothing to divide by).

    None for a ratio that would be wrong, since something that it rests on is not complete, such as twelve months.
    """
    ratio = indicator.ratio
    if ratio is None:
        return sums.get(indicator.id, Decimal(0))
    if any(sums.get(one, Decimal(0)) != number for one, number in (ratio.only_if or {}).items()):
        return None
    of, to = (sums.get(one, Decimal(0)) for one in (ratio.of, ratio.to))
    return ratio.figure(of, to, indicator.counts) or Decimal(0)


def _row(indicator: Indicator, sums: Sums) -> dict[str, Any]:
    total = result(indicator, sums)
    row = {
        "id": indicator.id,
        "title": {"de": indicator.title.de, "en": indicator.title.en},
        "counts": indicator.counts.value,
        "target": indicator.target,
        "result": figure(indicator.counts, total),
        "percent": None if total is None or indicator.target is None else percent_of(total, indicator.target),
    }
    return row if indicator.limit is None else {**row, "limit": indicator.limit}
