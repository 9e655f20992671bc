"""Networks: the operation, who runs it with which subproject, who works with it, and who signs in as what.

One file in deploy/networks per network. Names are those of organisations; nobody's own name stands in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Self

import typer
import yaml
from lotse_shared.contracts.codes import AreaRule, Euro, OrganisationKind, PartnerRole, ProjectTrait, RegionCategory
from lotse_shared.envelope import Slug
from lotse_shared.programme.syntax import syntax_error
from lotse_shared.security import NETWORK_ROLES, ROLES
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lotse_local.calling import call
from lotse_local.errors import CannotRun
from lotse_local.platform import Platform

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Part(BaseModel):
    """A part of the file. Unknown keys are refused: they would be lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Operation(Part):
    """What the funder approved."""

    id: Slug
    title: Name
    programme: Slug
    approved_on: date
    first_day: date
    last_day: date
    region: RegionCategory | None = None
    traits: tuple[ProjectTrait, ...] = ()
    area_rule: AreaRule | None = None
    """Whether participants have to live in the programme area (BIWAQ)."""
    budget: Euro | None = None


class Subproject(Part):
    """A partner's part of the operation."""

    id: Slug
    title: Name


class Partner(Part):
    """A partner of the network, by the name it prints."""

    id: Slug
    name: Name
    role: PartnerRole = PartnerRole.NETWORK_PARTNER
    organisation: OrganisationKind = OrganisationKind.OTHER
    subproject: Subproject | None = None
    joined_on: date | None = None
    """The operation's first day where it is left out."""


class Cooperating(Part):
    """An organisation that works with the network without a subproject."""

    id: Slug
    name: Name
    role: PartnerRole = PartnerRole.COOPERATING
    """A jobcenter or employment agency that works with the network is named as one."""
    organisation: OrganisationKind
    invented: bool
    """The source names kinds only; an invented one stands for one of them."""


class Account(Part):
    """Somebody who calls the services: a role, at one partner or for the whole network."""

    name: Slug
    role: str
    partner: str = "*"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.role not in ROLES or (self.partner == "*" and self.role not in NETWORK_ROLES):
            raise ValueError(f"{self.role} at {self.partner} is no role that can be signed in as")
        return self


class Network(Part):
    """A whole network."""

    operation: Operation
    partners: Annotated[tuple[Partner, ...], Field(min_length=1)]
    cooperating: tuple[Cooperating, ...] = ()
    accounts: tuple[Account, ...] = ()

    @property
    def members(self) -> tuple[Partner | Cooperating, ...]:
        """Every organisation of the network."""
        return (*self.partners, *self.cooperating)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [one.id for one in self.members]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is named twice")
        unknown = {one.partner for one in self.accounts} - {"*", *(one.id for one in self.partners)}
        if unknown:
            raise ValueError(f"accounts name no partner of the network: {', '.join(sorted(unknown))}")
        return self


DEPLOY: Final = Path(__file__).parents[3]
"""The folder of networks and programmes: `deploy` of the working copy that this package is part of."""

network_app = typer.Typer(no_args_is_help=True, help="Networks: an operation, its partners, who works with them.")


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a network changed."""

    approved: bool
    joined: Sequence[str]


def read(file: Path) -> Network:
    """The network of a file.

    Raises:
        CannotRun: the file is no network; names the field.
    """
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file} cannot be read as text ({type(error).__name__}): name a file of YAML.") from None
    try:
        return Network.model_validate(yaml.safe_load(content))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise CannotRun(f"{file.name}: {field}: {first['msg']}. Correct it and apply it again.") from None
    except yaml.YAMLError as error:
        line, column, reason = syntax_error(content, error)
        raise CannotRun(f"{file.name}, line {line}, column {column}: is not YAML: {reason}.") from None


def apply(platform: Platform, network: Network) -> Applied:
    """Approve the operation and let its partners join; what is there already stays as it is.

    A partner that has left since stays away: whether it comes back is decided by people, not by a file.

    Raises:
        CannotRun: intake does not answer, or refuses for another reason.
    """
    operation = network.operation
    approval = {
        "command": "approve-operation",
        "body": operation.model_dump(mode="json", exclude={"title"}, exclude_none=True),
    }
    [approved] = _bulk(platform, [approval])
    state = call(platform, "intake", "GET", f"/operations/{operation.id}", role="coordinator").json()["state"]
    unknown = [one for one in network.members if one.id not in state.get("partners", ())]
    joining = [
        {"command": "join-partner", "subject": operation.id, "body": _joining(one, operation)} for one in unknown
    ]
    new = _bulk(platform, joining) if joining else []
    return Applied(approved, [one.id for one, joined in zip(unknown, new, strict=True) if joined])


@network_app.command("apply")
def apply_network(
    context: typer.Context, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
) -> None:
    """Approve a network's operation and let its partners join. Applied again, nothing changes."""
    network = read(file)
    applied = apply(Platform.read(context.obj), network)
    approved = "approved" if applied.approved else "there already"
    typer.echo(f"{network.operation.id} is {approved}; partners that joined: {len(applied.joined)}")


def _joining(one: Partner | Cooperating, operation: Operation) -> dict[str, str]:
    body = {
        "joined": one.id,
        "role": one.role.value,
        "organisation": one.organisation.value,
        "joined_on": operation.first_day.isoformat(),
    }
    if isinstance(one, Partner):
        body["joined_on"] = (one.joined_on or operation.first_day).isoformat()
        if one.subproject:
            body["subproject"] = one.subproject.id
    return body


def _bulk(platform: Platform, items: Sequence[object]) -> list[bool]:
    """Send commands of the whole network; for each, whether it was new."""
    answer = call(platform, "intake", "POST", "/bulk", role="coordinator", json={"items": items}).json()
    for one in answer["results"]:
        if one["status"] not in (200, 409):
            raise CannotRun(f"intake refuses ({one['status']}): {one['problem']['detail']}")
    return [one["status"] == 200 for one in answer["results"]]  # noqa: PLR2004 - HTTP's OK; 409 is there already
