"""Reports as sums over the ledger: any day, as known at any moment; and what stands behind each figure."""

from lotse_reporting.report.breakdown import read_breakdown
from lotse_reporting.report.entries import EntriesAnswer, name_of, read_entries, stream_entries
from lotse_reporting.report.events import read_event
from lotse_reporting.report.expected import read_expected
from lotse_reporting.report.figures import ReportAnswer, read_report, report_on, result
from lotse_reporting.report.numbers import digest_of, figure
from lotse_reporting.report.operations import list_operations
from lotse_reporting.report.question import Edition, NoReport, NotYet, Question, instant, milliseconds, settle, written
from lotse_reporting.report.state import read_state
from lotse_reporting.report.sums import OTHERS, By, Part, Sums, months, parts, totals
from lotse_reporting.report.trend import read_trend
from lotse_reporting.store import snapshot

__all__ = [
    "OTHERS",
    "By",
    "Edition",
    "EntriesAnswer",
    "NoReport",
    "NotYet",
    "Part",
    "Question",
    "ReportAnswer",
    "Sums",
    "digest_of",
    "figure",
    "instant",
    "list_operations",
    "milliseconds",
    "months",
    "name_of",
    "parts",
    "read_breakdown",
    "read_entries",
    "read_event",
    "read_expected",
    "read_report",
    "read_state",
    "read_trend",
    "report_on",
    "result",
    "settle",
    "snapshot",
    "stream_entries",
    "totals",
    "written",
]
