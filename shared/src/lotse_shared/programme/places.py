"""YAML as programme files are written, read so that every part of it keeps the line it stands in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from lotse_shared.programme.mistakes import Place, mistake
from lotse_shared.programme.syntax import no_alias, syntax_error

Model = TypeVar("Model", bound=BaseModel)


class ProgrammeError(ValueError):
    """A programme file that cannot be used: names the file, the line and the way out."""

    def __init__(self, file: str, line: int, reason: str, *, column: int | None = None) -> None:
        place = f"line {line}" if column is None else f"line {line}, column {column}"
        super().__init__(f"{file}, {place}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Lines:
    """A file that was read: what it says, and in which line each part of it stands."""

    file: str
    content: Mapping[str, Any]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, place: Place, reason: str) -> ProgrammeError:
        """What is wrong at a place of this file."""
        return ProgrammeError(self.file, self.line(place), reason)

    def as_model(self, model: type[Model]) -> Model:
        """The content as a model.

        Raises:
            ProgrammeError: it has another shape; names the line.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            place, reason = mistake(model, error, self.lines)
            raise self.error(place, reason) from None


def read_lines(file: str, text: str) -> Lines:
    """Read a file.

    Raises:
        ProgrammeError: not YAML as these files are written; names file, line, column and what is wrong there.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a loader without constructors of Python objects
    except yaml.YAMLError as error:
        line, column, reason = syntax_error(text, error)
        raise ProgrammeError(
            file, line, f"is not YAML as programme files are written: {reason}.", column=column
        ) from None
    except (ValueError, RecursionError):
        raise ProgrammeError(file, 1, "holds something too deep or too long to be read") from None
    if not isinstance(content, dict):
        raise ProgrammeError(file, 1, "must begin with a key, such as `operation:`")
    return Lines(file, content, dict(_places(node)))


class _Loader(yaml.SafeLoader):
    """YAML where `yes`, `no`, `on` and `off` are words: they are codes of ours. Nothing refers to anything else."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse `*alias`, with which a few lines could stand for millions."""
        if self.check_event(yaml.AliasEvent):
            raise no_alias(self.peek_event().start_mark)  # type: ignore[no-untyped-call] # has no types
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
