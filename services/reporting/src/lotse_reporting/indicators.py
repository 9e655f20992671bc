"""Definitions (data) compiled once to closures: moment and context in, candidates out. No clock, no I/O.

A candidate is a moment that would count, in the cell it would count in: (indicator, key). Of the candidates of a cell
the least one counts: the earliest day, then the rank of its kind, then its place among the unit's facts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, NamedTuple

from lotse_shared.programme import Counts, Indicator, Moments, Per, Period, Place, Unbounded, nearest
from msgspec import Struct

from lotse_reporting.case import ENTRY as ENTRY_THREAD
from lotse_reporting.case import IN_THREAD, RETRACTED, THREADS, Context, Moment
from lotse_reporting.conditions import Misdefined, Test, all_of, entry_test, find, test_of
from lotse_reporting.every_programme import COMMON
from lotse_reporting.gaps import Asked, Asking, Look, answers_to, built_in, look_of
from lotse_reporting.vocabulary import ALWAYS, ENTRY, MOMENTS, NUMBERS
from lotse_reporting.words import MomentKind

Cell = tuple[int, str]
"""Number of the indicator in its file, and what it counts once."""

ONE: Final = Decimal(1)


class Candidate(Struct, frozen=True, order=True, gc=False):
    """A moment that would count. The first three fields order candidates; the rest is what an entry says."""

    effective: date
    rank: int
    place: tuple[int, int, int]
    quantity: Decimal
    partner: str | None
    site: str | None
    gender: str | None
    events: tuple[str, ...]

    def says(self) -> tuple[Any, ...]:
        """What makes two candidates the same entry."""
        return (self.effective, self.quantity, self.partner, self.site, self.gender, self.events)


Judge = Callable[[Moment, Context | None], tuple[Cell, Candidate] | None]


@dataclass(frozen=True)
class Rules:
    """All indicators of one edition, compiled."""

    indicators: Sequence[Indicator]
    """Those of the programme, in its order, then the built-in ones (`gaps`, `every_programme`)."""
    judges: Mapping[str, Sequence[Judge]]
    """By kind of moment."""
    looks: Mapping[str, Look] = field(default_factory=dict)
    """What looks for missing answers, by kind of moment; kinds of which nothing is asked that may be missing lack."""

    @cached_property
    def handling(self) -> Mapping[str, tuple[bool, tuple[str, ...]]]:
        """What a fact's type leads to: whether it is a moment by itself, and which kinds of threads it belongs to.

        Types that lead to nothing here are absent: a unit need not remember such facts.
        """
        found: dict[str, tuple[bool, tuple[str, ...]]] = {}
        for kind in self.judges:
            if kind in _ALONE:
                found[_ALONE[kind]] = (True, ())
        for kind, threads in THREADS.items():
            used = tuple(one for one in threads if one == ENTRY_THREAD or IN_THREAD[one] & self.judges.keys())
            if used:
                found[kind] = (kind in found, used)
        return found

    @cached_property
    def heeded(self) -> frozenset[str]:
        """The types of facts that may change anything here; and so does whatever supersedes another fact."""
        return frozenset({*self.handling, RETRACTED})

    def judge(self, moment: Moment, context: Context | None) -> list[tuple[Cell, Candidate]]:
        """Where a moment would count."""
        counts = [found for judge in self.judges.get(moment.kind, ()) if (found := judge(moment, context)) is not None]
        if context is not None and (look := self.looks.get(moment.kind)) is not None:
            cells = look(moment, context)
            if cells:
                candidate = _incomplete(moment, context)
                counts += [(cell, candidate) for cell in cells]
        return counts


_DERIVED: Final = frozenset(name for kinds in IN_THREAD.values() for name in kinds)
_ALONE: Final = {name: f"{name}.v1" for name in MOMENTS if name not in _DERIVED}


def compile_rules(indicators: Sequence[Indicator], period: Period) -> Rules:
    """Compile the indicators of a programme.

    Raises:
        Misdefined: a word, code or span that does not exist here.
    """
    judges: dict[str, list[Judge]] = {}
    askings: dict[str, list[Asking]] = {}
    common = enumerate(COMMON, 2 * len(indicators))
    for number, indicator in (*enumerate(indicators), *common):
        first, last = _window(indicator, period)
        for sign, listed, name in ((1, indicator.moments, "moments"), (-1, indicator.minus, "minus")):
            place: Place = ("indicators", number, name)
            for kind in dict.fromkeys(one.kind for one in listed):
                choices = _choices(indicator, kind, listed, sign, place)
                judges.setdefault(kind, []).append(_judge(number, indicator, (first, last), MOMENTS[kind], choices))
                if sign > 0 and number < len(indicators):
                    asked = [choice.asked for choice in choices]
                    askings.setdefault(kind, []).append(Asking(len(indicators) + number, first, last, asked))
    looks = {kind: look for kind, asked in askings.items() if (look := look_of(MOMENTS[kind], asked)) is not None}
    beside = [one.model_copy(update={"id": built_in(one.id)}) for one in indicators]
    return Rules((*indicators, *beside, *COMMON), judges, looks)


class _Choice(NamedTuple):
    test: Test | None
    quantity: Callable[[Moment], Decimal]
    characteristics: tuple[str, ...]
    shown: tuple[str, ...]
    """The words asked of a kind that says which events show each of them."""
    asked: tuple[Asked, ...]


def _choices(indicator: Indicator, kind: str, listed: Sequence[Moments], sign: int, place: Place) -> Sequence[_Choice]:
    declared = MOMENTS.get(kind)
    at = next(index for index, one in enumerate(listed) if one.kind == kind)
    if declared is None:
        raise Misdefined((*place, at, "is"), f"there is no moment {kind}{nearest(kind, MOMENTS)}")
    return [
        _choice(indicator, declared, one, sign, (*place, index)) for index, one in enumerate(listed) if one.kind == kind
    ]


def _judge(
    number: int, indicator: Indicator, window: tuple[date, date], declared: MomentKind, choices: Sequence[_Choice]
) -> Judge:
    first, last = window
    key_of = _key(indicator.per, declared, ("indicators", number, "per"))
    needs_entry = indicator.needs_enrolment and declared.about == "case"
    rank, kind_number = declared.rank, NUMBERS[declared.name]

    def judge(moment: Moment, context: Context | None) -> tuple[Cell, Candidate] | None:
        on = moment.on
        if on < first or on > last or (needs_entry and context is None):
            return None
        for choice in choices:
            test = choice.test
            if test is None or test(moment, context):
                break
        else:
            return None
        counted = choice.quantity(moment)
        if not counted:
            return None
        events, gender = moment.events, None
        if choice.shown:
            shown_by = moment.fact.shown_by
            events = tuple(dict.fromkeys((*events, *(one for path in choice.shown for one in shown_by[path]))))
        if context is not None:
            gender = context.gender
            if needs_entry or choice.characteristics:
                events = _with_entry(events, context, choice.characteristics)
        place = (*moment.place, kind_number)
        candidate = Candidate(on, rank, place, counted, moment.partner, moment.site, gender, events)
        return (number, key_of(moment)), candidate

    return judge


def _incomplete(moment: Moment, context: Context) -> Candidate:
    """Somebody who may or may not count at this moment."""
    place = (*moment.place, NUMBERS[moment.kind])
    events = _with_entry(moment.events, context, ())
    return Candidate(moment.on, 0, place, ONE, moment.partner, moment.site, context.gender, events)


def _with_entry(events: tuple[str, ...], context: Context, characteristics: Sequence[str]) -> tuple[str, ...]:
    """The events an entry rests on: the moment's, the enrolment, and whatever said the characteristics asked for."""
    corrected_by = context.corrected_by
    if not characteristics or not corrected_by:
        return events if context.enrolment in events else (*events, context.enrolment)
    corrections = [corrected_by[name] for name in characteristics if name in corrected_by]
    return tuple(dict.fromkeys((*events, context.enrolment, *corrections)))


