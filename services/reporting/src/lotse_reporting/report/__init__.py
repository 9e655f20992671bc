"""Reports as sums over the ledger: any day, as known at any moment; and what stands behind each figure."""

from lotse_reporting.report.entries import EntriesAnswer, read_entries, stream_entries
from lotse_reporting.report.events import read_event
from lotse_reporting.report.figures import ReportAnswer, digest_of, figure, read_report, report_on
from lotse_reporting.report.operations import list_operations
from lotse_reporting.report.question import Edition, NoReport, NotYet, Question, milliseconds, settle, written
from lotse_reporting.report.state import read_state
from lotse_reporting.report.sums import totals
from lotse_reporting.store import snapshot

__all__ = [
    "Edition",
    "EntriesAnswer",
    "NoReport",
    "NotYet",
    "Question",
    "ReportAnswer",
    "digest_of",
    "figure",
    "list_operations",
    "milliseconds",
    "read_entries",
    "read_event",
    "read_report",
    "read_state",
    "report_on",
    "settle",
    "snapshot",
    "stream_entries",
    "totals",
    "written",
]
