"""Continuous employment after an integration (KennzV paragraph 5(2) no. 3)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from lotse_shared.calendar import add_months, months_after_event
from lotse_shared.contracts.intake import FollowUpRecorded, StatusRecorded
from lotse_shared.contracts.matching import JobChanged, JobEnded, JobLost, PlacementMade

from lotse_reporting.case.entries import ENTRIES
from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.leaving import LATER
from lotse_reporting.case.participation import final_exit
from lotse_reporting.case.spells import PAID, Spell, Statement, spells_of, statements_of
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind

MONTHS: Final = 6
"""Calendar months after the one of the start, in each of which there must be a day of insured employment."""


def _continuous(told: Sequence[Told], context: Context | None) -> list[Moment]:
    """Placements after which somebody was in insured employment in each of the six months that followed (Q-13).

    One day of the month is enough, in whatever job: from job to job counts, and so does a job under SGB II 16i, which
    is no integration itself. Each month needs evidence, as the six-month day does (Q-5). Dated on the last day of the
    sixth month, with the words of the placement.
    """
    spells = spells_of(told)
    if not spells:
        return []
    left = final_exit(told, context) if context is not None else None
    statements = statements_of(told, months_after_event(left.body.exit_date, LATER) if left is not None else None)
    moments = []
    for spell in spells:
        shown: list[str] = []
        for first, last in _months_after(spell.starts_on):
            found = _insured_in(first, last, spells, statements)
            if found is None:
                break
            shown += found
        else:
            job = spell.job.body
            moments.append(
                Moment(
                    "continuously-employed",
                    last,
                    (spell.job.place, MONTHS),
                    job,
                    tuple(dict.fromkeys((spell.job.id, *shown))),
                    job.partner,
                    job.site,
                    job.placement,
                )
            )
    return moments


def _months_after(day: date) -> Iterator[tuple[date, date]]:
    """First and last days of the six calendar months after that of a day."""
    first = day.replace(day=1)
    for number in range(1, MONTHS + 1):
        begins = add_months(first, number)[0]
        yield begins, add_months(begins, 1)[0] - timedelta(days=1)


def _insured_in(
    first: date, last: date, spells: Sequence[Spell], statements: Sequence[Statement]
) -> tuple[str, ...] | None:
    """The facts that show a day of insured employment between two days; None where nothing does."""
    for spell in spells:
        for day in (max(first, spell.starts_on), *(one.body.changed_on for one in spell.changes)):
            if not (first <= day <= last and spell.runs_on(day)) or not spell.term("insured", day):
                continue
            shown = spell.evidence(day, statements)
            if shown is not None and not spell.is_denied(day, statements):
                return (*spell.events(day), *shown)
    for one in statements:
        if first <= one.on <= last and one.status in PAID and getattr(one.about, "insured", None):
            return (one.id,)
    return None


INTEGRATIONS: Final = Thread(
    "integrations",
    hears=(*ENTRIES.hears, StatusRecorded, FollowUpRecorded, PlacementMade, JobChanged, JobLost, JobEnded),
    makes=(
        MomentKind(
            "continuously-employed",
            "case",
            USUAL_RANK,
            TOLD["placement-made"].words,
            start=TOLD["placement-made"].start,
        ),
    ),
    derive=_continuous,
)
