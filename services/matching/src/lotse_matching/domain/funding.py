"""Subsidies are approved, paid month by month, changed and reclaimed; what they amount to is computed here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from lotse_shared.calendar import period_end
from lotse_shared.contracts.codes import EndedBy, EndReason, Euro, Hours, Instrument, MoneySource, Term
from lotse_shared.contracts.matching import (
    SubsidyApproved,
    SubsidyChanged,
    SubsidyPaid,
    SubsidyPhase,
    SubsidyReclaimed,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id
from pydantic import Field

from lotse_matching.domain.case import CASE, Case, Job, Subsidy, not_erased
from lotse_matching.domain.commands import STEERING, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.instruments import Rule, rule_for
from lotse_matching.domain.subsidies import Schedule, base_of_wage, instalments, minimum_wage, reclaimable

Amount = Annotated[Euro, Field(gt=0)]


def approved_for(case: Case, instrument: Instrument | None, starts_on: date) -> Subsidy | None:
    """The subsidy that was approved for work that had not begun, by instrument and first day."""
    for subsidy in case.subsidies.values():
        if subsidy.placement is None and (subsidy.instrument, subsidy.starts_on) == (instrument, starts_on):
            return subsidy
    return None


def job_of(case: Case, subsidy: Subsidy) -> Job | None:
    """The job a subsidy pays for: the one it names, else the one of its instrument that began on its first day."""
    if subsidy.placement:
        return case.jobs.get(subsidy.placement)
    for job in case.jobs.values():
        if (job.instrument, job.starts_on) == (subsidy.instrument, subsidy.starts_on):
            return job
    return None


def schedule_of(case: Case, subsidy: Subsidy) -> Schedule:
    """What is paid when; not beyond the last day of the job."""
    job = job_of(case, subsidy)
    ends = [day for day in (subsidy.ends_on, job.last_day if job else None) if day]
    return Schedule(subsidy.starts_on, subsidy.phases, subsidy.bases, min(ends, default=None))


class ApproveSubsidy(Command):
    """A wage subsidy is granted."""

    instrument: Instrument
    approved_on: date
    starts_on: date
    placement: Id | None = None
    """Left out where the work has not begun; it is then found by instrument and first day."""
    base: Amount | None = None
    """Euros a month that the percentages apply to. Either this or wage."""
    wage: Amount | None = None
    """Euros a month; the lump sum for the employer's share is added as the instrument has it."""
    tariff: bool = True
    """Whether the employer is bound to that wage; if not, SGB II 16i pays the minimum wage for hours_per_week."""
    hours_per_week: Hours | None = None
    phases: tuple[SubsidyPhase, ...] = ()
    """Left out where the law fixes them."""


@commands.on(CASE, roles=STEERING)
def approve_subsidy(case: Case, command: ApproveSubsidy, now: Now) -> Sequence[Event]:
    """Approve a subsidy by the dated rules of its instrument; LZA only before the contract is signed."""
    not_erased(case)
    not_in_future(command.approved_on, now, "approved_on")
    if case.enrolment is None:
        raise Refused("nothing was heard of this person's entry", way_out="Enrol the person in intake first.")
    rule = rule_for(command.instrument, command.starts_on)
    if command.placement:
        _fits(case, command, rule)
    _not_twice(case, command)
    return [
        SubsidyApproved(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            subsidy=now.new_id(),
            placement=command.placement,
            instrument=command.instrument,
            approved_on=command.approved_on,
            starts_on=command.starts_on,
            base=_base(command, rule, command.starts_on),
            phases=_phases(command, rule),
        )
    ]


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


def _base(command: "ApproveSubsidy | ChangeSubsidy", rule: Rule, day: date) -> Decimal:
    if (command.base is None) == (command.wage is None):
        raise Refused("the base is not clear", field="base", way_out="Name either base or wage.")
    if command.base is not None:
        return command.base
    wage = command.wage or Decimal(0)
    if rule.minimum_wage_base and not command.tariff:
        if command.hours_per_week is None:
            raise Refused(
                "without a tariff the minimum wage counts", field="hours_per_week", way_out="Name the hours a week."
            )
        least = minimum_wage(command.hours_per_week, day)
        if wage < least:
            raise Refused(
                f"the minimum wage for these hours is {least} on {day}", field="wage", way_out="Check wage and hours."
            )
        wage = least
    return base_of_wage(wage, rule.employer_share)


def _subsidy(case: Case, named: str | None, day: date | None = None) -> tuple[str, Subsidy]:
    """The named subsidy; where none is named the only one, of those that pay for the month of `day` if given."""
    not_erased(case)
    if named is not None:
        found = {named: case.subsidies[named]} if named in case.subsidies else {}
    else:
        found = {
            key: one for key, one in case.subsidies.items() if day is None or instalments(schedule_of(case, one), day)
        }
    if len(found) == 1:
        return next(iter(found.items()))
    keys = ", ".join(sorted(found or case.subsidies))
    raise Refused(
        "several subsidies could be meant" if found else "there is no such subsidy",
        field="subsidy",
        way_out=f"Name one of {keys}." if keys else "Use approve-subsidy first.",
    )


class PaySubsidy(Command):
    """A month is paid."""

    subsidy: Id | None = None
    """Left out where only one pays for that month."""
    month: date
    """Any day of it."""
    paid_on: date
    money_source: MoneySource


