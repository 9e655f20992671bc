"""A thread: facts from which moments follow only together, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lotse_shared.envelope import Event

from lotse_reporting.case.history import Context, Moment, Told
from lotse_reporting.words import MomentKind

Derive = Callable[[Sequence[Told], Context | None], list[Moment]]
"""The moments that follow from the facts of one thread, and from what somebody was on entering."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Declared once in the module that derives it: everything there is to know about a thread.

    It is derived anew when one of its facts comes or goes. One that reads the context hears all facts of the entry
    thread, so that it is derived anew with it.
    """

    name: str
    hears: tuple[type[Event], ...]
    makes: tuple[MomentKind | str, ...]
    """The kinds of moments that come out of it; those that are events as well by their names alone."""
    derive: Derive
    one_for_each: str = ""
    """The field that tells one thread of this name in a unit from another."""

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the kinds that it makes."""
        return frozenset(one if isinstance(one, str) else one.name for one in self.makes)
