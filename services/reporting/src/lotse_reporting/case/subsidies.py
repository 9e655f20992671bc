"""The phases of wage subsidies, and jobs that go on when the subsidy is over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from lotse_shared.calendar import period_end
from lotse_shared.contracts.matching import JobEnded, JobLost, PlacementMade, SubsidyApproved, SubsidyChanged

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.case.jobs import ends_of
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import TOLD, USUAL_RANK, MomentKind, Word, words_below


class Phase(NamedTuple):
    """A phase of a wage subsidy: so many percent, the first, second, third of its schedule."""

    percent: int
    number: int
    instrument: str


class Outlasted(NamedTuple):
    """A job that went on when its wage subsidy was over."""

    placement: Any
    instrument: str


def _phases(told: Sequence[Told], _: Context | None) -> list[Moment]:
    """The first days of a subsidy's phases, as long as neither the job nor the subsidy ended before them.

    A subsidy approved before the contract (LZA) names no job: it pays for the one of its instrument that begins on
    its first day. Phases are counted from that day, never from each other (BGB paragraph 188). The day after the last
    phase begins the time after the subsidy, where the job is still there (LZA: six months, to make it twenty-four).
    """
    ends = ends_of(told)
    placements = [one for one in told if one.type == PlacementMade.type]
    jobs = {(one.body.instrument, one.body.starts_on): one.body.placement for one in placements}
    by_id = {one.body.placement: one for one in placements}
    cut = {
        one.body.subsidy: (one.body.ends_on, one.id)
        for one in told
        if one.type == SubsidyChanged.type and one.body.ends_on
    }
    moments = []
    for one in told:
        if one.type != SubsidyApproved.type:
            continue
        subsidy = one.body
        job = subsidy.placement or jobs.get((subsidy.instrument, subsidy.starts_on), "")
        last_days = [day for day in (ends.get(job, (None, ()))[0],) if day]
        if subsidy.subsidy in cut:
            last_days.append(cut[subsidy.subsidy][0])
        months = 0
        for number, phase in enumerate(subsidy.phases, 1):
            begins = period_end(subsidy.starts_on, months) + timedelta(days=1) if months else subsidy.starts_on
            if all(begins <= day for day in last_days):
                moments.append(
                    Moment(
                        "subsidy-phase-started",
                        begins,
                        (one.place, number),
                        Phase(phase.percent, number, str(subsidy.instrument)),
                        (one.id,),
                        subsidy.partner,
                        subsidy.site,
                        f"{subsidy.subsidy}|{number}",
                    )
                )
            months += phase.months
        over = period_end(subsidy.starts_on, months) + timedelta(days=1)
        made = by_id.get(job)
        if made is not None and subsidy.subsidy not in cut:
            last_day = ends[job][0] if job in ends else made.body.ends_on
            if last_day is None or over <= last_day:
                moments.append(
                    Moment(
                        "job-outlasted-subsidy",
                        over,
                        (one.place, len(subsidy.phases) + 1),
                        Outlasted(made.body, str(subsidy.instrument)),
                        (one.id, made.id),
                        subsidy.partner,
                        subsidy.site,
                        subsidy.subsidy,
                    )
                )
    return moments


SUBSIDIES: Final = Thread(
    "subsidies",
    hears=(PlacementMade, JobLost, JobEnded, SubsidyApproved, SubsidyChanged),
    makes=(
        MomentKind(
            "subsidy-phase-started",
            "case",
            USUAL_RANK,
            {
                "subsidy.percent": Word("percent", int),
                "subsidy.phase": Word("number", int),
                "subsidy.instrument": TOLD["subsidy-approved"].words["subsidy.instrument"],
            },
        ),
        MomentKind(
            "job-outlasted-subsidy",
            "case",
            USUAL_RANK,
            {
                **words_below("placement", TOLD["placement-made"].words),
                "subsidy.instrument": TOLD["subsidy-approved"].words["subsidy.instrument"],
            },
        ),
    ),
    derive=_phases,
)
