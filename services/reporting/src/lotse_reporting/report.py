"""Reports as sums over the ledger: any day, as known at any moment; and what stands behind each figure.

Everything here reads. One call of `snapshot` gives one view of watermark, open list and entries; all functions take
the connection it yields.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

import msgspec
import rfc8785
from lotse_shared.calendar import berlin_day, percent_of
from lotse_shared.deciding import EVERYBODY
from lotse_shared.messaging import clock
from lotse_shared.programme import Counts, Indicator, Programme
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lotse_reporting.positions import complete_up_to
from lotse_reporting.store import snapshot


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """A report, its digest and its state, as the HTTP interface gives them.

    `report`: operation, programme, edition, period {from, until}, as_of, known_at (None when live), indicators
    [{id, title {de, en}, counts, target, result, percent}]. `digest`: SHA-256 of its RFC 8785 form. `state`: final,
    complete_up_to, heard_from {publisher: instant}, open [{kind, number, type, reason}]. `source` is the source line
    to print under the table, `partners` the printed names by slug.
    """

    report: Mapping[str, Any]
    digest: str
    state: Mapping[str, Any]
    source: str
    partners: Mapping[str, str]

    def content(self) -> dict[str, Any]:
        """As JSON: `{"report", "digest", "state"}`."""
        return {"report": self.report, "digest": self.digest, "state": self.state}


@dataclass(frozen=True, slots=True)
class EntriesAnswer:
    """A page of the entries behind one figure, in the order of their effective dates.

    Each of `entries`: {unit, partner, site, effective, quantity, known_from, known_until, events [ids]}; quantities
    are written like results. `sum` is the figure of all pages; `next` the cursor of the next page, or None.
    """

    indicator: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]
    sum: str | int
    next: str | None


class NoReport(Exception):  # noqa: N818 - what there is
    """No definitions were in force at that moment, or none of that name: there is no report, and that is not zero."""


class NotYet(ValueError):  # noqa: N818 - what is the matter with the day
    """A report as of a day that has not come in the operation."""


def milliseconds(instant: datetime) -> int:
    """An instant as knowledge times are kept: whole milliseconds since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def written(known: int | None) -> str | None:
    """A knowledge time as it is shown: an instant in UTC."""
    if known is None:
        return None
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=known)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class _Edition:
    number: int
    name: str
    programme: Programme
    live: bool

    def indicator(self, name: str) -> tuple[Indicator, int]:
        for number, one in enumerate(self.programme.indicators):
            if one.id == name:
                return one, number
        raise NoReport(f"no indicator {name} is in force at that moment")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Both clocks of a question, settled."""

    as_of: date
    known: int | None
    edition: _Edition


_HOLDS: Final = """build = :build and effective <= :as_of and (
    case when cast(:known as bigint) is null then known_until is null
    else known_from <= :known and (known_until is null or known_until > :known) end)"""


async def list_operations(connection: AsyncConnection, partner: str) -> list[dict[str, Any]]:
    """The operations a partner may see (EVERYBODY: all): {id, title, source, programme, first_day, last_day, partners}.

    `title` and `source` (who answers for the figures) are those of the latest programme file, None where there is none.
    """
    found = await connection.execute(
        text("""
            with seen as (
                select id, programme, first_day, last_day, partners from operation
                where :partner = :everybody or :partner = any(partners)
                union
                select distinct operation, definition ->> 'programme', null::date, null::date, '{}'::text[] from build
                where :partner = :everybody and operation not in (select id from operation)
            )
            select seen.*, latest.definition -> 'title' as title, latest.definition ->> 'source' as source
            from seen left join lateral (
                select definition from build where operation = seen.id
                order by known_from desc, number desc limit 1
            ) latest on true
            order by id"""),
        {"partner": partner, "everybody": EVERYBODY},
    )
    return [
        {
            "id": row.id,
            "title": row.title,
            "source": row.source,
            "programme": row.programme,
            "first_day": row.first_day.isoformat() if row.first_day else None,
            "last_day": row.last_day.isoformat() if row.last_day else None,
            "partners": row.partners,
        }
        for row in found
    ]


async def read_report(
    connection: AsyncConnection, operation: str, *, as_of: date | None, known_at: datetime | None, now: datetime
) -> ReportAnswer:
    """The report of an operation as of a day (default: the operation's today), as known at a moment (None: live).

    Raises:
        NoReport: nothing was in force at that moment: says so, never zeros.
        NotYet: `as_of` lies after the operation's today.
    """
    asked = await _settle(connection, operation, as_of, known_at, now)
    programme = asked.edition.programme
    found = await connection.execute(
        text(f"select indicator, sum(quantity) as total from entry where {_HOLDS} group by indicator"),  # noqa: S608 - a constant
        {"build": asked.edition.number, "as_of": asked.as_of, "known": asked.known},
    )
    totals = {row.indicator: row.total for row in found}
    report = {
        "operation": operation,
        "programme": programme.programme,
        "edition": asked.edition.name,
        "period": {"from": programme.period.first.isoformat(), "until": programme.period.last.isoformat()},
        "as_of": asked.as_of.isoformat(),
        "known_at": written(asked.known),
        "indicators": [_row(one, totals) for one in programme.indicators],
    }
    return ReportAnswer(
        report,
        hashlib.sha256(rfc8785.dumps(report)).hexdigest(),
        await _state(connection, operation, asked),
        programme.source,
        dict(programme.partners),
    )


async def read_entries(
    connection: AsyncConnection,
    operation: str,
    indicator: str,
    *,
    as_of: date | None,
    known_at: datetime | None,
    now: datetime,
    partner: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> EntriesAnswer:
    """The entries behind one figure, of one partner alone where it is named.

    Raises:
        NoReport, NotYet: as `read_report`; NoReport also where the indicator is not in force.
        ValueError: the cursor is none of ours.
    """
    asked = await _settle(connection, operation, as_of, known_at, now)
    definition, _ = asked.edition.indicator(indicator)
    after, identity = _cursor(cursor)
    values = {
        "build": asked.edition.number,
        "as_of": asked.as_of,
        "known": asked.known,
        "indicator": indicator,
        "partner": partner,
    }
    mine = f"{_HOLDS} and indicator = :indicator and (cast(:partner as text) is null or partner = :partner)"
    found = await connection.execute(
        text(f"""
            select id, unit, partner, site, effective, quantity, known_from, known_until, event_ids
            from entry where {mine} and (effective, id) > (:after, :identity)
            order by effective, id limit :limit"""),  # noqa: S608 - constants
        {**values, "after": after, "identity": identity, "limit": limit + 1},
    )
    rows = found.all()
    total = await connection.execute(text(f"select sum(quantity) as total from entry where {mine}"), values)  # noqa: S608 - constants
    last = rows[limit - 1] if len(rows) > limit else None
    return EntriesAnswer(
        indicator=definition.model_dump(mode="json", by_alias=True, exclude_none=True),
        entries=[
            {
                "unit": row.unit,
                "partner": row.partner,
                "site": row.site,
                "effective": row.effective.isoformat(),
                "quantity": figure(definition.counts, row.quantity),
                "known_from": written(row.known_from),
                "known_until": written(row.known_until),
                "events": [str(one) for one in row.event_ids],
            }
            for row in rows[:limit]
        ],
        sum=figure(definition.counts, total.scalar_one() or Decimal(0)),
        next=f"{last.effective.isoformat()}|{last.id}" if last else None,
    )


async def read_event(connection: AsyncConnection, identity: str) -> dict[str, Any] | None:
    """An event as heard, or None.

    {id, source, type, subject, operation, partner, time, sequence, correlation, causation, topic, partition, offset,
    known, data}.
    """
    try:
        wanted = UUID(identity)
    except ValueError:
        return None
    found = await connection.execute(text("select * from journal where id = :id"), {"id": wanted})
    row = found.first()
    if row is None:
        return None
    return {
        "id": str(row.id),
        "source": row.source,
        "type": row.type,
        "subject": row.subject,
        "operation": row.operation,
        "partner": row.partner,
        "time": row.time.isoformat().replace("+00:00", "Z"),
        "sequence": row.sequence,
        "correlation": row.correlation,
        "causation": row.causation,
        "topic": row.topic_id,
        "partition": row.partition,
        "offset": row.kafka_offset,
        "known": written(row.known),
        "data": _data(row.value),
    }


def _data(value: bytes) -> Any:  # noqa: ANN401 - whatever somebody told
    """What an event says; a type unknown here may say something that is no JSON, which is then shown as it came."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value.decode("utf-8", "backslashreplace")


def figure(counts: Counts, quantity: Decimal) -> int | str:
    """A number as reports write it: euros and hours as decimal strings with two places, all else as integers."""
    if counts in (Counts.EUROS, Counts.HOURS):
        return str(quantity.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return int(quantity)


def _row(indicator: Indicator, totals: Mapping[str, Decimal]) -> dict[str, Any]:
    if indicator.ratio is not None:
        of, to = (totals.get(one, Decimal(0)) for one in (indicator.ratio.of, indicator.ratio.to))
        total = Decimal(percent_of(of, to) or 0)
    else:
        total = totals.get(indicator.id, Decimal(0))
    return {
        "id": indicator.id,
        "title": {"de": indicator.title.de, "en": indicator.title.en},
        "counts": indicator.counts.value,
        "target": indicator.target,
        "result": figure(indicator.counts, total),
        "percent": percent_of(total, indicator.target) if indicator.target is not None else None,
    }


async def _settle(
    connection: AsyncConnection, operation: str, as_of: date | None, known_at: datetime | None, now: datetime
) -> _Asked:
    times = await clock.read(connection, [operation], now)
    today = berlin_day(times[operation])
    if as_of is not None and as_of > today:
        raise NotYet(f"{as_of.isoformat()} has not come in this operation: it is {today.isoformat()} there")
    known = milliseconds(known_at) if known_at is not None else None
    return _Asked(as_of or today, known, await _edition(connection, operation, known))


async def _edition(connection: AsyncConnection, operation: str, known: int | None) -> _Edition:
    """The edition in force at a moment; as long as it is still being computed, the one before it."""
    found = await connection.execute(
        text("""
            select number, edition, definition, known_until from build
            where operation = :operation and state = 'live'
            and (cast(:known as bigint) is null or known_from <= :known)
            order by known_from desc, number desc limit 1"""),
        {"operation": operation, "known": known},
    )
    row = found.first()
    if row is None:
        raise NoReport("no programme file was in force at that moment: apply one, or ask about a later moment")
    in_force = known is not None and (row.known_until is None or known < row.known_until)
    return _Edition(row.number, row.edition, Programme.model_validate(row.definition), in_force)


async def _state(connection: AsyncConnection, operation: str, asked: _Asked) -> dict[str, Any]:
    complete = await complete_up_to(connection)
    heard = await connection.execute(text("select publisher, sent_up_to from heard_from order by publisher"))
    stands_open = await _open(connection, operation, asked)
    final = asked.known is not None and asked.known < complete and not stands_open
    return {
        "final": final,
        "complete_up_to": written(complete) if complete else None,
        "heard_from": {row.publisher: row.sent_up_to.isoformat().replace("+00:00", "Z") for row in heard},
        "open": stands_open,
    }


_MOST_SHOWN: Final = 100


async def _open(connection: AsyncConnection, operation: str, asked: _Asked) -> list[dict[str, Any]]:
    """What keeps the answer from being final: facts that wait, dead letters, an edition that is not computed yet."""
    values = {"operation": operation, "known": asked.known, "most": _MOST_SHOWN}
    letters = await connection.execute(
        text("""
            select kind, number, type, reason from dead_letter
            where state = 'open' and (operation is null or operation = :operation
                or not exists (select from unit where unit.operation = dead_letter.operation))
            and (cast(:known as bigint) is null or appended <= :known)
            order by number limit :most"""),
        values,
    )
    found = [{"kind": row.kind, "number": row.number, "type": row.type, "reason": row.reason} for row in letters]
    waiting = await connection.execute(
        text("""
            select type, count(*) as facts from journal
            where state = 'waiting' and operation = :operation and (cast(:known as bigint) is null or known <= :known)
            group by type order by type"""),
        values,
    )
    found += [
        {"kind": "waiting", "number": None, "type": row.type, "reason": f"facts that wait to be applied: {row.facts}"}
        for row in waiting
    ]
    building = await connection.execute(
        text("""
            select number from build
            where operation = :operation and state = 'building' and replaces is null
            and (cast(:known as bigint) is null or known_from <= :known)
            and (known_until is null or :known < known_until)"""),
        values,
    )
    found += [
        {
            "kind": "edition",
            "number": row.number,
            "type": "programme-applied.v1",
            "reason": "the definitions in force at that moment are still being computed",
        }
        for row in building
    ]
    return found


def _cursor(cursor: str | None) -> tuple[date, UUID]:
    if cursor is None:
        return date.min, UUID(int=0)
    day, _, identity = cursor.partition("|")
    return date.fromisoformat(day), UUID(identity)


__all__ = [
    "EntriesAnswer",
    "NoReport",
    "NotYet",
    "ReportAnswer",
    "list_operations",
    "read_entries",
    "read_event",
    "read_report",
    "snapshot",
]
