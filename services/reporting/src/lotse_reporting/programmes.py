"""Bringing a programme file into force: a command like any other, decided once, heard back through the topic."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final

from lotse_shared.contracts.reporting import ProgrammeApplied, ReportSealed, ReportSubmitted
from lotse_shared.deciding import Command, Commands, Kind, Now, State
from lotse_shared.envelope import Event, Slug
from pydantic import Field

from lotse_reporting import editions


class Told(State):
    """What reporting told about an operation: which programme file it goes by, and its seals."""

    digest: str | None = None
    seals: Mapping[str, date | None] = Field(default_factory=dict)
    """When each sealed report was handed in, if it was."""


def evolve(state: Told, fact: Event) -> Told:
    """Take in what reporting itself told."""
    match fact:
        case ProgrammeApplied():
            return state.model_copy(update={"digest": fact.digest})
        case ReportSealed():
            return state.model_copy(update={"seals": {**state.seals, fact.seal: None}})
        case ReportSubmitted():
            return state.model_copy(update={"seals": {**state.seals, fact.seal: fact.submitted_on}})
    return state


OPERATION: Final = Kind(name="operation", state=Told, evolve=evolve, partners=lambda _, owner: (owner, "*"))

commands: Final = Commands("reporting")


class ApplyProgramme(Command):
    """A programme file that was read and checked."""

    id: Slug
    """The operation."""
    programme: Slug
    definition: Annotated[dict[str, Any], Field(min_length=1)]


@commands.on(OPERATION, roles={"coordinator", "administrator"}, creates=True)
def apply_programme(state: Told, command: ApplyProgramme, now: Now) -> Sequence[Event]:
    """Bring a programme file into force for its operation; the same file again is no event."""
    digest = editions.digest(command.definition)
    if digest == state.digest:
        return []
    return [
        ProgrammeApplied(
            operation=now.subject, programme=command.programme, digest=digest, definition=command.definition
        )
    ]
