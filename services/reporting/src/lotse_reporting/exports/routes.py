"""Routes of files: reports and entries to take away. Whoever may see something may take it, by token or by session."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from lotse_shared.deciding import EVERYBODY
from lotse_shared.envelope import Slug
from lotse_shared.http import ProblemBody, ProblemRaised, caller
from lotse_shared.problems import NOT_FOUND
from lotse_shared.security import Caller, utc_now
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.api import AsOf, KnownAt, View, may_see, problem
from lotse_reporting.exports import csv_file, pdf_file, xlsx_file
from lotse_reporting.exports.document import Cell, Document, cell, document_of, number_of, stamp
from lotse_reporting.exports.wording import say
from lotse_reporting.narrative import read_narrative
from lotse_reporting.pages.rendering import words_of
from lotse_reporting.pages.sign_in import recognise
from lotse_reporting.pages.words import Words
from lotse_reporting.positions import complete_up_to
from lotse_reporting.profile import read_profile
from lotse_reporting.report import (
    By,
    NoReport,
    NotYet,
    Question,
    ReportAnswer,
    instant,
    list_operations,
    report_on,
    settle,
    stream_entries,
)
from lotse_reporting.store import snapshot
from lotse_reporting.visibility import Hidden, Pseudonyms, Sight, entries_seen, shown

router = APIRouter(tags=["exports"], responses={code: {"model": ProblemBody} for code in (401, 403, 404, 422)})

_PIECE: Final = 64 * 1024


class ReportFile(StrEnum):
    """Kinds of files of a report."""

    XLSX = "xlsx"
    PDF = "pdf"
    CSV = "csv"
    JSON = "json"


class EntriesFile(StrEnum):
    """Kinds of files of entries."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


_WRITERS: Final[Mapping[ReportFile, tuple[str, Callable[[Document], bytes]]]] = {
    ReportFile.XLSX: (xlsx_file.MEDIA_TYPE, xlsx_file.write),
    ReportFile.PDF: (pdf_file.MEDIA_TYPE, pdf_file.write),
    ReportFile.CSV: (csv_file.MEDIA_TYPE, csv_file.write),
}


async def taker(request: Request) -> Caller:
    """Who takes a file: a program by its token, a person by the session of the pages."""
    if "authorization" not in request.headers:
        who = await recognise(request)
        if who is not None:
            return who
    return await caller(request)


Taker = Annotated[Caller, Depends(taker)]


async def moment(connection: View, known: KnownAt) -> datetime:
    """The moment a file is made as known at: the one asked for, else the last one up to which all was heard.

    A file stays as it is, so it is never made of figures that still move.
    """
    return known or instant(max(0, await complete_up_to(connection) - 1))


Moment = Annotated[datetime, Depends(moment)]


@router.get("/operations/{operation}/report.{kind}", response_class=Response)
async def take_report(
    request: Request,
    operation: str,
    kind: ReportFile,
    who: Taker,
    connection: View,
    known: Moment,
    as_of: AsOf = None,
    by: Annotated[By | None, Query()] = None,
) -> Response:
    """A report as a file, with its number, both clocks, edition and digest."""
    await may_see(connection, operation, who)
    own = None if who.partner == EVERYBODY else who.partner
    try:
        question = await settle(connection, operation, as_of=as_of, known_at=known, now=utc_now())
        profile = await read_profile(connection, operation, as_of=question.as_of, known_at=known, now=utc_now())
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    answer = await report_on(connection, question, by, own)
    told = await read_narrative(connection, operation, known)
    number = number_of(answer.report, answer.digest)
    if kind is ReportFile.JSON:
        # How far all is heard moves on; a file does not.
        state = {name: answer.state[name] for name in ("final", "open")}
        body = {"number": number, **answer.content(), "state": state, "profile": profile, "narrative": told}
        return _file(number, kind, "application/json", json.dumps(body, ensure_ascii=False, indent=2).encode())
    about = await _about(connection, operation, who)
    media_type, write = _WRITERS[kind]
    document = document_of(about, answer, question.edition.programme, profile, words_of(request), told)
    return _file(number, kind, media_type, await asyncio.to_thread(write, document))


