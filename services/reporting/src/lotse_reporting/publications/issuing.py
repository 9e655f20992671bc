"""Issuing a release: count, choose what to hide, let the attacker try, write it down. Withheld where he succeeds."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lotse_shared.calendar import berlin_day, percent_of
from lotse_shared.messaging.tables import INSTANT
from lotse_shared.programme import Indicator
from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from lotse_reporting.disclosure.figures import Place, Release
from lotse_reporting.disclosure.gate import Issued, check
from lotse_reporting.disclosure.rules import Rules, rules_on
from lotse_reporting.disclosure.series import table_of
from lotse_reporting.disclosure.suppression import CannotHide, suppress
from lotse_reporting.publications.counting import count
from lotse_reporting.publications.nesting import nested
from lotse_reporting.report import By, Question, digest_of, figure, written
from lotse_reporting.store import snapshot, tables

publication = Table(
    "publication",
    tables.metadata,
    Column("id", Uuid, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("known", BigInteger, nullable=False),
    Column("published_at", INSTANT, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("truth", JSONB, nullable=False),
)
"""What was published, as it is public, and the true figures behind it, which no route shows. Written once."""

EXPLAINED: Final = {
    "de": "• steht für eine Zahl, hinter der weniger als drei Fälle stehen oder aus der sich eine solche errechnen"
    " ließe.",
    "en": "• stands for a number with fewer than three cases behind it, or from which such a one could be computed.",
}


class Withheld(Exception):  # noqa: N818 - what happened
    """A release that would give away how many one or two people are, whatever of it is hidden."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A release to be made: a settled question about a final report, and who publishes it when."""

    identity: UUID
    question: Question
    by: Sequence[By]
    who: str
    now: datetime


async def publish(engine: AsyncEngine, connection: AsyncConnection, asked: Asked) -> Mapping[str, Any]:
    """Publish a report and give its public document. The same report again is the release that there is.

    `connection` writes, in a transaction in which nobody else publishes for this operation.

    Raises:
        Withheld: it cannot be published; nothing is.
    """
    question = asked.question
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended('publication ' || :operation, 0))"),
        {"operation": question.operation},
    )
    earlier = await _issued(connection, question.operation)
    by = [one.value for one in asked.by]
    for one in earlier:
        about = (one.truth.as_of, one.truth.known, one.document["by"])
        if about == (question.as_of, question.known, by):
            return one.document
    figures = await _count(engine, asked)
    programme = question.edition.programme
    truth = Release(
        str(asked.identity),
        question.as_of,
        question.known or 0,
        {one.id: one.counts for one in programme.indicators if one.ratio is None},
        figures,
        nested(programme.indicators),
    )
    issued = await asyncio.to_thread(_choose, earlier, truth, asked)
    await connection.execute(
        publication.insert(),
        {
            "id": asked.identity,
            "operation": question.operation,
            "number": issued.document["number"],
            "as_of": question.as_of,
            "known": question.known,
            "published_at": asked.now,
            "published_by": asked.who,
            "document": issued.document,
            "truth": issued.truth.content(),
        },
    )
    return issued.document


async def _count(engine: AsyncEngine, asked: Asked) -> Mapping[Place, Any]:
    async with snapshot(engine) as reading:
        return await count(reading, asked.question, asked.by)


async def _issued(connection: AsyncConnection, operation: str) -> list[Issued]:
    found = await connection.execute(
        text("select document, truth from publication where operation = :operation order by number"),
        {"operation": operation},
    )
    return [Issued(row.document, Release.read(row.truth)) for row in found]


def _choose(earlier: Sequence[Issued], truth: Release, asked: Asked) -> Issued:
    """The release with as little hidden as the gate lets through: the chosen cells, or all that are not zero."""
    rules = rules_on(berlin_day(asked.now))
    for hidden in (_suppressed(earlier, truth, rules), _everything(truth, rules)):
        if hidden is None:
            continue
        release = replace(truth, hidden=hidden)
        issued = Issued(document_of(release, asked, len(earlier) + 1, rules), release)
        if not check([*earlier, issued], rules):
            return issued
    raise Withheld("with what was published before, this release would let somebody compute a number of one or two")


def _suppressed(earlier: Sequence[Issued], truth: Release, rules: Rules) -> frozenset[Place] | None:
    try:
        names = suppress(table_of([one.truth for one in earlier], truth, rules))
    except CannotHide:
        return None
    return frozenset((indicator, by, part) for _, indicator, by, part in names)


