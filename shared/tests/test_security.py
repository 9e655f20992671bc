"""Tokens and tickets: who they stand for, for how long, and that one cannot pass for the other."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import KeySet, OKPKey
from lotse_shared.security import TICKET_LASTS, BadToken, Caller, check, check_ticket, issue, issue_ticket

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
        check(ticket(), KEYS, NOW)
    with pytest.raises(BadToken):
        check_ticket(token, KEYS, NOW)


@pytest.mark.parametrize("bad", [None, "", "a.b.c", ticket(key=OKPKey.generate_key("Ed25519", auto_kid=True))])
def test_a_forged_or_missing_ticket_lets_nobody_in(bad: str | None) -> None:
    """Only our own signature counts."""
    with pytest.raises(BadToken):
        check_ticket(bad, KEYS, NOW)


def test_a_role_of_one_partner_cannot_be_given_for_all() -> None:
    """A coach belongs to one partner; a ticket for the whole network is refused when it is made."""
    with pytest.raises(ValueError, match="--partner"):
        issue_ticket(KEY, ticket="one", name="lotse", role="coach", partner="*", now=NOW)
