"""A unit's history: its facts in order, folded into dated moments and what somebody was on entering.

A unit is a case, an employer, a vacancy, a place, a gathering, an operation; merged ones are one. Everything here is
plain and frozen: no clock, no I/O. Corrections, retractions and successors are settled here and nowhere else.

What there is one of for every fact is a struct that the collector of cycles never looks at: values that refer to no
other than older ones make none, and looking at all of them costs a sixth of the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple

from lotse_shared.calendar import period_end
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.codes import Employment
from lotse_shared.contracts.intake import (
    Characteristics,
    CharacteristicsCorrected,
    ParticipantEnrolled,
    ParticipantExited,
    ParticipantReentered,
)
from lotse_shared.contracts.matching import (
    EmployerAdvised,
    EmployerRegistered,
    JobEnded,
    JobLost,
    PlacementMade,
    SubsidyApproved,
    SubsidyChanged,
)
from msgspec import Struct
from msgspec.structs import replace

from lotse_reporting.vocabulary import MILESTONES, MOMENTS, size_of

CASE_FUNCTION: Final = 1
"""The number of this function. Whoever changes which moments come out counts it up; golden journals hold it to that."""

RETRACTED: Final = FactRetracted.type


class Fact(Struct, frozen=True, gc=False):
    """A fact heard. `body` has the fields of its contract; `position` orders all facts of a unit.

    The position is (knowledge time in milliseconds, partition, offset), so it also orders the facts of merged units,
    which come from several partitions.
    """

    id: str
    type: str
    subject: str
    body: Any
    position: tuple[int, int, int]


class Moment(Struct, frozen=True, gc=False):
    """Something that happened on a day and may count. `fact` is what the words of its kind are read from."""

    kind: str
    on: date
    place: tuple[int, int]
    """Order among moments of one unit that fall on one day: place of the fact, then of the moment within it."""
    fact: Any
    events: tuple[str, ...]
    partner: str | None
    site: str | None
    start: str


class Context(NamedTuple):
    """What somebody was on first entering (R-3, R-4), and which event says so."""

    enrolment: str
    entry_date: date
    values: Mapping[str, Any]
    told_by: Mapping[str, str]
    gender: str | None


class Told(Struct, frozen=True, gc=False):
    """A fact that holds, with its place among the unit's facts."""

    place: int
    id: str
    type: str
    body: Any


ENTRY: Final = "entry"
JOB: Final = "job"
SUBSIDIES: Final = "subsidies"
EMPLOYER: Final = "employer"

THREADS: Final[Mapping[str, tuple[str, ...]]] = {
    ParticipantEnrolled.type: (ENTRY,),
    ParticipantReentered.type: (ENTRY,),
    ParticipantExited.type: (ENTRY,),
    CharacteristicsCorrected.type: (ENTRY,),
    PlacementMade.type: (JOB, SUBSIDIES),
    JobLost.type: (JOB, SUBSIDIES),
    JobEnded.type: (JOB, SUBSIDIES),
    SubsidyApproved.type: (SUBSIDIES,),
    SubsidyChanged.type: (SUBSIDIES,),
    EmployerRegistered.type: (EMPLOYER,),
    EmployerAdvised.type: (EMPLOYER,),
}
"""Facts from which moments follow only together: a thread is derived anew when one of its facts comes or goes."""

IN_THREAD: Final[Mapping[str, frozenset[str]]] = {
    ENTRY: frozenset({"participant-enrolled", "participant-reentered", "participant-exited"}),
    JOB: frozenset({"job-kept"}),
    SUBSIDIES: frozenset({"subsidy-phase-started"}),
    EMPLOYER: frozenset({"employer-advised", "employer-first-advised"}),
}
"""The kinds of moments that come out of a thread; every other kind is one fact."""


def thread_of(kind: str, body: Any) -> str:  # noqa: ANN401 - the fields of any fact of a thread
    """The name of one thread of a unit: every job is one of its own."""
    return f"{JOB} {body.placement}" if kind == JOB else kind


def holding(facts: Sequence[Fact], retracted: frozenset[str] | set[str]) -> list[Told]:
    """The facts that hold, in the order of what they stand for.

    The rule is that of `lotse_shared.deciding.standing`: a retracted fact is gone, wherever its retraction stands; a
    successor stands in the place of what it replaces, the later one of two, and retracting it revives the one before.
    """
    slots: dict[str, str] = {}
    found: dict[str, Told] = {}
    for place, fact in enumerate(facts):
        if fact.type == RETRACTED:
            continue
        replaces = fact.body.supersedes
        slot = slots.get(replaces, replaces) if replaces else fact.id
        slots[fact.id] = slot
        if fact.id not in retracted:
            found[slot] = Told(place, fact.id, fact.type, fact.body)
    return list(found.values())


def context_of(entries: Iterable[Told]) -> Context | None:
    """What somebody was on first entering, with the corrections that hold; None for somebody who never entered.

    Of two enrolments (merged records) the earlier entry counts, and no gap of it is filled from the other (Q-9).
    Registered as unemployed decides for those who also work (Q-10).
    """
    told = list(entries)
    found = [_entered(one, told) for one in told if one.type == ParticipantEnrolled.type]
    return min(found, key=lambda one: one.entry_date) if found else None


_CHARACTERISTICS: Final = tuple(
    name for name in Characteristics.model_fields if name not in ("case", "operation", "supersedes", "partner", "site")
)

