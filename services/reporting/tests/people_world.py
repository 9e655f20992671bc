"""People of one operation, told fact by fact, and what the common indicators make of them: folded, no database."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lotse_reporting.case import Fact
from lotse_reporting.editions import rules_of
from lotse_reporting.gaps import beside, is_built_in
from lotse_reporting.ledger import Opened, fold
from lotse_shared.contracts.coaching import MeasureJoined, QualificationGained
from lotse_shared.contracts.intake import (
    CharacteristicsCorrected,
    FollowUpRecorded,
    ParticipantEnrolled,
    ParticipantExited,
    ParticipantReentered,
    StatusRecorded,
)
from lotse_shared.contracts.matching import JobChanged, JobEnded, JobLost, PlacementMade
from lotse_shared.programme import read
from reporting_world import Topic, facts_of, merged, number, retracted, separated

SETS = """
operation: op1
programme: esf
period: {from: 2020-01-01, until: 2029-12-31}
source: A fixture
include: [{set: esf-plus-2021}, {set: esf-2014-2020}, {set: kennzv}]
"""
COMPLETE = {"gender": "female", "age_at_entry": 40, "isced": 3, "employment": "unemployed"}
INSURED = {"kind": "insured", "labour_market": "first", "insured": True}
MINIJOB = {"kind": "minijob", "labour_market": "first", "insured": False}


@lru_cache
def definition() -> dict[str, Any]:
    """All common indicators at once."""
    return read("fixture.yaml", SETS).programme.definition()


def definition_of_mehrlin() -> dict[str, Any]:
    """The same indicators for an operation and a period of histories."""
    return definition() | {"operation": "mehrlin", "period": {"from": "2011-10-01", "until": "2014-09-30"}}


class People:
    """Tells facts about cases 1, 2, 3, ... of an operation. Each method gives the id of the fact."""

    def __init__(self, operation: str = "op1") -> None:
        self.topic = Topic()
        self.about = {"operation": operation, "partner": "spi"}

    def enrol(self, case: int, day: str, **what: Any) -> str:
        """Somebody enters, with a complete record unless told otherwise."""
        known = {name: value for name, value in (COMPLETE | what).items() if value is not None}
        return self._tell(ParticipantEnrolled, case, entry_date=day, **known)

    def correct(self, case: int, enrolment: str, **what: Any) -> str:
        """Characteristics are corrected."""
        return self._tell(CharacteristicsCorrected, case, corrects=enrolment, corrected_on="2025-01-01", **what)

    def leave(self, case: int, day: str, status: str | None = None) -> str:
        """Somebody leaves."""
        return self._tell(ParticipantExited, case, exit_date=day, reason="planned-end", status=status)

    def come_back(self, case: int, day: str) -> str:
        """Somebody comes back."""
        return self._tell(ParticipantReentered, case, reentry_date=day)

    def say(self, case: int, day: str, status: str, **what: Any) -> str:
        """What somebody does on a day within the window."""
        return self._tell(StatusRecorded, case, status_on=day, status=status, **what)

    def answer(self, case: int, day: str, status: str, **what: Any) -> str:
        """The answer about the six-month day."""
        return self._tell(FollowUpRecorded, case, reference_date=day, status=status, **what)

    def place(self, case: int, day: str, job: int = 501, **what: Any) -> str:
        """Somebody starts a job: insured unless told otherwise."""
        return self._tell(PlacementMade, case, placement=number(job), starts_on=day, **(INSURED | what))

    def change(self, case: int, day: str, job: int = 501, **what: Any) -> str:
        """The terms of a job change."""
        return self._tell(JobChanged, case, placement=number(job), changed_on=day, **what)

    def lose(self, case: int, day: str, job: int = 501) -> str:
        """A job is lost; the day is its last one."""
        return self._tell(JobLost, case, placement=number(job), last_day=day, ended_by="employer", reason="business")

    def end(self, case: int, day: str, job: int = 501) -> str:
        """A job ends as planned."""
        return self._tell(
            JobEnded, case, placement=number(job), last_day=day, ended_by="end-of-term", reason="term-over"
        )

    def join(self, case: int, day: str, kind: str = "language") -> str:
        """Somebody joins a measure."""
        return self._tell(MeasureJoined, case, measure=number(801), kind=kind, joined_on=day)

    def qualify(self, case: int, day: str) -> str:
        """Somebody passes a formal assessment."""
        return self._tell(QualificationGained, case, gained_on=day, kind="vocational")

    def retract(self, case: int, fact: str) -> str:
        """A fact is taken back."""
        return self.topic.tell(retracted(number(case), fact).model_copy(update=self.about))

    def merge(self, survivor: int, absorbed: int) -> None:
        """Two cases are one person."""
        for half in merged(number(survivor), number(absorbed)):
            self.topic.tell(half.model_copy(update=self.about))

    def separate(self, one: int, other: int) -> None:
        """They are two after all."""
        for half in separated(number(one), number(other)):
            self.topic.tell(half.model_copy(update=self.about))

    def _tell(self, event: Any, case: int, **what: Any) -> str:
        return self.topic.tell(event(**self.about, case=number(case), **what))

    @property
    def now(self) -> int:
        """The knowledge time of the last fact."""
        return self.topic.at

    def facts(self) -> list[Fact]:
        """Everything told, as the fold sees it."""
        return facts_of(self.topic)

    def figures(self, as_of: str = "2025-12-31", known_at: int | None = None) -> dict[str, int]:
        """The figures above zero, as of a day, as known at a moment (default: now)."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for entry in self.entries(known_at):
            if entry.candidate.effective <= date.fromisoformat(as_of):
                sums[entry.indicator] += entry.candidate.quantity
        return {one: int(total) for one, total in sums.items() if total}

    def entries(self, known_at: int | None = None) -> list[Opened]:
        """The entries behind the figures that hold as known at a moment."""
        return [one for one in self.everything(known_at) if not is_built_in(one.indicator)]

    def gaps(self, known_at: int | None = None) -> dict[str, str]:
        """The indicators that lose somebody, and the answers that are missing."""
        waiting = (one for one in self.everything(known_at) if one.indicator.endswith(":incomplete"))
        return {beside(one.indicator): one.key for one in waiting}

    def everything(self, known_at: int | None = None) -> list[Opened]:
        """All entries that hold as known at a moment, those of built-in indicators too."""
        known = self.now if known_at is None else known_at
        _, postings = fold(1, rules_of(definition()), self.facts())
        return [
            one
            for one in postings.opened.values()
            if one.known_from <= known and (one.known_until is None or known < one.known_until)
        ]

    def counted(self, *indicators: str, as_of: str = "2025-12-31") -> list[int]:
        """Some figures, zeros too."""
        found = self.figures(as_of)
        return [found.get(one, 0) for one in indicators]
