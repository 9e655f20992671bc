"""Code lists that events use. A list may grow; `UNKNOWN` is what a reader makes of a code newer than itself.

Sources: Reg. (EU) 2021/1057 and 1304/2013, Annex I (ESF indicators), the guidelines of BIWAQ and WIR, SGB II and III,
AufenthG, KennzV, and the reports of the five programmes.
"""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field
from pydantic.config import JsonDict

from lotse_shared.envelope import Code

SPECIAL_CATEGORY: Final[JsonDict] = {"x-special-category": True}
"""Marks a field as data of a special category (Art. 9 GDPR) or residence status, which is guarded like one."""

SPECIAL: Final = Field(json_schema_extra=SPECIAL_CATEGORY)
"""The same, to write beside a type: `Annotated[ResidenceStatus, SPECIAL]`."""

Euro = Annotated[Decimal, Field(max_digits=14, decimal_places=2)]
"""Euros with cents; travels as a decimal string, never as a float."""

Percent = Annotated[int, Field(ge=0, le=100)]
Hours = Annotated[Decimal, Field(ge=0, le=168, max_digits=5, decimal_places=2)]


class Answer(Code):
    """An answer to a question that may be refused: the attempt to ask is documented by the code itself."""

    YES = "yes"
    NO = "no"
    REFUSED = "refused"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


class Gender(Code):
    """The break-down of ESF+ indicators (Annex I Reg. (EU) 2021/1057): women, men, non-binary."""

    FEMALE = "female"
    MALE = "male"
    NON_BINARY = "non-binary"
    UNKNOWN = "unknown"


class Employment(Code):
    """Status on the labour market immediately before entry: EECO02, 04, 05 partition the complete records."""

    UNEMPLOYED = "unemployed"
    INACTIVE = "inactive"
    EMPLOYED = "employed"
    SELF_EMPLOYED = "self-employed"
    UNKNOWN = "unknown"


class JobAtEntry(Code):
    """What kind of work somebody had who worked at entry: decides EECO05 and what EECR06 can improve."""

    INSURED = "insured"
    MINIJOB = "minijob"
    SELF_EMPLOYED = "self-employed"
    CIVIL_SERVANT = "civil-servant"
    APPRENTICESHIP = "apprenticeship"
    PARENTAL_LEAVE = "parental-leave"
    FAMILY_BUSINESS = "family-business"
    UNKNOWN = "unknown"


class Term(Code):
    """How long a contract of employment is meant to last."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed-term"
    UNKNOWN = "unknown"


class Citizenship(Code):
    """Citizenship as far as EECO13 needs it; two citizenships with one of the EU are `eu` or `german`."""

    GERMAN = "german"
    EU = "eu"
    THIRD_COUNTRY = "third-country"
    STATELESS = "stateless"
    UNDETERMINED = "undetermined"
    UNKNOWN = "unknown"


class Recognition(Code):
    """Whether a foreign certificate is recognised (kept beside its ISCED level)."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"
    IN_PROCEDURE = "in-procedure"
    UNKNOWN = "unknown"


class AreaResult(Code):
    """Where the address at entry lies as to the programme area (BIWAQ)."""

    IN_AREA = "in-area"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class AreaRule(Code):
    """Whether participants have to live in the programme area (BIWAQ); exceptions need a coordinator and a reason."""

    REQUIRED = "required"
    REPORT_ONLY = "report-only"
    UNKNOWN = "unknown"


class LegalSphere(Code):
    """Rechtskreis: the law that the person's benefits come from."""

    SGB2 = "sgb2"
    SGB3 = "sgb3"
    ASYLBLG = "asylblg"
    NONE = "none"
    UNKNOWN = "unknown"


class ResidenceStatus(Code):
    """Residence documents by paragraph of AufenthG or AsylG; AE is a residence permit (Aufenthaltserlaubnis)."""

    AE_22 = "ae-22"
    AE_23 = "ae-23"
    AE_23A = "ae-23a"
    AE_24 = "ae-24"
    AE_25_1 = "ae-25-1"
    AE_25_2 = "ae-25-2"
    AE_25_3 = "ae-25-3"
    AE_25_4 = "ae-25-4"
    AE_25_4A = "ae-25-4a"
    AE_25_4B = "ae-25-4b"
    AE_25_5 = "ae-25-5"
    AE_25A = "ae-25a"
    AE_25B = "ae-25b"
    AE_104C = "ae-104c"
    AE_16G = "ae-16g"
    SETTLEMENT_26 = "settlement-26"
    GESTATTUNG_55 = "gestattung-55"
    DULDUNG_60A = "duldung-60a"
    DULDUNG_60B = "duldung-60b"
    DULDUNG_60C = "duldung-60c"
    DULDUNG_60D = "duldung-60d"
    FICTION_81 = "fiction-81"
    OTHER = "other"
    UNKNOWN = "unknown"


