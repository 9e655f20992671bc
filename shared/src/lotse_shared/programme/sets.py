"""The sets of indicators that come with Lotse: common ones of the ESF, those of the law. One YAML file for each."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from lotse_shared.programme.model import IndicatorSet
from lotse_shared.programme.places import Lines, read_lines


@dataclass(frozen=True, slots=True)
class SetFile:
    """A set of indicators that was read, and where everything in it stands."""

    name: str
    content: IndicatorSet
    lines: Lines


def known_sets() -> list[str]:
    """The names of all sets."""
    return sorted(
        one.name.removesuffix(".yaml")
        for one in files("lotse_shared.indicator_sets").iterdir()
        if one.name.endswith(".yaml")
    )


@lru_cache
def read_set(name: str) -> SetFile:
    """Read one of the known sets.

    Raises:
        ProgrammeError: the file is not one of the shape of a set; names file and line.
    """
    lines = read_lines(f"{name}.yaml", (files("lotse_shared.indicator_sets") / f"{name}.yaml").read_text("utf-8"))
    return SetFile(name, lines.as_model(IndicatorSet), lines)
