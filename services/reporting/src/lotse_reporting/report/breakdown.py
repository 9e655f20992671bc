"""A report in parts: by gender, partner, site or quarter. The parts of a figure add up to it, as they are written."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.report.numbers import digest_of, figure, rounded, step
from lotse_reporting.report.question import Question
from lotse_reporting.report.sums import By, parts


async def read_breakdown(
    connection: AsyncConnection, question: Question, by: By, own: str | None = None
) -> Mapping[str, Any]:
    """{by, parts [{part, results {indicator: result}}], digest}; ratios, whose parts do not add up, are absent.

    `part` is null for what has none. `own`: the partner who asks; it sees its own parts and the rest as one. `digest`:
    SHA-256 of the RFC 8785 form of the rest.
    """
    found = await parts(connection, question, by, own)
    results: list[dict[str, int | str]] = [{} for _ in found]
    for one in question.edition.programme.indicators:
        if one.ratio is None:
            written = apportioned([sums.get(one.id, Decimal(0)) for sums in found.values()], step(one.counts))
            for place, quantity in zip(results, written, strict=True):
                place[one.id] = figure(one.counts, quantity)
    content = {
        "by": by.value,
        "parts": [{"part": part, "results": place} for part, place in zip(found, results, strict=True)],
    }
    return {**content, "digest": digest_of(content)}


def apportioned(quantities: Sequence[Decimal], smallest: Decimal) -> list[Decimal]:
    """Quantities in whole steps that add up to what their sum is rounded to (largest remainders first).

    Hours are kept to the millionth and written to the hundredth: three times a third of an hour is 1.00, not 0.99.
    """
    floors = [(one / smallest).to_integral_value(ROUND_FLOOR) for one in quantities]
    lacking = int(rounded(sum(quantities, Decimal(0)), smallest) / smallest - sum(floors, Decimal(0)))
    by_remainder = sorted(range(len(floors)), key=lambda at: floors[at] - quantities[at] / smallest)
    for at in by_remainder[:lacking]:
        floors[at] += 1
    return [one * smallest for one in floors]
