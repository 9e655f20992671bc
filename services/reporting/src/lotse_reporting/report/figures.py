"""Reports: the sums of a question as figures beside their targets."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import rfc8785
from lotse_shared.calendar import percent_of
from lotse_shared.programme import Counts, Indicator
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.question import Question, settle, written
from lotse_reporting.report.state import read_state
from lotse_reporting.report.sums import totals


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


async def read_report(
    connection: AsyncConnection, operation: str, *, as_of: date | None, known_at: datetime | None, now: datetime
) -> ReportAnswer:
    """The report of an operation as of a day (default: the operation's today), as known at a moment (None: live).

    Raises:
        NoReport, NotYet: as `settle`.
    """
    return await report_on(connection, await settle(connection, operation, as_of=as_of, known_at=known_at, now=now))


async def report_on(connection: AsyncConnection, question: Question) -> ReportAnswer:
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
    state = await read_state(connection, question)
    return ReportAnswer(report, digest_of(report), state, programme.source, dict(programme.partners))


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the RFC 8785 form, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def figure(counts: Counts, quantity: Decimal) -> int | str:
    """A number as reports write it: euros and hours as decimal strings with two places, all else as integers."""
    if counts in (Counts.EUROS, Counts.HOURS):
        return str(quantity.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return int(quantity)


def _row(indicator: Indicator, totals: Mapping[str, Decimal]) -> dict[str, Any]:
    if indicator.ratio is not None:
        of, to = (totals.get(one, Decimal(0)) for one in (indicator.ratio.of, indicator.ratio.to))
        total = Decimal(percent_of(of, to) or 0)
    else:
        total = totals.get(indicator.id, Decimal(0))
    return {
        "id": indicator.id,
        "title": {"de": indicator.title.de, "en": indicator.title.en},
        "counts": indicator.counts.value,
        "target": indicator.target,
        "result": figure(indicator.counts, total),
        "percent": percent_of(total, indicator.target) if indicator.target is not None else None,
    }
