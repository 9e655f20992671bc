"""Seals: reports set down for ever, requests that wait until they can be final, and the proof that nothing moved."""

from lotse_reporting.seals.api import router
from lotse_reporting.seals.requests import keep, seal_when_final
from lotse_reporting.seals.verifying import verify

__all__ = ["keep", "router", "seal_when_final", "verify"]
