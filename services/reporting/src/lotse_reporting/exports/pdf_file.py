"""Documents: PDF/UA, so that a screen reader reads them as a sighted person does."""

import json
from importlib.resources import files
from typing import Final

import typst

from lotse_reporting.exports.document import Cell, Document
from lotse_reporting.exports.wording import say

MEDIA_TYPE: Final = "application/pdf"


def write(document: Document) -> bytes:
    """A report as PDF/UA-1. The same report makes the same bytes: it is dated by the instant it was known at."""
    words = document.words
    told = {
        "language": words.language,
        "title": document.title,
        "number": document.number,
        "page": say(words, "page"),
        "stamp": [[name, text] for name, text in document.stamp],
        "tables": [
            {
                "title": table.title,
                "columns": list(table.columns),
                "numeric": list(table.numeric),
                "rows": [[_printed(one, document) for one in row] for row in table.rows],
                "note": table.note,
            }
            for table in document.tables
        ],
    }
    made = typst.compile(
        files("lotse_reporting").joinpath("exports", "report.typ").read_bytes(),
        format="pdf",
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=document.known.replace(microsecond=0),
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise TypeError("a document is one file")
    return made


def _printed(cell: Cell, document: Document) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return document.words.figure(str(cell), "euros" if not isinstance(cell, int) else "")
