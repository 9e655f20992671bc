"""Comma separated values that a German spreadsheet opens as they are: semicolons, decimal comma, UTF-8 mark."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal
from typing import Final

from lotse_reporting.exports.document import Cell, Document
from lotse_reporting.pages.words import Words

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
_MARK: Final = "\ufeff"
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes text that begins so for a formula; an apostrophe before it makes it text again."""


def harmless(text: str) -> str:
    """Text that no spreadsheet runs, whoever wrote it."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def written(cell: Cell, words: Words) -> str:
    """A cell as text."""
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case Decimal():
            plain = format(cell, "f")
            return plain.replace(".", ",") if words.language == "de" else plain
        case _:
            return str(cell)


def lines(rows: Iterable[Sequence[Cell]], words: Words) -> str:
    """Rows as lines."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(
        [written(one, words) for one in row] for row in rows
    )
    return out.getvalue()


def write(document: Document) -> bytes:
    """A report: its stamp, then its tables one after the other."""
    rows: list[Sequence[Cell]] = [*document.stamp]
    for table in document.tables:
        rows += [(), (table.title,), table.columns, *table.rows]
    return (_MARK + lines(rows, document.words)).encode()


async def stream(
    stamp: Sequence[tuple[str, str]], columns: Sequence[str], rows: AsyncIterator[Sequence[Cell]], words: Words
) -> AsyncIterator[bytes]:
    """Many rows under their stamp, piece by piece: no more than one piece is in memory."""
    yield (_MARK + lines([*stamp, (), columns], words)).encode()
    async for piece in pieces(rows):
        yield lines(piece, words).encode()


async def pieces(rows: AsyncIterator[Sequence[Cell]], size: int = 500) -> AsyncIterator[list[Sequence[Cell]]]:
    """Rows in groups of at most so many."""
    piece: list[Sequence[Cell]] = []
    async for row in rows:
        piece.append(row)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece
