"""What is asked of the ledger: both clocks settled, and the edition that answers.

Everything in this folder reads. One call of `snapshot` gives one view of watermark, open list, rollups and entries; all
functions take the connection it yields.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lotse_shared.calendar import berlin_day
from lotse_shared.messaging import clock
from lotse_shared.programme import Indicator, Programme
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class NoReport(Exception):  # noqa: N818 - what there is
    """No definitions were in force at that moment, or none of that name: there is no report, and that is not zero."""

    def __init__(self, reason: str, *, way_out: str) -> None:
        super().__init__(reason)
        self.way_out = way_out


class NotYet(ValueError):  # noqa: N818 - what is the matter with the day
    """A report as of a day that has not come in the operation."""


def milliseconds(instant: datetime) -> int:
    """An instant as knowledge times are kept: whole milliseconds since 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def instant(known: int) -> datetime:
    """A knowledge time (milliseconds) as an instant in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=known)


def written(known: int | None) -> str | None:
    """A knowledge time as it is shown: an instant in UTC."""
    if known is None:
        return None
    return instant(known).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Edition:
    """The definitions a question is answered by, and the number of their build."""

    build: int
    name: str
    programme: Programme

    def indicator(self, name: str) -> Indicator:
        """A definition by its id.

        Raises:
            NoReport: none of that name is in force.
        """
        for one in self.programme.indicators:
            if one.id == name:
                return one
        raise NoReport(
            f"no indicator {name} is in force at that moment.", way_out="Look at the indicators of the report."
        )


@dataclass(frozen=True, slots=True)
class Question:
    """Both clocks of a question, settled: effects up to `as_of`, as known at `known` (milliseconds; None: live).

    `today` is the operation's own day: effects after it are expected, never results.
    """

    operation: str
    as_of: date
    known: int | None
    today: date
    edition: Edition


async def settle(
    connection: AsyncConnection, operation: str, *, as_of: date | None, known_at: datetime | None, now: datetime
) -> Question:
    """Settle a question about an operation: as of a day (default: its today), as known at a moment (None: live).

    Raises:
        NoReport: nothing was in force at that moment: says so, never zeros.
        NotYet: `as_of` lies after the operation's today.
    """
    times = await clock.read(connection, [operation], now)
    today = berlin_day(times[operation])
    if as_of is not None and as_of > today:
        raise NotYet(f"{as_of.isoformat()} has not come in this operation: it is {today.isoformat()} there")
    known = milliseconds(known_at) if known_at is not None else None
    return Question(operation, as_of or today, known, today, await _edition(connection, operation, known))


async def _edition(connection: AsyncConnection, operation: str, known: int | None) -> Edition:
    """The edition in force at a moment; as long as it is still being computed, the one before it."""
    found = await connection.execute(
        text("""
            select number, edition, definition from build
            where operation = :operation and state = 'live'
            and (cast(:known as bigint) is null or known_from <= :known)
            order by known_from desc, number desc limit 1"""),
        {"operation": operation, "known": known},
    )
    row = found.first()
    if row is None:
        raise NoReport(
            "no programme file was in force at that moment.",
            way_out="Ask about a later moment, or apply a programme file.",
        )
    return Edition(row.number, row.edition, Programme.model_validate(row.definition))
