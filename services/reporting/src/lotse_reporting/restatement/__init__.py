"""What has become of sealed reports: figure, sealed, now, and the facts that moved it."""

from lotse_reporting.restatement.api import router

__all__ = ["router"]
