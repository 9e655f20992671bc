"""Who calls: bearer tokens (JWT, Ed25519 by RFC 9864) and what a role may see."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from lotse_shared.deciding import EVERYBODY

ISSUER: Final = "lotse"
AUDIENCE: Final = "lotse"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type, no secret
ALGORITHM: Final = "Ed25519"
ROLES: Final = frozenset({"coach", "job-acquirer", "coordinator", "funder", "auditor", "administrator", "jobcenter"})
NETWORK_ROLES: Final = frozenset({"coordinator", "funder", "auditor", "administrator"})
"""Roles that may be given for the whole network instead of one partner."""


class BadToken(Exception):  # noqa: N818 - named by what is the matter
    """A token that is missing, forged, expired or meant for somebody else. The text never repeats it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling. `partner` is the partner's slug, or EVERYBODY for a role of the whole network."""

    name: str
    role: str
    partner: str


def issue(key: OKPKey, *, name: str, role: str, partner: str, now: datetime, lasts: timedelta) -> str:
    """Sign an access token.

    Raises:
        ValueError: the role is not known, or may not be given for the whole network.
    """
    if role not in ROLES:
        raise ValueError(f"role must be one of {', '.join(sorted(ROLES))}")
    if partner == EVERYBODY and role not in NETWORK_ROLES:
        raise ValueError(f"the role {role} belongs to one partner: name it with --partner")
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": name,
        "role": role,
        "partner": partner,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.thumbprint()}, claims, key, [ALGORITHM])


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


def check(token: str | None, keys: KeySet, now: datetime) -> Caller:
    """Who this token stands for.

    Raises:
        BadToken: whatever is wrong with it; all faults look the same to the caller.
    """
    if not token:
        raise BadToken("no bearer token")
    try:
        read = jwt.decode(token, keys, algorithms=[ALGORITHM])
        if read.header.get("typ") != TOKEN_TYPE:
            raise BadToken("not an access token")
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            role={"essential": True},
        ).validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadToken("not a token of this platform, or expired") from None
    role, partner = str(read.claims["role"]), str(read.claims.get("partner") or EVERYBODY)
    if role not in ROLES or (partner == EVERYBODY and role not in NETWORK_ROLES):
        raise BadToken("role and partner do not fit")
    return Caller(name=str(read.claims["sub"]), role=role, partner=partner)


def utc_now() -> datetime:
    """The real time. Only edges call this; everything inside is given the time."""
    return datetime.now(UTC)