@router.get("/operations/{operation}/indicators/{indicator}/entries.{kind}", response_class=Response)
async def take_entries(
    request: Request,
    operation: str,
    indicator: str,
    kind: EntriesFile,
    who: Taker,
    connection: View,
    known: Moment,
    as_of: AsOf = None,
    partner: Annotated[Slug | None, Query()] = None,
) -> Response:
    """All entries behind a figure as a file, piece by piece: however many there are, few are in memory at once."""
    await may_see(connection, operation, who)
    try:
        sees, partner = entries_seen(who, partner)
    except Hidden:
        raise ProblemRaised(NOT_FOUND) from None
    try:
        question = await settle(connection, operation, as_of=as_of, known_at=known, now=utc_now())
        counts = question.edition.indicator(indicator).counts
    except (NoReport, NotYet) as error:
        raise problem(error) from None
    answer = await report_on(connection, question)
    words, about = words_of(request), await _about(connection, operation, who)
    pseudonyms = request.app.state.pseudonyms if sees is Sight.PSEUDONYMS else None
    taken = _Taken(request.app.state.engine, question, indicator, partner, counts.value, words, pseudonyms)
    marks = [*stamp(about, answer, words), (say(words, "indicator"), indicator)]
    number = f"{number_of(answer.report, answer.digest)}-{indicator}"
    match kind:
        case EntriesFile.CSV:
            return _stream(
                number, kind, csv_file.MEDIA_TYPE, csv_file.stream(marks, taken.columns, taken.rows(), words)
            )
        case EntriesFile.JSON:
            return _stream(number, kind, "application/json", _json(number, answer, indicator, taken.entries()))
        case EntriesFile.XLSX:
            return _stream(number, kind, xlsx_file.MEDIA_TYPE, _workbook(number, marks, taken, words))


class _Taken:
    """The entries behind one figure, read in a view of their own while they are sent; a funder's without people."""

    def __init__(
        self,
        engine: AsyncEngine,
        question: Question,
        indicator: str,
        partner: str | None,
        counts: str,
        words: Words,
        pseudonyms: Pseudonyms | None,
    ) -> None:
        self._engine = engine
        self._question = question
        self._asked = (indicator, partner)
        self._counts = counts
        self._pseudonyms = pseudonyms
        columns = ("pseudonym", "partner", "month", "quantity") if pseudonyms else _SHOWN
        self.columns = [say(words, name) for name in columns]

    async def entries(self) -> AsyncIterator[Mapping[str, Any]]:
        """As the API shows them to the same caller."""
        async with snapshot(self._engine) as connection:
            names = self._pseudonyms.names(self._question) if self._pseudonyms else None
            async for one in stream_entries(connection, self._question, *self._asked, names):
                yield one if names is None else shown(names, one)

    async def rows(self) -> AsyncIterator[Sequence[Cell]]:
        """As rows of cells."""
        async for one in self.entries():
            quantity = cell(self._counts, one["quantity"])
            if self._pseudonyms is not None:
                yield (one["unit"], one["partner"], one["effective"], quantity)
            else:
                where = (one["unit"], one["partner"], one["site"], one["effective"])
                yield (*where, quantity, one["known_from"], " ".join(one["events"]))


_SHOWN: Final = ("unit", "partner", "site", "day", "quantity", "known from", "events")


async def _workbook(number: str, marks: Sequence[tuple[str, str]], taken: _Taken, words: Words) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="lotse-export-") as folder:
        path = Path(folder) / "entries.xlsx"
        await xlsx_file.write_rows(path, number, marks, taken.columns, taken.rows(), words)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece


async def _json(
    number: str, answer: ReportAnswer, indicator: str, entries: AsyncIterator[Mapping[str, Any]]
) -> AsyncIterator[bytes]:
    report = {name: answer.report[name] for name in ("operation", "programme", "edition", "as_of", "known_at")}
    head = {"number": number, "report": report, "digest": answer.digest, "indicator": indicator}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "entries": ['
    before = b"\n"
    async for one in entries:
        yield before + json.dumps(one, ensure_ascii=False).encode()
        before = b",\n"
    yield b"\n]}\n"


async def _about(connection: AsyncConnection, operation: str, who: Caller) -> Mapping[str, Any]:
    return next(one for one in await list_operations(connection, who.partner) if one["id"] == operation)


def _headers(number: str, kind: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{number}.{kind}"',
        "Lotse-Report-Number": number,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _file(number: str, kind: str, media_type: str, content: bytes) -> Response:
    return Response(content, media_type=media_type, headers=_headers(number, kind))


def _stream(number: str, kind: str, media_type: str, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    return StreamingResponse(pieces, media_type=media_type, headers=_headers(number, kind))
