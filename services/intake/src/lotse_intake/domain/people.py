"""A person comes: referral, interview, consent, and which records are the same person."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar, Final

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import ConsentPurpose, LegalSphere, ReferralSource, RetractionReason
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CasesMerged,
    CasesSeparated,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    FirstInterviewHeld,
    ParticipantEnrolled,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantReferred,
    ParticipantRestricted,
    ReferredOn,
)
from lotse_shared.deciding import NETWORK, Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug
from pydantic import BaseModel, Field

from lotse_intake.domain.case import (
    CASE,
    Case,
    must_be_open,
    not_before,
    not_erased,
    not_in_future,
    own_partner_only,
)
from lotse_intake.domain.commands import STAFF, STEERING, commands
from lotse_intake.domain.operation import OPERATION, Operation

Words = Annotated[str, Field(min_length=1, max_length=100)]


class Person(BaseModel):
    """Who somebody is. Goes to the vault and nowhere else."""

    model_config = Command.model_config

    given_name: Words
    family_name: Words
    birth_date: date | None = None
    postcode: Annotated[str, Field(pattern=r"^\d{5}$")] | None = None
    contact: Words | None = None


class ReferParticipant(Command):
    """Somebody comes or is sent."""

    operation: Slug
    referred_on: date
    referred_by: ReferralSource
    legal_sphere: LegalSphere | None = None
    site: Slug | None = None
    person: Person | None = None


@commands.on(CASE, roles=STAFF, creates=True, also={"operation": OPERATION})
def refer_participant(_: Case, command: ReferParticipant, now: Now, *, operation: Operation) -> Sequence[Event]:
    """Open a case for somebody who comes or is sent; it belongs to one partner of the operation."""
    if now.partner == NETWORK:
        raise Refused("a case belongs to a partner", field="partner", way_out="Name the partner it belongs to.")
    operation.must_have(now.partner, "partner")
    not_in_future(command.referred_on, now, "referred_on")
    return [
        ParticipantReferred(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=command.site,
            referred_on=command.referred_on,
            referred_by=command.referred_by,
            legal_sphere=command.legal_sphere,
        )
    ]


class ReferOn(Command):
    """Another partner of the network takes part."""

    referred_on: date
    to_partner: Slug


@commands.on(CASE, roles=STAFF, also={"operation": OPERATION})
def refer_on(case: Case, command: ReferOn, now: Now, *, operation: Operation) -> Sequence[Event]:
    """Let another partner of the operation take part in a case; only with the person's consent, and only once."""
    own_partner_only(now)
    operation.must_have(command.to_partner, "to_partner")
    must_be_open(case, now)
    not_in_future(command.referred_on, now, "referred_on")
    not_before(command.referred_on, case.referred_on, "the referral", "referred_on")
    if command.to_partner in (*case.guests, now.owner):
        raise Refused("that partner takes part already", field="to_partner", way_out="Nothing needs to be done.")
    if ConsentPurpose.REFERRAL not in case.consents.values():
        raise Refused(
            "the person has not agreed to be referred on",
            field="to_partner",
            way_out="Ask, and record the answer with give-consent for the purpose referral.",
        )
    return [
        ReferredOn(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            referred_on=command.referred_on,
            to_partner=command.to_partner,
        )
    ]


class HoldFirstInterview(Command):
    """The first long conversation."""

    held_on: date
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None


@commands.on(CASE, roles=STAFF)
def hold_first_interview(case: Case, command: HoldFirstInterview, now: Now) -> Sequence[Event]:
    """Record the first interview: once, after the referral."""
    must_be_open(case, now)
    not_in_future(command.held_on, now, "held_on")
    not_before(command.held_on, case.referred_on, "the referral", "held_on")
    if case.interviewed_on:
        raise Refused("the first interview was held already", way_out="Later talks are visits; coaching records them.")
    return [
        FirstInterviewHeld(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            held_on=command.held_on,
            minutes=command.minutes,
        )
    ]


class GiveConsent(Command):
    """What the person agreed to."""

    purpose: ConsentPurpose
    text_version: Slug
    given_on: date


@commands.on(CASE, roles=STAFF)
def give_consent(case: Case, command: GiveConsent, now: Now) -> Sequence[Event]:
    """Record that the person agreed to one purpose."""
    must_be_open(case, now)
    not_in_future(command.given_on, now, "given_on")
    if command.purpose in case.consents.values():
        raise Refused("this consent is there already", field="purpose", way_out="Nothing needs to be done.")
    return [
        ConsentGiven(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            consent=now.new_id(),
            purpose=command.purpose,
            text_version=command.text_version,
            given_on=command.given_on,
        )
    ]


@commands.on(CASE, roles=STAFF)
def refuse_consent(case: Case, command: GiveConsent, now: Now) -> Sequence[Event]:
    """Record that the person was asked and refused (R-10b)."""
    must_be_open(case, now)
    not_in_future(command.given_on, now, "given_on")
    if command.purpose in case.consents.values():
        raise Refused(
            "the person agreed to this earlier", field="purpose", way_out="Withdraw that consent with withdraw-consent."
        )
    return [
        ConsentRefused(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            consent=now.new_id(),
            purpose=command.purpose,
            text_version=command.text_version,
            refused_on=command.given_on,
        )
    ]


class WithdrawConsent(Command):
    """Which consent ends."""

    consent: Id
    withdrawn_on: date


