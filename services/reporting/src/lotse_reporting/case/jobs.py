"""Jobs that were kept: 3, 6, 12 months."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from lotse_shared.calendar import period_end
from lotse_shared.contracts.matching import JobEnded, JobLost, PlacementMade

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind, Word, words_below

MILESTONES: Final[Mapping[str, int]] = {"3-months": 3, "6-months": 6, "12-months": 12}
"""How long a job may be asked to have been kept, in months."""


class KeptJob(NamedTuple):
    """A job at the end of a span that it had to last."""

    placement: Any
    milestone: str


def ends_of(told: Iterable[Told]) -> dict[str, tuple[date | None, tuple[str, ...]]]:
    """The last day of each job that was told to have ended, the earliest of several, and the event that says so."""
    ends: dict[str, tuple[date | None, tuple[str, ...]]] = {}
    for one in told:
        if one.type in (JobLost.type, JobEnded.type):
            before = ends.get(one.body.placement, (None, ()))[0]
            if before is None or one.body.last_day < before:
                ends[one.body.placement] = (one.body.last_day, (one.id,))
    return ends


def _jobs_kept(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """Jobs that reach 3, 6, 12 months, dated on the last day of the span: an end before it takes that away.

    A running job is taken to go on (R-8a), but not beyond the end that its contract names.
    """
    ends = ends_of(told)
    moments = []
    for one in told:
        if one.type != PlacementMade.type:
            continue
        job = one.body
        last_day, ended_by = ends.get(job.placement, (None, ()))
        last_day = last_day or job.ends_on
        for milestone, months in MILESTONES.items():
            due = period_end(job.starts_on, months)
            if last_day is None or due <= last_day:
                moments.append(
                    Moment(
                        "job-kept",
                        due,
                        (one.place, months),
                        KeptJob(job, milestone),
                        (one.id, *ended_by),
                        job.partner,
                        job.site,
                        job.placement,
                    )
                )
    return moments


JOBS: Final = Thread(
    "job",
    hears=(PlacementMade, JobLost, JobEnded),
    makes=(
        MomentKind(
            "job-kept",
            "case",
            USUAL_RANK,
            {
                **words_below("placement", TOLD["placement-made"].words),
                "job.milestone": Word("milestone", str, frozenset(MILESTONES)),
            },
            start="placement.placement",
        ),
    ),
    derive=_jobs_kept,
    one_for_each="placement",
)
