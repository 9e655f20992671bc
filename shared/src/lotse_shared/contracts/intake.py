"""What intake tells: people's way in and out, their characteristics, the operation and its money.

Names, contacts and birth dates never travel; they stay in intake's vault.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lotse_shared.contracts.about import CaseFact, EmployerFact, OperationFact, Part
from lotse_shared.contracts.codes import (
    SPECIAL,
    Answer,
    AreaFigureKind,
    AreaResult,
    AreaRule,
    AreaScope,
    Audience,
    Citizenship,
    ConsentPurpose,
    CostType,
    EligibilityResult,
    Employment,
    Euro,
    ExitReason,
    GatheringKind,
    Gender,
    Hours,
    Improvement,
    JobAtEntry,
    LegalSphere,
    MilestoneKind,
    MoneySource,
    OrganisationKind,
    PartnerRole,
    ProjectTrait,
    Recognition,
    ReferralSource,
    RegionCategory,
    ResidenceStatus,
    SizeClass,
    StatusAfter,
    StockKind,
    SurveyMode,
    Term,
    WirSupport,
    WorkBan,
)
from lotse_shared.envelope import Code, Id, Slug

Sensitive = Annotated[Answer, SPECIAL]
Isced = Annotated[int, Field(ge=0, le=8)]


class ParticipantReferred(CaseFact, source="intake"):
    """Somebody was sent or came to a partner; the case begins. Counts nowhere but in the funnel."""

    referred_on: date
    referred_by: ReferralSource
    legal_sphere: LegalSphere | None = None
    referral: Id | None = None
    """The referral-made of a jobcenter system that this answers."""


class ReferredOn(CaseFact, source="intake"):
    """With the person's consent, another partner of the network takes part in the case (WIR, MEHRLiN)."""

    referred_on: date
    to_partner: Slug
    accepted: bool = True


class FirstInterviewHeld(CaseFact, source="intake"):
    """The first long conversation took place (MILA: an intensive one before any search for an employer)."""

    held_on: date
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None


class ConsentGiven(CaseFact, source="intake"):
    """The person agreed to one purpose, in a text of a known version (SGB X paragraph 67b)."""

    consent: Id
    purpose: ConsentPurpose
    text_version: Slug
    given_on: date


class ConsentRefused(CaseFact, source="intake"):
    """The person refused one purpose; asking is thereby documented."""

    consent: Id
    purpose: ConsentPurpose
    text_version: Slug
    refused_on: date


class ConsentWithdrawn(CaseFact, source="intake"):
    """The person withdrew a consent; matching stops suggesting when it was the one for matching."""

    consent: Id
    purpose: ConsentPurpose
    withdrawn_on: date