@commands.on(CASE, roles=STAFF)
def withdraw_consent(case: Case, command: WithdrawConsent, now: Now) -> Sequence[Event]:
    """End a consent that stands; always possible, as it was to give it (Art. 7(3) GDPR)."""
    not_erased(case)
    not_in_future(command.withdrawn_on, now, "withdrawn_on")
    purpose = case.consents.get(command.consent)
    if purpose is None:
        raise Refused(
            "no such consent stands", field="consent", way_out="Look at the case for the consents that stand."
        )
    return [
        ConsentWithdrawn(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            consent=command.consent,
            purpose=purpose,
            withdrawn_on=command.withdrawn_on,
        )
    ]


class MergeCases(Command):
    """Which other record is the same person."""

    other: Id


@commands.on(CASE, roles={"coordinator"}, also={"other": CASE})
def merge_cases(case: Case, command: MergeCases, now: Now, *, other: Case) -> Sequence[Event]:
    """Read two cases of one person as one; both ids stay valid. Circles and chains into nothing are refused."""
    if command.other == now.subject:
        raise Refused("a case cannot be merged with itself", field="other", way_out="Name the other case.")
    for one in (case, other):
        must_be_open(one, now)
    if case.absorbed_into:
        raise Refused(
            "this case is itself read as another one",
            way_out=f"Merge into {case.absorbed_into}, or separate them first.",
        )
    if other.absorbed_into:
        raise Refused("the other case is already read as another one", field="other", way_out="Separate them first.")
    fact = {"operation": now.operation, "partner": now.partner}
    return [
        CasesMerged(**fact, case=now.subject, absorbed=command.other),
        CaseAbsorbed(**fact, case=command.other, into=now.subject),
    ]


@commands.on(CASE, roles={"coordinator"}, also={"other": CASE})
def separate_cases(case: Case, command: MergeCases, now: Now, *, other: Case) -> Sequence[Event]:
    """Undo a merge that was wrong: both cases stand for themselves again."""
    if command.other not in case.absorbs or other.absorbed_into != now.subject:
        raise Refused("these two are not merged", field="other", way_out="Name a case that this one has absorbed.")
    fact = {"operation": now.operation, "partner": now.partner}
    return [
        CasesSeparated(**fact, case=now.subject, from_case=command.other),
        CasesSeparated(**fact, case=command.other, from_case=now.subject),
    ]


class RetractFact(Command):
    """Which fact does not hold."""

    names_fact: ClassVar[str | None] = "retracts"
    retracts: Id
    reason: RetractionReason


_FOR_EVER: Final = (CasesMerged, CaseAbsorbed, CasesSeparated, ParticipantErased)


@commands.on(CASE, roles=STAFF)
def retract_fact(case: Case, command: RetractFact, now: Now, *, original: Event) -> Sequence[Event]:
    """Take back a fact that never held, but none that others rest on; merges, separations and erasure stay."""
    not_erased(case)
    if isinstance(original, _FOR_EVER):
        raise Refused(
            "this fact cannot be taken back", field="retracts", way_out="A wrong merge is undone with separate-cases."
        )
    if isinstance(original, ParticipantReferred | ReferredOn):
        own_partner_only(now)
    if rests := _what_rests_on(case, original):
        raise Refused(f"{rests} rests on this fact", field="retracts", way_out=f"Retract {rests} first.")
    return [
        FactRetracted(
            operation=now.operation,
            subject_id=original.subject,
            partner=now.partner,
            retracts=command.retracts,
            reason=command.reason,
        )
    ]


def _what_rests_on(case: Case, original: Event) -> str | None:
    """Entry, exit and re-entry stand in turns: only the last one can be taken back."""
    match original:
        case ParticipantReferred() if case.enrolment:
            return "the entry"
        case ParticipantEnrolled() if case.first_left:
            return "the exit"
        case ParticipantExited() if case.left != original.exit_date:
            return "the re-entry"
        case ParticipantReentered() if not case.inside or case.came != original.reentry_date:
            return "the exit"
        case ParticipantExited() if case.followed_up:
            return "the follow-up"
        case _:
            return None


class Restrict(Command):
    """Why, and how long, data are kept but not used."""

    until: date
    basis: Slug


@commands.on(CASE, roles=STEERING)
def restrict_participant(case: Case, command: Restrict, now: Now) -> Sequence[Event]:
    """Keep data without using them while a law demands it (Art. 18 GDPR); a later restriction replaces an earlier."""
    not_erased(case)
    own_partner_only(now)
    if command.until < now.today and not case.restricted_until:
        raise Refused("the restriction would be over already", field="until", way_out="Name a later day.")
    return [
        ParticipantRestricted(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            until=command.until,
            basis=command.basis,
        )
    ]


class Erase(Command):
    """On what ground somebody is erased."""

    basis: Slug


def _one_person(case: Case, _: Erase) -> Mapping[str, str | None]:
    """The cases that this one is read as one with."""
    return {one: one for one in (*case.absorbs, case.absorbed_into) if one}


@commands.on(CASE, roles=STEERING, reaches=_one_person)
def erase_participant(case: Case, command: Erase, now: Now, **merged: Case) -> Sequence[Event]:
    """Destroy key and vault entry of a person, with all their merged cases; not while a law demands to keep them.

    Refused by Art. 17(3)(b) GDPR while any of the cases is restricted: keeping it from use is then what can be done.
    """
    not_erased(case)
    own_partner_only(now)
    for one in (case, *merged.values()):
        if one.restricted_until and one.restricted_until >= now.today:
            raise Refused(f"a legal duty to keep lasts until {one.restricted_until}", way_out="Erase after that day.")
    return [
        ParticipantErased(operation=now.operation, case=one, partner=now.partner, basis=command.basis)
        for one in (now.subject, *sorted(merged))
    ]
