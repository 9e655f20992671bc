"""Subsidies are paid month by month, changed and reclaimed; what they amount to is computed here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from lotse_shared.calendar import period_end
from lotse_shared.contracts.codes import EndedBy, EndReason, MoneySource
from lotse_shared.contracts.matching import SubsidyChanged, SubsidyPaid, SubsidyReclaimed
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id

from lotse_matching.domain.case import CASE, Case, Subsidy, not_erased
from lotse_matching.domain.commands import STEERING, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.funding import BaseAsked, base_from, job_of, schedule_of
from lotse_matching.domain.instruments import rule_for
from lotse_matching.domain.subsidies import instalments, reclaimable


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
            phase=schedule.phase_in(month, one.percent),
            amount=one.amount,
            paid_on=command.paid_on,
            money_source=command.money_source,
        )
        for one in owed
    ]


class ChangeSubsidy(BaseAsked):
    """A new base, or an earlier end."""

    subsidy: Id | None = None
    """Left out where there is one only."""
    changed_on: date
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
            base=base_from(command, rule, command.changed_on) if based else None,
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
