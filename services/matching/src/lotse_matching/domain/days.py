"""Days in order: what every decision asks of the dates it is given."""

from datetime import date

from lotse_shared.deciding import Now, Refused


def not_in_future(day: date, now: Now, field: str) -> None:
    """Refuse facts that have not happened yet on the operation's calendar."""
    if day > now.today:
        raise Refused(
            f"{day} is after today, {now.today}, in this operation",
            field=field,
            way_out="Send it when it has happened.",
        )


def not_before(day: date, earliest: date | None, what: str, field: str) -> None:
    """Refuse dates out of order."""
    if earliest is not None and day < earliest:
        raise Refused(f"{day} is before {what} on {earliest}", field=field, way_out="Check the date.")