@commands.on(CASE, roles=STEERING)
def pay_subsidy(case: Case, command: PaySubsidy, now: Now) -> Sequence[Event]:
    """Pay one month, once: amount and percentage are computed; two facts where a phase ends within the month."""
    month = command.month.replace(day=1)
    key, subsidy = _subsidy(case, command.subsidy, month)
    not_in_future(command.paid_on, now, "paid_on")
    not_in_future(month, now, "month")
    not_before(command.paid_on, subsidy.approved_on, "the approval", "paid_on")
    if month in subsidy.paid:
        raise Refused(
            f"{month:%Y-%m} was paid already", field="month", way_out="To mend it, take that payment back first."
        )
    schedule = schedule_of(case, subsidy)
    owed = instalments(schedule, month)
    if not owed:
        raise Refused(
            f"the subsidy runs from {schedule.starts_on} to {schedule.last_day}",
            field="month",
            way_out="Name a month within it.",
        )
    return [
        SubsidyPaid(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            subsidy=key,
            instrument=subsidy.instrument,
            month=month,
            percent=one.percent,
            amount=one.amount,
            paid_on=command.paid_on,
            money_source=command.money_source,
        )
        for one in owed
    ]


class ChangeSubsidy(Command):
    """A new base, or an earlier end."""

    subsidy: Id | None = None
    """Left out where there is one only."""
    changed_on: date
    base: Amount | None = None
    wage: Amount | None = None
    tariff: bool = True
    hours_per_week: Hours | None = None
    ends_on: date | None = None


@commands.on(CASE, roles=STEERING)
def change_subsidy(case: Case, command: ChangeSubsidy, now: Now) -> Sequence[Event]:
    """Change base or end from a day on, such as with the minimum wage; months that were paid stay as they are."""
    key, subsidy = _subsidy(case, command.subsidy)
    not_before(command.changed_on, subsidy.starts_on, "the first day of the subsidy", "changed_on")
    schedule = schedule_of(case, subsidy)
    paid_until = period_end(max(subsidy.paid), 1) if subsidy.paid else None
    for day, field in ((command.changed_on, "changed_on"), (command.ends_on, "ends_on")):
        if day and day > schedule.last_day:
            raise Refused(f"the subsidy ends on {schedule.last_day}", field=field, way_out="Name an earlier day.")
    based = command.base is not None or command.wage is not None
    if not based and command.ends_on is None:
        raise Refused("nothing is changed", way_out="Name base, wage or ends_on.")
    if based and paid_until and command.changed_on <= paid_until:
        raise Refused(
            f"months until {paid_until} were paid already",
            field="changed_on",
            way_out="Take those payments back first, or change the base from a later day.",
        )
    if command.ends_on:
        not_before(command.ends_on, paid_until or subsidy.starts_on, "what was paid already", "ends_on")
    rule = rule_for(subsidy.instrument, subsidy.starts_on)
    return [
        SubsidyChanged(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            subsidy=key,
            changed_on=command.changed_on,
            base=_base(command, rule, command.changed_on) if based else None,
            ends_on=command.ends_on,
        )
    ]


class ReclaimSubsidy(Command):
    """Money has to come back."""

    subsidy: Id | None = None
    """Left out where there is one only."""
    reclaimed_on: date


_ACCEPTED: Final = frozenset({EndReason.PERSON_OR_CONDUCT, EndReason.BUSINESS, EndReason.PENSION})
"""Reasons for which an employer need not pay back (SGB III paragraph 92(2))."""


@commands.on(CASE, roles=STEERING)
def reclaim_subsidy(case: Case, command: ReclaimSubsidy, now: Now) -> Sequence[Event]:
    """Reclaim what the law says, once, when the job ended early for no accepted reason; the amount is computed."""
    key, subsidy = _subsidy(case, command.subsidy)
    not_in_future(command.reclaimed_on, now, "reclaimed_on")
    months = rule_for(subsidy.instrument, subsidy.starts_on).reclaim_months
    if months is None:
        raise Refused(f"{subsidy.instrument} is not paid back", field="subsidy", way_out="Nothing needs to be done.")
    if subsidy.reclaimed:
        raise Refused("this subsidy was reclaimed already", field="subsidy", way_out="Nothing needs to be done.")
    job = job_of(case, subsidy)
    if job is None or job.last_day is None:
        raise Refused("the job has not ended", field="subsidy", way_out="Record its end with lose-job or end-job.")
    not_before(command.reclaimed_on, job.last_day, "the end of the job", "reclaimed_on")
    if job.ended_by == EndedBy.EMPLOYEE or job.end_reason in _ACCEPTED:
        raise Refused("the law accepts the reason of this end", field="subsidy", way_out="Nothing needs to be done.")
    schedule = replace(schedule_of(case, subsidy), ends_on=subsidy.ends_on)
    if job.last_day >= schedule.last_day:
        raise Refused(
            f"the subsidy had ended on {schedule.last_day}",
            field="subsidy",
            way_out="The time of employment after a subsidy is not computed here: settle it by hand.",
        )
    amount = reclaimable(schedule, sum(subsidy.paid.values(), Decimal(0)), job.last_day, months)
    if amount <= 0:
        raise Refused("nothing was paid that could be reclaimed", field="subsidy", way_out="Nothing needs to be done.")
    return [
        SubsidyReclaimed(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            subsidy=key,
            instrument=subsidy.instrument,
            amount=amount,
            reclaimed_on=command.reclaimed_on,
        )
    ]
