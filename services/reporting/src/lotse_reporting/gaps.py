"""People whom an indicator cannot count, or not yet: their record lacks an answer that a condition asks about.

Beside each indicator stands a built-in one that is no part of the report. It has an entry for everybody who may or may
not count, depending on answers. So the queue of incomplete records has both clocks, and an
entry ends at the knowledge time of the answer. Who is known not to count is not in it, whatever else is missing.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from lotse_reporting.case import Context, Moment
from lotse_reporting.case.characteristics import FALLBACK, NO_VALUES, answer_of
from lotse_reporting.conditions import Test
from lotse_reporting.words import MomentKind, Word

_SUFFIX: Final = ":incomplete"
"""What tells the built-in indicator from the one it stands beside: no id of a programme file has a colon."""


def built_in(indicator: str) -> str:
    """The id of the built-in indicator beside one of the report."""
    return f"{indicator}{_SUFFIX}"


def is_built_in(indicator: str) -> bool:
    """Whether an id is one of a built-in indicator: no id of a programme file has a colon."""
    return ":" in indicator


def beside(indicator: str) -> str:
    """The id of the indicator of the report that one of these stands beside."""
    return indicator.removesuffix(_SUFFIX)


class Asked(NamedTuple):
    """A condition, and the answers without which it cannot be decided; none for what is always known."""

    test: Test
    answers: frozenset[str]


def answers_to(word: Word, *, at_entry: bool) -> frozenset[str]:
    """The names of the answers that a word needs: characteristics at entry, or one about the moment itself."""
    if at_entry:
        return frozenset(answer_of(name) for name in word.rests_on or (word.path,) if name != FALLBACK)
    return frozenset({word.answer} if word.answer else ())


class Asking(NamedTuple):
    """What one indicator asks of moments of one kind: for each of its choices, all conditions."""

    number: int
    """Of the built-in indicator."""
    first: date
    last: date
    choices: Sequence[Sequence[Asked]]

    @property
    def answers(self) -> frozenset[str]:
        """All answers that it may lack."""
        return frozenset(name for choice in self.choices for asked in choice for name in asked.answers)


Look = Callable[[Moment, Context], Sequence[tuple[int, str]]]
"""Where answers are missing: the number of the built-in indicator, and the missing answers (`answers_in`)."""

_BETWEEN: Final = ","


def answers_in(key: str) -> list[str]:
    """The answers that an entry of a built-in indicator waits for, from its key."""
    return key.split(_BETWEEN)


def look_of(kind: MomentKind, askings: Sequence[Asking]) -> Look | None:
    """What looks for missing answers at moments of a kind; None where nothing is asked that may be missing."""
    asking = [(one.answers, one) for one in askings if one.answers]
    asked = frozenset(name for answers, _ in asking for name in answers)
    own = {word.answer: word.path for word in kind.words.values() if word.answer in asked}
    if not asked:
        return None

    def look(moment: Moment, context: Context) -> Sequence[tuple[int, str]]:
        unknown = context.unknown & asked
        if own:
            unknown |= {answer for answer, path in own.items() if getattr(moment.fact, path) in NO_VALUES}
        if not unknown:
            return ()
        return [
            (one.number, _BETWEEN.join(sorted(missing)))
            for answers, one in asking
            if not unknown.isdisjoint(answers) and (missing := _missing(moment, context, one, unknown))
        ]

    return look


def _missing(moment: Moment, context: Context, asking: Asking, unknown: frozenset[str]) -> frozenset[str]:
    """The answers on which it depends whether a moment counts; none where it counts, or is known not to."""
    nothing: frozenset[str] = frozenset()
    if not asking.first <= moment.on <= asking.last:
        return nothing
    found = nothing
    for conditions in asking.choices:
        lacking = nothing
        for asked in conditions:
            if not asked.test(moment, context):
                missing = asked.answers & unknown
                if not missing:
                    break
                lacking |= missing
        else:
            if not lacking:
                return nothing
            found |= lacking
    return found