class EligibilityChecked(CaseFact, source="intake"):
    """A rule set, chosen by the decision date, said whether somebody may take part, and why."""

    rule_set: Annotated[str, Field(pattern=r"^[a-z0-9_-]+@[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    """Name and first day of validity, `sgb2_16e@2019-01-01`."""
    decided_on: date
    result: EligibilityResult
    reasons: tuple[Slug, ...] = ()


class Characteristics(CaseFact):
    """What somebody was when entering: asked once, never updated later except to correct errors."""

    age_at_entry: Annotated[int, Field(ge=0, le=120)] | None = None
    """Completed years on the day of entry; computed in the vault, where the birth date stays."""
    gender: Gender | None = None
    employment: Employment | None = None
    """Immediately before entry."""
    unemployed_since: date | None = None
    """First day of the unemployment that lasts at entry; the rule for long-term stays with the indicator."""
    registered_unemployed: bool | None = None
    """Registered as arbeitslos; decides for those who also work."""
    job_at_entry: JobAtEntry | None = None
    job_term: Term | None = None
    hours_per_week: Hours | None = None
    wants_more_hours: bool | None = None
    """Underemployed: works fewer hours than wanted (EECR06)."""
    in_education: bool | None = None
    isced: Isced | None = None
    """Highest level completed, foreign certificates at their level even if not recognised (ISCED 2011)."""
    certificate_recognised: Recognition | None = None
    vocational_qualification: bool | None = None
    citizenship: Citizenship | None = None
    foreign_background: Answer | None = None
    parents_born_abroad: Annotated[int, Field(ge=0, le=2)] | None = None
    minority: Sensitive | None = None
    disability: Sensitive | None = None
    severely_disabled: Sensitive | None = None
    other_disadvantage: Sensitive | None = None
    impaired_health: Sensitive | None = None
    """Impaired in health, for example by a secondary illness of flight (WIR); yes or no, never what."""
    homeless: Answer | None = None
    rural_area: bool | None = None
    """Residence municipality is thinly populated (DEGURBA 3)."""
    jobless_household: Answer | None = None
    single_adult_household: Answer | None = None
    dependent_children: Answer | None = None
    residence_status: Annotated[ResidenceStatus, SPECIAL] | None = None
    work_ban: Annotated[WorkBan, SPECIAL] | None = None
    benefits_since: date | None = None
    """First day of the benefits under SGB II that last at entry (Dortmund: four years)."""
    long_term_recipient: bool | None = None
    """In need for at least 21 of the last 24 months (KennzV paragraph 6); not the same as long-term unemployed."""
    legal_sphere: LegalSphere | None = None
    area: AreaResult | None = None
    """The address at entry as to the programme area."""
    area_override: Slug | None = None
    """Why somebody from outside was let in, by the coordinator's code."""


class ParticipantEnrolled(Characteristics, source="intake"):
    """Somebody entered the operation: the participant of all ESF indicators, one per person and operation (ESF+).

    A record may have gaps; it is then accepted and queued, and counts only where its own data suffice.
    """

    entry_date: date
    subproject: Slug | None = None


class CharacteristicsCorrected(Characteristics, source="intake"):
    """Entry characteristics were recorded wrongly. Replaces those that it names; the others stay."""

    corrects: Id
    """The participant-enrolled it corrects."""
    corrected_on: date
    entry_date: date | None = None
    cleared: tuple[Slug, ...] = ()
    """Characteristics that were recorded by mistake and are not known, by field name with hyphens."""


class ParticipantReentered(CaseFact, source="intake"):
    """Somebody who had left came back to the same operation: first entry and its characteristics stay."""

    reentry_date: date


class ResidenceStatusChanged(CaseFact, source="intake"):
    """A residence document changed; what it allows is read from the document by a person."""

    residence_status: Annotated[ResidenceStatus, SPECIAL]
    work_ban: Annotated[WorkBan, SPECIAL] | None = None
    valid_from: date
    valid_until: date | None = None


class AnalysisOccasion(Code):
    """When in the participation an analysis was made."""

    ENTRY = "entry"
    INTERIM = "interim"
    EXIT = "exit"
    UNKNOWN = "unknown"


class CompetenceAnalysed(CaseFact, source="intake"):
    """A scored competence analysis; the same instrument at entry and exit shows a better employability."""

    analysed_on: date
    instrument: Slug
    occasion: AnalysisOccasion
    score: Annotated[int, Field(ge=0, le=1000)]


class RecognitionDecided(CaseFact, source="intake"):
    """An authority decided about a foreign qualification (Forst)."""

    decided_on: date
    result: Recognition


class SupportGiven(CaseFact, source="intake"):
    """Support of the WIR catalogue was given; follow-up after the start of work is one of its kinds."""

    given_on: date
    kind: WirSupport
    minutes: Annotated[int, Field(ge=0, le=1440)] | None = None


class FamilyInvolved(CaseFact, source="intake"):
    """Members of the family were drawn into advice; they are no participants of their own by that."""

    involved_on: date
    members: Annotated[int, Field(ge=1, le=30)]


class ParticipantExited(CaseFact, source="intake"):
    """The participation ended; the 28 days and the six months run from here."""

    exit_date: date
    reason: Annotated[ExitReason, SPECIAL]
    status: StatusAfter | None = None
    """What the person does on leaving, where it is known."""


class StatusRecorded(CaseFact, source="intake"):
    """What somebody did on a day within 28 days after leaving; the last one counts (ESF+: four weeks)."""

    status_on: date
    status: StatusAfter
    in_education: bool | None = None
    mode: SurveyMode | None = None


class FollowUpRecorded(CaseFact, source="intake"):
    """The answer to the six-month question; it is about the reference date, whenever it was collected."""

    reference_date: date
    status: StatusAfter
    improvement: Improvement | None = None
    insured: bool | None = None
    mode: SurveyMode | None = None
    answered_on: date | None = None


class CasesMerged(CaseFact, source="intake"):
    """Two cases are one person: this one goes on. Comes with case-absorbed in one transaction; cannot be retracted."""

    absorbed: Id
    """The case that is now read as this one."""


class CaseAbsorbed(CaseFact, source="intake"):
    """This case is read as another one from now on; commands may still name it."""

    into: Id


class CasesSeparated(CaseFact, source="intake"):
    """A merge was wrong: both cases stand for themselves again. Told once under each of the two ids."""

    from_case: Id


class ParticipantRestricted(CaseFact, source="intake"):
    """Data may only be kept, not used: a legal duty to keep stands against erasure (Art. 18 GDPR)."""

    until: date
    basis: Slug


class ParticipantErased(CaseFact, source="intake"):
    """The person's key and vault entry are destroyed; every service forgets. Cannot be retracted."""

    basis: Slug


class PartnerJoined(OperationFact, source="intake"):
    """An organisation joined the operation, as network partner with a subproject or as a cooperating one."""

    joined: Slug
    role: PartnerRole
    organisation: OrganisationKind = OrganisationKind.OTHER
    subproject: Slug | None = None
    joined_on: date


class PartnerLeft(OperationFact, source="intake"):
    """An organisation left the operation; what it did stays counted."""

    left: Slug
    left_on: date


class OperationApproved(OperationFact, source="intake"):
    """A funder approved an operation: from here on facts may belong to it."""

    programme: Slug
    approved_on: date
    first_day: date
    last_day: date
    region: RegionCategory | None = None
    traits: tuple[ProjectTrait, ...] = ()
    area_rule: AreaRule | None = None
    budget: Euro | None = None


class AreaFigure(Part):
    """One figure of an area data sheet; without a value it is `keine Angabe`."""

    kind: AreaFigureKind
    scope: AreaScope
    value: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)] | None = None
    year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """The year the figure is from."""


