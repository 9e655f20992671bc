"""An employer as the operation knows it: registered once, contacted, advised, two records read as one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.codes import AdviceKind, AreaResult, Channel, OrganisationKind, SizeClass
from lotse_shared.contracts.matching import (
    EmployerAbsorbed,
    EmployerAdvised,
    EmployerContacted,
    EmployerRegistered,
    EmployersMerged,
    MarketplaceMemberJoined,
)
from lotse_shared.deciding import EVERYBODY, Command, Kind, Now, Refused, State
from lotse_shared.envelope import Event, Id, Slug
from pydantic import Field

from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future

Heads = Annotated[int, Field(ge=0, le=1_000_000)]
Betriebsnummer = Annotated[str, Field(pattern=r"^\d{8}$")]
"""The number of an establishment (SGB IV paragraph 18i)."""

_MICRO, _SMALL, _MEDIUM = 10, 50, 250


class Employer(State):
    """An enterprise or other organisation; every partner of the operation sees it."""

    id: str | None = None
    registered_on: date | None = None
    headcount: int | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None
    """Headcount, size and area as they were known last."""
    member_since: date | None = None
    """On the online marketplace."""
    absorbed_into: str | None = None
    absorbs: tuple[str, ...] = ()

    def is_also(self, other: str) -> bool:
        """Whether another id is read as this employer."""
        return other in (self.id, self.absorbed_into, *self.absorbs)


def evolve(employer: Employer, fact: Event) -> Employer:
    """Take one fact into the state. A merge is told to both employers, so each looks which side it is on."""

    def to(**changes: object) -> Employer:
        return employer.model_copy(update=changes)

    match fact:
        case EmployerRegistered():
            return to(
                id=fact.employer,
                registered_on=fact.registered_on,
                headcount=fact.headcount,
                size=fact.size,
                in_area=fact.in_area,
            )
        case EmployerAdvised():
            return to(headcount=fact.headcount, size=fact.size, in_area=fact.in_area)
        case MarketplaceMemberJoined():
            return to(member_since=fact.joined_on)
        case EmployersMerged() if fact.employer == employer.id:
            return to(absorbs=(*employer.absorbs, fact.absorbed))
        case EmployerAbsorbed() if fact.employer == employer.id:
            return to(absorbed_into=fact.into)
        case _:
            return employer


EMPLOYER = Kind(name="employer", state=Employer, evolve=evolve, partners=lambda _, owner: (owner, EVERYBODY))


def size_class(headcount: int) -> SizeClass:
    """Micro under 10 heads, small under 50, medium under 250."""
    for limit, size in ((_MICRO, SizeClass.MICRO), (_SMALL, SizeClass.SMALL), (_MEDIUM, SizeClass.MEDIUM)):
        if headcount < limit:
            return size
    return SizeClass.LARGE


def _size(headcount: int | None, size: SizeClass | None) -> SizeClass:
    """The size, from the headcount where that is known.

    Raises:
        Refused: the two contradict each other.
    """
    if headcount is None:
        return size or SizeClass.UNKNOWN
    if size not in (None, SizeClass.UNKNOWN, size_class(headcount)):
        raise Refused(
            f"{headcount} heads are {size_class(headcount)}", field="size", way_out="Leave size out: it is computed."
        )
    return size_class(headcount)


class RegisterEmployer(Command):
    """An enterprise or organisation becomes known."""

    operation: Slug
    registered_on: date
    organisation: OrganisationKind = OrganisationKind.ENTERPRISE
    betriebsnummer: Betriebsnummer | None = None
    """The same number is the same employer: the answer then is the one that is known. Never travels in an event."""
    headcount: Heads | None = None
    size: SizeClass | None = None
    """Only where no headcount is known."""
    in_area: AreaResult | None = None


@commands.on(EMPLOYER, roles=STAFF, creates=True)
def register_employer(_: Employer, command: RegisterEmployer, now: Now) -> Sequence[Event]:
    """Register an employer; one whose Betriebsnummer is known already is answered with its id and no fact."""
    not_in_future(command.registered_on, now, "registered_on")
    return [
        EmployerRegistered(
            operation=now.operation,
            employer=now.subject,
            partner=now.partner,
            organisation=command.organisation,
            headcount=command.headcount,
            size=_size(command.headcount, command.size),
            in_area=command.in_area,
            registered_on=command.registered_on,
        )
    ]


class ContactEmployer(Command):
    """Somebody spoke with the employer."""

    contacted_on: date
    channel: Channel


@commands.on(EMPLOYER, roles=STAFF)
def contact_employer(employer: Employer, command: ContactEmployer, now: Now) -> Sequence[Event]:
    """Record a contact; a contact is no advice."""
    not_in_future(command.contacted_on, now, "contacted_on")
    not_before(command.contacted_on, employer.registered_on, "the registration", "contacted_on")
    return [
        EmployerContacted(
            operation=now.operation,
            employer=now.subject,
            partner=now.partner,
            contacted_on=command.contacted_on,
            channel=command.channel,
        )
    ]


class AdviseEmployer(Command):
    """The employer was advised."""

    advised_on: date
    advice: AdviceKind
    headcount: Heads | None = None
    size: SizeClass | None = None
    in_area: AreaResult | None = None
    subproject: Slug | None = None


@commands.on(EMPLOYER, roles=STAFF)
def advise_employer(employer: Employer, command: AdviseEmployer, now: Now) -> Sequence[Event]:
    """Record advice with the employer's size at it; what is left out is what was known before."""
    not_in_future(command.advised_on, now, "advised_on")
    not_before(command.advised_on, employer.registered_on, "the registration", "advised_on")
    told_anew = command.headcount is not None or command.size is not None
    headcount = command.headcount if told_anew else employer.headcount
    return [
        EmployerAdvised(
            operation=now.operation,
            employer=now.subject,
            partner=now.partner,
            advised_on=command.advised_on,
            advice=command.advice,
            headcount=headcount,
            size=_size(headcount, command.size if told_anew else employer.size),
            in_area=command.in_area or employer.in_area,
            subproject=command.subproject,
        )
    ]


