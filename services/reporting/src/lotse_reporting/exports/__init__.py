"""Reports and entries to take away: as a workbook, a document, comma separated values, JSON."""

from lotse_reporting.exports.routes import router

__all__ = ["router"]
