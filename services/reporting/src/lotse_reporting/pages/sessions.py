"""Who is signed in to the pages: a ticket becomes a session, once; a session ends by itself or by signing out."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from lotse_shared.security import Caller, Ticket
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

LASTS: Final = timedelta(hours=8)
"""A working day."""


async def begin(connection: AsyncConnection, ticket: Ticket, now: datetime) -> str | None:
    """A new session for the holder of a ticket; None where the ticket was used before.

    The token is given out once and kept nowhere: the table holds its hash.
    """
    token = secrets.token_urlsafe(32)
    await connection.execute(text("delete from page_session where expires_at < :now"), {"now": now - LASTS})
    made = await connection.execute(
        text("""
            insert into page_session (token_hash, ticket, name, role, partner, expires_at)
            values (:token_hash, :ticket, :name, :role, :partner, :expires_at)
            on conflict (ticket) do nothing"""),
        {
            "token_hash": _hash(token),
            "ticket": ticket.id,
            "name": ticket.caller.name,
            "role": ticket.caller.role,
            "partner": ticket.caller.partner,
            "expires_at": now + LASTS,
        },
    )
    return token if made.rowcount else None


async def find(connection: AsyncConnection, token: str, now: datetime) -> Caller | None:
    """Whose session this is, while it lasts."""
    found = await connection.execute(
        text("select name, role, partner from page_session where token_hash = :hash and expires_at > :now"),
        {"hash": _hash(token), "now": now},
    )
    row = found.first()
    return Caller(row.name, row.role, row.partner) if row else None


async def end(connection: AsyncConnection, token: str, now: datetime) -> None:
    """Sign out. The row stays a while, so that the ticket it came from stays used."""
    await connection.execute(
        text("update page_session set expires_at = :now where token_hash = :hash and expires_at > :now"),
        {"hash": _hash(token), "now": now},
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
