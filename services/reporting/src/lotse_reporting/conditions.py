"""Conditions of programme files, compiled to tests of a moment and a context. What is unknown meets no condition."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lotse_shared.calendar import add_months
from lotse_shared.programme import Bounds, Condition, Place, Value, nearest

from lotse_reporting.case import Context, Moment
from lotse_reporting.vocabulary import ALWAYS, ENTRY, Span
from lotse_reporting.words import MomentKind, Word

Test = Callable[[Moment, Context | None], bool]
"""Whether a moment counts, given what somebody was on entering."""


class Misdefined(ValueError):  # noqa: N818 - what the definition is
    """A definition that uses a word that does not exist; `place` is where, the text names the nearest valid word."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def find(name: str, kind: MomentKind, place: Place) -> Word:
    """The word of that name about moments of this kind.

    Raises:
        Misdefined: there is none; names the nearest.
    """
    words = {**kind.words, **ENTRY, **ALWAYS}
    if name not in words:
        raise Misdefined(place, f"{kind.name} has no word {name}{nearest(name, words)}")
    return words[name]


def all_of(tests: Sequence[Test]) -> Test | None:
    """One test of all conditions; None where there are none."""
    if len(tests) <= 1:
        return tests[0] if tests else None

    def test(moment: Moment, context: Context | None) -> bool:
        for one in tests:  # noqa: SIM110 - a generator here is the hottest line of the whole service
            if not one(moment, context):
                return False
        return True

    return test


def entry_test(word: Word, condition: Condition, place: Place) -> Test:
    """A condition on how somebody entered."""
    path = word.path
    if word.type is Span:
        since = _span_test(condition, place)
        return lambda _, context: (
            context is not None and path in context.values and since(context.values[path], context.entry_date)
        )
    check = _check(word, condition, place)
    return lambda _, context: context is not None and (value := context.values.get(path)) is not None and check(value)


def test_of(read: Callable[[Moment], Any], word: Word, condition: Condition, place: Place) -> Test:
    """A condition on the moment itself. Where it may say several, one of them must meet the condition."""
    if word.many and isinstance(condition, Bounds):
        raise Misdefined(place, "may be several: list those of which one must be among them")
    check = _check(word, condition, place)
    if word.many:
        return lambda moment, _: any(check(one) for one in read(moment))
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
    if low is not None and high is not None and low > high:
        raise Misdefined(place, f"nothing is at least {bounds.at_least} and at most {bounds.at_most}")
    return lambda value: (
        (low is None or value >= low)
        and (high is None or value <= high)
        and (above is None or value > above)
        and (below is None or value < below)
    )


def _value(word: Word, value: Value, place: Place) -> Any:  # noqa: ANN401 - of the word's own type
    if word.codes:
        if str(value) not in word.codes:
            raise Misdefined(place, f"there is no code {value}{nearest(str(value), word.codes)}")
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
