"""What is left of a fact whose person was erased, and how it is read."""

from datetime import UTC, datetime

import pytest
from lotse_shared.envelope import Cause, Envelope, Undecodable, from_headers, seal, to_headers
from lotse_shared.erasing import emptied, fingerprint, fingerprints
from lotse_shared.messaging.inbox import digest
from lotse_shared.service import new_id
from toy_service import enrolled


def told(case: str) -> Envelope:
    return seal(
        enrolled(case),
        id=new_id(),
        source="intake",
        time=datetime(2012, 3, 1, tzinfo=UTC),
        sequence=2,
        cause=Cause(new_id(), new_id(), "00-trace"),
    )


def test_an_emptied_fact_travels_and_is_the_same_fact():
    """It is a sound record with the hash of what it was; nothing that led to its content or its id is left in it."""
    fact = told(new_id())

    left = emptied(fact, digest(fact))
    read = from_headers(to_headers(left), left.value)

    assert read == left
    assert digest(read) == digest(fact)
    assert (read.type, read.subject, read.time, read.sequence) == (fact.type, fact.subject, fact.time, fact.sequence)
    written = str(to_headers(left))
    for gone in (fact.id, fact.cause.correlation, fact.cause.causation, "00-trace", "spi"):
        assert gone not in written
    assert emptied(left, digest(left)) == left


@pytest.mark.parametrize(("value", "said"), [(b"{}", "0" * 64), (b"", "no hash"), (b"", "0" * 63)])
def test_what_only_claims_to_be_emptied_is_refused(value, said):
    """A fact that bears the sign and has content, or bears no hash, is no event of ours."""
    headers = [*to_headers(told(new_id())), ("ce_emptied", said.encode())]

    with pytest.raises(Undecodable, match="ce_emptied"):
        from_headers(headers, value)


def test_a_fingerprint_that_is_taken_leads_to_the_next():
    """An emptied copy may have come first: what is emptied then gets another id, and both stay."""
    one = new_id()

    assert fingerprints([one], []) == [fingerprint(one)]
    assert fingerprints([one], [fingerprint(one)]) == [fingerprint(fingerprint(one))]
