"""Subsidies are approved, by the dated rules of their instruments."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from lotse_shared.calendar import period_end
from lotse_shared.contracts.codes import Euro, Hours, Instrument, Term
from lotse_shared.contracts.matching import (
    HiringIncentiveGranted,
    SubsidyApproved,
    SubsidyPhase,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id
from pydantic import Field

from lotse_matching.domain.case import CASE, Case, Job, Subsidy, not_erased
from lotse_matching.domain.commands import STEERING, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.instruments import Rule, rule_for
from lotse_matching.domain.subsidies import Schedule, base_of_wage, minimum_wage

Amount = Annotated[Euro, Field(gt=0)]


def approved_for(case: Case, instrument: Instrument | None, starts_on: date) -> tuple[str, Subsidy] | None:
    """The subsidy that was approved for work that had not begun, with its id, by instrument and first day."""
    for key, subsidy in case.subsidies.items():
        if subsidy.placement is None and (subsidy.instrument, subsidy.starts_on) == (instrument, starts_on):
            return key, subsidy
    return None


def work_of(case: Case, subsidy: "Subsidy | ApproveSubsidy") -> tuple[str, Job] | None:
    """The placement a subsidy pays for: the one it names, else that of its instrument that began on its first day."""
    if subsidy.placement:
        return (subsidy.placement, case.jobs[subsidy.placement]) if subsidy.placement in case.jobs else None
    for key, job in case.jobs.items():
        if (job.instrument, job.starts_on) == (subsidy.instrument, subsidy.starts_on):
            return key, job
    return None


def job_of(case: Case, subsidy: Subsidy) -> Job | None:
    """The job of the placement a subsidy pays for."""
    found = work_of(case, subsidy)
    return found[1] if found else None


def schedule_of(case: Case, subsidy: Subsidy) -> Schedule:
    """What is paid when; not beyond the last day of the job."""
    job = job_of(case, subsidy)
    ends = [day for day in (subsidy.ends_on, job.last_day if job else None) if day]
    return Schedule(subsidy.starts_on, subsidy.phases, subsidy.bases, min(ends, default=None))


def hiring_incentive(
    subsidy: str, approved: "Subsidy | ApproveSubsidy", employer: str, known: Employer, work_began: date, now: Now
) -> HiringIncentiveGranted:
    """What the subsidy of somebody's wage is to the enterprise that pays the wage: support of its own (EECO19).

    From the day on which there are both the approval and the work.
    """
    return HiringIncentiveGranted(
        operation=now.operation,
        employer=employer,
        partner=now.partner,
        subsidy=subsidy,
        instrument=approved.instrument,
        headcount=known.headcount,
        size=known.size,
        in_area=known.in_area,
        granted_on=max(approved.approved_on, work_began),
    )


class BaseAsked(Command):
    """What the percentages of a subsidy apply to."""

    base: Amount | None = None
    """Euros a month. Either this or wage."""
    wage: Amount | None = None
    """Euros a month; the lump sum for the employer's share is added as the instrument has it."""
    tariff: bool = True
    """Whether the employer is bound to that wage; if not, SGB II 16i pays the minimum wage for hours_per_week."""
    hours_per_week: Hours | None = None


class ApproveSubsidy(BaseAsked):
    """A wage subsidy is granted."""

    instrument: Instrument
    approved_on: date
    starts_on: date
    placement: Id | None = None
    """Left out where the work has not begun; it is then found by instrument and first day."""
    phases: tuple[SubsidyPhase, ...] = ()
    """Left out where the law fixes them."""


def _who_employs(case: Case, command: ApproveSubsidy) -> Mapping[str, str | None]:
    """The employer of the work that has begun already."""
    work = work_of(case, command)
    return {"employer": work[1].employer if work else None}


@commands.on(CASE, roles=STEERING, also={"employer": EMPLOYER}, reaches=_who_employs)
def approve_subsidy(case: Case, command: ApproveSubsidy, now: Now, *, employer: Employer | None) -> Sequence[Event]:
    """Approve a subsidy by the dated rules of its instrument; LZA only before the contract is signed.

    Where the work has begun, the approval names it and its employer is told of as well; else make-placement tells.
    """
    not_erased(case)
    not_in_future(command.approved_on, now, "approved_on")
    if case.enrolment is None:
        raise Refused("nothing was heard of this person's entry", way_out="Enrol the person in intake first.")
    rule = rule_for(command.instrument, command.starts_on)
    if command.placement:
        _fits(case, command, rule)
    _not_twice(case, command)
    work = work_of(case, command)
    subsidy = now.new_id()
    told: list[Event] = [
        SubsidyApproved(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            subsidy=subsidy,
            placement=work[0] if work else None,
            instrument=command.instrument,
            approved_on=command.approved_on,
            starts_on=command.starts_on,
            base=base_from(command, rule, command.starts_on),
            phases=_phases(command, rule),
        )
    ]
    if work and work[1].employer and employer:
        told.append(hiring_incentive(subsidy, command, work[1].employer, employer, work[1].starts_on, now))
    return told


