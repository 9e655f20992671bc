"""What is derived from the events is current, and says when it is not."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from lotse_local.contracts.catalogue import SERVICES, catalogue, tells
from lotse_local.contracts.command import contracts_app
from lotse_local.contracts.generated import stale, write
from lotse_shared.contracts import EVENTS
from lotse_shared.contracts.about import CaseFact
from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path) -> Path:
    """A clone with everything generated."""
    shutil.copytree(ROOT / "shared/examples", tmp_path / "shared/examples")
    (tmp_path / "shared/src/lotse_shared").mkdir(parents=True)
    write(tmp_path)
    return tmp_path


def test_generated_files_are_current():
    """The files in the repository are what the events, examples and handlers say today: `lotse contracts generate`."""
    assert stale(ROOT) == []


def test_a_stale_file_is_named_and_written_anew(clone):
    """A file edited by hand, one missing and one of an event that is gone are named, and put right by one command."""
    (clone / "shared/schemas/visit-held.v1.json").write_text("{}", encoding="utf-8")
    (clone / "shared/schemas/visit-dreamt.v1.json").write_text("{}", encoding="utf-8")
    (clone / "docs/events.md").unlink()
    wrong = [
        Path("docs/events.md"),
        Path("shared/schemas/visit-dreamt.v1.json"),
        Path("shared/schemas/visit-held.v1.json"),
    ]

    assert stale(clone) == wrong
    assert write(clone) == wrong
    assert stale(clone) == []


def test_an_example_reaches_page_and_document(clone):
    """Changing one example makes exactly the page and the AsyncAPI document stale."""
    (example,) = (clone / "shared/examples/vacancy-closed/v1").glob("*.json")
    example.rename(example.with_stem("nobody-sought"))

    assert stale(clone) == [Path("docs/asyncapi.json"), Path("docs/events.md")]


def test_check_names_what_is_wrong_and_fails(clone):
    """`lotse contracts check` says file and field, and its exit code is 1."""
    shutil.rmtree(clone / "shared/examples/vacancy-closed")

    done = CliRunner().invoke(contracts_app, ["check", "--root", str(clone)])

    assert done.exit_code == 1
    assert "vacancy-closed.v1: no example; put one into shared/examples" in done.output
    assert "docs/events.md: stale; run `lotse contracts generate`" in done.output


def test_check_is_content_with_this_repository():
    """The check that every commit must pass."""
    done = CliRunner().invoke(contracts_app, ["check", "--root", str(ROOT)])

    assert done.output == f"{len(EVENTS)} events: examples, schemas, pages and promises hold\n"
    assert done.exit_code == 0


def test_elsewhere_the_command_says_where_it_belongs(tmp_path):
    """Outside a clone nothing is written, and the way out is named."""
    done = CliRunner().invoke(contracts_app, ["generate", "--root", str(tmp_path)])

    assert done.exit_code == 1
    assert "is no clone of Lotse: change to one or name it with --root" in done.output
    assert not list(tmp_path.iterdir())


def test_the_page_has_every_event_with_a_record():
    """docs/events.md tells of each event who tells and hears it, and shows it as a record on the topic."""
    page = (ROOT / "docs/events.md").read_text(encoding="utf-8")

    for kind in EVENTS:
        section = page.split(f"\n### {kind}\n")[1].split("\n### ")[0]
        assert "; told by " in section
        assert "; heard by " in section
        assert f"ce_type           {kind}" in section


def test_readers_follow_from_handlers():
    """Who hears an event is read from the services' handlers and kinds; nobody keeps a list."""
    readers = {entry.event.type: set(entry.readers) for entry in catalogue()}

    assert "intake" in readers["referral-made.v1"]
    assert {"intake", "coaching"} <= readers["placement-made.v1"]
    assert all("reporting" in found for found in readers.values())


def test_the_document_says_who_sends_and_receives():
    """One channel; for each service one operation that sends and one that receives, with exactly its events."""
    document = json.loads((ROOT / "docs/asyncapi.json").read_text(encoding="utf-8"))
    entries = catalogue()

    for service in SERVICES:
        sent = {one["$ref"].rsplit("/", 1)[1] for one in document["operations"][f"{service}-tells"]["messages"]}
        received = {one["$ref"].rsplit("/", 1)[1] for one in document["operations"][f"{service}-hears"]["messages"]}
        assert sent == {entry.event.type for entry in tells(service, entries)} | {"tick.v1"}
        assert received == {entry.event.type for entry in entries if service in entry.readers} | {"tick.v1"}
    assert set(document["components"]["messages"]) == {*EVENTS, "tick.v1"}
    for kind in EVENTS:
        message = document["components"]["messages"][kind]
        assert message["examples"]
        assert message["bindings"]["kafka"]["key"]["pattern"]


def test_an_event_is_one_class_and_one_example(clone):
    """Schema, page, graph of readers and AsyncAPI document follow from a new class and its example alone."""

    class VisitDreamt(CaseFact, source="coaching"):
        """Somebody dreamt of a visit; told here to see what follows from an event."""

        dreamt_on: date

    try:
        example = json.loads((clone / "shared/examples/visit-held/v1/at-the-workplace.json").read_text("utf-8"))
        kept = {name: example["data"][name] for name in ("operation", "case", "partner")}
        example |= {"type": VisitDreamt.type, "data": {**kept, "dreamt_on": "2015-08-24"}}
        path = clone / "shared/examples/visit-dreamt/v1/at-night.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(example), encoding="utf-8")

        changed = write(clone)

        assert Path("shared/schemas/visit-dreamt.v1.json") in changed
        assert "### visit-dreamt.v1" in (clone / "docs/events.md").read_text("utf-8")
        document = json.loads((clone / "docs/asyncapi.json").read_text("utf-8"))
        assert document["components"]["messages"]["visit-dreamt.v1"]["examples"][0]["name"] == "at-night"
        sent = document["operations"]["coaching-tells"]["messages"]
        assert {"$ref": "#/channels/facts/messages/visit-dreamt.v1"} in sent
    finally:
        del EVENTS[VisitDreamt.type]