def _window(indicator: Indicator, period: Period) -> tuple[date, date]:
    match indicator.window:
        case None:
            return period.first, period.last
        case Unbounded():
            return date.min, date.max
        case window:
            return window.first, window.last


_COUNTED_FOR: Final[Mapping[Per, Callable[[MomentKind], bool]]] = {
    Per.PERSON: lambda kind: kind.about == "case",
    Per.PERSON_AND_MONTH: lambda kind: kind.about == "case",
    Per.POSITION: lambda kind: bool(kind.position),
    Per.ATTENDANCE: lambda kind: kind.name in ("attendance-recorded", "gathering-held"),
}
"""Which kinds of moments say what some things are counted once for."""


def _key(per: Per, kind: MomentKind, place: Place) -> Callable[[Moment], str]:
    """What a moment counts once for: the second part of its cell.

    Raises:
        Misdefined: moments of this kind say nothing that could be counted once.
    """
    if per in _COUNTED_FOR and not _COUNTED_FOR[per](kind):
        raise Misdefined(place, f"{kind.name} is about a {kind.about} and cannot count once for each {per.value}")
    named = {Per.ENTITY: kind.entity, Per.POSITION: kind.position}.get(per)
    if named:
        read = attrgetter(f"fact.{named}")
        return lambda moment: str(read(moment))
    if per in (Per.PERSON, Per.ENTITY) or (per is Per.ATTENDANCE and kind.name == "gathering-held"):
        return lambda _: ""
    match per:
        case Per.PERSON_AND_MONTH | Per.MONTH:
            return lambda moment: moment.on.isoformat()[:7]
        case Per.START:
            return attrgetter("start")
        case Per.ATTENDANCE if kind.name == "attendance-recorded":
            return lambda moment: f"{moment.fact.measure}|{moment.on.isoformat()}"
    return lambda moment: moment.start if moment.kind in _DERIVED else moment.events[0]


