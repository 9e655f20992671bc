"""Reading the logs of a platform's processes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lotse_local import processes
from lotse_local.platform import Platform

LOOK_EVERY: Final = 0.3
_TAIL: Final = 256 * 1024


def read(platform: Platform, name: str | None, lines: int, *, follow: bool) -> Iterator[str]:
    """The last lines of each log, then, where followed, new ones for ever; named where several are read.

    Raises:
        CannotRun: no process of that name.
    """
    wanted = processes.chosen(name) if name else processes.names()
    files = {one: platform.logs / f"{one}.log" for one in wanted}
    ends = {}
    for one, path in files.items():
        content, ends[one] = _from(path, None)
        yield from _shown(one, content.splitlines()[-lines:] if lines else [], alone=len(files) == 1)
    while follow:
        for one, path in files.items():
            content, ends[one] = _from(path, ends[one])
            yield from _shown(one, content.splitlines(), alone=len(files) == 1)
        time.sleep(LOOK_EVERY)


def _shown(name: str, lines: list[str], *, alone: bool) -> Iterator[str]:
    for line in lines:
        yield line if alone else f"{name:<17}{line}"


def _from(path: Path, begin: int | None) -> tuple[str, int]:
    """What a log holds from a place on (None: near its end), whole lines only; and the place after it."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, 2)
            place = max(0, size - _TAIL) if begin is None else begin if begin <= size else 0  # it was begun anew
            log.seek(place)
            content = log.read()
    except FileNotFoundError:
        return "", 0
    whole = content[: content.rfind(b"\n") + 1]
    return whole.decode(errors="replace"), place + len(whole)
