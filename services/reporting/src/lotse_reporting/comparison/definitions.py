"""What is different between two definitions, line by line, in the words of people who read reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Bezeichnung", "title"),
    "counts": ("Gezählt werden", "counts"),
    "moments": ("Zählregel", "rule"),
    "per": ("Einmal je", "once per"),
    "window": ("Zeitraum", "window"),
    "last": ("Gleitendes Fenster", "rolling window"),
    "enrolment": ("Eintritt", "enrolment"),
    "ratio": ("Verhältnis", "ratio"),
    "target": ("Zielwert", "target"),
    "limit": ("Grenze", "limit"),
    "period": ("Laufzeit", "period"),
}
_NOTHING: Final = "–"  # noqa: RUF001 - the dash that German tables print


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a definition that is different. What was or is not said is None."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def words(self) -> Mapping[str, str]:
        """For people: `{"de", "en"}`."""
        german, english = _PARTS.get(self.path[0], (self.path[0], self.path[0]))
        rest = f" ({', '.join(self.path[1:])})" if len(self.path) > 1 else ""
        return {
            "de": f"{german}{rest}: {_said(self.before, 'ja', 'nein')} → {_said(self.after, 'ja', 'nein')}",
            "en": f"{english}{rest}: {_said(self.before, 'yes', 'no')} → {_said(self.after, 'yes', 'no')}",
        }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The lines that are different, in the order of the definition."""
    one, other = dict(_lines((), before)), dict(_lines((), after))
    return [
        Change(path, one.get(path), other.get(path)) for path in {**one, **other} if one.get(path) != other.get(path)
    ]


def _lines(path: tuple[str, ...], said: Any) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - any JSON
    """Every value with the way to it. A rule is named by its kind of moment, and its place among those of one kind."""
    if isinstance(said, Mapping):
        for name, value in said.items():
            yield from _lines((*path, name), value)
    elif isinstance(said, Sequence) and said and all(isinstance(one, Mapping) for one in said):
        seen: dict[str, int] = {}
        for one in said:
            kind = str(one.get("is") or one.get("id") or "")
            seen[kind] = seen.get(kind, 0) + 1
            name = kind if seen[kind] == 1 else f"{kind} {seen[kind]}"
            yield from _lines((*path, name), one)
    else:
        yield path, said


def _said(value: Any, yes: str, no: str) -> str:  # noqa: ANN401 - any JSON
    match value:
        case None:
            return _NOTHING
        case bool():
            return yes if value else no
        case list():
            return ", ".join(_said(one, yes, no) for one in value)
    return str(value)
