"""Editions side by side: what was counted otherwise, and why."""

from lotse_reporting.comparison.api import router

__all__ = ["router"]
