"""What somebody did on a day: jobs, school and the like as spells, and what was said about single days.

Readings where the rules leave room are named here: Q-5, Q-6, Q-11, Q-12. Two rules stand over all of them: silence is
no success (R-8a), and where sources disagree the later date wins, on one date the one known later (Q-6).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from lotse_shared.contracts.codes import PlacementKind, StatusAfter
from lotse_shared.contracts.intake import FollowUpRecorded, ParticipantExited, StatusRecorded
from lotse_shared.contracts.matching import JobChanged, PlacementMade

from lotse_reporting.case.history import Told
from lotse_reporting.case.jobs import ends_of

PAID: Final = frozenset(
    {StatusAfter.EMPLOYED, StatusAfter.SELF_EMPLOYED, StatusAfter.MINIJOB, StatusAfter.APPRENTICESHIP}
)
"""In employment, as EECO05 defines it: any paid work; a company apprenticeship is work and education (Q-12)."""

NOT_EMPLOYED: Final = frozenset(StatusAfter) - PAID - {StatusAfter.UNKNOWN}
"""A statement of one of these ends the jobs begun before it (Q-6). A work opportunity (SGB II 16d) is no job (Q-12)."""

STATUS_OF: Final = {
    PlacementKind.INSURED: StatusAfter.EMPLOYED,
    PlacementKind.INSURED_EGZ: StatusAfter.EMPLOYED,
    PlacementKind.INSURED_LZA: StatusAfter.EMPLOYED,
    PlacementKind.SUBSIDISED_16E: StatusAfter.EMPLOYED,
    PlacementKind.SUBSIDISED_16I: StatusAfter.EMPLOYED,
    PlacementKind.CITIZEN_WORK: StatusAfter.EMPLOYED,
    PlacementKind.INCLUSION_FIRM: StatusAfter.EMPLOYED,
    PlacementKind.HOLIDAY_JOB: StatusAfter.EMPLOYED,
    PlacementKind.MINIJOB: StatusAfter.MINIJOB,
    PlacementKind.APPRENTICESHIP: StatusAfter.APPRENTICESHIP,
    PlacementKind.SELF_EMPLOYMENT: StatusAfter.SELF_EMPLOYED,
    PlacementKind.SCHOOL_TRAINING: StatusAfter.EDUCATION,
    PlacementKind.SCHOOL: StatusAfter.EDUCATION,
    PlacementKind.WORK_OPPORTUNITY: StatusAfter.WORK_OPPORTUNITY,
}
"""What somebody does who was placed; a kind that is not known here says nothing."""


class Statement(NamedTuple):
    """Something said about what somebody did on a day; `place` is its order among what became known."""

    on: date
    place: int
    status: str
    id: str
    about: Any

    @property
    def order(self) -> tuple[date, int]:
        """The later date wins, on one date the one known later."""
        return self.on, self.place


def statements_of(told: Iterable[Told], six_months_after: date | None) -> list[Statement]:
    """What was said on leaving, within the 28 days, and about the six-month day, least first; never "unknown".

    An express "unknown" does not undo evidence (Q-5). A follow-up about another day than the six-month day of the
    final exit is no answer: that day moved (Q-6).
    """
    found = []
    for one in told:
        if one.type == StatusRecorded.type:
            on, status = one.body.status_on, one.body.status
        elif one.type == ParticipantExited.type:
            on, status = one.body.exit_date, one.body.status
        elif one.type == FollowUpRecorded.type and one.body.reference_date == six_months_after:
            on, status = one.body.reference_date, one.body.status
        else:
            continue
        if status is not None and status != StatusAfter.UNKNOWN:
            found.append(Statement(on, one.place, str(status), one.id, one.body))
    return sorted(found)


class Spell(NamedTuple):
    """A job, an apprenticeship, school, a work opportunity: from its first day to the last one known, if any."""

    job: Told
    changes: tuple[Told, ...]
    """Job-changed facts, in the order of their days."""
    ended: date | None
    """The last day, as told by job-lost or job-ended."""
    ended_by: tuple[str, ...]

    @property
    def starts_on(self) -> date:
        """The first day."""
        return self.job.body.starts_on  # type: ignore[no-any-return] # a field of any fact

    @property
    def last_day(self) -> date | None:
        """The last day: as told, else as the contract says."""
        return self.ended or self.job.body.ends_on

    @property
    def order(self) -> tuple[date, int]:
        """As of statements."""
        return self.starts_on, self.job.place

    def runs_on(self, day: date) -> bool:
        """Whether it runs on a day, as far as is known."""
        return self.starts_on <= day and (self.last_day is None or day <= self.last_day)

    def term(self, name: str, day: date) -> Any:  # noqa: ANN401 - whatever the contract of the job says
        """A term of the contract on a day: as changed up to then, else as it began."""
        for change in reversed(self.changes):
            if change.body.changed_on <= day and (value := getattr(change.body, name)) is not None:
                return value
        return getattr(self.job.body, name)

    def status(self, day: date) -> StatusAfter:
        """What somebody does by it on a day."""
        found = STATUS_OF.get(self.term("kind", day), StatusAfter.UNKNOWN)
        return StatusAfter.EMPLOYED if found is StatusAfter.UNKNOWN and self.term("insured", day) else found

    def events(self, day: date) -> tuple[str, ...]:
        """The facts that say what it is on a day."""
        return (self.job.id, *(one.id for one in self.changes if one.body.changed_on <= day))

    def is_denied(self, day: date, statements: Iterable[Statement]) -> bool:
        """Whether it was ended by word: said to be without work on a later day, or on its first day but known later."""
        return any(one.status in NOT_EMPLOYED and one.on <= day and one.order > self.order for one in statements)

    def evidence(self, day: date, statements: Iterable[Statement]) -> tuple[str, ...] | None:
        """The facts that show that it ran on a day, beyond its start; None where nothing does (R-8a, Q-5).

        It starts that day; or its later end is known; or the first that was said about that day or a later one is
        that the person works; or its terms were changed then. Visits of aftercare are no evidence.
        """
        if self.starts_on == day:
            return ()
        if self.ended is not None and self.ended >= day:
            return self.ended_by
        later = [one for one in statements if one.on >= day]
        said = [one for one in later if one.on == later[0].on]
        if said and said[-1].status in PAID:
            return (said[-1].id,)
        changed = next((one.id for one in self.changes if one.body.changed_on >= day), None)
        return None if changed is None else (changed,)


def spells_of(told: Sequence[Told]) -> list[Spell]:
    """All spells, in the order of their first days."""
    ends = ends_of(told)
    changes: dict[str, list[Told]] = {}
    for one in told:
        if one.type == JobChanged.type:
            changes.setdefault(one.body.placement, []).append(one)
    found = []
    for one in told:
        if one.type == PlacementMade.type:
            ended, ended_by = ends.get(one.body.placement, (None, ()))
            changed = sorted(
                changes.get(one.body.placement, ()), key=lambda change: (change.body.changed_on, change.place)
            )
            found.append(Spell(one, tuple(changed), ended, ended_by))
    return sorted(found, key=lambda spell: spell.order)


class Situation(NamedTuple):
    """What somebody does on a day, the facts that say so, and the work that runs on that day."""

    status: str
    events: tuple[str, ...]
    work: tuple[Spell, ...] = ()


_Running = Sequence[tuple[Spell, tuple[str, ...]]]
"""Spells that run on a day, each with the facts that say so."""


class Afterwards(NamedTuple):
    """All that is known about the days after leaving."""

    since: date
    """The exit: from here on statements count (Q-6)."""
    statements: Sequence[Statement]
    spells: Sequence[Spell]
    registered_at_entry: str | None
    """The event that says that somebody was unemployed on entering; None for others."""

    def last_state(self, day: date) -> Situation:
        """The last state of the window that ends with a day; nothing need show that it held on that day (R-5, Q-5)."""
        heard = self._heard(day)
        latest = heard[-1] if heard else None
        if latest is not None and self._work_ended_since(latest, day):
            latest = None
        return self._decide(day, latest, [(one, one.events(day)) for one in self.spells if one.runs_on(day)])

    def state_on(self, day: date) -> Situation:
        """The state on one day, which something must show (R-8a): a statement about it, or a confirmed spell."""
        about = [one for one in self.statements if one.on == day]
        running = [
            (one, tuple(dict.fromkeys((*one.events(day), *shown))))
            for one in self.spells
            if one.runs_on(day) and (shown := one.evidence(day, self.statements)) is not None
        ]
        return self._decide(day, about[-1] if about else None, running)

    def _heard(self, day: date) -> list[Statement]:
        return [one for one in self.statements if self.since <= one.on <= day]

    def _work_ended_since(self, said: Statement, day: date) -> bool:
        """Whether the work that a statement speaks of was lost before the day: that alone means unknown (Q-6)."""
        return said.status in PAID and any(
            one.runs_on(said.on)
            and one.last_day is not None
            and one.last_day < day
            and one.status(said.on) in PAID
            and (one.status(said.on) == StatusAfter.MINIJOB) == (said.status == StatusAfter.MINIJOB)
            for one in self.spells
        )

    def _decide(self, day: date, latest: Statement | None, running: _Running) -> Situation:
        """Work that runs and was not denied; else the latest of what was said and what runs without being work."""
        work = [one for one in running if one[0].status(day) in PAID and not one[0].is_denied(day, self.statements)]
        registered = self._registered(day)
        beaten = False
        if registered is not None:
            employed = [one for one in work if one[0].status(day) != StatusAfter.MINIJOB]
            beaten = len(employed) < len(work)
            work = employed
            if latest is not None and latest.status == StatusAfter.MINIJOB:
                latest, beaten = None, True
        if work:
            return _working(day, latest, work)
        found = [(one.order, one.status(day).value, events) for one, events in running if one.status(day) not in PAID]
        if latest is not None:
            found.append((latest.order, latest.status, (latest.id,)))
        elif beaten and registered is not None:
            found.append(registered)
        known = [one for one in found if one[1] != StatusAfter.UNKNOWN]
        return Situation(*max(known)[1:]) if known else Situation(StatusAfter.UNKNOWN.value, ())

    def _registered(self, day: date) -> tuple[tuple[date, int], str, tuple[str, ...]] | None:
        """The last word that somebody is unemployed, if nothing else was said since: no minijob beats it (Q-6, Q-11).

        Who was unemployed on entering, of whom nothing was said since leaving, is taken to be it still.
        """
        heard = self._heard(day)
        said = [one for one in heard if one.status != StatusAfter.MINIJOB]
        if said:
            last = said[-1]
            return (last.order, last.status, (last.id,)) if last.status == StatusAfter.UNEMPLOYED else None
        if heard or self.registered_at_entry is None:
            return None
        return (date.min, 0), StatusAfter.UNEMPLOYED.value, (self.registered_at_entry,)


def _working(day: date, latest: Statement | None, work: _Running) -> Situation:
    spell, events = max(work, key=lambda one: (one[0].status(day) != StatusAfter.MINIJOB, one[0].order))
    status = spell.status(day).value
    if latest is not None and latest.status in PAID and latest.order > spell.order:
        status, events = latest.status, tuple(dict.fromkeys((*events, latest.id)))
    return Situation(status, events, tuple(one for one, _ in work))
