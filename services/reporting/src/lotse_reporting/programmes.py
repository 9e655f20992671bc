"""Bringing a programme file into force: a command like any other, decided once, heard back through the topic."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from lotse_shared.contracts.reporting import ProgrammeApplied
from lotse_shared.deciding import Command, Commands, Kind, Now, State
from lotse_shared.envelope import Event, Slug
from pydantic import Field

from lotse_reporting import editions


class InForce(State):
    """Which programme file an operation goes by."""

    digest: str | None = None


def evolve(state: InForce, fact: Event) -> InForce:
    """Take in what reporting itself told."""
    return state.model_copy(update={"digest": fact.digest}) if isinstance(fact, ProgrammeApplied) else state


OPERATION: Final = Kind(name="operation", state=InForce, evolve=evolve, partners=lambda _, owner: (owner, "*"))

commands: Final = Commands("reporting")


class ApplyProgramme(Command):
    """A programme file that was read and checked."""

    id: Slug
    """The operation."""
    programme: Slug
    definition: Annotated[dict[str, Any], Field(min_length=1)]


@commands.on(OPERATION, roles={"coordinator", "administrator"}, creates=True)
def apply_programme(state: InForce, command: ApplyProgramme, now: Now) -> Sequence[Event]:
    """Bring a programme file into force for its operation; the same file again is no event."""
    digest = editions.digest(command.definition)
    if digest == state.digest:
        return []
    return [
        ProgrammeApplied(
            operation=now.subject, programme=command.programme, digest=digest, definition=command.definition
        )
    ]
