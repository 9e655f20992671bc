"""Definitions (data) compiled once to closures: moment and context in, candidates out. No clock, no I/O.

A candidate is a moment that would count, in the cell it would count in: (indicator, key). Of the candidates of a cell
the least one counts: the earliest day, then the rank of its kind, then its place among the unit's facts.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, NamedTuple

from lotse_shared.calendar import add_months
from lotse_shared.programme import Bounds, Condition, Counts, Indicator, Moments, Per, Period, Place, Unbounded, Value

from lotse_reporting.case import IN_THREAD, THREADS, Context, Moment
from lotse_reporting.vocabulary import ALWAYS, ENTRY, MOMENTS, NUMBERS, MomentKind, Span, Word

Cell = tuple[int, str]
"""Number of the indicator in its file, and what it counts once."""

ONE: Final = Decimal(1)


class Candidate(NamedTuple):
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
        return (self.effective, *self[3:])


class Misdefined(ValueError):  # noqa: N818 - what the definition is
    """A definition that uses a word that does not exist; `place` is where, the text names the nearest valid word."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place


Test = Callable[[Moment, Context | None], bool]
Judge = Callable[[Moment, Context | None], tuple[Cell, Candidate] | None]


@dataclass(frozen=True)
class Rules:
    """All indicators of one edition, compiled."""

    indicators: Sequence[Indicator]
    judges: Mapping[str, Sequence[Judge]]
    """By kind of moment."""

    @cached_property
    def handling(self) -> Mapping[str, tuple[bool, str | None]]:
        """What a fact's type leads to: whether it is a moment by itself, and which thread it belongs to.

        Types that lead to nothing here are absent: a unit need not remember such facts.
        """
        found: dict[str, tuple[bool, str | None]] = {}
        for kind in self.judges:
            if kind in _ALONE:
                found[_ALONE[kind]] = (True, None)
        for kind, thread in THREADS.items():
            if thread == "entry" or IN_THREAD[thread] & self.judges.keys():
                found[kind] = (found.get(kind, (False, None))[0], thread)
        return found

    def judge(self, moment: Moment, context: Context | None) -> list[tuple[Cell, Candidate]]:
        """Where a moment would count."""
        return [found for judge in self.judges.get(moment.kind, ()) if (found := judge(moment, context)) is not None]


_DERIVED: Final = frozenset(name for kinds in IN_THREAD.values() for name in kinds)
_ALONE: Final = {name: f"{name}.v1" for name in MOMENTS if name not in _DERIVED}


def compile_rules(indicators: Sequence[Indicator], period: Period) -> Rules:
    """Compile the indicators of a programme.

    Raises:
        Misdefined: a word, code or span that does not exist here.
    """
    judges: dict[str, list[Judge]] = {}
    for number, indicator in enumerate(indicators):
        for sign, listed, name in ((1, indicator.moments, "moments"), (-1, indicator.minus, "minus")):
            for kind in dict.fromkeys(one.kind for one in listed):
                place: Place = ("indicators", number, name)
                judges.setdefault(kind, []).append(_judge(number, indicator, period, kind, listed, sign, place))
    return Rules(tuple(indicators), judges)


class _Choice(NamedTuple):
    test: Test | None
    quantity: Callable[[Moment], Decimal]
    characteristics: tuple[str, ...]


