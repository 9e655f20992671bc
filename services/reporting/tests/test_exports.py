"""Files to take away: read back by other people's readers."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import psutil
import pytest
from lotse_reporting.exports import csv_file, pdf_file, xlsx_file
from lotse_reporting.exports.document import Document, Table
from lotse_reporting.pages.words import Words
from lotse_shared.contracts.intake import BudgetApproved, MilestoneReached, OperationApproved, PartnerJoined
from pypdf import PdfReader
from reporting_world import enrolled, gathered, hear, joined, network, number, programme
from toy_service import Client, token

OPERATION = "/operations/mehrlin"
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(1)"]


@pytest.fixture
async def topic(engine):
    """An operation with two people in training and a gathering; everything heard."""
    made = network()
    made.apply_programme()
    for one, gender in ((1, "female"), (2, "male")):
        made.tell(enrolled(number(one), age_at_entry=20, gender=gender))
        made.tell(joined(number(one), partner="spi"))
    made.tell(gathered(number(3), 25))
    made.tick()
    made.tick()
    await hear(engine, made)
    return made


async def take(client: Client, path: str, **asked: str):
    """A file, and the number it bears."""
    answer = await client.get(OPERATION + path, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith('attachment; filename="mehrlin-')
    return answer.content, answer.headers["lotse-report-number"]


def cells(content: bytes) -> list[list[list[object]]]:
    """All sheets of a workbook, as another program reads it."""
    return [[[one.value for one in row] for row in sheet] for sheet in openpyxl.load_workbook(io.BytesIO(content))]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def test_every_file_of_a_report_bears_which_one_it_is(topic, coordinator):
    """Number, as-of day, known-at, edition and digest stand in all four; they are those of the report over HTTP."""
    taken, reference = await take(coordinator, "/report.json")
    told = json.loads(taken)
    assert told["state"]["final"] is True
    known = told["report"]["known_at"]
    again = (await coordinator.get(f"{OPERATION}/report", params={"known_at": known})).json()
    assert (told["report"], told["digest"]) == (again["report"], again["digest"])
    assert reference == told["number"] == f"mehrlin-{told['report']['as_of']}-{told['digest'][:12]}"
    marks = {reference, told["digest"], told["report"]["edition"]}

    workbook, one = await take(coordinator, "/report.xlsx", known_at=known)
    assert all(marks <= {cell for row in sheet for cell in row} for sheet in cells(workbook))
    table, other = await take(coordinator, "/report.csv", known_at=known)
    assert marks <= {cell for row in rows_of(table) for cell in row}
    document, third = await take(coordinator, "/report.pdf", known_at=known)
    pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages)
    assert all(mark in pages.replace("\u200b", "").replace("\n", "") for mark in marks)
    assert one == other == third == reference


async def test_figures_are_numbers_and_the_same_in_all_files(topic, coordinator):
    """Row by row, the workbook and the lines have the report's results; with parts, what adds up to them."""
    report = (await coordinator.get(f"{OPERATION}/report")).json()["report"]
    results = [one["result"] for one in report["indicators"]]
    workbook, _ = await take(coordinator, "/report.xlsx", by="gender")
    first, parts = cells(workbook)[:2]
    head = next(number for number, row in enumerate(first) if row[0] == "Indikator")
    assert [row[3] for row in first[head + 1 : head + 13]] == results
    head = next(number for number, row in enumerate(parts) if row[0] == "Indikator")
    for row in parts[head + 1 : head + 13]:
        assert sum(one or 0 for one in row[1:-1]) == row[-1]
    table, _ = await take(coordinator, "/report.csv", lang="en")
    head = next(number for number, row in enumerate(rows_of(table)) if row[:1] == ["Indicator"])
    assert [row[3] for row in rows_of(table)[head + 1 : head + 13]] == [str(one) for one in results]


