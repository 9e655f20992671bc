"""The way to work: decisions about offers, applications, interviews, work on trial."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from lotse_shared.calendar import add_months
from lotse_shared.contracts.codes import ApplicationResult, MatchDecision, MatchReason
from lotse_shared.contracts.matching import (
    ApplicationSent,
    InternshipEnded,
    InternshipStarted,
    InterviewHeld,
    MatchDecided,
)
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug

from lotse_matching.domain.case import CASE, Case, Internship, happens_in_participation, not_erased
from lotse_matching.domain.commands import STAFF, commands
from lotse_matching.domain.days import not_before, not_in_future
from lotse_matching.domain.employers import EMPLOYER, Employer
from lotse_matching.domain.vacancies import VACANCY, Vacancy

_WEEKS: Final = 6
_WEEKS_LONG_TERM: Final = 12
"""The longest work on trial at an employer; more for long-term unemployed people (SGB III paragraph 45(2), (8))."""
_LONG_TERM: Final = 12
"""Months of unemployment from which on it is long (SGB III paragraph 18)."""


class DecideMatch(Command):
    """A human looked at an offer with the person."""

    vacancy: Id
    decision: MatchDecision
    reason: MatchReason
    decided_on: date


@commands.on(CASE, roles=STAFF, also={"vacancy": VACANCY})
def decide_match(case: Case, command: DecideMatch, now: Now, *, vacancy: Vacancy) -> Sequence[Event]:
    """Decide about an offer and say why; not against the person's will, and only while the offer stands."""
    happens_in_participation(case, command.decided_on, now, "decided_on")
    if case.no_suggestions:
        raise Refused(
            "the person does not agree to be suggested to employers",
            way_out="Ask again, and record the answer with give-consent for the purpose matching.",
        )
    _must_stand(vacancy, command.decided_on, "decided_on")
    return [
        MatchDecided(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            vacancy=command.vacancy,
            decision=command.decision,
            reason=command.reason,
            decided_on=command.decided_on,
        )
    ]


class SendApplication(Command):
    """An application goes out."""

    vacancy: Id | None = None
    employer: Id | None = None
    sent_on: date


@commands.on(CASE, roles=STAFF, also={"vacancy": VACANCY, "employer": EMPLOYER})
def send_application(
    case: Case, command: SendApplication, now: Now, *, vacancy: Vacancy | None, employer: Employer | None
) -> Sequence[Event]:
    """Record an application to an offer that stands, or to an employer without one."""
    happens_in_participation(case, command.sent_on, now, "sent_on")
    return [
        ApplicationSent(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            vacancy=command.vacancy,
            employer=_whom(command.vacancy, vacancy, command.employer, employer, command.sent_on, "sent_on"),
            sent_on=command.sent_on,
        )
    ]


class HoldInterview(Command):
    """An employer meets the person."""

    vacancy: Id | None = None
    employer: Id | None = None
    held_on: date
    result: ApplicationResult


@commands.on(CASE, roles=STAFF, also={"vacancy": VACANCY, "employer": EMPLOYER})
def hold_interview(
    case: Case, command: HoldInterview, now: Now, *, vacancy: Vacancy | None, employer: Employer | None
) -> Sequence[Event]:
    """Record an interview about an offer that stands, or with an employer without one."""
    happens_in_participation(case, command.held_on, now, "held_on")
    return [
        InterviewHeld(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            vacancy=command.vacancy,
            employer=_whom(command.vacancy, vacancy, command.employer, employer, command.held_on, "held_on"),
            held_on=command.held_on,
            result=command.result,
        )
    ]


def _whom(
    vacancy_id: str | None,
    vacancy: Vacancy | None,
    employer_id: str | None,
    employer: Employer | None,
    day: date,
    field: str,
) -> str | None:
    """The employer that is meant: the named one, else the one of the offer."""
    if vacancy_id is None and employer_id is None:
        raise Refused("nobody is named", field="vacancy", way_out="Name the vacancy or the employer.")
    if vacancy is None:
        return employer_id
    _must_stand(vacancy, day, field)
    if employer and vacancy.employer and not employer.is_also(vacancy.employer):
        raise Refused(
            "the offer is of another employer", field="employer", way_out="Leave the field out: the offer tells it."
        )
    return employer_id or vacancy.employer


def _must_stand(vacancy: Vacancy, day: date, field: str) -> None:
    not_before(day, vacancy.opened_on, "the opening of the offer", field)
    if vacancy.closed_on and day > vacancy.closed_on:
        raise Refused(
            f"the offer was closed on {vacancy.closed_on}", field=field, way_out="Check the date, or choose another."
        )


class StartInternship(Command):
    """Work on trial begins."""

    employer: Id | None = None
    started_on: date
    planned_until: date
    site: Slug | None = None


@commands.on(CASE, roles=STAFF, also={"employer": EMPLOYER})
def start_internship(case: Case, command: StartInternship, now: Now, *, employer: Employer | None) -> Sequence[Event]:
    """Start work on trial, one at a time and no longer than SGB III paragraph 45 allows."""
    del employer  # the plumbing has looked that it is of this operation
    happens_in_participation(case, command.started_on, now, "started_on")
    not_before(command.planned_until, command.started_on, "its first day", "planned_until")
    running = [key for key, one in case.internships.items() if one.ended_on is None]
    if running:
        raise Refused("the person is on trial already", way_out=f"End it with end-internship first: {running[0]}.")
    weeks = _WEEKS_LONG_TERM if _long_unemployed(case, command.started_on) else _WEEKS
    longest = command.started_on + timedelta(weeks=weeks, days=-1)
    if command.planned_until > longest:
        raise Refused(
            f"SGB III paragraph 45 allows {weeks} weeks at an employer here, until {longest}",
            field="planned_until",
            way_out="Plan a shorter time; 12 weeks need an entry record with a year of unemployment.",
        )
    return [
        InternshipStarted(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            site=command.site,
            internship=now.new_id(),
            employer=command.employer,
            started_on=command.started_on,
            planned_until=command.planned_until,
        )
    ]


def _long_unemployed(case: Case, day: date) -> bool:
    return case.unemployed_since is not None and add_months(case.unemployed_since, _LONG_TERM)[0] <= day


class EndInternship(Command):
    """Work on trial is over."""

    internship: Id | None = None
    """Left out where one is running."""
    ended_on: date
    result: ApplicationResult = ApplicationResult.OPEN


@commands.on(CASE, roles=STAFF)
def end_internship(case: Case, command: EndInternship, now: Now) -> Sequence[Event]:
    """End work on trial: once, not before it began, and not after the time that was planned."""
    key, trial = _running_internship(case, command.internship)
    not_in_future(command.ended_on, now, "ended_on")
    not_before(command.ended_on, trial.started_on, "its first day", "ended_on")
    if command.ended_on > trial.planned_until:
        raise Refused(
            f"it was planned until {trial.planned_until}",
            field="ended_on",
            way_out="Name its last day; work beyond the plan is a placement.",
        )
    return [
        InternshipEnded(
            operation=now.operation,
            case=now.subject,
            partner=now.partner,
            internship=key,
            ended_on=command.ended_on,
            result=command.result,
        )
    ]


def _running_internship(case: Case, named: str | None) -> tuple[str, Internship]:
    not_erased(case)
    for key, trial in case.internships.items():
        if trial.ended_on is None and named in (None, key):
            return key, trial
    raise Refused("no such work on trial is running", field="internship", way_out="Use start-internship first.")
