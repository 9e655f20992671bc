"""The money of MEHRLiN. What was granted in all is split over sources and years here: the split is invented."""

from datetime import date
from typing import Final

from lotse_local.play.diary import Diary
from lotse_local.play.mehrlin import figures
from lotse_local.play.mehrlin.lives import COORDINATOR

YEARS: Final = (2012, 2013, 2014)
YEARLY: Final = {"esf": "400000.00", "federal": "166000.00", "municipal": "100000.00"}
"""By source, what each year has: 666,000 euros, and 2,000 more of the federal ministry in the first."""
MORE: Final = ("federal", "2000.00")
HALF_YEARLY: Final = {"esf": "90000.00", "federal": "40000.00", "municipal": "25000.00"}
"""By source, what is paid on the last days of March and September."""


def booked(diary: Diary) -> None:
    """Approve 2,000,000 euros at the beginning; pay twice a year."""
    budgets = [(year, source, amount) for year in YEARS for source, amount in YEARLY.items()]
    for year, source, amount in (*budgets, (2011, *MORE)):
        body = {"year": year, "cost_type": "staff", "money_source": source, "amount": amount}
        _write(
            diary,
            f"budget-{source}-{year}",
            "approve-budget",
            figures.FIRST_DAY,
            {**body, "approved_on": figures.FIRST_DAY},
        )
    for day in (date(year, month, number) for year in YEARS for month, number in ((3, 30), (9, 28))):
        for source, amount in HALF_YEARLY.items():
            body = {"cost_type": "staff", "money_source": source, "amount": amount, "paid_on": day}
            _write(diary, f"payment-{source}-{day}", "make-payment", day, body)


def _write(diary: Diary, name: str, command: str, day: date, body: dict[str, object]) -> None:
    diary.write(name, day, COORDINATOR, "intake", command, diary.operation, body)
