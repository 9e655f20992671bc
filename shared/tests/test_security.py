"""Tokens and tickets: who they stand for, for how long, and that one cannot pass for the other."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import KeySet, OKPKey
from lotse_shared.security import TICKET_LASTS, BadToken, Caller, Gate, check_ticket, issue, issue_ticket

KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
KEYS = KeySet([KEY])
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FUNDER = Caller("lotse", "funder", "*")


def ticket(now: datetime = NOW, key: OKPKey = KEY) -> str:
    return issue_ticket(key, ticket="one", name="lotse", role="funder", partner="*", now=now)


def test_a_ticket_names_its_holder_and_itself() -> None:
    """Who opens the link is known by it, and its id can be remembered so that it is good once."""
    found = check_ticket(ticket(), KEYS, NOW)
    assert (found.id, found.caller) == ("one", FUNDER)


def test_a_ticket_is_good_for_ten_minutes() -> None:
    """A link that lay about is worth nothing."""
    assert check_ticket(ticket(), KEYS, NOW + TICKET_LASTS - timedelta(seconds=1)).caller == FUNDER
    with pytest.raises(BadToken):
        check_ticket(ticket(), KEYS, NOW + TICKET_LASTS + timedelta(seconds=1))


def test_ticket_and_token_cannot_stand_in_for_each_other() -> None:
    """A link seen over a shoulder opens no API, and a program's token opens no pages."""
    token = issue(KEY, name="lotse", role="funder", partner="*", now=NOW, lasts=timedelta(hours=1))
    with pytest.raises(BadToken):
        Gate(KEYS).caller(ticket(), NOW)
    with pytest.raises(BadToken):
        check_ticket(token, KEYS, NOW)


@pytest.mark.parametrize("bad", [None, "", "a.b.c", ticket(key=OKPKey.generate_key("Ed25519", auto_kid=True))])
def test_a_forged_or_missing_ticket_lets_nobody_in(bad: str | None) -> None:
    """Only our own signature counts."""
    with pytest.raises(BadToken):
        check_ticket(bad, KEYS, NOW)


def test_a_token_that_was_good_once_is_good_until_it_expires_and_no_longer() -> None:
    """What is remembered of a token is no longer worth anything than the token itself."""
    gate = Gate(KEYS)
    token = issue(KEY, name="lotse", role="funder", partner="*", now=NOW, lasts=timedelta(hours=1))
    assert gate.caller(token, NOW) == gate.caller(token, NOW + timedelta(minutes=59)) == FUNDER
    for later in (timedelta(hours=1), timedelta(days=1)):
        with pytest.raises(BadToken):
            gate.caller(token, NOW + later)


def test_a_token_like_one_that_was_good_is_not() -> None:
    """The whole token is what is remembered: with the same claims and another signature it is forged."""
    gate = Gate(KEYS)
    token = issue(KEY, name="lotse", role="funder", partner="*", now=NOW, lasts=timedelta(hours=1))
    gate.caller(token, NOW)
    head, claims, signature = token.split(".")
    with pytest.raises(BadToken):
        gate.caller(f"{head}.{claims}.{signature[::-1]}", NOW)


def test_a_role_of_one_partner_cannot_be_given_for_all() -> None:
    """A coach belongs to one partner; a ticket for the whole network is refused when it is made."""
    with pytest.raises(ValueError, match="--partner"):
        issue_ticket(KEY, ticket="one", name="lotse", role="coach", partner="*", now=NOW)
