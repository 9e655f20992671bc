"""Matching's tables: the plumbing's, and the register of Betriebsnummern."""

import hashlib

from lotse_shared.deciding import Command, Known
from lotse_shared.messaging.tables import Tables
from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_matching.domain.employers import RegisterEmployer

tables = Tables("matching")

employer_number = Table(
    "employer_number",
    tables.metadata,
    Column("operation", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("employer", Text, nullable=False),
    PrimaryKeyConstraint("operation", "digest"),
)


async def know_by_number(connection: AsyncConnection, employer: str, body: Command) -> None:
    """With a registration: the same Betriebsnummer in the same operation is the same employer.

    The number is only ever compared, so its digest is kept; it goes no further. Of two at once the second one waits
    for the first, and is answered with its id.

    Raises:
        Known: this employer is registered already.
    """
    if not isinstance(body, RegisterEmployer) or body.betriebsnummer is None:
        return
    number = {
        "operation": body.operation,
        "digest": hashlib.sha256(f"{body.operation}\x1f{body.betriebsnummer}".encode()).digest(),
    }
    taken = await connection.execute(
        text("""
            insert into employer_number (operation, digest, employer) values (:operation, :digest, :employer)
            on conflict do nothing returning employer"""),
        {**number, "employer": employer},
    )
    if taken.first() is None:
        known = await connection.execute(
            text("select employer from employer_number where operation = :operation and digest = :digest"), number
        )
        raise Known(str(known.scalar_one()))
