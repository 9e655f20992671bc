"""The register of coaching's commands, and who may give them."""

from typing import Final

from lotse_shared.deciding import Commands

commands = Commands("coaching")

STAFF: Final = {"coach", "coordinator"}