def _choice(indicator: Indicator, kind: MomentKind, moments: Moments, sign: int, place: Place) -> _Choice:
    tests: list[Test] = []
    characteristics: dict[str, None] = {}
    shown: list[str] = []
    asked: list[Asked] = []
    for name, condition in moments.where.items():
        where = (*place, "where", name)
        word = find(name, kind, where)
        if name in ENTRY:
            if kind.about != "case":
                raise Misdefined(where, f"{name} is asked of people; {kind.name} is about a {kind.about}")
            characteristics.update(dict.fromkeys(word.rests_on or (word.path,)))
            tests.append(entry_test(word, condition, where))
        elif name in ALWAYS:
            tests.append(test_of(attrgetter(word.path), word, condition, where))
        else:
            shown += [word.path] if kind.shown_by else []
            tests.append(test_of(attrgetter(f"fact.{word.path}"), word, condition, where))
        asked.append(Asked(tests[-1], answers_to(word, at_entry=name in ENTRY)))
    quantity = _quantity(indicator, kind, moments, sign, place)
    return _Choice(all_of(tests), quantity, tuple(characteristics), tuple(shown), tuple(asked))


def _quantity(
    indicator: Indicator, kind: MomentKind, moments: Moments, sign: int, place: Place
) -> Callable[[Moment], Decimal]:
    one = ONE * sign
    if moments.quantity is None:
        return lambda _: one
    word = kind.words.get(moments.quantity)
    if word is None or not issubclass(word.type, (int, Decimal)) or issubclass(word.type, bool):
        numbers = [name for name, other in kind.words.items() if other.type in (int, Decimal)]
        raise Misdefined(
            (*place, "quantity"), f"{kind.name} has no number {moments.quantity}{nearest(moments.quantity, numbers)}"
        )
    read = attrgetter(f"fact.{word.path}")
    if indicator.counts is Counts.HOURS and moments.quantity.endswith("minutes"):
        sixty = Decimal(60) * sign
        fraction = Decimal("0.000001")
        return lambda moment: (Decimal(read(moment) or 0) / sixty).quantize(fraction)
    return lambda moment: Decimal(read(moment) or 0) * sign