class WorkBan(Code):
    """Bans of work: a temporary one does not keep anybody out of WIR, an absolute one of a Duldung does."""

    NONE = "none"
    TEMPORARY = "temporary"
    ABSOLUTE = "absolute"
    UNKNOWN = "unknown"


class ConsentPurpose(Code):
    """What a consent is for."""

    PARTICIPATION = "participation"
    SENSITIVE_ITEMS = "sensitive-items"
    REFERRAL = "referral"
    CONTACT_AFTER_EXIT = "contact-after-exit"
    MATCHING = "matching"
    UNKNOWN = "unknown"


class EligibilityResult(Code):
    """What a dated rule set said."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not-eligible"
    MANUAL_REVIEW = "manual-review"
    UNKNOWN = "unknown"


class ReferralSource(Code):
    """Who sent somebody."""

    JOBCENTER = "jobcenter"
    EMPLOYMENT_AGENCY = "employment-agency"
    SELF = "self"
    PARTNER = "partner"
    OTHER = "other"
    UNKNOWN = "unknown"


class ExitReason(Code):
    """Why a participation ended."""

    WORK_INSURED = "work-insured"
    WORK_SUBSIDISED_16E = "work-subsidised-16e"
    WORK_SUBSIDISED_16I = "work-subsidised-16i"
    MINIJOB = "minijob"
    SELF_EMPLOYED = "self-employed"
    TRAINING_COMPANY = "training-company"
    SCHOOL_STUDY = "school-study"
    OTHER_MEASURE = "other-measure"
    GOAL_REACHED = "goal-reached"
    PLANNED_END = "planned-end"
    NO_SHOW = "no-show"
    OWN_WISH = "own-wish"
    PROVIDER_EXCLUDED = "provider-excluded"
    ILLNESS = "illness"
    MATERNITY_CARE = "maternity-care"
    MOVED_AWAY = "moved-away"
    RESIDENCE_LOST = "residence-lost"
    IMPRISONED = "imprisoned"
    RETIRED = "retired"
    DECEASED = "deceased"
    CONTACT_LOST = "contact-lost"
    UNKNOWN = "unknown"


class StatusAfter(Code):
    """What somebody does on a day after leaving (EECR01 to 06)."""

    EMPLOYED = "employed"
    SELF_EMPLOYED = "self-employed"
    MINIJOB = "minijob"
    APPRENTICESHIP = "apprenticeship"
    EDUCATION = "education"
    SEEKING = "seeking"
    UNEMPLOYED = "unemployed"
    WORK_OPPORTUNITY = "work-opportunity"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


class Improvement(Code):
    """How an employed participant's situation improved (EECR06); a higher wage alone is `none`."""

    STABLE = "stable"
    FULL_TIME = "full-time"
    HIGHER_COMPETENCE = "higher-competence"
    PROMOTION = "promotion"
    NONE = "none"
    UNKNOWN = "unknown"


class SurveyMode(Code):
    """How a follow-up answer was had."""

    INTERVIEW = "interview"
    TELEPHONE = "telephone"
    LETTER = "letter"
    REGISTER = "register"
    EMPLOYER = "employer"
    UNKNOWN = "unknown"


class WirSupport(Code):
    """The support catalogue of WIR, goal 1 (guideline of 19 April 2022)."""

    LABOUR_MARKET_ADVICE = "labour-market-advice"
    CAREER_ORIENTATION = "career-orientation"
    ACCESS_TO_REGULAR_SYSTEM = "access-to-regular-system"
    INDIVIDUAL_QUALIFICATION = "individual-qualification"
    PLACEMENT_WORK = "placement-work"
    PLACEMENT_TRAINING = "placement-training"
    PLACEMENT_SCHOOL = "placement-school"
    ACTIVATION_IN_COMPANY = "activation-in-company"
    TRANSITION_SCHOOL_TO_WORK = "transition-school-to-work"
    SUPPORT_AFTER_START = "support-after-start"
    FAMILY_INVOLVED = "family-involved"
    UNKNOWN = "unknown"


