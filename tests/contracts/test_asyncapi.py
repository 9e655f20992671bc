"""The AsyncAPI document is accepted by the parser of the AsyncAPI Initiative, which is not ours."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lotse_local.frontend import npm

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.json"
WARNING = 1
"""Severity of a diagnostic: 0 error, 1 warning, 2 information, 3 hint."""


def diagnostics(document: Path) -> list[dict]:
    command = npm()
    node = command[0] if len(command) > 1 else shutil.which("node")
    done = subprocess.run(  # noqa: S603 - Node, with a script of ours
        [node, str(Path(__file__).with_name("parse_asyncapi.mjs")), str(document)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"install the parser with `make setup`: {done.stderr}"
    return json.loads(done.stdout)


def test_the_document_has_no_errors_and_no_warnings():
    """`@asyncapi/parser` reads the whole platform and finds nothing to blame."""
    found = diagnostics(DOCUMENT)

    assert [one for one in found if one["severity"] <= WARNING] == []


def drop_message(document):
    del document["components"]["messages"]["visit-held.v1"]


def drop_title(document):
    del document["info"]["title"]


def shout(document):
    document["operations"]["intake-tells"]["action"] = "shout"


@pytest.mark.parametrize("change", [drop_message, drop_title, shout])
def test_the_parser_would_tell(tmp_path, change):
    """A message that is missing, a document without title, an action that is none: each is told."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    assert [one for one in diagnostics(path) if one["severity"] <= WARNING]


def test_examples_fit_headers_and_payload():
    """Each message's examples are valid by the document itself: the parser does not look at them in version 3."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for message in document["components"]["messages"].values():
        for part in ("headers", "payload"):
            checker = Draft202012Validator({**message[part], "components": document["components"]})
            for example in message.get("examples", ()):
                assert list(checker.iter_errors(example[part])) == []


def test_a_message_demands_its_own_type():
    """Headers of another event do not fit, so a generated client cannot mix them up."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    messages = document["components"]["messages"]
    schema = {**messages["visit-held.v1"]["headers"], "components": document["components"]}

    assert not Draft202012Validator(schema).is_valid(messages["plan-agreed.v1"]["examples"][0]["headers"])
