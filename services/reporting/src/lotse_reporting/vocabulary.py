"""The words of programme files: which moments there are, and what can be asked about them and about who entered.

Nearly all of it is read off the contracts: every event with a date is a kind of moment, every field a word. What
follows from several facts (a job kept, a first advice, a phase of a subsidy) is named here and derived in `case`.
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Union, get_args, get_origin

from lotse_shared.contracts import EVENTS, intake
from lotse_shared.contracts.codes import Employment, SizeClass
from lotse_shared.envelope import ANY_PUBLISHER, Code, Event


@dataclass(frozen=True, slots=True)
class Word:
    """Something that can be asked: `path` is where it is read from, `codes` what it may be where that is a list."""

    path: str
    type: type
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MomentKind:
    """A kind of dated moment. `rank` orders what happens on one day (domain.md 1.8, Q-17)."""

    name: str
    about: str
    """The subject: `case`, `employer`, ..."""
    rank: int
    words: Mapping[str, Word] = field(default_factory=dict)
    date: str = ""
    """The field with its date, for a kind that is one event."""
    start: str = ""
    """The field that tells one start from another."""


_RANKS: Final = {
    "participant-enrolled": 1,
    "participant-reentered": 2,
    "measure-joined": 3,
    "placement-made": 4,
    "job-lost": 6,
    "job-ended": 6,
    "internship-ended": 6,
    "measure-left": 7,
    "status-recorded": 8,
    "follow-up-recorded": 8,
    "participant-exited": 9,
}
_USUAL_RANK: Final = 5
_DATES: Final = {"subsidy-paid.v1": "paid_on"}
_NO_MOMENT: Final = {"characteristics-corrected.v1"}
_NOUNS: Final = {
    "employer-advised": "advice",
    "participant-enrolled": "enrolment",
    "participant-reentered": "reentry",
    "participant-exited": "exit",
    "marketplace-member-joined": "member",
}
_RENAMED: Final = {
    ("goal-reached", "goal"): "goal.kind",
    ("milestone-reached", "milestone"): "milestone.kind",
    ("stock-reported", "stock"): "stock.kind",
    ("attendance-recorded", "kind"): "measure.kind",
    ("attendance-recorded", "measure"): "measure.id",
    ("employer-advised", "advice"): "advice.kind",
    ("employer-advised", "headcount"): "employer.headcount",
    ("employer-advised", "size"): "employer.size",
    ("employer-advised", "in_area"): "employer.in-area",
}
_NEVER_WORDS: Final = frozenset({"case", "operation", "supersedes", "partner", "site"})


def hyphened(name: str) -> str:
    """A field's name as programme files write it."""
    return name.replace("_", "-")


def _word(path: str, annotation: Any) -> Word | None:  # noqa: ANN401 - whatever a contract declares
    found = _plain(annotation)
    if found is None:
        return None
    codes = frozenset(str(one) for one in found) if issubclass(found, Code) else frozenset[str]()
    return Word(path, found, codes)


def _plain(annotation: Any) -> type | None:  # noqa: ANN401 - the same
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [one for one in get_args(annotation) if one is not type(None)]
        return _plain(parts[0]) if len(parts) == 1 else None
    if hasattr(annotation, "__metadata__"):
        return _plain(annotation.__origin__)
    return annotation if isinstance(annotation, type) and issubclass(annotation, (str, int, Decimal, date)) else None


def _words(name: str, event: type[Event]) -> dict[str, Word]:
    noun = _NOUNS.get(name, name.split("-", maxsplit=1)[0])
    asked_at_entry = frozenset(intake.Characteristics.model_fields) if name == "participant-enrolled" else frozenset()
    found = {}
    for one, info in event.model_fields.items():
        word = _word(one, info.annotation)
        if one not in _NEVER_WORDS | asked_at_entry and word is not None and one != event.about:
            found[_RENAMED.get((name, one), f"{noun}.{hyphened(one)}")] = word
    return found


def _date_of(event: type[Event]) -> str:
    fixed = _DATES.get(event.type)
    return fixed or next((one for one, info in event.model_fields.items() if info.annotation is date), "")


def _told(event: type[Event]) -> MomentKind | None:
    when = _date_of(event)
    if not when or event.source in (ANY_PUBLISHER, "reporting") or event.type in _NO_MOMENT:
        return None
    name = event.type.rpartition(".")[0]
    start = "placement" if "placement" in event.model_fields else ""
    return MomentKind(name, event.about, _RANKS.get(name, _USUAL_RANK), _words(name, event), when, start)


_SIMPLE: Final = {kind.name: kind for event in EVENTS.values() if (kind := _told(event)) is not None}
_ADVICE: Final = _SIMPLE["employer-advised"].words
_PLACEMENT: Final = _SIMPLE["placement-made"].words

MILESTONES: Final[Mapping[str, int]] = {"3-months": 3, "6-months": 6, "12-months": 12}
"""How long a job may be asked to have been kept, in months."""

_DERIVED: Final = (
    MomentKind("employer-first-advised", "employer", _USUAL_RANK, _ADVICE),
    MomentKind(
        "job-kept",
        "case",
        _USUAL_RANK,
        {
            **{word: Word(f"placement.{one.path}", one.type, one.codes) for word, one in _PLACEMENT.items()},
            "job.milestone": Word("milestone", str, frozenset(MILESTONES)),
        },
        start="placement.placement",
    ),
    MomentKind(
        "subsidy-phase-started",
        "case",
        _USUAL_RANK,
        {
            "subsidy.percent": Word("percent", int),
            "subsidy.phase": Word("number", int),
            "subsidy.instrument": _SIMPLE["subsidy-approved"].words["subsidy.instrument"],
        },
    ),
)

MOMENTS: Final[Mapping[str, MomentKind]] = {**_SIMPLE, **{kind.name: kind for kind in _DERIVED}}
"""Every kind of moment, by its name in programme files."""

NUMBERS: Final[Mapping[str, int]] = {name: number for number, name in enumerate(sorted(MOMENTS))}
"""A number for each kind: decides between moments that are alike in all that counts."""


class Span(str):
    """A length of time up to the day of entry, since a day that the enrolment names."""

    __slots__ = ()


def _entry_words() -> dict[str, Word]:
    words = {}
    for one, info in intake.Characteristics.model_fields.items():
        word = _word(one, info.annotation)
        if one not in _NEVER_WORDS and word is not None:
            words[f"entry.{hyphened(one)}"] = word
    words["entry.age"] = words.pop("entry.age-at-entry")
    words["entry.employment"] = Word("employment", Employment, frozenset(map(str, Employment)))
    words["entry.unemployed-for"] = Word("unemployed_since", Span)
    words["entry.benefits-for"] = Word("benefits_since", Span)
    words["entry.subproject"] = Word("subproject", str)
    return words


ENTRY: Final[Mapping[str, Word]] = _entry_words()
"""What can be asked about how somebody entered; the characteristics stay those of the first entry (R-3, R-4)."""

ALWAYS: Final[Mapping[str, Word]] = {"partner": Word("partner", str), "site": Word("site", str)}
"""What can be asked about every moment: who acted, and where."""


def size_of(headcount: int | None, size: str | None) -> str:
    """The size class of an enterprise, by its heads where they are known: micro under 10, small 50, medium 250."""
    if headcount is None:
        return str(size or SizeClass.UNKNOWN)
    for limit, found in ((10, SizeClass.MICRO), (50, SizeClass.SMALL), (250, SizeClass.MEDIUM)):
        if headcount < limit:
            return str(found)
    return str(SizeClass.LARGE)