def _everything(truth: Release, rules: Rules) -> frozenset[Place]:
    return frozenset(
        place for place, one in truth.figures.items() if one.value and truth.counts[place[0]] not in rules.of_nobody
    )


def document_of(release: Release, asked: Asked, number: int, rules: Rules) -> Mapping[str, Any]:
    """A release as everybody sees it: a hidden number is null, and `suppressed` says so."""
    question, programme = asked.question, asked.question.edition.programme
    content = {
        "id": release.id,
        "number": number,
        "operation": question.operation,
        "programme": programme.programme,
        "title": programme.title.model_dump() if programme.title else None,
        "funder": programme.funder,
        "source": programme.source,
        "partners": dict(programme.partners),
        "period": {"from": programme.period.first.isoformat(), "until": programme.period.last.isoformat()},
        "as_of": release.as_of.isoformat(),
        "known_at": written(question.known),
        "edition": question.edition.name,
        "published_on": berlin_day(asked.now).isoformat(),
        "by": [one.value for one in asked.by],
        "indicators": [_row(release, one, asked.by) for one in programme.indicators],
        "disclosure": {
            "rules_from": rules.first_day.isoformat(),
            "fewest_cases": rules.fewest_cases,
            "suppressed": len(release.hidden),
            "sign": "•",
            "explanation": EXPLAINED,
        },
    }
    return {**content, "digest": digest_of(content)}


def _row(release: Release, indicator: Indicator, by: Sequence[By]) -> dict[str, Any]:
    head = {
        "id": indicator.id,
        "title": {"de": indicator.title.de, "en": indicator.title.en},
        "counts": indicator.counts.value,
        "target": indicator.target,
    }
    if indicator.ratio is not None:
        return {**head, **_ratio(release, indicator), "ratio": {"of": indicator.ratio.of, "to": indicator.ratio.to}}
    whole = (indicator.id, "", "")
    percent = None
    if indicator.target is not None and whole not in release.hidden:
        percent = percent_of(Decimal(release.figures[whole].value), indicator.target)
    return {
        **head,
        **_shown(release, whole),
        "percent": percent,
        "breakdown": {
            one.value: [
                {"part": place[2], **_shown(release, place)}
                for place in sorted(release.broken_down().get((indicator.id, one.value), ()))
            ]
            for one in by
        },
    }


def _shown(release: Release, place: Place) -> dict[str, Any]:
    hidden = place in release.hidden
    value = release.figures[place].value
    return {"result": None if hidden else value if isinstance(value, int) else str(value), "suppressed": hidden}


def _ratio(release: Release, indicator: Indicator) -> dict[str, Any]:
    """A ratio tells nothing that its two figures do not tell; it is shown where both are."""
    ratio = indicator.ratio
    if ratio is None:
        raise ValueError("no ratio")
    of, to = (ratio.of, "", ""), (ratio.to, "", "")
    rests_on = {(one, "", ""): number for one, number in (ratio.only_if or {}).items()}
    if {of, to, *rests_on} & release.hidden:
        return {"result": None, "suppressed": True, "percent": None}
    if any(release.figures[one].value != number for one, number in rests_on.items()):
        return {"result": None, "suppressed": False, "percent": None}
    found = ratio.figure(Decimal(release.figures[of].value), Decimal(release.figures[to].value), indicator.counts)
    percent = percent_of(found or Decimal(0), indicator.target) if indicator.target is not None else None
    return {"result": figure(indicator.counts, found or Decimal(0)), "suppressed": False, "percent": percent}


async def read_documents(connection: AsyncConnection, operation: str) -> list[Mapping[str, Any]]:
    """All that was published about an operation, the first release first."""
    found = await connection.execute(
        text("select document from publication where operation = :operation order by number"), {"operation": operation}
    )
    return [row.document for row in found]


async def read_operations(connection: AsyncConnection) -> list[Mapping[str, Any]]:
    """The operations about which something was published: {id, title, releases}."""
    found = await connection.execute(
        text("""
            select operation as id, (array_agg(document -> 'title' order by number desc))[1] as title,
                count(*) as releases
            from publication group by operation order by operation""")
    )
    return [dict(row._mapping) for row in found]  # noqa: SLF001 - a row as a mapping, the public way to get one
