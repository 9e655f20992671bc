"""What follows from the characteristics at entry: complete records, foreign origin, disadvantage.

Each conclusion is computed once for each context and asked for like a characteristic, `entry.complete` and so on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lotse_shared.contracts.codes import Answer, Citizenship, Employment, Gender

CORE: Final = ("gender", "employment", "age_at_entry", "isced")
"""What a complete record has: the non-sensitive core data (ESF monitoring and evaluation guidance, 2014, annex D).

Homelessness, rural areas and everything of a special category are no part of the check; the household status was in
2014 to 2020 and was dropped for the ESF+.
"""

BOTH: Final = 2
"""Parents born abroad that make somebody of foreign background where no better answer is known: both of them."""

_FOREIGN: Final = frozenset(
    {Citizenship.EU, Citizenship.THIRD_COUNTRY, Citizenship.STATELESS, Citizenship.UNDETERMINED}
)
NO_VALUES: Final = frozenset({None, "unknown", "not-asked"})
"""What says that something is not known. That somebody refused to answer is an answer."""

Values = Mapping[str, Any]


def is_known(values: Values, name: str) -> bool:
    """Whether a characteristic was told."""
    return values.get(name) not in NO_VALUES


def answer_of(name: str) -> str:
    """What the queue of incomplete records calls a characteristic."""
    return "age" if name == "age_at_entry" else name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Something that follows from characteristics: true, false, or None as long as they do not decide it."""

    name: str
    rests_on: tuple[str, ...]
    decide: Callable[[Values], bool | None]


def _complete(values: Values) -> bool:
    """Gender, employment, age and ISCED are known; others count in the grand total alone (R-10)."""
    return (
        is_known(values, "age_at_entry")
        and is_known(values, "isced")
        and values.get("gender") not in (None, Gender.UNKNOWN)
        and values.get("employment") not in (None, Employment.UNKNOWN)
    )


def _foreign_background(values: Values) -> bool | None:
    """By the national definition as answered; where nobody answered, by the parents: both born abroad (EECO14)."""
    answer = values.get("foreign_background")
    if answer == Answer.YES:
        return True
    if answer in (Answer.NO, Answer.REFUSED):
        return False
    parents = values.get(FALLBACK)
    return None if parents is None else parents >= BOTH


def _migrant_or_minority(values: Values) -> bool | None:
    """Foreign citizenship, or background, or minority (CO15 of Reg. (EU) 1304/2013, annex I)."""
    citizenship = values.get("citizenship")
    foreign = None if citizenship in (None, Citizenship.UNKNOWN) else citizenship in _FOREIGN
    return _any(foreign, _foreign_background(values), _answered(values, "minority"))


def _disadvantaged(values: Values) -> bool | None:
    """A migrant or of a minority, disabled, or otherwise disadvantaged: CO15, 16 or 17 (for CR05 and CR09)."""
    return _any(_migrant_or_minority(values), _answered(values, "disability"), _answered(values, "other_disadvantage"))


def _answered(values: Values, name: str) -> bool | None:
    return values[name] == Answer.YES if is_known(values, name) else None


def _any(*parts: bool | None) -> bool | None:
    return True if True in parts else None if None in parts else False


FALLBACK: Final = "parents_born_abroad"
"""Stands in for the answer about the background; nobody has to be asked about it."""

_ORIGIN: Final = ("foreign_background", FALLBACK)
_MIGRANT: Final = ("citizenship", *_ORIGIN, "minority")

CONCLUSIONS: Final = (
    Conclusion("complete", CORE, _complete),
    Conclusion("of_foreign_background", _ORIGIN, _foreign_background),
    Conclusion("migrant_or_minority", _MIGRANT, _migrant_or_minority),
    Conclusion("disadvantaged", (*_MIGRANT, "disability", "other_disadvantage"), _disadvantaged),
)


def conclusions(values: Values) -> Iterator[tuple[str, bool]]:
    """What follows from these characteristics, as far as they decide it."""
    for one in CONCLUSIONS:
        decided = one.decide(values)
        if decided is not None:
            yield one.name, decided
