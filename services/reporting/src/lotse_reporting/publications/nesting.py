"""Which indicators hold only people whom another one holds too: what everybody can read off their definitions."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from lotse_shared.programme import Bounds, Counts, Indicator
from lotse_shared.programme.model import Condition

from lotse_reporting.disclosure.figures import Within

_COUNTED_ONCE = frozenset({Counts.PERSONS, Counts.STARTS, Counts.ENTERPRISES})


def nested(indicators: Sequence[Indicator]) -> tuple[Within, ...]:
    """Each indicator within another one, alone; and those together that differ in the codes of one word.

    So unemployed, inactive and employed participants are within all participants one by one, and all three together.
    The parts of a ratio are looked at alike: somebody who knows both knows who is left (rates, numerator and
    denominator).
    """
    found: dict[Within, None] = {}
    for whole in indicators:
        inner = [one for one in indicators if one is not whole and _is_within(one, whole)]
        found |= {Within(whole.id, (one.id,)): None for one in inner}
        for family in _families(inner):
            found[Within(whole.id, tuple(one.id for one in family))] = None
    by_id = {one.id: one for one in indicators}
    for one in indicators:
        if one.ratio and by_id[one.ratio.of].counts is by_id[one.ratio.to].counts and one.ratio.times is None:
            found[Within(one.ratio.to, (one.ratio.of,))] = None
    return tuple(found)


def _is_within(one: Indicator, whole: Indicator) -> bool:
    """Whether each moment of one is a moment of the other, under conditions that are no wider."""
    alike = (one.counts, one.per, one.window, one.last, one.needs_enrolment) == (
        whole.counts, whole.per, whole.window, whole.last, whole.needs_enrolment,
    )  # fmt: skip
    if not alike or one.counts not in _COUNTED_ONCE or one.ratio or one.minus or whole.minus:
        return False
    return all(
        any(mine.kind == theirs.kind and _narrower(mine.where, theirs.where) for theirs in whole.moments)
        for mine in one.moments
    )


def _narrower(mine: Mapping[str, Condition], theirs: Mapping[str, Condition]) -> bool:
    return all(word in mine and (mine[word] == asked or _codes(mine[word]) <= _codes(asked) != frozenset())
               for word, asked in theirs.items())  # fmt: skip


def _codes(condition: Condition) -> frozenset[str]:
    """The codes a condition lists; none where it compares."""
    if isinstance(condition, Bounds):
        return frozenset({f"{condition!r}"})
    return frozenset(map(str, condition)) if isinstance(condition, list) else frozenset({str(condition)})


def _families(inner: Sequence[Indicator]) -> list[list[Indicator]]:
    """Indicators of which nobody is in two: all ask for other codes of the same word, and nothing else differs."""
    families: dict[tuple[str, str], list[Indicator]] = {}
    for one in inner:
        words = {word for moments in one.moments for word in moments.where}
        for word in words:
            rest = [(moments.kind, sorted((key, f"{value!r}") for key, value in moments.where.items() if key != word),
                     moments.quantity) for moments in one.moments]  # fmt: skip
            families.setdefault((word, repr(rest)), []).append(one)
    return [
        family
        for (word, _), family in families.items()
        if len(family) > 1 and all(_apart(one, other, word) for one, other in combinations(family, 2))
    ]


def _apart(one: Indicator, other: Indicator, word: str) -> bool:
    mine, theirs = ([moments.where.get(word) for moments in each.moments] for each in (one, other))
    if any(each is None or isinstance(each, Bounds) for each in (*mine, *theirs)):
        return False
    left = {code for each in mine if each is not None for code in _codes(each)}
    return not any(left & _codes(each) for each in theirs if each is not None)