async def test_files_have_the_common_block_in_words(engine, coordinator):
    """Partners, money by source and in all, region, milestones, definitions: as people call them, in each kind."""
    made = network()
    definition = programme().programme.definition()
    made.apply_programme({**definition, "subprojects": {"be-ql": "Beraten und Qualifizieren"}})
    what = {"operation": "mehrlin"}
    days = {"approved_on": "2011-09-01", "first_day": "2011-10-01", "last_day": "2014-09-30"}
    approved = {**what, **days, "programme": "biwaq-2007-2013", "region": "transition", "budget": "2000000.00"}
    made.tell(OperationApproved(**approved))
    made.tell(PartnerJoined(**what, joined="bbi", role="network-partner", subproject="be-ql", joined_on="2011-11-01"))
    money = {"amount": "900.00", "money_source": "esf", "year": 2012, "cost_type": "staff"}
    made.tell(BudgetApproved(**what, **money, budget=number(1), approved_on="2011-10-01"))
    made.tell(MilestoneReached(**what, milestone="kick-off", reached_on="2011-10-19"))
    made.tell(enrolled(number(1), age_at_entry=20, gender="female"))
    made.tell(joined(number(1), partner="spi"))
    made.tick()
    await hear(engine, made)
    table = rows_of((await take(coordinator, "/report.csv", by="gender"))[0])
    partner = next(row for row in table if row[2:3] == ["Beraten und Qualifizieren"])
    assert partner[1] == "Netzwerkpartner"
    assert any(row[:2] == ["ESF", "900,00"] for row in table)
    assert any(row[:2] == ["Gesamt", "900,00"] for row in table)
    assert ["Zielgebiet", "Übergangsregion"] in table
    assert ["Bewilligt insgesamt", "2.000.000,00 €"] in table
    title = definition["indicators"][0]["title"]["de"]
    [defined] = [row[1] for row in table if len(row) == 2 and row[0] == title]
    assert defined.startswith("Gezählt werden Personen.")
    assert "measure-joined" in defined
    assert any(row == ["Auftakt", "19.10.2011"] for row in table)
    assert ["Indikator", "weiblich", "Gesamt"] in table
    workbook = {cell for sheet in cells((await take(coordinator, "/report.xlsx"))[0]) for row in sheet for cell in row}
    assert {"Beraten und Qualifizieren", "Netzwerkpartner", "Auftakt"} <= workbook
    document = PdfReader(io.BytesIO((await take(coordinator, "/report.pdf"))[0]))
    assert "Netzwerkpartner" in "".join(page.extract_text() for page in document.pages).replace("\u200b", "")


async def test_a_document_is_tagged_for_screen_readers(topic, coordinator):
    """PDF/UA-1: marked as such, tagged, with language, title and table headers."""
    content, _ = await take(coordinator, "/report.pdf")
    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("de")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert reader.metadata.title
    assert "/TH" in kinds(root["/StructTreeRoot"])


def kinds(node) -> set[str]:
    """The kinds of elements in a document's structure."""
    found, pending = set(), [node]
    while pending:
        one = pending.pop().get_object()
        if isinstance(one, list):
            pending += [each for each in one if not isinstance(each, int)]
        elif hasattr(one, "get"):
            found.add(one.get("/S"))
            if "/K" in one and not isinstance(one["/K"], int):
                pending.append(one["/K"])
    return found


async def test_the_same_report_makes_the_same_bytes(topic, coordinator, engine):
    """A file is dated by the instant its report was known at, not by when it was made, nor by what was heard since."""
    known = json.loads((await take(coordinator, "/report.json"))[0])["report"]["known_at"]
    kinds_of_file = ("pdf", "xlsx", "csv", "json")
    before = [(await take(coordinator, f"/report.{kind}", known_at=known))[0] for kind in kinds_of_file]
    topic.tell(joined(number(1), partner="spi", measure=79))
    topic.tick()
    await hear(engine, topic)
    after = [(await take(coordinator, f"/report.{kind}", known_at=known))[0] for kind in kinds_of_file]
    assert before == after


def document(*texts: str) -> Document:
    rows = [(text, 3, Decimal("2.50"), None) for text in texts]
    table = Table("A: table/with [signs]", ("=name", "n", "amount", "none"), (False, True, True, True), rows, "=note")
    known = datetime(2026, 1, 1, tzinfo=UTC)
    return Document("one-1", "=Title", Words("de"), known, [("Nummer", "=one-1")], [table])


def test_no_text_becomes_a_formula():
    """Whatever somebody typed: a spreadsheet shows it and runs nothing (OWASP, CSV injection)."""
    made = xlsx_file.write(document(*EVIL))
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())
    [sheet] = cells(made)
    assert [row[0] for row in sheet if row[1] == 3] == EVIL
    for row in rows_of(csv_file.write(document(*EVIL))):
        assert not any(one.startswith(("=", "+", "-", "@", "\t")) for one in row)