class MeasureKind(Code):
    """What a measure is. Education and qualification are kinds of their own; the MEHRLiN rows tell them apart."""

    EDUCATION = "education"
    QUALIFICATION = "qualification"
    ADVICE = "advice"
    START_UP_ADVICE = "start-up-advice"
    HEALTH = "health"
    LANGUAGE = "language"
    DIGITAL = "digital"
    JOB_TRAINING = "job-training"
    MEETING_PLACE = "meeting-place"
    OTHER = "other"
    UNKNOWN = "unknown"


class Presence(Code):
    """One person, one measure, one day (SGB III paragraph 318: absences with reasons)."""

    PRESENT = "present"
    EXCUSED = "excused"
    UNEXCUSED = "unexcused"
    SICK = "sick"
    SCHOOL = "school"
    INTERNSHIP = "internship"
    UNKNOWN = "unknown"


class LeavingReason(Code):
    """Why somebody left a measure."""

    COMPLETED = "completed"
    BROKEN_OFF = "broken-off"
    WORK_FOUND = "work-found"
    ILLNESS = "illness"
    OTHER = "other"
    UNKNOWN = "unknown"


class GatheringKind(Code):
    """What people gathered for."""

    HEALTH = "health"
    MAINSTREAMING = "mainstreaming"
    TRAINING = "training"
    SENSITISATION = "sensitisation"
    INFORMATION = "information"
    NETWORK_MEETING = "network-meeting"
    MEETING_PLACE = "meeting-place"
    BUSINESS_EVENT = "business-event"
    ONLINE_CONTACT = "online-contact"
    OTHER = "other"
    UNKNOWN = "unknown"


class Audience(Code):
    """Whom a gathering or a structural measure addressed."""

    PARTICIPANTS = "participants"
    RESIDENTS = "residents"
    ADMINISTRATION = "administration"
    COMPANIES = "companies"
    SCHOOLS = "schools"
    NETWORK = "network"
    PUBLIC = "public"
    UNKNOWN = "unknown"


class Band(Code):
    """Groups within a gathering that may be counted beside its heads; they overlap and are never summed."""

    WOMEN = "women"
    UNDER_27 = "under-27"
    FOREIGN_BACKGROUND = "foreign-background"
    ADMINISTRATION = "administration"
    COMPANIES = "companies"
    UNKNOWN = "unknown"


class PlacementKind(Code):
    """What somebody was placed into. `labour-market` follows from it by matching's dated table."""

    INSURED = "insured"
    INSURED_EGZ = "insured-egz"
    INSURED_LZA = "insured-lza"
    MINIJOB = "minijob"
    APPRENTICESHIP = "apprenticeship"
    SCHOOL_TRAINING = "school-training"
    SCHOOL = "school"
    SELF_EMPLOYMENT = "self-employment"
    SUBSIDISED_16E = "subsidised-16e"
    SUBSIDISED_16I = "subsidised-16i"
    WORK_OPPORTUNITY = "work-opportunity"
    CITIZEN_WORK = "citizen-work"
    INCLUSION_FIRM = "inclusion-firm"
    HOLIDAY_JOB = "holiday-job"
    UNKNOWN = "unknown"


class LabourMarket(Code):
    """First, second or third labour market (MEHRLiN rows 4 and 8); training and school are none of them."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    NONE = "none"
    UNKNOWN = "unknown"


class EndedBy(Code):
    """Who ended a job; decides repayment of a subsidy (SGB III paragraph 92)."""

    EMPLOYER = "employer"
    EMPLOYEE = "employee"
    BOTH = "both"
    END_OF_TERM = "end-of-term"
    UNKNOWN = "unknown"


class EndReason(Code):
    """Why a job ended."""

    PERSON_OR_CONDUCT = "person-or-conduct"
    BUSINESS = "business"
    PROBATION = "probation"
    HEALTH = "health"
    OWN_WISH = "own-wish"
    OTHER_JOB = "other-job"
    TERM_OVER = "term-over"
    PENSION = "pension"
    RECALLED = "recalled"
    OTHER = "other"
    UNKNOWN = "unknown"


class Instrument(Code):
    """Instruments that pay a part of a wage (SGB II 16e, 16i; SGB III 88 to 92; the LZA programme)."""

    SECTION_16E = "16e"
    SECTION_16I = "16i"
    EGZ = "egz"
    LZA = "lza"
    PREMIUM = "premium"
    OTHER = "other"
    UNKNOWN = "unknown"


class LzaCase(Code):
    """Normal or intensive case of the LZA programme; the intensive ones are at most 10 % of starts."""

    NORMAL = "normal"
    INTENSIVE = "intensive"
    UNKNOWN = "unknown"


class SizeClass(Code):
    """Size of an enterprise by staff: micro under 10, small under 50, medium under 250."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"


