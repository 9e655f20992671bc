"""What intake answers to facts of others."""

from collections.abc import Sequence

from lotse_shared.contracts.codes import ReferralSource
from lotse_shared.contracts.intake import ParticipantReferred
from lotse_shared.contracts.jobcenter import ReferralMade
from lotse_shared.deciding import Handlers, Now
from lotse_shared.envelope import Event

from lotse_intake.domain.case import CASE, Case

handlers = Handlers()


@handlers.on(ReferralMade, CASE)
def take_referral(case: Case, referral: ReferralMade, now: Now) -> Sequence[Event]:
    """A jobcenter sends somebody: the named partner's case begins, once."""
    if case.referred_on or case.erased:
        return []
    return [
        ParticipantReferred(
            operation=now.operation,
            case=now.subject,
            partner=referral.to_partner,
            referred_on=referral.referred_on,
            referred_by=ReferralSource.JOBCENTER,
            legal_sphere=referral.legal_sphere,
            referral=referral.referral,
        )
    ]