def test_amounts_are_written_as_a_german_spreadsheet_reads_them():
    """Decimal comma, semicolons, a mark that says UTF-8; a document groups thousands and shows cents."""
    made = csv_file.write(document("Zuwendung"))
    assert made.startswith(b"\xef\xbb\xbf")
    assert ["Zuwendung", "3", "2,50", ""] in rows_of(made)
    text = PdfReader(io.BytesIO(pdf_file.write(document("Zuwendung")))).pages[0].extract_text()
    assert "2,50" in text


async def test_entries_are_taken_whole(topic, coordinator):
    """However they are taken, all entries of a figure are there, with unit, day, quantity and events."""
    path = "/indicators/young-people-trained/entries"
    shown = (await coordinator.get(OPERATION + path)).json()["entries"]
    told = json.loads((await take(coordinator, f"{path}.json"))[0])
    assert told["entries"] == shown
    assert len(shown) == 2
    lines = rows_of((await take(coordinator, f"{path}.csv"))[0])
    assert [row[0] for row in lines[-2:]] == [one["unit"] for one in shown]
    assert [row[6].split() for row in lines[-2:]] == [one["events"] for one in shown]
    [sheet] = cells((await take(coordinator, f"{path}.xlsx"))[0])
    assert [row[0] for row in sheet[-2:]] == [one["unit"] for one in shown]
    assert {told["number"], told["digest"]} <= {cell for row in sheet for cell in row}


async def test_a_file_is_for_those_who_may_see_what_is_in_it(topic, app, engine):
    """The same walls as the pages and routes: a partner takes its own entries, others learn nothing, nobody a file."""
    async with Client(app, token("spi")) as partner:
        taken = await partner.get(f"{OPERATION}/indicators/young-people-trained/entries.json")
        assert {one["partner"] for one in taken.json()["entries"]} == {"spi"}
        other = await partner.get(
            f"{OPERATION}/indicators/young-people-trained/entries.json", params={"partner": "awo"}
        )
        assert other.status_code == 404
    async with Client(app, token("elsewhere")) as stranger:
        assert (await stranger.get(f"{OPERATION}/report.pdf")).status_code == 404
    async with Client(app, "") as nobody:
        assert (await nobody.get(f"{OPERATION}/report.pdf")).status_code == 401


async def test_a_funder_takes_months_and_pseudonyms(topic, app, coordinator):
    """No unit, day or event is in a funder's file; the quantities are those of the figure."""
    path = f"{OPERATION}/indicators/young-people-trained/entries"
    shown = (await coordinator.get(path)).json()["entries"]
    async with Client(app, token("*", "funder")) as funder:
        for kind in ("json", "csv", "xlsx"):
            answer = await funder.get(f"{path}.{kind}")
            assert answer.status_code == 200
            text = answer.text if kind != "xlsx" else str(cells(answer.content))
            assert not any(one["unit"] in text or one["effective"] in text for one in shown)
            assert not any(event in text for one in shown for event in one["events"])
        told = (await funder.get(f"{path}.json")).json()["entries"]
    assert [one["quantity"] for one in told] == [one["quantity"] for one in shown]
    assert {one["effective"] for one in told} == {one["effective"][:7] for one in shown}
    assert [set(one) for one in told] == [{"unit", "partner", "effective", "quantity"}] * len(shown)


async def test_many_rows_take_little_memory(tmp_path):
    """A hundred thousand entries are written with less than 200 MB more memory, into either kind of file."""
    process = psutil.Process()
    before = process.memory_info().rss
    seen = []

    async def rows():
        for one in range(100_000):
            if one % 1_000 == 0:
                seen.append(process.memory_info().rss)
            yield (number(one), "spi", None, "2013-06-01", 1, "2026-01-01T00:00:00.000Z", None, number(one))

    columns = ["a", "b", "c", "d", "e", "f", "g", "h"]
    size = 0
    async for piece in csv_file.stream([("number", "1")], columns, rows(), Words("de")):
        size += len(piece)
    path = tmp_path / "entries.xlsx"
    await xlsx_file.write_rows(path, "one", [("number", "1")], columns, rows(), Words("de"))
    seen.append(process.memory_info().rss)
    assert size > 10_000_000
    assert path.stat().st_size > 1_000_000
    assert max(seen) - before < 200_000_000
