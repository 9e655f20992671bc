"""The fast reading and the contracts read the same."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lotse_reporting import decoding
from lotse_shared.contracts import EVENTS
from lotse_shared.envelope import Cause, Envelope, Undecodable, from_headers, seal, to_headers
from lotse_shared.messaging.inbox import digest
from lotse_shared.messaging.records import Record
from reporting_world import attended, enrolled, number

EXAMPLES = sorted((Path(__file__).parents[3] / "shared" / "examples").glob("*/*/*.json"))


def same(body: object, kind: str, value: bytes) -> bool:
    """Whether a struct says what the contract reads, field by field."""
    return json.loads(msgspec.json.encode(body)) == json.loads(EVENTS[kind].from_bytes(value).model_dump_json())


def refusal(read, *what) -> str | None:
    """Which attribute a reader refuses."""
    try:
        read(*what)
    except Undecodable as error:
        return error.attribute
    return None


def record(envelope: Envelope, *changed: tuple[str, bytes], without: str = "") -> Record:
    headers = {name: raw for name, raw in to_headers(envelope) if name != without} | dict(changed)
    return Record(1, 2, 3, envelope.subject.encode(), tuple(headers.items()), envelope.value)


def sealed(event=None) -> Envelope:
    return seal(
        event or attended(number(1)),
        id=number(7),
        source="coaching",
        time=datetime(2026, 1, 1, 12, tzinfo=UTC),
        sequence=4,
        cause=Cause(number(8), number(9), "00-" + "a" * 32 + "-" + "b" * 16 + "-01"),
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_every_example_reads_the_same(path):
    """A real message of each event and version: the struct has what the contract has."""
    content = json.loads(path.read_text())
    value = json.dumps(content.get("data", content)).encode()
    kind = content.get("type") or next(one for one in EVENTS if one.startswith(f"{path.parent.parent.name}.v"))
    event = EVENTS[kind].from_bytes(value)
    body = decoding.body_of(kind, value, event.subject, event.operation)
    assert same(body, kind, value)


@given(
    age=st.one_of(st.none(), st.integers(-5, 200)),
    code=st.sampled_from(["female", "male", "something-new", None]),
    day=st.one_of(st.dates().map(str), st.sampled_from(["2012-02-30", "", "tomorrow"])),
    slug=st.sampled_from(["spi", "Not A Slug", "x" * 61]),
)
def test_good_and_bad_facts_read_the_same(age, code, day, slug):
    """Bounds, patterns, dates and codes: what the contract refuses is refused, what it reads is read alike."""
    content = {"operation": "mehrlin", "case": number(1), "partner": slug, "entry_date": day}
    if age is not None:
        content["age_at_entry"] = age
    if code is not None:
        content["gender"] = code
    value = json.dumps(content).encode()
    kind = "participant-enrolled.v1"
    refused = refusal(EVENTS[kind].from_bytes, value)
    assert refusal(decoding.body_of, kind, value, number(1), "mehrlin") == refused
    if refused is None:
        assert same(decoding.body_of(kind, value, number(1), "mehrlin"), kind, value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-01T12:00:00Z",
        "2026-01-01T12:00:00.120000Z",
        "2026-01-01T12:00:00.000000Z",
        "2026-01-01T12:00:00.12Z",
        "2026-01-01T12:00:00+00:00",
        "2026-01-01T13:00:00+01:00",
        "2026-01-01 12:00:00Z",
    ],
)
def test_an_instant_however_written_gives_the_same_digest(written):
    """The digest is over the instant in UTC, not over how its sender wrote it: the journal can prove it later."""
    changed = record(sealed(), ("ce_time", written.encode()))
    heard = decoding.read(changed, 3)
    assert heard.digest == digest(from_headers(changed.headers, changed.value))
    at_utc = heard.time.astimezone(UTC).isoformat()
    head = f"{heard.type}\n{heard.subject}\n{at_utc}\n".encode()
    assert heard.digest == hashlib.sha256(head + heard.value).digest()


def test_an_envelope_reads_the_same():
    """Headers by the cheap path are those of the envelope, and so is the digest that tells facts apart."""
    envelope = sealed()
    heard = decoding.read(record(envelope), 3)
    found = from_headers(record(envelope).headers, envelope.value)
    assert (heard.id, heard.source, heard.type, heard.subject) == (
        found.id,
        found.source,
        found.type,
        found.subject,
    )
    assert (heard.time, heard.sequence, heard.partner) == (found.time, found.sequence, found.partner)
    assert (heard.correlation, heard.causation, heard.traceparent) == (
        found.cause.correlation,
        found.cause.causation,
        found.cause.traceparent,
    )
    assert heard.digest == digest(found)


@pytest.mark.parametrize(
    "broken",
    [
        record(sealed(), ("ce_id", b"\xff\xfe")),
        record(sealed(), ("ce_partner", b"\xff")),
        record(sealed(), ("ce_id", b"7")),
        record(sealed(), ("ce_time", b"2026-01-01T00:00:00")),
        record(sealed(), ("ce_time", b"soon")),
        record(sealed(), ("ce_sequence", b"four")),
        record(sealed(), ("ce_specversion", b"0.3")),
        record(sealed(), ("ce_source", b"x" * 201)),
        record(sealed(), ("ce_subject", number(2).encode())),
        record(sealed(), ("ce_operation", b"other")),
        record(sealed(), without="ce_correlationid"),
        record(sealed(), without="ce_subject"),
        msgspec.structs.replace(record(sealed()), value=None),
        msgspec.structs.replace(record(sealed()), value=b"{"),
        msgspec.structs.replace(record(sealed()), headers=()),
    ],
)
def test_what_is_no_event_of_ours_is_refused(broken):
    """Whatever the cheap path stumbles over is refused by the rule itself, naming the attribute."""
    with pytest.raises(Undecodable):
        raise decoding.read(broken, 3).fault or AssertionError("read without a fault")


def test_an_unusual_id_is_the_same_fact():
    """The same UUID written otherwise is the same id: it cannot slip in twice."""
    heard = decoding.read(record(sealed(), ("ce_id", number(0xABC).upper().encode())), 3)
    assert heard.id == number(0xABC)


def test_a_type_that_is_not_known_is_kept():
    """A fact of a type newer than this service is read as an envelope without meaning."""
    heard = decoding.read(record(sealed(enrolled(number(1))), ("ce_type", b"moon-landed.v1")), 3)
    assert heard.body is None


def test_looking_ahead_says_the_same():
    """A record read before its turn says what it says in its turn, whatever its knowledge time is by then."""
    one = record(sealed())

    for known in (one.appended, one.appended + 5):
        assert decoding.read_at(decoding.look_ahead(one), known) == decoding.read(one, known)


def test_what_cannot_be_read_waits_for_its_turn_to_be_refused():
    """Looking ahead never raises: the record is refused where it is taken in, for the same reason."""
    broken = record(sealed(), without="ce_id")
    ahead = decoding.look_ahead(broken)

    assert ahead is broken, "no error is kept with it, and nothing of what raised it"
    with pytest.raises(Undecodable, match="id"):
        decoding.read_at(ahead, ahead.appended)
