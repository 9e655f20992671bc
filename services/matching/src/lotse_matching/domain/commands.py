"""The register of matching's commands, and who may give them."""

from typing import Final

from lotse_shared.deciding import Commands

commands = Commands("matching")

STAFF: Final = {"coach", "job-acquirer", "coordinator"}
"""Who works with people and employers."""
STEERING: Final = {"coordinator", "administrator"}
"""Who decides about funded places, tenders and money."""