def _judge(
    number: int, indicator: Indicator, period: Period, kind: str, listed: Sequence[Moments], sign: int, place: Place
) -> Judge:
    declared = MOMENTS.get(kind)
    at = next(index for index, one in enumerate(listed) if one.kind == kind)
    if declared is None:
        raise Misdefined((*place, at, "is"), f"there is no moment {kind}{_nearest(kind, MOMENTS)}")
    choices = [
        _choice(indicator, declared, one, sign, (*place, index)) for index, one in enumerate(listed) if one.kind == kind
    ]
    first, last = _window(indicator, period)
    key_of = _key(indicator.per, kind)
    needs_entry = indicator.needs_enrolment and declared.about == "case"
    rank, kind_number = declared.rank, NUMBERS[kind]

    def judge(moment: Moment, context: Context | None) -> tuple[Cell, Candidate] | None:
        if not first <= moment.on <= last or (needs_entry and context is None):
            return None
        for test, quantity, characteristics in choices:
            if test is None or test(moment, context):
                break
        else:
            return None
        events = moment.events
        gender = None
        if context is not None:
            gender = context.values.get("gender")
            if needs_entry or characteristics:
                told = (context.enrolment, *(context.told_by[name] for name in characteristics))
                events = tuple(dict.fromkeys(events + told))
        counted = quantity(moment)
        if not counted:
            return None
        candidate = Candidate(
            moment.on,
            rank,
            (*moment.place, kind_number),
            counted,
            moment.partner,
            moment.site,
            str(gender) if gender is not None else None,
            events,
        )
        return (number, key_of(moment)), candidate

    return judge


def _window(indicator: Indicator, period: Period) -> tuple[date, date]:
    match indicator.window:
        case None:
            return period.first, period.last
        case Unbounded():
            return date.min, date.max
        case window:
            return window.first, window.last


def _key(per: Per, kind: str) -> Callable[[Moment], str]:
    """What a moment counts once for: the second part of its cell."""
    match per:
        case Per.PERSON | Per.ENTITY:
            return lambda _: ""
        case Per.PERSON_AND_MONTH:
            return lambda moment: f"{moment.on:%Y-%m}"
        case Per.START:
            return attrgetter("start")
        case Per.ATTENDANCE if kind == "attendance-recorded":
            return lambda moment: f"{moment.fact.measure}|{moment.on}"
        case Per.ATTENDANCE if kind == "gathering-held":
            return lambda _: ""
        case _:
            return lambda moment: moment.start if moment.kind in _DERIVED else moment.events[0]


def _choice(indicator: Indicator, kind: MomentKind, moments: Moments, sign: int, place: Place) -> _Choice:
    tests: list[Test] = []
    characteristics: dict[str, None] = {}
    for name, condition in moments.where.items():
        where = (*place, "where", name)
        word = _find(name, kind, where)
        if name in ENTRY:
            if kind.about != "case":
                raise Misdefined(where, f"{name} is asked of people; {kind.name} is about a {kind.about}")
            characteristics[word.path] = None
            tests.append(_entry_test(word, condition, where))
        elif name in ALWAYS:
            tests.append(_test(attrgetter(word.path), word, condition, where))
        else:
            tests.append(_test(attrgetter(f"fact.{word.path}"), word, condition, where))
    return _Choice(_all(tests), _quantity(indicator, kind, moments, sign, place), tuple(characteristics))


def _all(tests: Sequence[Test]) -> Test | None:
    if len(tests) <= 1:
        return tests[0] if tests else None

    def test(moment: Moment, context: Context | None) -> bool:
        for one in tests:  # noqa: SIM110 - a generator here is the hottest line of the whole service
            if not one(moment, context):
                return False
        return True

    return test


def _find(name: str, kind: MomentKind, place: Place) -> Word:
    words = {**kind.words, **ENTRY, **ALWAYS}
    if name not in words:
        raise Misdefined(place, f"{kind.name} has no word {name}{_nearest(name, words)}")
    return words[name]


def _nearest(name: str, valid: Mapping[str, object] | Sequence[str]) -> str:
    found = difflib.get_close_matches(name, [str(one) for one in valid], 1, 0.4)
    return f"; did you mean {found[0]}?" if found else f"; there are {', '.join(sorted(map(str, valid)))}"


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
            (*place, "quantity"), f"{kind.name} has no number {moments.quantity}{_nearest(moments.quantity, numbers)}"
        )
    read = attrgetter(f"fact.{word.path}")
    if indicator.counts is Counts.HOURS and moments.quantity.endswith("minutes"):
        sixty = Decimal(60) * sign
        fraction = Decimal("0.000001")
        return lambda moment: (Decimal(read(moment) or 0) / sixty).quantize(fraction)
    return lambda moment: Decimal(read(moment) or 0) * sign