class OrganisationKind(Code):
    """What an organisation is (EECO18 counts administrations, EECO19 enterprises)."""

    ENTERPRISE = "enterprise"
    ADMINISTRATION = "administration"
    SCHOOL = "school"
    ASSOCIATION = "association"
    SOCIAL_ENTERPRISE = "social-enterprise"
    OTHER = "other"
    UNKNOWN = "unknown"


class JobOrigin(Code):
    """Where a job of the Dortmund model came from."""

    PROCUREMENT = "procurement"
    NEW_SIMPLE_WORK = "new-simple-work"
    FUNDED = "funded"
    OTHER = "other"
    UNKNOWN = "unknown"


class OfferKind(Code):
    """What an employer offers."""

    JOB = "job"
    MINIJOB = "minijob"
    APPRENTICESHIP = "apprenticeship"
    INTERNSHIP = "internship"
    HOLIDAY_JOB = "holiday-job"
    UNKNOWN = "unknown"


class AdviceKind(Code):
    """What an enterprise was advised about."""

    HIRING = "hiring"
    DIGITAL = "digital"
    ONLINE_TRADE = "online-trade"
    HEALTH = "health"
    DIVERSITY = "diversity"
    SKILLED_STAFF = "skilled-staff"
    START_UP = "start-up"
    OTHER = "other"
    UNKNOWN = "unknown"


class Channel(Code):
    """How somebody was contacted."""

    VISIT = "visit"
    TELEPHONE = "telephone"
    LETTER = "letter"
    ONLINE = "online"
    OFFICE = "office"
    WORKPLACE = "workplace"
    HOME = "home"
    UNKNOWN = "unknown"


class MatchDecision(Code):
    """What a person decided about a suggestion."""

    SUGGESTED = "suggested"
    DECLINED = "declined"
    LATER = "later"
    UNKNOWN = "unknown"


class MatchReason(Code):
    """Why a suggestion was taken or not."""

    FITS = "fits"
    WISH = "wish"
    TOO_FAR = "too-far"
    HOURS = "hours"
    LICENCE = "licence"
    LANGUAGE = "language"
    STRAIN = "strain"
    NOT_NOW = "not-now"
    OTHER = "other"
    UNKNOWN = "unknown"


class ApplicationResult(Code):
    """How an interview or application ended."""

    OFFER = "offer"
    REFUSAL = "refusal"
    OPEN = "open"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class ClauseResult(Code):
    """How the obligation from a procurement clause ended."""

    KEPT = "kept"
    BROKEN = "broken"
    WAIVED = "waived"
    UNKNOWN = "unknown"


class Topic(Code):
    """What a coaching visit was about."""

    WORK = "work"
    DEBTS = "debts"
    LICENCE = "licence"
    AUTHORITIES = "authorities"
    FAMILY = "family"
    HOUSING = "housing"
    HEALTH_AT_WORK = "health-at-work"
    LANGUAGE = "language"
    CHILDCARE = "childcare"
    QUALIFICATION = "qualification"
    OTHER = "other"
    UNKNOWN = "unknown"


class GoalKind(Code):
    """What a goal is about."""

    WORK = "work"
    APPRENTICESHIP = "apprenticeship"
    SCHOOL = "school"
    LICENCE = "licence"
    DEBTS = "debts"
    LANGUAGE = "language"
    HEALTH_AT_WORK = "health-at-work"
    HOUSING = "housing"
    CHILDCARE = "childcare"
    QUALIFICATION = "qualification"
    STABILITY = "stability"
    OTHER = "other"
    UNKNOWN = "unknown"


