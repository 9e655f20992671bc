"""What a service refuses, in the words of the command line: which option, what is wrong with it, and what to do."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

Operations = Callable[[], Sequence[str]]
"""Names the operations there are; asked for only where one was not found."""

_NOT_FOUND: Final = "urn:lotse:problem:not-found"
_INVALID: Final = 422
_AGAIN: Final = "Correct the field and send it again."
"""What a service says to programs. Whoever typed a command knows that; the manual helps them more."""
_PLAIN: Final = (
    (re.compile(r"valid date"), "is no day", "Write it like 2014-09-30."),
    (re.compile(r"neither a date nor an instant"), "is no day, nor an instant with its zone", None),
    (re.compile(r"^Input should be ('.+)$"), r"is none of \1", "Choose one of these."),
    (re.compile(r"at least (\d+) characters?"), r"is too short", r"Say it in \1 characters or more."),
    (re.compile(r"at most (\d+) characters?"), r"is too long", r"Say it in \1 characters or fewer."),
)
"""What is wrong with one value: how the service says it, how it reads after the value, and the way out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it was made: what an option said is in `query` or `body`, by the option's name."""

    service: str
    path: str
    query: Mapping[str, Any]
    body: Any = None


def in_words(asked: Asked, status: int, told: Mapping[str, Any], operations: Operations) -> str:
    """A refusal (problem+json) as one text, nothing said twice.

    Raises:
        KeyError: it is none.
    """
    field = str(told.get("field") or "")
    reason, way_out = str(told["detail"]).removeprefix(f"{field}: "), str(told["way_out"])
    unknown = (status == _INVALID and _seal(asked.path, field)) or (
        told["type"] == _NOT_FOUND and _unknown(asked, operations)
    )
    if unknown:
        return unknown
    option, value = _option(asked, field)
    if option is None:
        where = f"{field}: " if field and field not in reason else ""
        return f"{asked.service} refuses ({status}): {where}{_sentences(reason, way_out)}"
    for pattern, plain, instead in _PLAIN:
        if found := pattern.search(reason):
            return f"{option} {value} {_sentences(found.expand(plain), found.expand(instead) if instead else way_out)}"
    if way_out == _AGAIN:
        way_out = "Correct it, or see the command's --help."
    return f"{option}{'' if value in reason else f' {value}'}: {_sentences(reason, way_out)}"


def _option(asked: Asked, field: str) -> tuple[str | None, str]:
    """The option that filled a field, and what it said; (None, "") for a field that no option fills."""
    name, _, number = field.partition(".")
    for sent in (asked.query, asked.body):
        if isinstance(sent, Mapping) and sent.get(name) is not None:
            value = sent[name]
            one = value[int(number)] if number.isdecimal() and isinstance(value, Sequence) else value
            return f"--{name.replace('_', '-')}", str(one)
    return None, ""


def _unknown(asked: Asked, operations: Operations) -> str | None:
    """That something of a name is not there, and what there is; None where that is not known."""
    if found := re.match(r"/operations/([^/]+)/", asked.path):
        name, there = unquote(found[1]), operations()
        if not there:
            return f"There is no operation {name}, nor any other yet. Begin with `lotse programme apply FILE`."
        if name not in there:
            return f"There is no operation {name}. There are: {', '.join(there)}."
    if found := re.match(r"/dead-letters/([^/]+)", asked.path):
        return f"{asked.service} has no dead letter {found[1]}. See `lotse dead-letters list {asked.service}`."
    return _seal(asked.path, "seal")


def _seal(path: str, field: str) -> str | None:
    """That there is no seal of this id, whether it could be one or not."""
    found = re.match(r"/seals/([^/]+)", path)
    return f"There is no seal {unquote(found[1])}. See `lotse seals`." if found and field == "seal" else None


def _sentences(*said: str) -> str:
    """Sentences one after the other, each with its full stop; none that another one says already."""
    texts: list[str] = []
    for one in (one.strip().rstrip(".") for one in said):
        if one and not any(one in text for text in texts):
            texts.append(one)
    return " ".join(f"{one}." for one in texts)
