"""Who calls: bearer tokens and one-time tickets (JWT, Ed25519 by RFC 9864), and what a role may see."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from lotse_shared.deciding import EVERYBODY

ISSUER: Final = "lotse"
AUDIENCE: Final = "lotse"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type, no secret
TICKET_TYPE: Final = "ticket+jwt"
TICKET_LASTS: Final = timedelta(minutes=10)
"""How long a ticket may lie about before it is used."""
ALGORITHM: Final = "Ed25519"
ROLES: Final = frozenset({"coach", "job-acquirer", "coordinator", "funder", "auditor", "administrator", "jobcenter"})
NETWORK_ROLES: Final = frozenset({"coordinator", "funder", "auditor", "administrator"})
"""Roles that may be given for the whole network instead of one partner."""


_REMEMBERED: Final = 1_000
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class BadToken(Exception):  # noqa: N818 - named by what is the matter
    """A token that is missing, forged, expired or meant for somebody else. The text never repeats it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `partner` is the partner's slug, or EVERYBODY for a role of the whole network."""

    name: str
    role: str
    partner: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets somebody in once, by a link: whoever opens it first is `caller`. Who accepts it remembers `id`."""

    id: str
    caller: Caller


def issue(key: OKPKey, *, name: str, role: str, partner: str, now: datetime, lasts: timedelta) -> str:
    """Sign an access token.

    Raises:
        ValueError: the role is not known, or may not be given for the whole network; or the partner is no slug.
    """
    return _sign(key, TOKEN_TYPE, Caller(name, role, partner), now, lasts)


def issue_ticket(key: OKPKey, *, ticket: str, name: str, role: str, partner: str, now: datetime) -> str:
    """Sign a ticket for the pages, good once and for TICKET_LASTS. `ticket` is its id, of no use to anybody else.

    Raises:
        ValueError: the role is not known, or may not be given for the whole network; or the partner is no slug.
    """
    return _sign(key, TICKET_TYPE, Caller(name, role, partner), now, TICKET_LASTS, {"jti": ticket})


def _sign(
    key: OKPKey, kind: str, who: Caller, now: datetime, lasts: timedelta, more: Mapping[str, str] | None = None
) -> str:
    if who.role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(sorted(ROLES))}")
    if who.partner == EVERYBODY and who.role not in NETWORK_ROLES:
        raise ValueError(f"the role {who.role} belongs to one partner: name it with --partner")
    if who.partner != EVERYBODY and not _SLUG.fullmatch(who.partner):
        raise ValueError("--partner must be a partner's slug, such as bbi: lower case, digits and single hyphens")
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": who.name,
        "role": who.role,
        "partner": who.partner,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
        **(more or {}),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": key.thumbprint()}, claims, key, [ALGORITHM])


def read_public_keys(path: Path) -> KeySet:
    """The keys that tokens may be signed with: a JWK set in a file. Private parts are refused, they belong elsewhere.

    Raises:
        ValueError: the file holds no usable key set.
    """
    import json  # noqa: PLC0415 - only at start

    content = json.loads(path.read_text())
    if any("d" in key for key in content.get("keys", [])):
        raise ValueError("the token key file holds a private key; services need the public part only")
    return KeySet.import_key_set(content)


class Gate:
    """Checks access tokens, and remembers those that were good until they expire: a signature is verified once.

    Of a token its SHA-256 is remembered, of all tokens the last thousand.
    """

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._known: dict[bytes, tuple[Caller, float]] = {}

    def caller(self, token: str | None, now: datetime) -> Caller:
        """Who this token stands for.

        Raises:
            BadToken: whatever is wrong with it; all faults look the same to the caller.
        """
        digest = hashlib.sha256((token or "").encode()).digest()
        known = self._known.get(digest)
        if known and now.timestamp() < known[1]:
            return known[0]
        claims = _read(token, TOKEN_TYPE, self._keys, now)
        who = _caller(claims)
        while len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[digest] = (who, float(claims["exp"]))
        return who


def check_ticket(ticket: str | None, keys: KeySet, now: datetime) -> Ticket:
    """Who this ticket lets in. Whether it was used before is for the caller to know, by its id.

    Raises:
        BadToken: whatever is wrong with it; all faults look the same to the caller.
    """
    claims = _read(ticket, TICKET_TYPE, keys, now)
    if not claims.get("jti"):
        raise BadToken("a ticket without an id could be used twice")
    return Ticket(str(claims["jti"]), _caller(claims))


def _read(token: str | None, kind: str, keys: KeySet, now: datetime) -> Mapping[str, Any]:
    """The claims of a token of one kind: signed by us, for us, still good."""
    if not token:
        raise BadToken("no token")
    try:
        read = jwt.decode(token, keys, algorithms=[ALGORITHM])
        if read.header.get("typ") != kind:
            raise BadToken(f"not of the kind {kind}")
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True},
            partner={"essential": True},
        ).validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadToken("not a token of this platform, or expired") from None
    return read.claims


def _caller(claims: Mapping[str, Any]) -> Caller:
    role, partner = str(claims["role"]), str(claims["partner"])
    if partner != EVERYBODY and not _SLUG.fullmatch(partner):
        raise BadToken("no partner has such a name")
    if role not in ROLES or (partner == EVERYBODY and role not in NETWORK_ROLES):
        raise BadToken("role and partner do not fit")
    return Caller(name=str(claims["sub"]), role=role, partner=partner)


def utc_now() -> datetime:
    """The real time. Only edges call this; everything inside is given the time."""
    return datetime.now(UTC)
