"""Parts of the command line that are loaded when they are named: they take a second that `lotse status` need not."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

PARTS: Final = {
    "play": ("lotse_local.play.command", "play_app", "The platform"),
    "network": ("lotse_local.network", "network_app", "The platform"),
    "contracts": ("lotse_local.contracts.command", "contracts_app", "Building Lotse"),
}
"""Command to module, application in it, and the panel of the manual it stands in."""


class Parts(TyperGroup):
    """The commands of `lotse` with those of its parts."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override] # Typer's own context
        """Names for the manual; those of the parts come last."""
        return [*super().list_commands(ctx), *(name for name in PARTS if name not in self.commands)]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override] # noqa: ANN401 - Typer's own
        """A command by name; a part is loaded now."""
        if cmd_name in PARTS and cmd_name not in self.commands:
            module, application, panel = PARTS[cmd_name]
            command = typer.main.get_group(getattr(import_module(module), application))
            command.name = cmd_name
            command.rich_help_panel = panel
            self.add_command(command)
        return super().get_command(ctx, cmd_name)
