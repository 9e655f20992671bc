"""What became of somebody: on leaving (within 28 days) and on the day six months after (EECR01 to 06, CR01 to 09)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from lotse_shared.calendar import months_after_event
from lotse_shared.contracts.coaching import MeasureJoined, QualificationGained
from lotse_shared.contracts.codes import Employment, Improvement, JobAtEntry, MeasureKind, StatusAfter, Term
from lotse_shared.contracts.intake import FollowUpRecorded, StatusRecorded
from lotse_shared.contracts.matching import JobChanged, JobEnded, JobLost, PlacementMade
from lotse_shared.envelope import Code

from lotse_reporting.case.entries import ENTRIES
from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.participation import final_exit
from lotse_reporting.case.spells import PAID, Afterwards, Situation, Statement, spells_of, statements_of
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import USUAL_RANK, MomentKind, Word

WINDOW: Final = timedelta(days=28)
"""Immediate results: four weeks from the day participation ends, the day itself not counted (R-5, Q-2)."""

LATER: Final = 6
"""Longer-term results: this many months after leaving (R-8)."""

EDUCATION: Final = frozenset({MeasureKind.EDUCATION, MeasureKind.QUALIFICATION, MeasureKind.LANGUAGE})
"""Measures whose beginning is one of education or training (EECR02, Q-3)."""

_LEARNING: Final = frozenset({StatusAfter.EDUCATION, StatusAfter.APPRENTICESHIP})
"""A company apprenticeship counts as education and as work (Q-12)."""

FULL_TIME: Final = Decimal(35)
"""Hours per week from which a job is full-time, where nobody says whether more are wanted (EECR06, Q-7)."""


class OnLeaving(NamedTuple):
    """The last state within 28 days after leaving, and what was begun and gained from the first entry until then."""

    situation: str
    in_education: bool
    qualified: bool
    shown_by: Mapping[str, tuple[str, ...]]


class SixMonthsAfter(NamedTuple):
    """The state on the day six months after leaving; `insured` is None where it is not known."""

    situation: str
    insured: bool | None
    improvement: str
    shown_by: Mapping[str, tuple[str, ...]]


def _leavings(told: Sequence[Told], context: Context | None) -> list[Moment]:
    """Both moments of somebody who left for good (R-3), dated on day 28 and on the six-month day (Q-2)."""
    left = final_exit(told, context) if context is not None else None
    if left is None or context is None:
        return []
    exit_date = left.body.exit_date
    immediate, later = exit_date + WINDOW, months_after_event(exit_date, LATER)
    unemployed = context.values.get("employment") == Employment.UNEMPLOYED
    after = Afterwards(
        exit_date,
        statements_of(told, later),
        spells_of(told),
        context.corrected_by.get("employment", context.enrolment) if unemployed else None,
    )
    return [
        _moment("situation-after-leaving", immediate, left, _on_leaving(after, told, context, immediate)),
        _moment("situation-six-months-after", later, left, _six_months_after(after, context, later)),
    ]


def _moment(kind: str, on: date, left: Told, found: OnLeaving | SixMonthsAfter) -> Moment:
    return Moment(kind, on, (left.place, 0), found, (left.id,), left.body.partner, left.body.site, left.id)


def _on_leaving(after: Afterwards, told: Sequence[Told], context: Context, last_day: date) -> OnLeaving:
    situation = after.last_state(last_day)
    learning = _first(_begun(after, told, context, last_day))
    # As wide as what was begun: gained on any day from the first entry on. That a formal assessment was passed is
    # what the event says (EECR03).
    qualified = _first(
        (one.body.gained_on, one.place, one.id)
        for one in told
        if one.type == QualificationGained.type and context.entry_date <= one.body.gained_on <= last_day
    )
    return OnLeaving(
        situation.status,
        bool(learning),
        bool(qualified),
        {"situation": situation.events, "in_education": learning, "qualified": qualified},
    )


def _begun(after: Afterwards, told: Sequence[Told], context: Context, last_day: date) -> list[tuple[date, int, str]]:
    """Education or training newly begun from the first entry to day 28; broken off later it still counts (Q-3).

    Q-3 is wide on purpose: it asks for the beginning, wherever in that time and by whomever the course is held, so a
    course of the operation itself counts, and one that is over before leaving too. Being still in it is not asked.
    That somebody said to be in education began it newly unless it was so on entering.
    """
    found = [
        (one.body.joined_on, one.place, one.id)
        for one in told
        if one.type == MeasureJoined.type and one.body.kind in EDUCATION
    ]
    found += [(*one.order, one.job.id) for one in after.spells if one.status(one.starts_on) in _LEARNING]
    if not context.values.get("in_education"):
        found += [
            (*one.order, one.id)
            for one in after.statements
            if one.on >= after.since and (one.status in _LEARNING or getattr(one.about, "in_education", None))
        ]
    return [one for one in found if context.entry_date <= one[0] <= last_day]


def _first(found: Iterable[tuple[date, int, str]]) -> tuple[str, ...]:
    return tuple(one[2] for one in sorted(found)[:1])


def _six_months_after(after: Afterwards, context: Context, day: date) -> SixMonthsAfter:
    situation = after.state_on(day)
    answers = [one for one in after.statements if one.on == day]
    insured, insured_by = _insured(situation, answers, day)
    improvement, improved_by = _improvement(situation, answers, context, day)
    return SixMonthsAfter(
        situation.status,
        insured,
        improvement,
        {
            "situation": situation.events,
            "insured": (*situation.events, *insured_by),
            "improvement": (*situation.events, *improved_by),
        },
    )


def _insured(situation: Situation, answers: Sequence[Statement], day: date) -> tuple[bool | None, tuple[str, ...]]:
    """Whether somebody is in insured employment: as answered, else as the work that runs on that day is.

    An apprenticeship in a company is insured (SGB IV 7(2), SGB III 25(1)); a minijob, self-employment and being
    without work are not.
    """
    for one in reversed(answers):
        if getattr(one.about, "insured", None) is not None:
            return one.about.insured, (one.id,)
    if situation.work:
        return any(one.term("insured", day) for one in situation.work), ()
    match situation.status:
        case StatusAfter.UNKNOWN | StatusAfter.EMPLOYED:
            return None, ()
        case status:
            return status == StatusAfter.APPRENTICESHIP, ()


def _improvement(
    situation: Situation, answers: Sequence[Statement], context: Context, day: date
) -> tuple[str, tuple[str, ...]]:
    """How an employed participant's situation improved (EECR06, Q-7): as answered, else as the jobs show.

    From a minijob or a fixed-term contract to a permanent job that is no minijob; from fewer hours than wanted to full
    time; a job that asks for higher competences. A higher wage alone is never an improvement. Who is without work on
    that day did not improve, whatever was answered.
    """
    if situation.status not in PAID:
        known = situation.status != StatusAfter.UNKNOWN
        return (Improvement.NONE if known else Improvement.UNKNOWN).value, ()
    for one in reversed(answers):
        answer = getattr(one.about, "improvement", None)
        if answer is not None and answer != Improvement.UNKNOWN:
            return str(answer), (one.id,)
    was = context.values
    precarious = was.get("job_at_entry") == JobAtEntry.MINIJOB or was.get("job_term") == Term.FIXED_TERM
    jobs = [one for one in situation.work if one.status(day) != StatusAfter.MINIJOB]
    for job in jobs if precarious else ():
        if job.term("term", day) == Term.PERMANENT:
            return Improvement.STABLE.value, job.events(day)
    for job in jobs if was.get("wants_more_hours") else ():
        hours = job.term("hours_per_week", day)
        if job.term("wants_more_hours", day) is False or (hours is not None and hours >= FULL_TIME):
            return Improvement.FULL_TIME.value, job.events(day)
    for job in jobs:
        if job.job.body.higher_competence:
            return Improvement.HIGHER_COMPETENCE.value, job.events(day)
    return Improvement.UNKNOWN.value, ()


def _codes(path: str, codes: type[Code], answer: str) -> Word:
    return Word(path, codes, frozenset(map(str, codes)), answer=answer)


LEAVING: Final = Thread(
    "leaving",
    hears=(
        *ENTRIES.hears,
        StatusRecorded,
        FollowUpRecorded,
        PlacementMade,
        JobChanged,
        JobLost,
        JobEnded,
        MeasureJoined,
        QualificationGained,
    ),
    makes=(
        MomentKind(
            "situation-after-leaving",
            "case",
            USUAL_RANK,
            {
                "after.situation": _codes("situation", StatusAfter, "situation-after-leaving"),
                "after.in-education": Word("in_education", bool),
                "after.qualified": Word("qualified", bool),
            },
            shown_by="shown_by",
        ),
        MomentKind(
            "situation-six-months-after",
            "case",
            USUAL_RANK,
            {
                "after.situation": _codes("situation", StatusAfter, "situation-six-months-after"),
                "after.insured": Word("insured", bool, answer="insured-six-months-after"),
                "after.improvement": _codes("improvement", Improvement, "improvement-six-months-after"),
            },
            shown_by="shown_by",
        ),
    ),
    derive=_leavings,
)
