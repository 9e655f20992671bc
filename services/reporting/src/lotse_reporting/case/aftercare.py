"""Weeks of coaching from the start of work on: how often somebody was spoken with, and the weeks of silence."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from lotse_shared.contracts.coaching import AftercareEnded, AftercareStarted, ContactOverdue, VisitHeld

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import USUAL_RANK, MomentKind, Word

WEEK: Final = timedelta(days=7)


class CoachingWeek(NamedTuple):
    """A week of coaching after the start of work, by its number from 1, with the visits in it."""

    number: int
    contacts: int


class _Span(NamedTuple):
    """Coaching that goes on from a start to its end, or up to the last word of it that was heard."""

    started: Told
    last_day: date | None


def _spans(told: Sequence[Told]) -> Iterator[_Span]:
    """Each aftercare with its end. One that starts while another runs goes on with that one: it is the same person."""
    span: _Span | None = None
    started = (one for one in told if one.type == AftercareStarted.type)
    for one in sorted(started, key=lambda one: (one.body.started_on, one.place)):
        ends = [
            other.body.ended_on
            for other in told
            if other.type == AftercareEnded.type
            and other.body.placement == one.body.placement
            and other.body.ended_on >= one.body.started_on
        ]
        last_day = min(ends, default=None)
        if span is None:
            span = _Span(one, last_day)
        elif span.last_day is None or one.body.started_on <= span.last_day:
            longer = None if span.last_day is None or last_day is None else max(span.last_day, last_day)
            span = span._replace(last_day=longer)
        else:
            yield span
            span = _Span(one, last_day)
    if span is not None:
        yield span


def _weeks(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """Weeks of seven days from the start of aftercare, dated on their last day, up to its end.

    As long as it has no end: up to the week of the last visit or of the last contact said to be overdue. So a week
    without a word counts as soon as somebody was heard of later, and nothing is presumed about the time to come.
    """
    visits = sorted((one for one in told if one.type == VisitHeld.type), key=lambda one: (one.body.held_on, one.place))
    days = [one.body.held_on for one in visits]
    overdue = [one.body.due_on for one in told if one.type == ContactOverdue.type]
    moments = []
    for span in _spans(told):
        start = span.started.body
        heard = span.last_day or max((day for day in (*days, *overdue) if day >= start.started_on), default=None)
        number, first = 1, start.started_on
        while heard is not None and first <= heard:
            last = first + WEEK - timedelta(days=1)
            if span.last_day is not None:
                last = min(last, span.last_day)
            held = visits[bisect_left(days, first) : bisect_right(days, last)]
            moments.append(
                Moment(
                    "coaching-week",
                    last,
                    (span.started.place, number),
                    CoachingWeek(number, len(held)),
                    (span.started.id, *(one.id for one in held)),
                    start.partner,
                    start.site,
                    f"{start.placement}|{number}",
                )
            )
            number, first = number + 1, first + WEEK
    return moments


AFTERCARE: Final = Thread(
    "aftercare",
    hears=(AftercareStarted, AftercareEnded, VisitHeld, ContactOverdue),
    makes=(
        MomentKind(
            "coaching-week",
            "case",
            USUAL_RANK,
            {"week.number": Word("number", int), "week.contacts": Word("contacts", int)},
        ),
    ),
    derive=_weeks,
)
