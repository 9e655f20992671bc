"""What systems of jobcenters tell, from outside. Intake's gateway publishes it; `source` then names the system."""

from datetime import date

from lotse_shared.contracts.about import CaseFact
from lotse_shared.contracts.codes import Employment, Euro, Instrument, LegalSphere
from lotse_shared.envelope import Id, Slug


class ReferralMade(CaseFact, source="jobcenter"):
    """A jobcenter sends somebody to a partner; intake answers with participant-referred."""

    referral: Id
    to_partner: Slug
    referred_on: date
    legal_sphere: LegalSphere


class BenefitPeriodChanged(CaseFact, source="jobcenter"):
    """The period for which benefits are approved changed."""

    first_day: date
    last_day: date | None = None


class StatusChanged(CaseFact, source="jobcenter"):
    """The jobcenter's own record of the labour market status changed."""

    status: Employment
    changed_on: date


class SubsidyDecided(CaseFact, source="jobcenter"):
    """The jobcenter decided about a wage subsidy (LZA: before the contract is signed)."""

    subsidy: Id
    instrument: Instrument
    approved: bool
    decided_on: date
    amount: Euro | None = None
