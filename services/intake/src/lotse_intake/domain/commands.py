"""The register of intake's commands, and who may give them."""

from typing import Final

from lotse_shared.deciding import Commands

commands = Commands("intake")

STAFF: Final = {"coach", "coordinator"}
STEERING: Final = {"coordinator", "administrator"}
