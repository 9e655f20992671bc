"""What matching tells: employers, tenders, places, vacancies, and how people came to work and kept it."""

from datetime import date
from typing import Annotated

from pydantic import Field

from lotse_shared.contracts.about import CaseFact, EmployerFact, Part, PlaceFact, TenderFact, VacancyFact
from lotse_shared.contracts.codes import (
    SPECIAL,
    AdviceKind,
    ApplicationResult,
    AreaResult,
    Channel,
    ClauseResult,
    EndedBy,
    EndReason,
    Euro,
    Hours,
    Instrument,
    JobOrigin,
    LabourMarket,
    LzaCase,
    MatchDecision,
    MatchReason,
    MoneySource,
    OfferKind,
    OrganisationKind,
    Percent,
    PlacementKind,
    SizeClass,
    Term,
)
from lotse_shared.envelope import Id, Slug

Kldb = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
"""KldB 2010, five digits; the fifth is the level of requirement."""
Count = Annotated[int, Field(ge=1, le=10_000)]


class EmployerRegistered(EmployerFact, source="matching"):
    """An enterprise or organisation became known; the same Betriebsnummer is the same employer (MEHRLiN row 6)."""

    organisation: OrganisationKind = OrganisationKind.ENTERPRISE
    headcount: Annotated[int, Field(ge=0)] | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None
    registered_on: date


class EmployersMerged(EmployerFact, source="matching"):
    """Two records are one employer: this one goes on. Comes with employer-absorbed; cannot be retracted."""

    absorbed: Id


class EmployerAbsorbed(EmployerFact, source="matching"):
    """This record is read as another one from now on."""

    into: Id


class EmployerContacted(EmployerFact, source="matching"):
    """Somebody spoke with an employer; contacted is not advised."""

    contacted_on: date
    channel: Channel


class EmployerAdvised(EmployerFact, source="matching"):
    """An employer was advised. Size as at this advice; below 50 heads it is a small or micro enterprise."""

    advised_on: date
    advice: AdviceKind
    headcount: Annotated[int, Field(ge=0)] | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None
    subproject: Slug | None = None


class HiringIncentiveGranted(EmployerFact, source="matching"):
    """An employer gets a wage subsidy for somebody it employs: support to the enterprise, not to the person (EECO19).

    Told with subsidy-approved, or with the placement-made that an earlier approval pays for. Size as known on telling.
    """

    subsidy: Id
    instrument: Instrument
    headcount: Annotated[int, Field(ge=0)] | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None
    granted_on: date
    """The later of the approval and the start of the work."""


class MarketplaceMemberJoined(EmployerFact, source="matching"):
    """A local business joined the online marketplace (Forst)."""

    joined_on: date


class TenderPublished(TenderFact, source="matching"):
    """A public order was put out to tender, with or without a clause on hiring long-term unemployed people."""

    published_on: date
    clause: bool
    persons: Count | None = None
    hours: Annotated[int, Field(ge=0)] | None = None


class ClauseAwarded(TenderFact, source="matching"):
    """The order was awarded with the clause: the contractor owes jobs within a time (GWB paragraph 128)."""

    employer: Id
    awarded_on: date
    jobs: Count
    hours: Annotated[int, Field(ge=0)] | None = None
    """Hours of work owed, where the clause counts hours."""
    first_day: date
    last_day: date


class ClauseSettled(TenderFact, source="matching"):
    """The obligation from the clause was kept, broken or waived."""

    employer: Id
    settled_on: date
    result: ClauseResult
    jobs_filled: Annotated[int, Field(ge=0)]
    hours_worked: Annotated[int, Field(ge=0)] | None = None
    """Hours of work proven, where the clause counts hours."""


class PlaceFunded(PlaceFact, source="matching"):
    """The funder pays for one place (MILA: 40 of them)."""

    funded_on: date
    instrument: Instrument


class PlaceFilled(PlaceFact, source="matching"):
    """A funded place is taken by a placement; told with placement-made in one transaction."""

    case: Id
    placement: Id
    filled_on: date


class PlaceFreed(PlaceFact, source="matching"):
    """A funded place is free again."""

    case: Id
    placement: Id
    freed_on: date


class VacancyOpened(VacancyFact, source="matching"):
    """An employer offers one or more positions."""

    employer: Id
    kind: OfferKind
    origin: JobOrigin = JobOrigin.OTHER
    positions: Count = 1
    opened_on: date
    hours_per_week: Hours | None = None
    occupation: Kldb | None = None
    tender: Id | None = None


class JobsOffered(EmployerFact, source="matching"):
    """An employer offers work: told with vacancy-opened, so that employers with jobs can be counted as such (MILA)."""

    vacancy: Id
    kind: OfferKind
    positions: Count
    offered_on: date


class VacancyChanged(VacancyFact, source="matching"):
    """An offer changed; what is named replaces what was."""

    changed_on: date
    positions: Count | None = None
    hours_per_week: Hours | None = None
    occupation: Kldb | None = None


