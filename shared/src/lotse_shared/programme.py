"""The programme file: what an operation promised its funder, as data. One file in deploy/programmes per operation.

An indicator says what it counts, at which moments, once per what, in which window, and its target. Which moments and
words exist is the vocabulary of the reporting service; this module knows the shape of the file alone, and where each
part of it stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lotse_shared.envelope import Slug

Place = tuple[str | int, ...]
"""Where something stands in the file: `("indicators", 2, "target")`."""


class ProgrammeError(ValueError):
    """A programme file that cannot be used: names the file, the line and the way out."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.line = line
        self.reason = reason


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
    where: dict[str, Condition] = Field(default_factory=dict)
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
    PERCENT = "percent"


class Per(StrEnum):
    """How often the same thing counts."""

    PERSON = "person"
    """Once for each person (merged cases are one)."""
    ENTITY = "entity"
    """Once for each enterprise, place, gathering, ...: the subject of the moment."""
    PERSON_AND_MONTH = "person-and-month"
    START = "start"
    """Once for each placement."""
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


class Ratio(Part):
    """One indicator in percent of another."""

    of: Slug
    to: Slug


class Indicator(Part):
    """One row of the funder's table.

    `persons` and `starts` need an enrolment unless the definition says otherwise (domain.md 1.8, Q-18). An indicator
    with `minus` is a stock: its moments add, those under `minus` take away, and its figure is what is there on a day.
    """

    id: Slug
    title: Title
    counts: Counts
    moments: list[Moments] = Field(default_factory=list)
    minus: list[Moments] = Field(default_factory=list)
    per: Per = Per.MOMENT
    window: Period | Unbounded | None = None
    """Days on which a moment counts; default the programme's period (which bounds entries, not later results)."""
    enrolment: Enrolment | None = None
    ratio: Ratio | None = None
    target: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        if bool(self.moments) == bool(self.ratio):
            raise ValueError("an indicator has either moments or a ratio")
        if bool(self.ratio) != (self.counts is Counts.PERCENT):
            raise ValueError("a ratio counts percent, and nothing else does")
        if self.minus and self.per is not Per.MOMENT:
            raise ValueError("a stock (minus) counts every moment: leave `per` out")
        return self

    @property
    def needs_enrolment(self) -> bool:
        """Whether only people count who have entered."""
        if self.enrolment is None:
            return self.counts in (Counts.PERSONS, Counts.STARTS)
        return self.enrolment is Enrolment.REQUIRED


class Programme(Part):
    """A whole programme file."""

    operation: Slug
    programme: Slug
    title: Title | None = None
    funder: str | None = None
    period: Period
    source: Annotated[str, Field(min_length=1, max_length=200)]
    """The line to print under the table."""
    partners: dict[Slug, str] = Field(default_factory=dict)
    """Printed names of the partners, by slug."""
    indicators: Annotated[list[Indicator], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_distinct(self) -> Self:
        ids = [one.id for one in self.indicators]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"two indicators are called {twice[0]}")
        rows = {one.id for one in self.indicators if one.ratio is None}
        for one in self.indicators:
            for named in (one.ratio.of, one.ratio.to) if one.ratio else ():
                if named not in rows:
                    raise ValueError(f"the ratio {one.id} names {named}, which is no indicator with moments")
        return self

    def definition(self) -> dict[str, Any]:
        """The file as it travels in programme-applied: JSON values, nothing absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=False)


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """A programme file that was read, and where everything in it stands."""

    name: str
    programme: Programme
    lines: Mapping[Place, int]

    def error(self, place: Place, reason: str) -> ProgrammeError:
        """What is wrong at a place of this file."""
        return ProgrammeError(self.name, _line(self.lines, place), reason)


def read(name: str, content: str) -> ProgrammeFile:
    """Read a programme file.

    Raises:
        ProgrammeError: not YAML, or not the shape of a programme file; names file and line.
    """
    try:
        node = yaml.compose(content, Loader=_Loader)
        raw = yaml.load(content, Loader=_Loader)  # noqa: S506 - a loader without constructors of Python objects
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProgrammeError(name, mark.line + 1 if mark else 1, "is not YAML as programme files are written") from None
    except (ValueError, RecursionError):
        raise ProgrammeError(name, 1, "holds something too deep or too long to be read") from None
    lines = dict(_places(node))
    if not isinstance(raw, dict):
        raise ProgrammeError(name, 1, "must begin with `operation:`")
    try:
        programme = Programme.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = tuple(first["loc"])
        unknown = first["type"] == "extra_forbidden"
        what = "no such key" if unknown else first["msg"].removeprefix("Value error, ")
        raise ProgrammeError(name, _line(lines, place), f"{'.'.join(map(str, place)) or 'file'}: {what}") from None
    return ProgrammeFile(name, programme, lines)


class _Loader(yaml.SafeLoader):
    """YAML where `yes`, `no`, `on` and `off` are words: they are codes of ours. Nothing refers to anything else."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse `*alias`, with which a few lines could stand for millions."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias", self.peek_event().start_mark)  # type: ignore[no-untyped-call] # has no types
        return super().compose_node(parent, index)


def _day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    """A day that is not in the calendar stays a word, so that the field it stands in is named."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)
_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(?:true|false)$"), list("tf"))


def _places(node: yaml.Node | None, place: Place = ()) -> list[tuple[Place, int]]:
    if node is None:
        return []
    found: list[tuple[Place, int]] = [(place, node.start_mark.line + 1)]
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            found += [((*place, key.value), key.start_mark.line + 1)]
            found += [one for one in _places(value, (*place, key.value)) if one[0] != (*place, key.value)]
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            found += _places(value, (*place, number))
    return found


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)
