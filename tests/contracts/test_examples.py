"""Every event has an example that reads, and one that shows what an event is on the topic."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from lotse_local.contracts.catalogue import PUBLISHERS, catalogue
from lotse_local.contracts.examples import as_record, read_examples
from lotse_local.contracts.schemas import writer_schema
from lotse_shared.contracts import EVENTS
from lotse_shared.envelope import ANY_PUBLISHER, from_headers, to_headers

ROOT = Path(__file__).parents[2]
ENTRIES = {entry.event.type: entry for entry in catalogue()}
EXAMPLES, UNREADABLE = read_examples(ROOT)


def test_no_example_became_unreadable():
    """What was ever written down as an example of an event is read by today's classes."""
    assert UNREADABLE == []


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_an_event_has_owner_meaning_and_example(kind):
    """An event is told by somebody, says in a docstring what it means, and has at least one example."""
    entry = ENTRIES[kind]

    assert entry.owner in {*PUBLISHERS, ANY_PUBLISHER}
    assert len(entry.meaning.split()) >= 5
    assert "reporting" in entry.readers
    assert EXAMPLES[kind]


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_examples_are_what_a_writer_writes(kind):
    """An example fits the published schema, field by field, and comes out of the class as it went in."""
    schema = writer_schema(ENTRIES[kind])
    for example in EXAMPLES[kind]:
        value = json.loads(example.envelope.value)

        jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())
        assert json.loads(example.envelope.event().to_bytes()) == {**value, **_defaults(example, value)}


def _defaults(example, value):
    """Fields an example leaves to their default are written in full by today's writer."""
    written = json.loads(example.envelope.event().to_bytes())
    return {name: written[name] for name in written.keys() - value.keys()}


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_an_example_survives_the_way_over_the_topic(kind):
    """Headers and value give back the same envelope."""
    for example in EXAMPLES[kind]:
        assert from_headers(to_headers(example.envelope), example.envelope.value) == example.envelope


def test_identities_are_used_once():
    """No two examples share an id, so that all of them can be sent to one gateway."""
    ids = [example.envelope.id for found in EXAMPLES.values() for example in found]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda event: event["data"].pop("held_on"), "data.held_on"),
        (lambda event: event["data"].update(minutes="long"), "data.minutes"),
        (lambda event: event.update(type="visit-dreamt.v1"), "no such event"),
        (lambda event: event.update(subject="019bb103-e0a0-7d2e-ab38-000000000000"), "differs from data.case"),
        (lambda event: event.pop("sequence"), "ce_sequence"),
    ],
)
def test_a_broken_example_is_named_with_its_reason(tmp_path, change, reason):
    """Whoever breaks an example is told which file and which field."""
    name = "shared/examples/visit-held/v1/at-the-workplace.json"
    event = json.loads((ROOT / name).read_text(encoding="utf-8"))
    change(event)
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(json.dumps(event), encoding="utf-8")

    _, (unreadable,) = read_examples(tmp_path)

    assert unreadable.path == Path(name)
    assert reason in unreadable.reason


def test_an_example_in_the_wrong_folder_is_named(tmp_path):
    """The folder says event and version; a file of another event does not belong there."""
    shutil.copytree(ROOT / "shared/examples/visit-held", tmp_path / "shared/examples/plan-agreed")

    found, unreadable = read_examples(tmp_path)

    assert not any(found.values())
    assert "is visit-held.v1 in the folder of plan-agreed.v1" in unreadable[0].reason


def test_the_record_shows_key_headers_and_value():
    """The pages show an example as the record on the topic that kcat would print."""
    (example, *_) = EXAMPLES["place-filled.v1"]

    record = as_record(example, "{...}")

    assert record.splitlines()[0] == f"key               {example.envelope.subject}"
    assert "ce_type           place-filled.v1" in record
    assert record.endswith("\n\n{...}")