class JoinMarketplace(Command):
    """The employer offers its goods on the online marketplace."""

    joined_on: date


@commands.on(EMPLOYER, roles=STAFF)
def join_marketplace(employer: Employer, command: JoinMarketplace, now: Now) -> Sequence[Event]:
    """Let a local business join the online marketplace, once."""
    not_in_future(command.joined_on, now, "joined_on")
    not_before(command.joined_on, employer.registered_on, "the registration", "joined_on")
    if employer.member_since:
        raise Refused(f"this employer joined already on {employer.member_since}", way_out="Nothing needs to be done.")
    return [
        MarketplaceMemberJoined(
            operation=now.operation, employer=now.subject, partner=now.partner, joined_on=command.joined_on
        )
    ]


class MergeEmployers(Command):
    """Which other record is the same employer."""

    other: Id


@commands.on(EMPLOYER, roles={"coordinator"}, also={"other": EMPLOYER})
def merge_employers(employer: Employer, command: MergeEmployers, now: Now, *, other: Employer) -> Sequence[Event]:
    """Read two records as one employer; both ids stay valid. Circles are refused."""
    if command.other == now.subject:
        raise Refused("an employer cannot be merged with itself", field="other", way_out="Name the other employer.")
    if employer.absorbed_into:
        raise Refused(
            "this employer is itself read as another one", way_out=f"Merge into {employer.absorbed_into} instead."
        )
    if other.absorbed_into:
        raise Refused(
            "the other employer is read as another one already",
            field="other",
            way_out=f"Name {other.absorbed_into} instead.",
        )
    fact = {"operation": now.operation, "partner": now.partner}
    return [
        EmployersMerged(**fact, employer=now.subject, absorbed=command.other),
        EmployerAbsorbed(**fact, employer=command.other, into=now.subject),
    ]
