"""Reading a programme file: its own indicators and those of the sets it includes become one list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lotse_shared.programme.mistakes import Place, nearest
from lotse_shared.programme.model import Include, Indicator, Programme, Written, discrepancies
from lotse_shared.programme.places import Lines, ProgrammeError, read_lines
from lotse_shared.programme.sets import known_sets, read_set


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an indicator of a programme comes from: its number in a file, and where that file is included."""

    lines: Lines
    number: int
    included_at: Place | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeFile:
    """A programme file that was read, with all indicators, and where everything in it stands."""

    name: str
    programme: Programme
    lines: Lines
    origins: Sequence[Origin]
    """One for each indicator of the programme."""

    def error(self, place: Place, reason: str) -> ProgrammeError:
        """What is wrong at a place of the programme; of an included indicator, names the line of the set as well."""
        return _error(self.lines, self.origins, place, reason)


def read(name: str, content: str) -> ProgrammeFile:
    """Read a programme file and the sets it includes.

    Raises:
        ProgrammeError: not YAML, not the shape of a programme file, or no such set or indicator in it; names file and
            line, of a set as well.
    """
    lines = read_lines(name, content)
    written = lines.as_model(Written)
    indicators = list(written.indicators)
    origins = [Origin(lines, number) for number in range(len(indicators))]
    for number, include in enumerate(written.include):
        for origin, indicator in _included(lines, ("include", number), include):
            origins.append(origin)
            indicators.append(indicator)
    for number, reason in discrepancies(indicators):
        raise _error(lines, origins, ("indicators", number, "id"), reason)
    head = {one: getattr(written, one) for one in Programme.model_fields if one != "indicators"}
    programme = Programme.model_validate({**head, "indicators": indicators})
    return ProgrammeFile(name, programme, lines, tuple(origins))


def _included(lines: Lines, place: Place, include: Include) -> Iterable[tuple[Origin, Indicator]]:
    if include.name not in known_sets():
        raise lines.error((*place, "set"), f"there is no set {include.name}{nearest(include.name, known_sets())}")
    found = read_set(include.name)
    ids = [one.id for one in found.content.indicators]
    for key, named in (("targets", list(include.targets)), ("without", include.without)):
        for number, one in enumerate(named):
            if one not in ids:
                where = (*place, key, one if key == "targets" else number)
                raise lines.error(where, f"{include.name} has no indicator {one}{nearest(one, ids)}")
    for one in include.targets:
        if one in include.without:
            raise lines.error((*place, "targets", one), f"{one} is left out under `without` and cannot have a target")
    for number, indicator in enumerate(found.content.indicators):
        if indicator.id not in include.without:
            target = include.targets.get(indicator.id, indicator.target)
            yield Origin(found.lines, number, place), indicator.model_copy(update={"target": target})


def _error(lines: Lines, origins: Sequence[Origin], place: Place, reason: str) -> ProgrammeError:
    match place:
        case ("indicators", int(number), *rest):
            origin = origins[number]
            stands = ("indicators", origin.number, *rest)
            if origin.included_at is None:
                return lines.error(stands, reason)
            return lines.error(origin.included_at, str(origin.lines.error(stands, reason)))
        case _:
            return lines.error(place, reason)
