"""A unit's history: its facts in order, folded into dated moments and what somebody was on entering.

A unit is a case, an employer, a vacancy, a place, a gathering, an operation; merged ones are one. Everything here is
plain and frozen: no clock, no I/O. A kind of moment that follows from several facts is one module here, which declares
its thread (what it hears, what it makes, how) and one name in `ALL_THREADS`; everything else is read from there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lotse_reporting.case.advices import ADVICES
from lotse_reporting.case.aftercare import AFTERCARE
from lotse_reporting.case.competence import COMPETENCE
from lotse_reporting.case.entries import ENTRIES, context_of
from lotse_reporting.case.history import RETRACTED, Context, Fact, Moment, Told, holding, moment_of
from lotse_reporting.case.integrations import INTEGRATIONS
from lotse_reporting.case.jobs import JOBS
from lotse_reporting.case.leaving import LEAVING
from lotse_reporting.case.positions import POSITIONS
from lotse_reporting.case.subsidies import SUBSIDIES
from lotse_reporting.case.thread import Thread
from lotse_reporting.words import MomentKind

__all__ = [
    "ALL_THREADS",
    "CASE_FUNCTION",
    "DERIVED",
    "ENTRY",
    "IN_THREAD",
    "RETRACTED",
    "THREADS",
    "Context",
    "Fact",
    "Moment",
    "Told",
    "context_of",
    "holding",
    "moment_of",
    "moments_of",
    "thread_of",
]

CASE_FUNCTION: Final = 3
"""The number of this function. Whoever changes which moments come out counts it up, or what is
counted of them in every programme (`every_programme`); golden journals hold it to that."""

ALL_THREADS: Final = (ENTRIES, JOBS, SUBSIDIES, ADVICES, COMPETENCE, AFTERCARE, POSITIONS, LEAVING, INTEGRATIONS)
"""Every thread; that of the entries first, since the others may ask what somebody was on entering."""

_BY_NAME: Final[Mapping[str, Thread]] = {one.name: one for one in ALL_THREADS}
ENTRY: Final = ENTRIES.name

THREADS: Final[Mapping[str, tuple[str, ...]]] = {
    event.type: tuple(one.name for one in ALL_THREADS if event in one.hears)
    for thread in ALL_THREADS
    for event in thread.hears
}
"""The threads of each type of fact."""

IN_THREAD: Final[Mapping[str, frozenset[str]]] = {one.name: one.kinds for one in ALL_THREADS}
"""The kinds of moments that come out of a thread; every other kind is one fact."""

DERIVED: Final[Mapping[str, MomentKind]] = {
    kind.name: kind for one in ALL_THREADS for kind in one.makes if isinstance(kind, MomentKind)
}
"""The kinds of moments that are no event of their own."""


def thread_of(kind: str, body: Any) -> str:  # noqa: ANN401 - the fields of any fact of a thread
    """The name of one thread of a unit: every job is one of its own."""
    field = _BY_NAME[kind].one_for_each
    return f"{kind} {getattr(body, field)}" if field else kind


def moments_of(thread: str, told: Sequence[Told], context: Context | None) -> list[Moment]:
    """The moments that follow from the facts of one thread; `context` is what follows from the thread of entries."""
    return _BY_NAME[thread.partition(" ")[0]].derive(told, context)
