"""Who sees what of a report, and what a funder sees instead of people: pseudonyms of one report, months, no events."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lotse_shared.deciding import EVERYBODY
from lotse_shared.security import Caller

from lotse_reporting.report import Question, name_of

SEES_EVERYTHING: Final = frozenset({"coordinator", "auditor", "administrator"})
"""Roles of the network that may open figures down to events."""
FUNDER: Final = "funder"


class Thing(StrEnum):
    """What there is to see of an operation."""

    FIGURES = "figures"
    ENTRIES = "entries"
    EVENTS = "events"


class Sight(StrEnum):
    """How much of it."""

    ALL = "all"
    OWN = "own"
    """What the partner itself did; of figures, the whole as well."""
    PSEUDONYMS = "pseudonyms"
    """Entries of everybody, months instead of days, and a name for each person that holds in one report alone."""
    NOTHING = "nothing"


def sight(who: Caller, thing: Thing) -> Sight:
    """How much of a thing somebody sees, in an operation that they may see at all."""
    if who.partner != EVERYBODY:
        return Sight.ALL if thing is Thing.FIGURES else Sight.OWN
    if who.role in SEES_EVERYTHING:
        return Sight.ALL
    if who.role == FUNDER:
        return {Thing.FIGURES: Sight.ALL, Thing.ENTRIES: Sight.PSEUDONYMS}.get(thing, Sight.NOTHING)
    return Sight.NOTHING


class Hidden(Exception):  # noqa: N818 - what it is to the one who asks
    """What somebody asks for does not exist for them: it is another partner's, or nothing for their role."""


def entries_seen(who: Caller, partner: str | None) -> tuple[Sight, str | None]:
    """How somebody sees entries, and of which partner alone (None: of all), where they ask for those of `partner`.

    Raises:
        Hidden: they see none, or ask for those of another partner.
    """
    sees = sight(who, Thing.ENTRIES)
    if sees is Sight.NOTHING or (sees is Sight.OWN and partner not in (None, who.partner)):
        raise Hidden
    return sees, who.partner if sees is Sight.OWN else partner


class Pseudonyms:
    """What stands for people in the eyes of a funder, made with a key that no funder has.

    The same person has the same pseudonym within a report (operation, edition, as of, known at), so that two entries
    can be seen to be one person's; in another report it has another one, so that reports cannot be joined to a life.
    """

    def __init__(self, key: bytes) -> None:
        self._names = hmac.digest(key, b"names", hashlib.sha256)
        self._cursors = AESGCM(hmac.digest(key, b"cursors", hashlib.sha256))

    @classmethod
    def from_file(cls, path: Path | None) -> "Pseudonyms":
        """With the key in a file (base64); without a file, with one that ends with this process."""
        return cls(base64.b64decode(path.read_text()) if path else secrets.token_bytes(32))

    def names(self, question: Question) -> bytes:
        """The key of the names in one report (`name_of`). A report that still moves is another one each day."""
        clocks = (question.as_of.isoformat(), str(question.known))
        content = "\n".join((question.operation, question.edition.name, *clocks))
        return hmac.digest(self._names, content.encode(), hashlib.sha256)

    def entries(self, question: Question, entries: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Entries as a funder sees them: {unit, partner, effective (a month), quantity}, in the order they have."""
        names = self.names(question)
        for one in entries:
            yield shown(names, one)

    def close(self, question: Question, cursor: str | None) -> str | None:
        """A cursor that says nothing to who carries it, and holds in this report alone."""
        if cursor is None:
            return None
        nonce = secrets.token_bytes(12)
        sealed = self._cursors.encrypt(nonce, cursor.encode(), self.names(question))
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, question: Question, cursor: str | None) -> str | None:
        """A cursor that was closed.

        Raises:
            ValueError: none of ours, or of another report, where people have other names and stand elsewhere.
        """
        if cursor is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode())
            return self._cursors.decrypt(sealed[:12], sealed[12:], self.names(question)).decode()
        except (InvalidTag, ValueError):
            raise ValueError("none of ours") from None


def shown(names: bytes, entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as a funder sees it: {unit, partner, effective (a month), quantity}, the unit by its name."""
    return {
        "unit": name_of(names, entry["unit"]),
        "partner": entry["partner"],
        "effective": entry["effective"][:7],
        "quantity": entry["quantity"],
    }
