"""Definitions in plain words, for readers who do not write YAML."""

from collections.abc import Mapping, Sequence

from lotse_shared.programme import Bounds, Condition, Counts, Indicator, Moments, Per, Period, Unbounded

_ONCE: Mapping[Per, str] = {
    Per.PERSON: "each person once",
    Per.ENTITY: "each once",
    Per.PERSON_AND_MONTH: "each person once a month",
    Per.MONTH: "each month once",
    Per.START: "each start once",
    Per.POSITION: "each position once",
    Per.ATTENDANCE: "each person once for a measure and day",
    Per.MOMENT: "every time",
}
_BOUNDS: Mapping[str, str] = {
    "at_least": "at least",
    "at_most": "at most",
    "more_than": "more than",
    "less_than": "less than",
}


def rule(indicator: Indicator) -> list[str]:
    """What an indicator counts, as lines of Markdown."""
    if indicator.ratio is not None:
        return [f"- {_ratio(indicator)}{_bounds(indicator)}."]
    only = ", of people who have entered" if indicator.needs_enrolment else ""
    lines = [f"- Counts {indicator.counts.value}, {_ONCE[indicator.per]}{only}{_days(indicator)}{_bounds(indicator)}."]
    lines += [f"- Adds {_moment(one)}." for one in indicator.moments]
    return lines + [f"- Takes away {_moment(one)}." for one in indicator.minus]


def _ratio(indicator: Indicator) -> str:
    ratio = indicator.ratio
    if ratio is None:
        return ""
    times = f", times {ratio.times}" if ratio.times else ""
    how = "in percent of" if indicator.counts is Counts.PERCENT else "for each of"
    needs = "".join(f", only if `{one}` is {number}" for one, number in (ratio.only_if or {}).items())
    return f"`{ratio.of}` {how} `{ratio.to}`{times}{needs}"


def _days(indicator: Indicator) -> str:
    last = f", of the last {indicator.last} up to the day of the report" if indicator.last else ""
    match indicator.window:
        case Period(first=first, last=until):
            return f", from {first} to {until}{last}"
        case Unbounded():
            return f", whenever it was{last}"
        case _:
            return f", within the programme's period{last}"


def _bounds(indicator: Indicator) -> str:
    return f"; at most {indicator.limit}" if indicator.limit is not None else ""


def _moment(moments: Moments) -> str:
    conditions = [f"`{word}` {_condition(condition)}" for word, condition in moments.where.items()]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    quantity = f" (its `{moments.quantity}`)" if moments.quantity else ""
    return f"`{moments.kind}`{quantity}{where}"


def _condition(condition: Condition) -> str:
    if isinstance(condition, Bounds):
        said = [
            f"{words} {value}" for name, words in _BOUNDS.items() if (value := getattr(condition, name)) is not None
        ]
        if condition.none_of is not None:
            said.append(f"none of {_listed(condition.none_of)} and known")
        return f"is {' and '.join(said)}"
    return f"is {_listed(condition if isinstance(condition, list) else [condition])}"


def _listed(values: Sequence[object]) -> str:
    return " or ".join(f"`{str(one).lower() if isinstance(one, bool) else one}`" for one in values)