_read: Final = attrgetter(*_CHARACTERISTICS)


def _entered(enrolment: Told, told: Iterable[Told]) -> Context:
    body = enrolment.body
    values = {name: value for name, value in zip(_CHARACTERISTICS, _read(body), strict=True) if value is not None}
    if body.subproject is not None:
        values["subproject"] = body.subproject
    told_by = dict.fromkeys(values, enrolment.id)
    entry_date = body.entry_date
    for one in told:
        if one.type != CharacteristicsCorrected.type or one.body.corrects != enrolment.id:
            continue
        for name, value in zip(_CHARACTERISTICS, _read(one.body), strict=True):
            if value is not None:
                values[name], told_by[name] = value, one.id
        for name in one.body.cleared:
            if values.pop(name.replace("-", "_"), None) is not None:
                told_by.pop(name.replace("-", "_"))
        entry_date = one.body.entry_date or entry_date
    if values.get("registered_unemployed"):
        values["employment"] = Employment.UNEMPLOYED.value
        told_by["employment"] = told_by["registered_unemployed"]
    gender = values.get("gender")
    return Context(enrolment.id, entry_date, values, told_by, None if gender is None else str(gender))


def moment_of(told: Told) -> Moment:
    """The one moment of a fact that is one."""
    name = told.type.rpartition(".")[0]
    kind = MOMENTS[name]
    body = told.body
    start = str(getattr(body, kind.start)) if kind.start else told.id
    return Moment(
        name,
        getattr(body, kind.date),
        (told.place, 0),
        body,
        (told.id,),
        getattr(body, "partner", None),
        getattr(body, "site", None),
        start or told.id,
    )


def moments_of(thread: str, told: Sequence[Told], context: Context | None) -> list[Moment]:
    """The moments that follow from the facts of one thread; `context` is what follows from the thread of entries."""
    match thread.partition(" ")[0]:
        case "entry":
            return _entries(told, context)
        case "job":
            return _jobs_kept(told)
        case "subsidies":
            return _phases(told)
        case _:
            return _advices(told)


def _entries(told: Sequence[Told], context: Context | None) -> list[Moment]:
    """The first entry; later ones of merged records as re-entries once there was an exit (Q-9); re-entries, exits."""
    exits = [one.body.exit_date for one in told if one.type == ParticipantExited.type]
    moments = []
    for one in told:
        if one.type == CharacteristicsCorrected.type:
            continue
        moment = moment_of(one)
        if one.type == ParticipantEnrolled.type:
            if context is not None and one.id == context.enrolment:
                moment = replace(moment, on=context.entry_date)
            elif any(day <= moment.on for day in exits):
                moment = replace(moment, kind="participant-reentered")
            else:
                continue
        moments.append(moment)
    return moments


class KeptJob(NamedTuple):
    """A job at the end of a span that it had to last."""

    placement: Any
    milestone: str


def _jobs_kept(told: Sequence[Told]) -> list[Moment]:
    """Jobs that reach 3, 6, 12 months, dated on the last day of the span: an end before it takes that away.

    A running job is taken to go on (R-8a), but not beyond the end that its contract names.
    """
    ends = _ends(told)
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


def _ends(told: Sequence[Told]) -> dict[str, tuple[date | None, tuple[str, ...]]]:
    ends: dict[str, tuple[date | None, tuple[str, ...]]] = {}
    for one in told:
        if one.type in (JobLost.type, JobEnded.type):
            before = ends.get(one.body.placement, (None, ()))[0]
            if before is None or one.body.last_day < before:
                ends[one.body.placement] = (one.body.last_day, (one.id,))
    return ends


class Phase(NamedTuple):
    """A phase of a wage subsidy: so many percent, the first, second, third of its schedule."""

    percent: int
    number: int
    instrument: str


def _phases(told: Sequence[Told]) -> list[Moment]:
    """The first days of a subsidy's phases, as long as neither the job nor the subsidy ended before them.

    A subsidy approved before the contract (LZA) names no job: it pays for the one of its instrument that begins on
    its first day. Phases are counted from that day, never from each other (BGB paragraph 188).
    """
    ends = _ends(told)
    jobs = {
        (one.body.instrument, one.body.starts_on): one.body.placement for one in told if one.type == PlacementMade.type
    }
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
    return moments


class Advice(NamedTuple):
    """An advice with the size of the enterprise as at this advice, else as registered (Q-18)."""

    advice: Any
    headcount: int | None
    size: str
    in_area: Any
    subproject: str | None
    advised_on: date


def _advices(told: Sequence[Told]) -> list[Moment]:
    """Every advice, and the first one of an enterprise over all partners: it decides (MEHRLiN row 6)."""
    registered = next((one.body for one in told if one.type == EmployerRegistered.type), None)
    moments = []
    for one in told:
        if one.type != EmployerAdvised.type:
            continue
        body = one.body
        unknown = body.headcount is None and str(body.size) == "unknown"
        source = registered if unknown and registered is not None else body
        advice = Advice(
            body.advice,
            source.headcount,
            size_of(source.headcount, source.size),
            body.in_area or (registered.in_area if registered else None),
            body.subproject,
            body.advised_on,
        )
        moments.append(
            Moment("employer-advised", body.advised_on, (one.place, 0), advice, (one.id,), body.partner, None, one.id)
        )
    if moments:
        first = min(moments, key=lambda one: (one.on, one.place))
        moments.append(replace(first, kind="employer-first-advised"))
    return moments
