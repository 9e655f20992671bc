"""What is left of a fact whose person was erased: that something of this type was told, when, and the hash of it.

An emptied fact has no content, no partner, no chain of causes, and bears the fingerprint of its id instead of the id.
So nothing leads from an id in somebody's old export to the person, and a copy that comes again is still recognised.
The fact participant-erased itself stays as it was told: it is the proof, and says nothing but that.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from uuid import UUID

from lotse_shared.contracts.intake import ParticipantErased
from lotse_shared.envelope import Cause, Envelope

ERASED: Final = ParticipantErased.type


def fingerprint(identity: str) -> str:
    """The id of an emptied fact: it follows from the id it had, and the id cannot be found out from it."""
    return str(UUID(bytes=hashlib.sha256(f"erased {UUID(identity)}".encode()).digest()[:16]))


def fingerprints(identities: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Fingerprints that are not taken yet: an emptied copy may have come before the fact itself was emptied here."""
    seen = set(taken)
    found = []
    for identity in identities:
        left = fingerprint(identity)
        while left in seen:
            left = fingerprint(left)
        seen.add(left)
        found.append(left)
    return found


def emptied(envelope: Envelope, digest: bytes) -> Envelope:
    """What is left of a fact. `digest`: the hash over type, subject, time and content as it was told.

    Type, subject, times and the publisher's number stay: with them a topic can be written anew without a gap.
    """
    if envelope.emptied is not None:
        return envelope
    left = fingerprint(envelope.id)
    return replace(envelope, id=left, partner=None, cause=Cause(left), value=b"", emptied=digest.hex())
