"""The vault: names and birth dates, encrypted per person, under a key that is kept outside the database.

AES-GCM with a key for each person; that key is wrapped by the key-encryption key. Erasing somebody destroys the
wrapped key and the content, and with them every copy's meaning. Nothing else of Lotse stores personal data. Whoever
may see a case may see its person: the database's policy on the vault looks at the case.
"""

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lotse_shared.calendar import age_on
from lotse_shared.deciding import Command, Refused
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_intake.domain.participation import EnrolParticipant
from lotse_intake.domain.people import Person, ReferParticipant

_NONCE: Final = 12
_KEY: Final = 32


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens what is known of a person. Content is bound to its case id and cannot be moved to another."""

    key: bytes = field(repr=False)

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """The key-encryption key from a file: 32 bytes in base64.

        Raises:
            ValueError: the file holds no such key.
        """
        key = base64.b64decode(path.read_text().strip(), validate=True)
        if len(key) != _KEY:
            raise ValueError("the vault key must be 32 bytes in base64")
        return cls(key)

    def derived(self, purpose: str) -> bytes:
        """A key for one other purpose, from which this one cannot be found out."""
        return hmac.new(self.key, purpose.encode(), hashlib.sha256).digest()

    def seal(self, case: str, person: dict[str, Any]) -> tuple[bytes, bytes]:
        """A fresh key for this person, wrapped, and the content under it."""
        own = secrets.token_bytes(_KEY)
        return _seal(self.key, own, case), _seal(own, json.dumps(person).encode(), case)

    def open(self, case: str, wrapped: bytes, content: bytes) -> dict[str, Any]:
        """What is known of the person."""
        opened: dict[str, Any] = json.loads(_open(_open(self.key, wrapped, case), content, case))
        return opened

    def fingerprint(self, operation: str, person: Person) -> bytes:
        """By what two records may be the same person (R-13), so that nobody can enumerate names: HMAC per operation."""
        words = (_plain(person.given_name), _plain(person.family_name), str(person.birth_date))
        return hmac.new(self.derived("fingerprint"), "\x1f".join((operation, *words)).encode(), hashlib.sha256).digest()

    async def keep(self, connection: AsyncConnection, case: str, operation: str, person: Person) -> None:
        """Store what is known of a person, in the transaction that opens the case."""
        await connection.execute(
            text("""
                insert into vault (case_id, wrapped_key, content, fingerprint)
                values (:case, :wrapped, :content, :fingerprint)"""),
            self._row(case, operation, person),
        )

    async def correct(self, connection: AsyncConnection, case: str, operation: str, person: Person) -> None:
        """Store what is known of a person instead of what was, under a new key; the case is visible and locked."""
        row = self._row(case, operation, person)
        done = await connection.execute(
            text("""
                update vault set wrapped_key = :wrapped, content = :content, fingerprint = :fingerprint
                where case_id = :case"""),
            row,
        )
        if done.rowcount == 0:
            await self.keep(connection, case, operation, person)

    def _row(self, case: str, operation: str, person: Person) -> dict[str, Any]:
        wrapped, sealed = self.seal(case, person.model_dump(mode="json", exclude_none=True))
        return {
            "case": case,
            "wrapped": wrapped,
            "content": sealed,
            "fingerprint": self.fingerprint(operation, person),
        }

    async def read(self, connection: AsyncConnection, case: str) -> dict[str, Any] | None:
        """What is known of a person, if this connection may see it."""
        found = await connection.execute(
            text("select wrapped_key, content from vault where case_id = :case"), {"case": case}
        )
        row = found.first()
        return self.open(case, row.wrapped_key, row.content) if row else None

    async def keep_person(self, connection: AsyncConnection, case: str, body: Command) -> None:
        """With a referral: its personal part goes to the vault."""
        if isinstance(body, ReferParticipant) and body.person is not None:
            await self.keep(connection, case, body.operation, body.person)

    async def prepare_enrolment(self, connection: AsyncConnection, case: str, body: Command) -> Command:
        """Before an entry: the age on the day, from the birth date in the vault; contradicting ages are refused."""
        if not isinstance(body, EnrolParticipant):
            return body
        person = await self.read(connection, case)
        born = date.fromisoformat(person["birth_date"]) if person and person.get("birth_date") else None
        if born is None:
            return body
        if born > body.entry_date:
            raise Refused(
                "the birth date in the vault is after the entry", field="entry_date", way_out="Check both dates."
            )
        age = age_on(born, body.entry_date)
        if body.age_at_entry not in (None, age):
            raise Refused(
                "the age does not fit the birth date in the vault", field="age_at_entry", way_out="Leave the field out."
            )
        return body.model_copy(update={"age_at_entry": age})

    async def forget(self, connection: AsyncConnection, case: str, _: Command) -> None:
        """With an erasure, whoever asked for it."""
        await self.destroy(connection, case)

    async def destroy(self, connection: AsyncConnection, case: str) -> None:
        """Key and content go, of all cases of the person, and every copy of them becomes noise."""
        await connection.execute(
            text("""
                with recursive person (id) as (
                    select cast(:case as text)
                    union
                    select other.id from person join subject on subject.id = person.id cross join lateral (
                        select jsonb_array_elements_text(coalesce(state -> 'absorbs', '[]'))
                        union all
                        select state ->> 'absorbed_into') as other (id)
                    where other.id is not null
                )
                delete from vault where case_id in (select id from person)"""),
            {"case": case},
        )


async def without_person(_: AsyncConnection, case: str, body: Command) -> Command:  # noqa: ARG001 - as a Prepare is
    """Before a referral: a decision is never shown who the person is."""
    return body.model_copy(update={"person": None})


def _plain(name: str) -> str:
    """A name as two people would type it alike."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _seal(key: bytes, content: bytes, case: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, case.encode())


def _open(key: bytes, sealed: bytes, case: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], case.encode())
