"""Organisations that are supported as such; one that matching knows as an employer is told of as that employer, too."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from lotse_shared.contracts.codes import AreaResult, Audience, GatheringKind, OrganisationKind, SizeClass
from lotse_shared.contracts.intake import EmployerTrained, OrganisationSupported
from lotse_shared.contracts.matching import EmployerAdvised, EmployerRegistered
from lotse_shared.deciding import EVERYBODY, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Id
from pydantic import Field

from lotse_intake.domain.case import not_before, not_in_future
from lotse_intake.domain.commands import STAFF, STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation
from lotse_intake.domain.operations import acting, must_be_approved


class Employer(State):
    """An employer as intake heard of it from matching: what it is, and its size and area as they were known last."""

    organisation: OrganisationKind | None = None
    headcount: int | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None


def evolve(employer: Employer, fact: Event) -> Employer:
    """Take one fact into the state."""
    match fact:
        case EmployerRegistered():
            return Employer(
                organisation=fact.organisation, headcount=fact.headcount, size=fact.size, in_area=fact.in_area
            )
        case EmployerAdvised():
            known = {"headcount": fact.headcount, "size": fact.size, "in_area": fact.in_area}
            return employer.model_copy(update=known)
        case _:
            return employer


EMPLOYER = Kind(
    name="employer",
    state=Employer,
    evolve=evolve,
    hears=(EmployerRegistered, EmployerAdvised),
    partners=lambda _, owner: (owner, EVERYBODY),
)


class SupportOrganisation(Command):
    """An administration, school or company was trained, sensitised or informed."""

    names_fact: ClassVar[str | None] = "same_as"
    same_as: Id | None = None
    """An earlier organisation-supported of the same organisation, by the id from its answer: so it counts once."""
    organisation: Id | None = None
    """The same by the organisation's own id; left out the first time."""
    employer: Id | None = None
    """The same as an employer that matching knows, by the employer's id: so it counts once as an enterprise."""
    kind: OrganisationKind
    audience: Audience
    size: SizeClass | None = None
    in_area: AreaResult | None = None
    support: GatheringKind | None = None
    """Training, sensitisation, information or a network meeting."""
    heads: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """How many of its people took part."""
    supported_on: date


@commands.on(OPERATION, roles=STAFF | STEERING, also={"employer": EMPLOYER})
def support_organisation(
    operation: Operation,
    command: SupportOrganisation,
    now: Now,
    *,
    original: Event | None,
    employer: Employer | None,
) -> Sequence[Event]:
    """Record support of an organisation as such; one that is named must be known, and of the same kind.

    One that is an employer is told of twice: as the operation's organisation, and as the employer that it is.
    """
    must_be_approved(operation)
    not_in_future(command.supported_on, now, "supported_on")
    not_before(command.supported_on, operation.first_day, "the operation's first day", "supported_on")
    organisation = _named(operation, command, original) or now.new_id()
    told: list[Event] = [
        OrganisationSupported(
            operation=now.subject,
            organisation=organisation,
            kind=command.kind,
            audience=command.audience,
            size=command.size,
            in_area=command.in_area,
            support=command.support,
            heads=command.heads,
            is_employer=employer is not None,
            supported_on=command.supported_on,
            partner=acting(now),
        )
    ]
    if employer and command.employer:
        if employer.organisation != command.kind:
            raise Refused(
                f"this employer is known as {employer.organisation}, not as {command.kind}",
                field="kind",
                way_out="Name the kind it was registered with, or leave the employer out.",
            )
        told.append(
            EmployerTrained(
                operation=now.subject,
                employer=command.employer,
                partner=now.partner,
                organisation=organisation,
                support=command.support,
                headcount=employer.headcount if command.size is None else None,
                size=command.size or employer.size,
                in_area=command.in_area or employer.in_area,
                trained_on=command.supported_on,
            )
        )
    return told


def _named(operation: Operation, command: SupportOrganisation, original: Event | None) -> str | None:
    """The organisation that is meant, if it was supported before.

    Raises:
        Refused: it was not, or is of another kind, or another employer or none.
    """
    organisation = command.organisation
    if original is not None:
        if not isinstance(original, OrganisationSupported) or organisation not in (None, original.organisation):
            raise Refused(
                "the fact named is no support of this organisation",
                field="same_as",
                way_out="Name the organisation-supported of its first support, and leave organisation out.",
            )
        organisation = original.organisation
    if organisation is None and command.employer:
        known = (one for one, employer in operation.employers.items() if employer == command.employer)
        organisation = next(known, None)
    if organisation and operation.organisations.get(organisation) != command.kind:
        raise Refused(
            "no organisation of this kind was supported under that id",
            field="same_as" if original else "organisation" if command.organisation else "kind",
            way_out="Leave the field out the first time; later name it with the same kind.",
        )
    recorded_as = operation.employers.get(organisation or "")
    if organisation and recorded_as != command.employer:
        raise Refused(
            "this organisation was recorded as another employer" if recorded_as else "it was recorded as no employer",
            field="employer",
            way_out=f"Name the employer {recorded_as}."
            if recorded_as
            else "Take back its earlier supports with retract-operation-fact, and record them again with the employer.",
        )
    return organisation
