"""A restatement: what a sealed report would say now, by how much each figure moved, and what moved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from lotse_shared.programme import Indicator
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report import Question, figure, result, settle, totals, written
from lotse_reporting.restatement.moves import Move, moves_between
from lotse_reporting.restatement.words import Words
from lotse_reporting.seals.sealed import Sealed

DEFINED_OTHERWISE: Final[Words] = {
    "de": "Die Zählregeln wurden geändert; so gezählt wäre die gemeldete Zahl eine andere gewesen.",
    "en": "The definition was changed; counted by it, the sealed figure would have been another.",
}
READ_OTHERWISE: Final[Words] = {
    "de": "Die Auswertung der Fälle wurde geändert; so gelesen wäre die gemeldete Zahl eine andere gewesen.",
    "en": "The way cases are read was changed; read so, the sealed figure would have been another.",
}
NO_LONGER: Final[Words] = {"de": "Wird nicht mehr gezählt.", "en": "Is no longer counted."}
NEW: Final[Words] = {"de": "Wurde damals noch nicht gezählt.", "en": "Was not counted then."}


class Earlier(ValueError):  # noqa: N818 - what is the matter with the moment
    """A restatement as known before the report was sealed: there is none."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure that moved: as sealed, as it is now (None where it was or is not counted), and what moved it.

    `by_definition`: how much of the difference comes from definitions that were changed meanwhile.
    """

    indicator: str
    title: Mapping[str, str]
    counts: str
    sealed: int | str | None
    now: int | str | None
    difference: int | str | None
    by_definition: int | str | None
    words: Words | None
    follows: tuple[str, ...]
    """The figures that a ratio follows."""
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Restatement:
    """What has become of a sealed report. `unchanged`: the figures that are what they were."""

    sealed: Sealed
    known: int | None
    edition: str
    moved: tuple[Restated, ...]
    unchanged: tuple[str, ...]


async def read_restatement(
    connection: AsyncConnection, sealed: Sealed, *, known_at: datetime | None, now: datetime
) -> Restatement:
    """A sealed report as of the same day, as known now or at a moment, and what moved each figure.

    Raises:
        Earlier: that moment lies before the seal's.
        NoReport, NotYet: as `settle`.
    """
    question = await settle(connection, sealed.operation, as_of=sealed.as_of, known_at=known_at, now=now)
    if question.known is not None and question.known < sealed.known:
        raise Earlier(f"the report was sealed as known at {written(sealed.known)}")
    then = Question(question.operation, question.as_of, sealed.known, question.today, question.edition)
    sums_then, sums_now = await totals(connection, then), await totals(connection, question)
    programme = question.edition.programme
    moves: dict[str, list[Move]] = {}
    for move in await moves_between(
        connection, question.edition.build, programme, question.as_of, sealed.known, question.known
    ):
        moves.setdefault(move.indicator, []).append(move)
    rows = {row["id"]: row for row in sealed.report["indicators"]}
    same = question.edition.name == sealed.edition
    other = READ_OTHERWISE if _file_of(question.edition.name) == _file_of(sealed.edition) else DEFINED_OTHERWISE
    restated = [
        _restated(
            one,
            rows.pop(one.id, None),
            None if same else result(one, sums_then),
            result(one, sums_now),
            tuple(moves.get(one.id, ())),
            other,
        )
        for one in programme.indicators
    ]
    restated += [_gone(row) for row in rows.values()]
    return Restatement(
        sealed,
        question.known,
        question.edition.name,
        tuple(one for one in restated if one.sealed != one.now or one.moves),
        tuple(one.indicator for one in restated if one.sealed == one.now and not one.moves),
    )


def _file_of(edition: str) -> str:
    """The part of an edition's name that tells programme files apart; the rest is the case function."""
    return edition.rpartition("-")[0]


def _restated(
    one: Indicator,
    row: Mapping[str, Any] | None,
    then: Decimal | None,
    now: Decimal | None,
    moves: tuple[Move, ...],
    other: Words,
) -> Restated:
    """`then`: the figure as it would have been sealed by the edition of now, where this is another; `other` says so."""
    sealed = Decimal(row["result"]) if row is not None and row["result"] is not None else None
    by_definition = _written(one, then) - sealed if sealed is not None and then is not None else Decimal(0)
    return Restated(
        indicator=one.id,
        title={"de": one.title.de, "en": one.title.en},
        counts=one.counts.value,
        sealed=row["result"] if row is not None else None,
        now=figure(one.counts, now),
        difference=figure(one.counts, _written(one, now) - sealed) if sealed is not None and now is not None else None,
        by_definition=figure(one.counts, by_definition) if by_definition else None,
        words=NEW if row is None else other if by_definition else None,
        follows=(one.ratio.of, one.ratio.to) if one.ratio is not None else (),
        moves=moves,
    )


def _written(one: Indicator, quantity: Decimal) -> Decimal:
    """A number as it is printed: differences are between printed figures."""
    return Decimal(figure(one.counts, quantity))


def _gone(row: Mapping[str, Any]) -> Restated:
    return Restated(row["id"], row["title"], row["counts"], row["result"], None, None, None, NO_LONGER, (), ())
