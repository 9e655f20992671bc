"""The platform's secrets: made once, kept in files that only their owner can read."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey

from lotse_local.postgres import Passwords


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the secrets of one platform are."""

    folder: Path

    @property
    def token_public(self) -> Path:
        """The public keys of tokens (a JWK set): what services check tokens with."""
        return self.folder / "token-public-keys.json"

    @property
    def vault(self) -> Path:
        """The key of intake's vault, outside the database."""
        return self.folder / "vault.key"

    @property
    def pseudonyms(self) -> Path:
        """The key of what a funder sees instead of people: reporting's."""
        return self.folder / "pseudonyms.key"

    @property
    def _token_private(self) -> Path:
        return self.folder / "token-private-key.json"

    @property
    def _passwords(self) -> Path:
        return self.folder / "passwords.json"

    @property
    def needed(self) -> tuple[Path, ...]:
        """The secrets without which the data cannot be read."""
        return self._passwords, self.vault, self.pseudonyms

    @property
    def complete(self) -> bool:
        """Whether those are there."""
        return all(file.exists() for file in self.needed)

    def make(self) -> None:
        """Make what is missing. What is there stays: the data could not be read with other keys."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not self._passwords.exists():
            _write(self._passwords, json.dumps(Passwords.invent().by_role))
        if not self.vault.exists():
            _write(self.vault, base64.b64encode(secrets.token_bytes(32)).decode())
        if not self.pseudonyms.exists():
            _write(self.pseudonyms, base64.b64encode(secrets.token_bytes(32)).decode())
        if not self._token_private.exists():
            key = OKPKey.generate_key("Ed25519", auto_kid=True)
            _write(self._token_private, json.dumps(key.as_dict(private=True)))
        _write(self.token_public, json.dumps({"keys": [self.token_key().as_dict(private=False)]}))

    def passwords(self) -> Passwords:
        """The passwords of all database roles."""
        return Passwords(json.loads(self._passwords.read_text()))

    def token_key(self) -> OKPKey:
        """What tokens are signed with."""
        return OKPKey.import_key(json.loads(self._token_private.read_text()))


def _write(path: Path, content: str) -> None:
    """A file that nobody else can read, whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    part.replace(path)
