"""A case as intake keeps it: one person's way in, out, and back in again."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from lotse_shared.contracts.codes import ConsentPurpose, EligibilityResult
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    CharacteristicsCorrected,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    EligibilityChecked,
    FirstInterviewHeld,
    FollowUpRecorded,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantReferred,
    ParticipantRestricted,
    ReferredOn,
)
from lotse_shared.contracts.jobcenter import ReferralMade
from lotse_shared.contracts.matching import JobEnded, JobLost, PlacementMade
from lotse_shared.deciding import Kind, Now, Refused, State
from lotse_shared.envelope import Event
from pydantic import Field

WINDOW: Final = timedelta(days=28)
"""The time after leaving in which immediate results are seen (R-5)."""


class Case(State):
    """Dates and standing of one person in one operation; what they are called stands in the vault."""

    id: str | None = None
    """Its own id: a decision about two cases tells both of them everything, and each takes what is about it."""
    partner: str | None = None
    """Whom the case belongs to, once somebody was referred to a partner."""
    referred_on: date | None = None
    interviewed_on: date | None = None
    eligibility: EligibilityResult | None = None
    """What the last check said."""
    enrolment: date | None = None
    """First entry (R-3)."""
    first_left: date | None = None
    """First exit, whether or not the person came back."""
    came: date | None = None
    """Last entry or re-entry."""
    left: date | None = None
    """Last exit, unless the person is in again."""
    followed_up: date | None = None
    consents: Mapping[str, ConsentPurpose] = Field(default_factory=dict)
    """Given and not withdrawn, by their ids."""
    guests: tuple[str, ...] = ()
    """Partners the person was referred on to."""
    working_since: date | None = None
    """Start of the job that matching told about, while it runs."""
    absorbed_into: str | None = None
    absorbs: tuple[str, ...] = ()
    restricted_until: date | None = None
    erased: bool = False

    @property
    def inside(self) -> bool:
        """Whether the person takes part now."""
        return self.enrolment is not None and self.left is None


def evolve(case: Case, fact: Event) -> Case:  # noqa: C901, PLR0911, PLR0912 - one arm an event
    """Take one fact into the state. Nothing brings anything of an erased person back."""

    def to(**changes: object) -> Case:
        return case.model_copy(update=changes)

    if case.erased:
        return case
    match fact:
        case ParticipantReferred():
            return to(
                id=fact.case,
                partner=case.partner or fact.partner,
                referred_on=case.referred_on or fact.referred_on,
            )
        case FirstInterviewHeld():
            return to(interviewed_on=case.interviewed_on or fact.held_on)
        case EligibilityChecked():
            return to(eligibility=fact.result)
        case ParticipantEnrolled():
            return to(enrolment=fact.entry_date, came=fact.entry_date)
        case CharacteristicsCorrected(entry_date=date() as entry) if case.enrolment:
            return to(enrolment=entry, came=case.came if case.first_left else entry)
        case ParticipantExited():
            return to(left=fact.exit_date, first_left=case.first_left or fact.exit_date)
        case ParticipantReentered():
            return to(came=fact.reentry_date, left=None, followed_up=None)
        case FollowUpRecorded():
            return to(followed_up=fact.reference_date)
        case ConsentGiven():
            return to(consents={**case.consents, fact.consent: fact.purpose})
        case ConsentWithdrawn() | ConsentRefused():
            return to(consents={key: kept for key, kept in case.consents.items() if key != fact.consent})
        case ReferredOn() if fact.accepted and fact.to_partner not in case.guests:
            return to(guests=(*case.guests, fact.to_partner))
        case PlacementMade():
            return to(working_since=fact.starts_on)
        case JobLost() | JobEnded():
            return to(working_since=None)
        case CasesMerged() if fact.case == case.id:
            return to(absorbs=(*case.absorbs, fact.absorbed))
        case CaseAbsorbed() if fact.case == case.id:
            return to(absorbed_into=fact.into)
        case CasesSeparated() if fact.case == case.id:
            into = None if case.absorbed_into == fact.from_case else case.absorbed_into
            return to(absorbed_into=into, absorbs=tuple(one for one in case.absorbs if one != fact.from_case))
        case ParticipantRestricted():
            return to(restricted_until=fact.until)
        case ParticipantErased():
            return Case(erased=True)
        case _:
            return case


CASE = Kind(
    name="case",
    state=Case,
    evolve=evolve,
    hears=(ReferralMade, PlacementMade, JobLost, JobEnded),
    partners=lambda case, owner: (case.partner or owner, *case.guests),
)


def not_erased(case: Case) -> None:
    """Refuse whatever is asked of somebody who was erased."""
    if case.erased:
        raise Refused("this person was erased", way_out="Open a new case if the person comes again.")


def must_be_open(case: Case, now: Now) -> None:
    """Refuse to use data that were erased, or that may only be kept (Art. 18(2) GDPR)."""
    not_erased(case)
    if case.restricted_until and case.restricted_until >= now.today:
        raise Refused(
            f"this person's data may only be kept until {case.restricted_until}, not used",
            way_out="Wait for that day, or restrict-participant with an earlier one.",
        )


def own_partner_only(now: Now) -> None:
    """Refuse what a guest may not do: only the case's own partner, or somebody of the whole network."""
    if now.partner != now.owner:
        raise Refused(f"the case belongs to {now.owner}", way_out="Ask that partner.")


def not_in_future(day: date, now: Now, field: str) -> None:
    """Refuse facts that have not happened yet on the operation's calendar."""
    if day > now.today:
        raise Refused(
            f"{day} is after today, {now.today}, in this operation",
            field=field,
            way_out="Send it when it has happened.",
        )


def not_before(day: date, earliest: date | None, what: str, field: str) -> None:
    """Refuse dates out of order."""
    if earliest is not None and day < earliest:
        raise Refused(f"{day} is before {what} on {earliest}", field=field, way_out="Check the date.")