class AreaDescribed(OperationFact, source="intake"):
    """The data sheet of a programme area: size, inhabitants and quotas, each beside the city's (BIWAQ)."""

    area: Slug
    described_on: date
    figures: tuple[AreaFigure, ...]


class BudgetApproved(OperationFact, source="intake"):
    """Money of one source for one year and purpose was approved; a change supersedes."""

    budget: Id
    year: Annotated[int, Field(ge=1990, le=2100)]
    cost_type: CostType
    money_source: MoneySource
    amount: Euro
    approved_on: date


class CommitmentMade(OperationFact, source="intake"):
    """Money was promised, for example for the months of a wage subsidy."""

    commitment: Id
    money_source: MoneySource
    cost_type: CostType
    amount: Euro
    committed_on: date
    first_month: date | None = None
    last_month: date | None = None


class CommitmentReleased(OperationFact, source="intake"):
    """A promise, or a part of it, is no longer needed."""

    commitment: Id
    money_source: MoneySource
    amount: Euro
    released_on: date


class PaymentRequested(OperationFact, source="intake"):
    """Money was asked for from the granting body."""

    request: Id
    money_source: MoneySource
    amount: Euro
    requested_on: date
    period_from: date
    period_until: date


class PaymentMade(OperationFact, source="intake"):
    """Money was paid. The year of the last payment starts the time for keeping records (Art. 82 CPR 2021/1060)."""

    payment: Id
    money_source: MoneySource
    cost_type: CostType
    amount: Euro
    paid_on: date
    commitment: Id | None = None


class PaymentReturned(OperationFact, source="intake"):
    """Money that was paid came back, or was paid back to the granting body."""

    payment: Id
    money_source: MoneySource
    amount: Euro
    returned_on: date


class StockReported(OperationFact, source="intake"):
    """A stock that nobody can count from facts here, such as the recipients of benefits in a month (KennzV)."""

    stock: StockKind
    counted_on: date
    count: Annotated[int, Field(ge=0)]
    partner: Slug | None = None


class OrganisationSupported(OperationFact, source="intake"):
    """An administration, school or company was trained, sensitised or informed (WIR goal 2; EECO18, EECO19)."""

    organisation: Id
    kind: OrganisationKind
    audience: Audience
    size: SizeClass | None = None
    in_area: AreaResult | None = None
    support: GatheringKind | None = None
    """Training, sensitisation, information or a network meeting."""
    heads: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """How many of its people took part; they are no participants."""
    is_employer: bool = False
    """Matching knows it as an employer: employer-trained is told as well, and as an enterprise it counts there."""
    supported_on: date
    partner: Slug | None = None


class EmployerTrained(EmployerFact, source="intake"):
    """People of a registered employer were trained, sensitised or informed. Told with organisation-supported.

    So whoever was advised as an employer and supported as an organisation is one enterprise. Size as known on telling.
    """

    organisation: Id
    """The same enterprise among the operation's organisations."""
    support: GatheringKind | None = None
    headcount: Annotated[int, Field(ge=0)] | None = None
    size: SizeClass = SizeClass.UNKNOWN
    in_area: AreaResult | None = None
    trained_on: date


class MilestoneReached(OperationFact, source="intake"):
    """The operation reached something that was planned."""

    milestone: MilestoneKind
    reached_on: date
    partner: Slug | None = None
