"""The model of programme files: what an operation promised its funder, as data.

An indicator says what it counts, at which moments, once per what, in which window, and its target. Which moments and
words exist is the vocabulary of the reporting service; this module knows the shape alone.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lotse_shared.calendar import add_months, percent_of
from lotse_shared.envelope import Slug


class Part(BaseModel):
    """A part of the file. Unknown keys are refused: a misspelt condition must not widen what is counted."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )


class Title(Part):
    """A name in both languages, in German as the programme prints it."""

    de: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


class Period(Part):
    """Days from the first to the last, both included."""

    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="until")]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("until must not lie before from")
        return self


Value = bool | int | Decimal | str
"""A value to compare with: a code, a number, true or false, or a span such as `1 year`."""


class Bounds(Part):
    """Conditions on something that has an order, or `not` for everything but some codes."""

    at_least: Annotated[Value | None, Field(alias="at-least")] = None
    at_most: Annotated[Value | None, Field(alias="at-most")] = None
    more_than: Annotated[Value | None, Field(alias="more-than")] = None
    less_than: Annotated[Value | None, Field(alias="less-than")] = None
    none_of: Annotated[list[Value] | None, Field(alias="not")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one of at-least, at-most, more-than, less-than, not")
        return self


Condition = Value | list[Value] | Bounds
"""One value, one of several, or bounds. What is unknown meets no condition."""


class Moments(Part):
    """A kind of moment, and what must be true of it. All conditions must hold."""

    kind: Annotated[str, Field(alias="is")]
    """The kind of moment."""
    where: dict[str, Condition] = Field(default_factory=dict)
    """What must be true of it, by word."""
    quantity: str | None = None
    """What one moment adds: a word of it that holds a number, such as `gathering.unlisted`; default 1."""


class Counts(StrEnum):
    """What a figure is a number of."""

    PERSONS = "persons"
    ATTENDANCES = "attendances"
    ENTERPRISES = "enterprises"
    ORGANISATIONS = "organisations"
    PLACES = "places"
    STARTS = "starts"
    VISITS = "visits"
    HOURS = "hours"
    EUROS = "euros"
    MILESTONES = "milestones"
    GATHERINGS = "gatherings"
    POSITIONS = "positions"
    GOALS = "goals"
    CONTACTS = "contacts"
    PROJECTS = "projects"
    TENDERS = "tenders"
    WEEKS = "weeks"
    STOCKS = "stocks"
    """Stocks reported, such as one of each month; not what was in them."""
    MONTHS = "months"
    """Months in which something was told."""
    PERCENT = "percent"
    """A ratio in percent, rounded half up to an integer (C-8)."""
    RATE = "rate"
    """A ratio as it is, such as contacts per person and week: two decimals, rounded half up."""


class Per(StrEnum):
    """How often the same thing counts."""

    PERSON = "person"
    """Once for each person (merged cases are one)."""
    ENTITY = "entity"
    """Once for each enterprise, place, gathering, ...: the subject of the moment. What an operation tells of
    organisations (`organisation-supported`, `partner-joined`) counts once for each organisation."""
    PERSON_AND_MONTH = "person-and-month"
    """Once for each person and calendar month (KennzV 2(2))."""
    MONTH = "month"
    """Once for each calendar month of what the moments are about: the months in which anything was told."""
    START = "start"
    """Once for each placement."""
    POSITION = "position"
    """Once for each position of a vacancy: who follows on a position adds nothing."""
    ATTENDANCE = "attendance"
    """Once for each person, measure and day."""
    MOMENT = "moment"
    """Every moment counts."""


class Enrolment(StrEnum):
    """Whether somebody counts who has not entered the operation."""

    REQUIRED = "required"
    NOT_NEEDED = "not-needed"


class Unbounded(StrEnum):
    """A window without bounds."""

    ALWAYS = "always"


LAST: Final = re.compile(r"^([1-9][0-9]?) (month|year)s?$")


class Ratio(Part):
    """One indicator divided by another, in percent or as a rate; both are read as of the same day."""

    of: Slug
    """The id of the indicator that is divided."""
    to: Slug
    """The id of the one it is divided by."""
    times: Annotated[Decimal, Field(gt=0)] | None = None
    """A factor: 12 where `to` is the sum of twelve monthly stocks and their average is meant (KennzV)."""
    only_if: dict[Slug, int] | None = None
    """Indicators that must come to exactly these figures, such as twelve monthly stocks; else there is no ratio."""

    def figure(self, of: Decimal, to: Decimal, counts: "Counts") -> Decimal | None:
        """What the two figures lead to, rounded as `counts` says; None where there is nothing to divide by."""
        multiplied = of * (self.times or 1)
        if counts is Counts.PERCENT:
            percent = percent_of(multiplied, to)
            return None if percent is None else Decimal(percent)
        return (multiplied / to).quantize(Decimal("0.01"), ROUND_HALF_UP) if to else None


class Indicator(Part):
    """One row of the funder's table, with moments or with a ratio.

    `persons` and `starts` need an enrolment unless the definition says otherwise (Q-18). An indicator with `minus` is
    a stock: its moments add, those under `minus` take away, and its figure is what is there on a day.
    """

    id: Slug
    """Its short name, once in a file: in addresses, ratios, exports."""
    title: Title
    """`de` as the programme prints it, and `en`."""
    counts: Counts
    """What it is a number of."""
    moments: list[Moments] = Field(default_factory=list)
    """What adds to it."""
    minus: list[Moments] = Field(default_factory=list)
    """What takes away from it again: it is then a stock."""
    per: Per = Per.MOMENT
    """How often the same thing counts; default: every moment."""
    window: Period | Unbounded | None = None
    """Days on which a moment counts; default the programme's period (which bounds entries, not later results)."""
    last: Annotated[str, Field(pattern=LAST.pattern)] | None = None
    """A rolling window, such as `12 months`: of what counts, only that of the last months up to the as-of day."""
    enrolment: Enrolment | None = None
    """`required` or `not-needed`: whether only people count who have entered; default as said above."""
    ratio: Ratio | None = None
    """Two others that are divided, in place of moments."""
    target: Annotated[int, Field(ge=0)] | None = None
    """What was promised to the funder."""
    limit: Annotated[int, Field(ge=0)] | None = None
    """What the figure must not exceed, such as 10 percent of the starts."""

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        if bool(self.moments) == bool(self.ratio):
            raise ValueError("an indicator has either moments or a ratio")
        if bool(self.ratio) != (self.counts in (Counts.PERCENT, Counts.RATE)):
            raise ValueError("a ratio counts percent or a rate, and nothing else does")
        if self.minus and self.per is not Per.MOMENT:
            raise ValueError("a stock (minus) counts every moment: leave `per` out")
        if self.last and (self.minus or self.ratio):
            raise ValueError("`last` bounds a flow: a stock is of one day, a ratio goes by its parts")
        return self

    def first_day(self, as_of: date) -> date:
        """The first day that a report as of a day looks at: that of the rolling window, or the first there is.

        The window ends with the as-of day and has whole months: of 12 months as of 28 February 2025 it begins on
        1 March 2024.
        """
        if self.last is None:
            return date.min
        number, unit = self.last.rstrip("s").split()
        return add_months(as_of + timedelta(days=1), -int(number) * (12 if unit == "year" else 1))[0]

    @property
    def needs_enrolment(self) -> bool:
        """Whether only people count who have entered."""
        if self.enrolment is None:
            return self.counts in (Counts.PERSONS, Counts.STARTS)
        return self.enrolment is Enrolment.REQUIRED


class Include(Part):
    """A set of indicators that many programmes share, such as the common ones of the ESF+."""

    name: Annotated[Slug, Field(alias="set")]
    """Which set; they come with Lotse, in `lotse_shared/indicator_sets`."""
    targets: dict[Slug, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """Targets of this operation, by the ids of the set's indicators."""
    without: list[Slug] = Field(default_factory=list)
    """Ids of indicators that this operation does not report."""


class IndicatorSet(Part):
    """A file of `lotse_shared/indicator_sets`."""

    title: Title
    indicators: Annotated[list[Indicator], Field(min_length=1)]


class Head(Part):
    """What an operation is, beside its indicators."""

    operation: Slug
    """The operation's short name; the file is called after it."""
    programme: Slug
    """The funding programme and its round."""
    title: Title | None = None
    """`de` as it is printed, and `en`."""
    funder: str | None = None
    """Who pays, as printed."""
    reference: str | None = None
    """The funder's file number (Aktenzeichen)."""
    period: Period
    """`from` the first day `until` the last, both included: when moments count unless a window says otherwise."""
    source: Annotated[str, Field(min_length=1, max_length=200)]
    """The line to print under the table."""
    partners: dict[Slug, str] = Field(default_factory=dict)
    """Printed names of the partners, by slug."""
    subprojects: dict[Slug, str] | None = None
    """Printed names of the subprojects, by slug."""


class Written(Head):
    """A whole programme file as people write it. Included sets follow its own indicators."""

    indicators: list[Indicator] = Field(default_factory=list)
    """Rows of the table, in its order."""
    include: list[Include] = Field(default_factory=list)
    """Sets of indicators that are shared with other programmes; they follow the file's own."""

    @model_validator(mode="after")
    def _has_indicators(self) -> Self:
        if not self.indicators and not self.include:
            raise ValueError("name at least one indicator, or a set of them under `include`")
        return self


class Programme(Head):
    """A programme with all of its indicators, included ones too: what is applied, and in force from then on."""

    indicators: Annotated[list[Indicator], Field(min_length=1)]

    @model_validator(mode="after")
    def _indicators_stand_together(self) -> Self:
        for _, reason in discrepancies(self.indicators):
            raise ValueError(reason)
        return self

    def definition(self) -> dict[str, Any]:
        """The programme as it travels in programme-applied: JSON values, nothing absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=False)


def discrepancies(indicators: Sequence[Indicator]) -> Iterator[tuple[int, str]]:
    """What is wrong between indicators: the number of one in the list, and why it cannot stand there."""
    ids: set[str] = set()
    divisible = {one.id for one in indicators if one.ratio is None}
    for number, one in enumerate(indicators):
        if one.id in ids:
            yield number, f"two indicators are called {one.id}"
        ids.add(one.id)
        for named in (one.ratio.of, one.ratio.to, *(one.ratio.only_if or ())) if one.ratio else ():
            if named not in divisible:
                yield number, f"the ratio {one.id} names {named}, which is no indicator with moments"
