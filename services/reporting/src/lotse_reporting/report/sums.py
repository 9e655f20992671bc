"""Sums over the ledger: what every figure is."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.question import Question

HOLDS: Final = """build = :build and effective <= :as_of and (
    case when cast(:known as bigint) is null then known_until is null
    else known_from <= :known and (known_until is null or known_until > :known) end)"""
"""Which entries count in a question with these `build`, `as_of` and `known`."""


async def totals(connection: AsyncConnection, question: Question) -> Mapping[str, Decimal]:
    """The sum of each indicator that has any entries."""
    found = await connection.execute(
        text(f"select indicator, sum(quantity) as total from entry where {HOLDS} group by indicator"),  # noqa: S608 - a constant
        {"build": question.edition.build, "as_of": question.as_of, "known": question.known},
    )
    return {row.indicator: row.total for row in found}
