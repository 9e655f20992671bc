"""Checking whether somebody may take part, by the rules of the day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from lotse_shared.contracts.codes import EligibilityResult, ResidenceStatus, WorkBan
from lotse_shared.contracts.intake import EligibilityChecked
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event
from pydantic import Field

from lotse_intake.domain.case import CASE, Case, must_be_open, not_before, not_in_future
from lotse_intake.domain.commands import STAFF, commands
from lotse_intake.domain.eligibility import Circumstances, Rules, Verdict, rule_set


class CheckEligibility(Command):
    """By which rules, on which day, and what is known; what is not known is left out."""

    rules: Rules
    decided_on: date
    residence_status: ResidenceStatus | None = None
    work_ban: WorkBan | None = None
    safe_country: bool | None = None
    age: Annotated[int, Field(ge=0, le=120)] | None = None
    unemployed_since: date | None = None
    vocational_qualification: bool | None = None
    reviewed: EligibilityResult | None = None
    """What a coordinator decided, where the rules ask for a person's decision."""


@commands.on(CASE, roles=STAFF)
def check_eligibility(case: Case, command: CheckEligibility, now: Now) -> Sequence[Event]:
    """Judge by the rule set that holds on the day of the decision; a later check replaces an earlier one."""
    must_be_open(case, now)
    not_in_future(command.decided_on, now, "decided_on")
    not_before(command.decided_on, case.referred_on, "the referral", "decided_on")
    chosen = rule_set(command.rules, command.decided_on)
    if chosen is None:
        raise Refused(
            f"no rules {command.rules} held on {command.decided_on}",
            field="decided_on",
            way_out="Check the day, or the programme.",
        )
    verdict = chosen.judge(
        Circumstances(
            decided_on=command.decided_on,
            residence_status=command.residence_status,
            work_ban=command.work_ban,
            safe_country=command.safe_country,
            age=command.age,
            unemployed_since=command.unemployed_since,
            vocational_qualification=command.vocational_qualification,
        )
    )
    if command.reviewed:
        verdict = _reviewed(verdict, command.reviewed, now)
    return [
        EligibilityChecked(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            rule_set=chosen.id,
            decided_on=command.decided_on,
            result=verdict.result,
            reasons=verdict.reasons,
        )
    ]


def _reviewed(verdict: Verdict, decision: EligibilityResult, now: Now) -> Verdict:
    if now.role != "coordinator":
        raise Refused("a review is a coordinator's", field="reviewed", way_out="Leave it out, and ask a coordinator.")
    if verdict.result != EligibilityResult.MANUAL_REVIEW:
        raise Refused(
            f"the rules decide this: {verdict.result}", field="reviewed", way_out="Leave the field out; check the rest."
        )
    if decision not in (EligibilityResult.ELIGIBLE, EligibilityResult.NOT_ELIGIBLE):
        raise Refused("a review decides", field="reviewed", way_out="Say eligible or not-eligible.")
    return Verdict(decision, (*verdict.reasons, "decided-by-a-person"))