def _fits(case: Case, command: ApproveSubsidy, rule: Rule) -> None:
    """Refuse a job that the instrument does not pay for."""
    job = case.jobs.get(command.placement or "")
    if job is None:
        raise Refused("there is no such job", field="placement", way_out="Look at the case for its jobs.")
    if job.instrument not in (None, command.instrument):
        raise Refused(f"this job is paid by {job.instrument}", field="instrument", way_out="Check both.")
    not_before(command.starts_on, job.starts_on, "the start of the job", "starts_on")
    if job.last_day and command.starts_on > job.last_day:
        raise Refused(f"the job ended on {job.last_day}", field="starts_on", way_out="Check both days.")
    if rule.before_contract and command.approved_on > (job.contract_on or job.starts_on):
        raise Refused(
            f"the contract was signed on {job.contract_on or job.starts_on}, before the approval",
            field="approved_on",
            way_out="Check both days: this instrument is approved before the contract is signed.",
        )
    if job.hours_per_week is not None and job.hours_per_week < rule.least_hours:
        raise Refused(
            f"this instrument needs at least {rule.least_hours} hours a week",
            field="placement",
            way_out="Record longer hours with change-job, or choose another instrument.",
        )
    short = job.ends_on and rule.least_months and job.ends_on < period_end(job.starts_on, rule.least_months)
    if job.term != Term.PERMANENT and short:
        raise Refused(
            f"this instrument needs a contract of at least {rule.least_months} months",
            field="placement",
            way_out="Record a longer contract, or choose another instrument.",
        )


def _not_twice(case: Case, command: ApproveSubsidy) -> None:
    for key, subsidy in case.subsidies.items():
        covered = schedule_of(case, subsidy)
        if subsidy.instrument == command.instrument and command.starts_on <= covered.last_day:
            raise Refused(
                f"{command.instrument} is approved already until {covered.last_day}",
                field="starts_on",
                way_out=f"Change that subsidy ({key}) with change-subsidy, or take it back with retract-fact.",
            )


def _phases(command: ApproveSubsidy, rule: Rule) -> tuple[SubsidyPhase, ...]:
    """What was asked for, if the law has it so; where it fixes everything, its usual schedule."""
    if rule.schedules:
        phases = command.phases or rule.schedules[0]
        if not any(_begins(phases, schedule) for schedule in rule.schedules):
            fixed = " or ".join(
                ", ".join(f"{one.months} months {one.percent} %" for one in schedule) for schedule in rule.schedules
            )
            raise Refused(
                f"{command.instrument} is paid for {fixed}",
                field="phases",
                way_out="Leave phases out, or send the beginning of that.",
            )
        return phases
    if not command.phases:
        raise Refused(f"{command.instrument} has no fixed phases", field="phases", way_out="Name them.")
    percent = max(phase.percent for phase in command.phases)
    months = sum(phase.months for phase in command.phases)
    if percent > rule.most_percent or months > rule.most_months:
        raise Refused(
            f"{command.instrument} pays at most {rule.most_percent} % for at most {rule.most_months} months",
            field="phases",
            way_out="Check percentages and months.",
        )
    return command.phases


def _begins(phases: Sequence[SubsidyPhase], schedule: Sequence[SubsidyPhase]) -> bool:
    """Whether the phases are the schedule or its beginning; the last one may be shorter."""
    if not 0 < len(phases) <= len(schedule):
        return False
    *before, last = zip(phases, schedule, strict=False)
    asked, fixed = last
    return all(one == other for one, other in before) and (
        asked.percent == fixed.percent and asked.months <= fixed.months
    )


def base_from(asked: "BaseAsked", rule: Rule, day: date) -> Decimal:
    """The monthly base in euros that was asked for: as it stands, or computed from the wage by the rule of a day.

    Raises:
        Refused: both or neither were named, or the wage is below the minimum.
    """
    if (asked.base is None) == (asked.wage is None):
        raise Refused("the base is not clear", field="base", way_out="Name either base or wage.")
    if asked.base is not None:
        return asked.base
    wage = asked.wage or Decimal(0)
    if rule.minimum_wage_base and not asked.tariff:
        if asked.hours_per_week is None:
            raise Refused(
                "without a tariff the minimum wage counts", field="hours_per_week", way_out="Name the hours a week."
            )
        least = minimum_wage(asked.hours_per_week, day)
        if wage < least:
            raise Refused(
                f"the minimum wage for these hours is {least} on {day}", field="wage", way_out="Check wage and hours."
            )
        wage = least
    return base_of_wage(wage, rule.employer_share)
