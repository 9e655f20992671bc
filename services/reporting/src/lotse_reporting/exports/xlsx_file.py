"""Workbooks. Text is written as text, so that nothing in it is ever a formula; numbers are numbers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped] # has no types

from lotse_reporting.exports.csv_file import pieces
from lotse_reporting.exports.document import Cell, Document, Table
from lotse_reporting.exports.wording import say
from lotse_reporting.pages.words import Words

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDEST: Final = 60
_SHEET_NAME: Final = 31
"""Characters that the name of a sheet may have; some are not allowed."""
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write(document: Document) -> bytes:
    """A report: a sheet for each table, the stamp on each of them."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "in_memory": True})
    _describe(book, document)
    styles = _Styles(book)
    for table in document.tables:
        _write_table(book, styles, document, table)
    book.close()
    return out.getvalue()


def _describe(book: Any, document: Document) -> None:  # noqa: ANN401 - the library has no types
    """Dated by the report, not by the clock: the same report makes the same file."""
    book.set_properties(
        {
            "title": f"{document.title} {document.number}",
            "created": document.known.replace(tzinfo=None),
            "comments": "; ".join(f"{name}: {text}" for name, text in document.stamp),
        }
    )


class _Styles:
    def __init__(self, book: Any) -> None:  # noqa: ANN401 - the same
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.count = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.amount = book.add_format({"num_format": "#,##0.00", "valign": "top"})


def _write_table(book: Any, styles: _Styles, document: Document, table: Table) -> None:  # noqa: ANN401 - the same
    sheet = book.add_worksheet(table.title.translate(_NOT_IN_NAMES)[:_SHEET_NAME])
    sheet.write_string(0, 0, f"{document.title}: {table.title}", styles.bold)
    at = 2
    for name, text in document.stamp:
        sheet.write_string(at, 0, name)
        sheet.write_string(at, 1, text)
        at += 1
    at += 1
    for column, name in enumerate(table.columns):
        sheet.write_string(at, column, name, styles.head)
    sheet.freeze_panes(at + 1, 1)
    for number, row in enumerate(table.rows, at + 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, number, column, cell, styles)
    if table.note:
        sheet.write_string(at + len(table.rows) + 2, 0, table.note)
    for column, name in enumerate(table.columns):
        longest = max([len(name), *(len(str(row[column])) for row in table.rows if row[column] is not None)])
        sheet.set_column(column, column, min(_WIDEST, longest + 2))


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, styles: _Styles) -> None:  # noqa: ANN401 - the same
    match cell:
        case None:
            pass
        case str():
            sheet.write_string(row, column, cell, styles.text)
        case Decimal():
            sheet.write_number(row, column, float(cell), styles.amount)
        case _:
            sheet.write_number(row, column, cell, styles.count)


async def write_rows(
    path: Path,
    title: str,
    stamp: Sequence[tuple[str, str]],
    columns: Sequence[str],
    rows: AsyncIterator[Sequence[Cell]],
    words: Words,
) -> None:
    """Many rows into a file, in constant memory; the loop stays free meanwhile."""
    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "constant_memory": True, "tmpdir": str(path.parent)})
    sheet = book.add_worksheet(say(words, "entries")[:_SHEET_NAME])
    sheet.set_column(0, len(columns) - 1, 24)
    for number, row in enumerate([(title,), (), *stamp, (), columns]):
        _write_row(sheet, number, row)
    at = len(stamp) + 4
    async for piece in pieces(rows, 1_000):
        await asyncio.to_thread(_write_piece, sheet, at, piece)
        at += len(piece)
    await asyncio.to_thread(book.close)


def _write_piece(sheet: Any, at: int, piece: Sequence[Sequence[Cell]]) -> None:  # noqa: ANN401 - the same
    for number, row in enumerate(piece, at):
        _write_row(sheet, number, row)


def _write_row(sheet: Any, number: int, row: Sequence[Cell]) -> None:  # noqa: ANN401 - the same
    for column, cell in enumerate(row):
        match cell:
            case None:
                pass
            case str():
                sheet.write_string(number, column, cell)
            case _:
                sheet.write_number(number, column, float(cell))
