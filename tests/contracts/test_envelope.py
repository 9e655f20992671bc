"""The envelope: what a record must have to be a fact, and what is said when it has not."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lotse_shared.contracts.coaching import VisitHeld
from lotse_shared.contracts.codes import Channel
from lotse_shared.contracts.jobcenter import StatusChanged
from lotse_shared.contracts.matching import SubsidyApproved
from lotse_shared.envelope import Cause, Undecodable, from_headers, from_structured, seal, to_headers, to_structured
from pydantic import ValidationError

CASE = "019bb103-e0a0-7d2e-ab38-6a552c5d6bae"
FACT = VisitHeld(
    operation="mila", case=CASE, partner="koba-harz", held_on=date(2015, 8, 24), minutes=60, channel=Channel.OFFICE
)
SEALED = seal(
    FACT,
    id="019cda7a-0591-70de-9dbd-0639f067a092",
    source="coaching",
    time=datetime(2026, 3, 2, 8, 15, tzinfo=UTC),
    sequence=7,
    cause=Cause("019cda7a-0591-70de-9dbd-0639f067a092"),
)


def with_header(name, raw):
    kept = [(key, content) for key, content in to_headers(SEALED) if key != name]
    return kept if raw is None else [*kept, (name, raw)]


def test_a_fact_comes_back_as_it_was():
    """Binary and structured mode carry the same envelope and the same fact."""
    assert from_headers(to_headers(SEALED), SEALED.value) == SEALED
    assert from_structured(to_structured(SEALED)) == SEALED
    assert SEALED.event() == FACT


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("ce_id", None, "ce_id: is missing"),
        ("ce_subject", None, "ce_subject: is missing"),
        ("ce_sequence", b"", "ce_sequence: is missing"),
        ("ce_partner", b"\xff\xfe", "ce_partner: is not UTF-8 text"),
        ("ce_specversion", b"0.3", "ce_specversion: must be 1.0"),
        ("ce_operation", b"x" * 201, "ce_operation: is longer than 200 characters"),
        ("ce_operation", b"mi\0la", "ce_operation: holds the character NUL, which is no text"),
        ("ce_time", b"2026-03-02T08:15:00", "ce_time: has no time zone"),
        ("ce_time", b"0001-01-01T00:00:00+14:00", "ce_time: is no instant of our calendar"),
        ("ce_time", b"9999-12-31T23:59:59-14:00", "ce_time: is no instant of our calendar"),
        ("ce_sequence", b"0", "ce_sequence: is not between 1 and 2147483647"),
        ("ce_sequence", b"9" * 30, "ce_sequence: is not between 1 and 2147483647"),
        ("ce_id", b"visit-of-anna", "ce_time, ce_id or ce_sequence: is not an instant, a UUID or a number"),
    ],
)
def test_a_broken_header_is_named(name, raw, told):
    """The text names the attribute and what is the matter, never its content."""
    with pytest.raises(Undecodable) as refused:
        from_headers(with_header(name, raw), SEALED.value)

    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"case": "019bb103-e0a0-7d2e-ab38-000000000000"}, "subject: differs from data.case"),
        ({"operation": "mehrlin"}, "operation: differs from data.operation"),
        ({"minutes": "anna"}, "data.minutes: "),
        ({"held_on": None}, "data.held_on: "),
    ],
)
def test_a_fact_that_contradicts_itself_is_named(change, told):
    """Headers and fact say the same; where a field is wrong, the text names it and keeps its content to itself."""
    value = json.dumps({**json.loads(SEALED.value), **change}).encode()

    with pytest.raises(Undecodable) as refused:
        from_headers(to_headers(SEALED), value).event()

    assert str(refused.value).startswith(told)
    assert "anna" not in str(refused.value)


@pytest.mark.parametrize("source", ["intake", "evil"])
def test_nobody_tells_what_another_publisher_tells(source):
    """A type has one owner; only facts from outside bear the name of whatever system told them."""
    with pytest.raises(Undecodable, match=r"^source: visit-held\.v1 is told by coaching alone"):
        from_headers(with_header("ce_source", source.encode()), SEALED.value).event()
    assert StatusChanged.may_be_told_by("jobcenter-harz")


def test_a_value_that_is_no_json_is_named_as_a_whole():
    """There is no field to name."""
    with pytest.raises(Undecodable, match=r"^data: Invalid JSON"):
        from_headers(to_headers(SEALED), b"{nope").event()


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"data": 1}', b"\xff", b'"text"'])
def test_what_is_no_event_is_refused(document):
    """Whatever a stranger sends in structured mode is refused as undecodable, never with another error."""
    with pytest.raises(Undecodable):
        from_structured(document)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(value):
    """Any bytes as a value are read or refused as undecodable."""
    try:
        from_headers(to_headers(SEALED), value).event()
    except Undecodable as refused:
        assert refused.attribute  # noqa: PT017 - most bytes are no fact; what matters is that nothing else is raised


@pytest.mark.parametrize("change", [{"mood": "good"}, {"channel": "hologram"}, {"topics": ["the-weather"]}])
def test_a_writer_writes_what_the_contract_knows(change):
    """What a reader would forgive, a writer may not do."""
    with pytest.raises(ValidationError):
        VisitHeld.model_validate({**FACT.model_dump(), **change})


def test_a_part_is_as_strict_as_its_event():
    """Unknown fields inside a part are refused when written and ignored when read."""
    fact = {
        "operation": "mila",
        "case": CASE,
        "partner": "koba-harz",
        "subsidy": CASE,
        "instrument": "lza",
        "approved_on": "2015-08-10",
        "starts_on": "2015-08-17",
        "base": "2400.00",
        "phases": [{"months": 6, "percent": 75, "step": "entry"}],
    }

    assert SubsidyApproved.from_bytes(json.dumps(fact)).phases[0].months == 6
    with pytest.raises(ValidationError, match=r"phases\.0\.step"):
        SubsidyApproved.model_validate(fact)
