"""Publications: reports that left the circle of their operation, each through disclosure control, for everybody."""

from lotse_reporting.publications.api import router

__all__ = ["router"]
