"""Whether somebody has left for good, and when: entries, re-entries and exits read together."""

from collections.abc import Iterable
from datetime import date

from lotse_shared.contracts.intake import ParticipantExited, ParticipantReentered

from lotse_reporting.case.entries import entry_dates
from lotse_reporting.case.history import Context, Told


def final_exit(told: Iterable[Told], context: Context) -> Told | None:
    """The exit that no re-entry followed; None for somebody who is in.

    A re-entry overwrites the exit, the first entry stays (R-3). The second enrolment of a merged record is a double
    entry while the person is in, a re-entry afterwards; an exit on either is an exit (Q-9). On one day (Q-17): exit
    and re-entry of somebody who was in: back in; entry and exit of somebody who was out: a participation of one day.
    Of two exits without a re-entry the later one holds, of two on one day the one known later.
    """
    facts = list(told)
    left = _by_day(facts)
    came = set(entry_dates(facts).values())
    came.update(one.body.reentry_date for one in facts if one.type == ParticipantReentered.type)
    is_in, found = False, None
    for day in sorted(came | left.keys()):
        if day < context.entry_date:
            continue
        was_in = is_in
        if day in came:
            is_in, found = True, None
        if day in left and not (was_in and day in came):
            is_in, found = False, left[day]
    return found


def _by_day(told: Iterable[Told]) -> dict[date, Told]:
    found: dict[date, Told] = {}
    for one in told:
        if one.type == ParticipantExited.type:
            day = one.body.exit_date
            if day not in found or found[day].place < one.place:
                found[day] = one
    return found
