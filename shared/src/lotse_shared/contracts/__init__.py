"""Every event of the platform, one file per publisher. Importing this package makes all of them readable."""

from lotse_shared.contracts import coaching, intake, jobcenter, matching, reporting
from lotse_shared.envelope import EVENTS

__all__ = ["EVENTS", "coaching", "intake", "jobcenter", "matching", "reporting"]