class CrisisKind(Code):
    """What sort of trouble; never a diagnosis."""

    JOB = "job"
    MONEY = "money"
    HOUSING = "housing"
    FAMILY = "family"
    HEALTH = "health"
    OTHER = "other"
    UNKNOWN = "unknown"


class Severity(Code):
    """How bad a crisis is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    UNKNOWN = "unknown"


class QualificationKind(Code):
    """What was gained."""

    SCHOOL_CERTIFICATE = "school-certificate"
    VOCATIONAL = "vocational"
    PARTIAL = "partial"
    LANGUAGE = "language"
    LICENCE = "licence"
    OTHER = "other"
    UNKNOWN = "unknown"


class MoneySource(Code):
    """Where money comes from; PAT and saved housing costs (KdU) are sources, never income of the project."""

    ESF = "esf"
    FEDERAL = "federal"
    LAND = "land"
    MUNICIPAL = "municipal"
    OWN = "own"
    PAT = "pat"
    SAVED_HOUSING_COSTS = "saved-housing-costs"
    OTHER = "other"
    UNKNOWN = "unknown"


class CostType(Code):
    """What money is for."""

    STAFF = "staff"
    WAGE_SUBSIDY = "wage-subsidy"
    PREMIUM = "premium"
    MATERIAL = "material"
    OVERHEAD = "overhead"
    TRAINING = "training"
    OTHER = "other"
    UNKNOWN = "unknown"


class PartnerRole(Code):
    """What an organisation is to the network: a network partner runs a subproject, a cooperating one works with it."""

    LEAD = "lead"
    NETWORK_PARTNER = "network-partner"
    COOPERATING = "cooperating"
    JOBCENTER = "jobcenter"
    EMPLOYMENT_AGENCY = "employment-agency"
    UNKNOWN = "unknown"


class RegionCategory(Code):
    """ESF region category."""

    LESS_DEVELOPED = "less-developed"
    TRANSITION = "transition"
    MORE_DEVELOPED = "more-developed"
    UNKNOWN = "unknown"


class StockKind(Code):
    """What is counted on a day and reported as a stock by hand; the recipients divide the quotas of KennzV."""

    BENEFIT_RECIPIENTS = "benefit-recipients"
    SINGLE_PARENT_RECIPIENTS = "single-parent-recipients"
    LONG_TERM_RECIPIENTS = "long-term-recipients"
    WAITING_LIST = "waiting-list"
    PLACES = "places"
    OTHER = "other"
    UNKNOWN = "unknown"


class ProjectTrait(Code):
    """What kind of project an operation is (CO20 to CO22 of the ESF 2014 to 2020)."""

    SOCIAL_PARTNERS_OR_NGO = "social-partners-or-ngo"
    WOMEN_IN_EMPLOYMENT = "women-in-employment"
    PUBLIC_ADMINISTRATIONS = "public-administrations"
    UNKNOWN = "unknown"


class AreaFigureKind(Code):
    """What the area data sheet of BIWAQ tells about a programme area and its city."""

    HECTARES = "hectares"
    INHABITANTS = "inhabitants"
    SGB2_PERCENT = "sgb2-percent"
    UNEMPLOYED_PERCENT = "unemployed-percent"
    FOREIGN_BACKGROUND_PERCENT = "foreign-background-percent"
    UNKNOWN = "unknown"


class AreaScope(Code):
    """What a figure of the area data sheet is about."""

    AREA = "area"
    CITY = "city"
    UNKNOWN = "unknown"


class MilestoneKind(Code):
    """What an operation reached."""

    KICK_OFF = "kick-off"
    INTERIM_EVALUATION = "interim-evaluation"
    FINAL_CONFERENCE = "final-conference"
    MEETING_PLACE_OPENED = "meeting-place-opened"
    MARKETPLACE_OPENED = "marketplace-opened"
    APP_RELEASED = "app-released"
    SOCIAL_ENTERPRISE_CONCEPT = "social-enterprise-concept"
    OTHER = "other"
    UNKNOWN = "unknown"


class RetractionReason(Code):
    """Why a fact is taken back."""

    ENTERED_BY_MISTAKE = "entered-by-mistake"
    NOT_HAPPENED = "not-happened"
    WRONG_PERSON = "wrong-person"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
