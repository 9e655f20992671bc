"""Words and kinds of moments, read off the contracts: every event with a date is a kind, every field of it a word."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Union, get_args, get_origin

from lotse_shared.contracts import EVENTS, intake
from lotse_shared.envelope import ANY_PUBLISHER, Code, Event


@dataclass(frozen=True, slots=True)
class Word:
    """Something that can be asked: `path` is where it is read from, `codes` what it may be where that is a list."""

    path: str
    type: type
    codes: frozenset[str] = frozenset()
    many: bool = False
    """Whether a moment may say several, such as the topics of a visit: a condition asks whether one is among them."""
    rests_on: tuple[str, ...] = ()
    """The characteristics that it follows from, for what is no characteristic itself."""
    answer: str = ""
    """What the queue of incomplete records calls it, where somebody could be asked who has not answered yet."""


@dataclass(frozen=True, slots=True)
class MomentKind:
    """A kind of dated moment. `rank` orders what happens on one day."""

    name: str
    about: str
    """The subject: `case`, `employer`, ..."""
    rank: int
    words: Mapping[str, Word] = field(default_factory=dict)
    date: str = ""
    """The field with its date, for a kind that is one event."""
    start: str = ""
    """The field that tells one start from another."""
    entity: str = ""
    """The field that tells one entity from another, for a kind whose subject is the operation as a whole."""
    position: str = ""
    """The field that tells one position of a vacancy from another."""
    shown_by: str = ""
    """The field with the events that show each word, for a kind whose words follow from different events."""


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
USUAL_RANK: Final = 5
"""The rank of kinds that no rule puts before or behind others."""
_DATES: Final = {"subsidy-paid.v1": "paid_on"}
_NO_MOMENT: Final = {"characteristics-corrected.v1"}
_NOUNS: Final = {
    "employer-advised": "advice",
    "employer-trained": "training",
    "hiring-incentive-granted": "incentive",
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
    **{
        (name, field): f"employer.{field.replace('_', '-')}"
        for name in ("employer-advised", "employer-trained", "hiring-incentive-granted")
        for field in ("headcount", "size", "in_area")
    },
}
_ENTITIES: Final = {
    "organisation-supported": "organisation",
    "partner-joined": "joined",
    "partner-left": "left",
}
NEVER_WORDS: Final = frozenset({"case", "operation", "supersedes", "partner", "site"})
"""Fields that are no words: who and where is asked of every moment alike."""


def hyphened(name: str) -> str:
    """A field's name as programme files write it."""
    return name.replace("_", "-")


def word_of(path: str, annotation: Any) -> Word | None:  # noqa: ANN401 - whatever a contract declares
    """The word for a field of a contract; None for one that holds neither a value nor a list of values."""
    many = get_origin(annotation) is tuple
    found = _plain(get_args(annotation)[0] if many else annotation)
    if found is None:
        return None
    codes = frozenset(str(one) for one in found) if issubclass(found, Code) else frozenset[str]()
    return Word(path, found, codes, many)


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
        word = word_of(one, info.annotation)
        if one not in NEVER_WORDS | asked_at_entry and word is not None and one != event.about:
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
    position = "position" if "position" in event.model_fields else ""
    rank = _RANKS.get(name, USUAL_RANK)
    return MomentKind(name, event.about, rank, _words(name, event), when, start, _ENTITIES.get(name, ""), position)


TOLD: Final[Mapping[str, MomentKind]] = {
    kind.name: kind for event in EVENTS.values() if (kind := _told(event)) is not None
}
"""The kinds of moments that are one event each."""


def words_below(path: str, words: Mapping[str, Word]) -> dict[str, Word]:
    """The same words, read from what stands at `path`: for moments that hold the fact they follow from."""
    return {name: replace(word, path=f"{path}.{word.path}") for name, word in words.items()}
