"""People come together on one day: heads that are counted, not recorded by name."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.coaching import GatheringHeld
from lotse_shared.contracts.codes import Audience, Band, GatheringKind
from lotse_shared.deciding import NETWORK, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Slug
from pydantic import Field

from lotse_coaching.domain.case import not_in_future
from lotse_coaching.domain.commands import STAFF, commands


class Gathering(State):
    """Whether, and on which day, people came together."""

    held_on: date | None = None


def evolve(gathering: Gathering, fact: Event) -> Gathering:
    """Take one fact into the state."""
    return gathering.model_copy(update={"held_on": fact.held_on}) if isinstance(fact, GatheringHeld) else gathering


GATHERING = Kind(name="gathering", state=Gathering, evolve=evolve)


class HoldGathering(Command):
    """What people came for, and how many of them are recorded nowhere by name."""

    operation: Slug
    kind: GatheringKind
    held_on: date
    unlisted: Annotated[int, Field(ge=0, le=100_000)]
    of_which: dict[Band, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    audience: Audience = Audience.PUBLIC
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    subproject: Slug | None = None
    site: Slug | None = None


@commands.on(GATHERING, roles=STAFF, creates=True)
def hold_gathering(_: Gathering, command: HoldGathering, now: Now) -> Sequence[Event]:
    """Record a gathering; no group in it can be larger than all of it."""
    if now.partner == NETWORK:
        raise Refused("a gathering belongs to a partner", field="partner", way_out="Name the partner that held it.")
    not_in_future(command.held_on, now, "held_on")
    for band, heads in command.of_which.items():
        if heads > command.unlisted:
            raise Refused(
                f"{heads} {band.value} are more than the {command.unlisted} who came",
                field=f"of_which.{band.value}",
                way_out="Groups count heads of `unlisted`: correct one of the two figures.",
            )
    return [
        GatheringHeld(
            operation=now.operation,
            gathering=now.subject,
            partner=now.partner,
            site=command.site,
            kind=command.kind,
            held_on=command.held_on,
            unlisted=command.unlisted,
            of_which=command.of_which,
            audience=command.audience,
            minutes=command.minutes,
            subproject=command.subproject,
        )
    ]
