"""Tokens that are not ours, or not good any more: one answer for all of them, which tells nothing."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from toy_service import KEY, Client, token

NOW = int(datetime.now(UTC).timestamp())
CLAIMS = {
    "iss": "lotse",
    "aud": "lotse",
    "sub": "somebody",
    "role": "coach",
    "partner": "spi",
    "iat": NOW,
    "exp": NOW + 300,
}
HEADER = {"alg": "Ed25519", "typ": "at+jwt"}


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed(claims: dict = CLAIMS, header: dict = HEADER, key: OKPKey = KEY) -> str:
    return jwt.encode({**header, "kid": KEY.thumbprint()}, claims, key, algorithms=["Ed25519"])


def without(name: str) -> dict:
    return {key: value for key, value in CLAIMS.items() if key != name}


def tampered() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{encoded({**CLAIMS, 'partner': '*', 'role': 'coordinator'})}.{signature}"


def with_the_public_key_as_a_secret() -> str:
    public = OctKey.import_key(KEY.as_dict(private=False)["x"])
    return jwt.encode({"alg": "HS256", "typ": "at+jwt"}, CLAIMS, public, algorithms=["HS256"])


LATER = NOW + int(timedelta(hours=1).total_seconds())
BAD = {
    "none at all": None,
    "empty": "",
    "no token": "abc",
    "alg none": f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{encoded(CLAIMS)}.",
    "HS256 with the public key": with_the_public_key_as_a_secret(),
    "unsigned": ".".join(signed().split(".")[:2]) + ".",
    "foreign key": signed(key=OKPKey.generate_key("Ed25519")),
    "tampered partner": tampered(),
    "another issuer": signed({**CLAIMS, "iss": "somebody"}),
    "another audience": signed({**CLAIMS, "aud": "another"}),
    "no audience": signed(without("aud")),
    "another type": signed(header={"alg": "Ed25519", "typ": "jwt"}),
    "no type": signed(header={"alg": "Ed25519"}),
    "expired": signed({**CLAIMS, "exp": NOW - 1}),
    "never expires": signed(without("exp")),
    "not yet good": signed({**CLAIMS, "nbf": LATER}),
    "nobody": signed(without("sub")),
    "no role": signed(without("role")),
    "unknown role": signed({**CLAIMS, "role": "king"}),
    "no partner": signed(without("partner")),
    "a coordinator of no partner": signed({**without("partner"), "role": "coordinator"}),
    "a coach of all": signed({**CLAIMS, "partner": "*"}),
    "no partner's name": signed({**CLAIMS, "partner": "spi,bbi"}),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_nobody(app, name):
    """Whatever is wrong with a token: 401, the same to the byte for all, and nothing of the token in it."""
    async with Client(app, "") as client:
        bad = BAD[name]
        client.headers.pop("Authorization")
        expected = await client.get("/cases/a")
        answer = await client.get("/cases/a", headers={} if bad is None else {"Authorization": f"Bearer {bad}"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.content == expected.content


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
async def test_only_bearers_are_known(app, scheme):
    """A good token under another scheme is no token."""
    async with Client(app, "") as client:
        answer = await client.get("/cases/a", headers={"Authorization": f"{scheme} {token()}"})

    assert answer.status_code == 401


async def test_a_good_token_is_somebody(app):
    """The same claims, whole and signed by our key, are let in: the table above tests one fault at a time."""
    async with Client(app, signed()) as client:
        assert (await client.get("/cases/a")).status_code == 404