def _entry_test(word: Word, condition: Condition, place: Place) -> Test:
    path = word.path
    if word.type is Span:
        since = _span_test(condition, place)
        return lambda _, context: (
            context is not None and path in context.values and since(context.values[path], context.entry_date)
        )
    check = _check(word, condition, place)
    return lambda _, context: context is not None and (value := context.values.get(path)) is not None and check(value)


def _test(read: Callable[[Moment], Any], word: Word, condition: Condition, place: Place) -> Test:
    check = _check(word, condition, place)
    return lambda moment, _: (value := read(moment)) is not None and check(value)


def _check(word: Word, condition: Condition, place: Place) -> Callable[[Any], bool]:
    if isinstance(condition, Bounds):
        return _bounds_check(word, condition, place)
    wanted = frozenset(_value(word, one, place) for one in (condition if isinstance(condition, list) else [condition]))
    return wanted.__contains__


def _bounds_check(word: Word, bounds: Bounds, place: Place) -> Callable[[Any], bool]:
    if bounds.none_of is not None:
        unwanted = frozenset(_value(word, one, place) for one in bounds.none_of) | {"unknown"}
        return lambda value: value not in unwanted
    if word.codes or not issubclass(word.type, (int, Decimal, date)) or word.type is bool:
        raise Misdefined(place, "only numbers, dates and spans have an order; list the codes instead")
    low = _value(word, bounds.at_least, place) if bounds.at_least is not None else None
    high = _value(word, bounds.at_most, place) if bounds.at_most is not None else None
    above = _value(word, bounds.more_than, place) if bounds.more_than is not None else None
    below = _value(word, bounds.less_than, place) if bounds.less_than is not None else None
    return lambda value: (
        (low is None or value >= low)
        and (high is None or value <= high)
        and (above is None or value > above)
        and (below is None or value < below)
    )


def _value(word: Word, value: Value, place: Place) -> Any:  # noqa: ANN401 - of the word's own type
    if word.codes:
        if str(value) not in word.codes:
            raise Misdefined(place, f"there is no code {value}{_nearest(str(value), sorted(word.codes))}")
        return str(value)
    if word.type is bool:
        if not isinstance(value, bool):
            raise Misdefined(place, "must be true or false")
        return value
    if issubclass(word.type, str):
        return str(value)
    try:
        if issubclass(word.type, date):
            return date.fromisoformat(str(value))
        return Decimal(str(value))
    except (ValueError, ArithmeticError):
        raise Misdefined(place, f"{value} is no {'date' if issubclass(word.type, date) else 'number'}") from None


_SPAN: Final = re.compile(r"^(\d+) (year|month)s?$")


def _months(value: Value | None, place: Place) -> int:
    found = _SPAN.match(str(value))
    if found is None:
        raise Misdefined(place, f"{value} is no span; write it like `1 year` or `18 months`")
    return int(found[1]) * (12 if found[2] == "year" else 1)


def _span_test(condition: Condition, place: Place) -> Callable[[date, date], bool]:
    """Whether a span up to the day of entry is long or short enough: start + n months <= entry (Q-4)."""
    if not isinstance(condition, Bounds) or condition.none_of is not None:
        raise Misdefined(place, "a span needs bounds, such as {at-least: 1 year}")
    bounds = condition
    compare: list[Callable[[date, date], bool]] = []
    for bound, holds in (
        (bounds.at_least, lambda end, entry: end <= entry),
        (bounds.more_than, lambda end, entry: end < entry),
        (bounds.at_most, lambda end, entry: end >= entry),
        (bounds.less_than, lambda end, entry: end > entry),
    ):
        if bound is not None:
            months = _months(bound, place)
            compare.append(lambda since, entry, n=months, ok=holds: ok(add_months(since, n)[0], entry))  # type: ignore[misc] # bound early
    return lambda since, entry: all(one(since, entry) for one in compare)
