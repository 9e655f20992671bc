"""Days as German law counts them: periods, ages, rounding (BGB 187 to 188, SGB III 338; rules C-1 to C-9)."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")


def add_months(day: date, months: int) -> tuple[date, bool]:
    """The day of the same number some months later, and whether the month was too short for it (C-3)."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(day.day, last)), day.day > last


def months_after_event(day: date, months: int) -> date:
    """End of a period that an event begins: its own day is not counted (BGB 187(1), 188(2); C-1)."""
    return add_months(day, months)[0]


def period_end(first_day: date, months: int) -> date:
    """Last day of a period that begins with a day (BGB 187(2), 188(2), (3); C-2). Always from the original start."""
    end, clipped = add_months(first_day, months)
    return end if clipped else end - timedelta(days=1)


def age_on(born: date, day: date) -> int:
    """Completed years on a day; a year is completed at the start of the birthday, of 29 February on 1 March (C-9)."""
    birthday = (born.month, born.day)
    return day.year - born.year - ((day.month, day.day) < birthday)


def percent_of(result: int | Decimal, target: int | Decimal) -> int | None:
    """Percent of a target, rounded half up to an integer; None where the target is zero (C-8)."""
    if target == 0:
        return None
    return int((Decimal(100) * result / target).quantize(Decimal(1), ROUND_HALF_UP))


def cents(amount: Decimal) -> Decimal:
    """Euros with two decimals, the last one rounded half up (SGB III 338; C-6)."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def berlin_day(instant: datetime) -> date:
    """The date in Germany at an instant."""
    return instant.astimezone(BERLIN).date()


def end_of_day(day: date) -> datetime:
    """The last millisecond of a day in Germany, as an instant: what a date means as known-at (Q-20)."""
    begins = datetime.combine(day + timedelta(days=1), time(), BERLIN)
    return begins.astimezone(UTC) - timedelta(milliseconds=1)