class VacancyFilled(VacancyFact, source="matching"):
    """A position of an offer was filled; `first_fill` is the KPI of Dortmund, counted once per position."""

    case: Id | None = None
    placement: Id
    position: Count
    filled_on: date
    first_fill: bool
    eligible: bool
    """Filled by somebody of the target group (Dortmund: at least four years in SGB II)."""
    kind: PlacementKind
    origin: JobOrigin


class VacancyFreed(VacancyFact, source="matching"):
    """A position is free again."""

    case: Id | None = None
    placement: Id
    position: Count
    freed_on: date


class VacancyClosed(VacancyFact, source="matching"):
    """An offer ended: it was withdrawn, or nobody is sought for it any more."""

    closed_on: date


class MatchSuggested(CaseFact, source="matching"):
    """A rule set suggested an offer; never shown to an employer without a human act (Art. 22 GDPR)."""

    vacancy: Id
    rule_set: Slug
    score: Annotated[int, Field(ge=0, le=1000)]
    suggested_on: date


class MatchDecided(CaseFact, source="matching"):
    """A person decided about a suggestion and said why."""

    vacancy: Id
    decision: MatchDecision
    reason: MatchReason
    decided_on: date


class ApplicationSent(CaseFact, source="matching"):
    """An application went to an employer."""

    vacancy: Id | None = None
    employer: Id | None = None
    sent_on: date


class InterviewHeld(CaseFact, source="matching"):
    """An employer met the person."""

    vacancy: Id | None = None
    employer: Id | None = None
    held_on: date
    result: ApplicationResult


class InternshipStarted(CaseFact, source="matching"):
    """Work on trial at an employer began (SGB III paragraph 45: at most 6, for long-term unemployed 12 weeks)."""

    internship: Id
    employer: Id | None = None
    started_on: date
    planned_until: date | None = None


class InternshipEnded(CaseFact, source="matching"):
    """Work on trial ended, with or without the offer of a job."""

    internship: Id
    ended_on: date
    result: ApplicationResult = ApplicationResult.OPEN


class PlacementMade(CaseFact, source="matching"):
    """Somebody starts a job, an apprenticeship, school or self-employment; counts at the start, not at the contract.

    A no-show is retracted; losing it later takes nothing away. `labour_market` comes from a dated table of kinds.
    """

    placement: Id
    kind: PlacementKind
    labour_market: LabourMarket
    insured: bool
    starts_on: date
    contract_on: date | None = None
    term: Term | None = None
    ends_on: date | None = None
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    tariff: bool | None = None
    monthly_wage: Euro | None = None
    employer: Id | None = None
    vacancy: Id | None = None
    place: Id | None = None
    origin: JobOrigin | None = None
    occupation: Kldb | None = None
    lza_case: LzaCase | None = None
    instrument: Instrument | None = None
    higher_competence: bool | None = None


class JobChanged(CaseFact, source="matching"):
    """Terms of a running job changed, for example from fixed-term to permanent (EECR06)."""

    placement: Id
    changed_on: date
    term: Term | None = None
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    insured: bool | None = None
    kind: PlacementKind | None = None


class JobLost(CaseFact, source="matching"):
    """A job ended before its time and against the plan; says nothing about what the person does next."""

    placement: Id
    last_day: date
    ended_by: EndedBy
    reason: Annotated[EndReason, SPECIAL]


class JobEnded(CaseFact, source="matching"):
    """A job ended as planned or for a good reason."""

    placement: Id
    last_day: date
    ended_by: EndedBy
    reason: Annotated[EndReason, SPECIAL]


class SubsidyPhase(Part):
    """Some months at one percentage."""

    months: Annotated[int, Field(ge=1, le=60)]
    percent: Percent


class SubsidyApproved(CaseFact, source="matching"):
    """A wage subsidy was approved; its schedule is in percent per phase of months (LZA 75, 50, 25)."""

    subsidy: Id
    placement: Id | None = None
    instrument: Instrument
    approved_on: date
    starts_on: date
    base: Euro
    """Wage per month that the percentages apply to, with the lump sum of the employer's share where there is one."""
    phases: tuple[SubsidyPhase, ...]


class SubsidyChanged(CaseFact, source="matching"):
    """Base or schedule changed from a day on (dynamics of the minimum wage, SGB II paragraph 16i)."""

    subsidy: Id
    changed_on: date
    base: Euro | None = None
    ends_on: date | None = None


class SubsidyPaid(CaseFact, source="matching"):
    """One month of a subsidy was paid, rounded and in thirtieths as SGB III 338 and 339 say."""

    subsidy: Id
    instrument: Instrument
    month: date
    """The first day of the month that was paid for."""
    percent: Percent
    phase: Annotated[int, Field(ge=1, le=60)] | None = None
    """Which phase of the schedule the month lies in, from 1 (LZA: entry, stabilisation, performance)."""
    amount: Euro
    paid_on: date
    money_source: MoneySource


class SubsidyReclaimed(CaseFact, source="matching"):
    """A part of a subsidy has to be paid back (SGB III paragraph 92)."""

    subsidy: Id
    instrument: Instrument
    amount: Euro
    reclaimed_on: date
