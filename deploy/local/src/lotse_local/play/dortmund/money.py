"""The money of the play: budgets, commitments and payments by source, and premiums for enterprises that hire.

Passiv-Aktiv-Transfer and saved housing costs pay for work under SGB II 16i. They are sources of commitments, never
income of the project.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from lotse_shared.calendar import add_months

from lotse_local.play.diary import Diary
from lotse_local.play.steps import Fact, Who

D = date.fromisoformat

STEERING: Final = Who("coordinator")

BUDGETS: Final = (
    ("staff", D("2017-07-03"), "600000.00"),
    ("staff", D("2018-01-10"), "1700000.00"),
    ("premium", D("2018-01-10"), "200000.00"),
    ("staff", D("2019-01-10"), "2000000.00"),
    ("premium", D("2019-01-10"), "300000.00"),
    ("material", D("2019-01-10"), "650000.00"),
)
"""Of the Land, by purpose, for the year in which they were approved."""
MORE_MATERIAL: Final = (D("2019-02-11"), "700000.00")
"""What the last one was changed to: 5,500,000 euros in all."""
PROMISED: Final = (
    ("land", D("2017-08-01"), "500000.00"),
    ("land", D("2018-01-15"), "1600000.00"),
    ("land", D("2019-01-15"), "1800000.00"),
    ("municipal", D("2018-01-15"), "240000.00"),
)
PAID: Final = (
    *(("land", "staff", D(day), "250000.00") for day in ("2017-09-29", "2017-12-29")),
    *(("land", "staff", D(day), "400000.00") for day in ("2018-03-29", "2018-06-29", "2018-09-28", "2018-12-28")),
    *(("land", "staff", D(day), "450000.00") for day in ("2019-03-29", "2019-06-28", "2019-09-27", "2019-12-20")),
    *(("municipal", "staff", D(day), "60000.00") for day in ("2018-06-29", "2018-12-28", "2019-06-28", "2019-12-20")),
    ("land", "material", D("2018-10-15"), "80000.00"),
)
CAME_BACK: Final = (D("2019-04-15"), "5000.00")
"""Of the last one."""
PAID_TWICE: Final = (D("2018-12-28"), D("2019-04-10"))
"""When a payment of the city was entered a second time, and when that was taken back."""

PAT: Final = (500, 600, 700)
"""Euros a month until 2022: one adult; one adult with a child; all others. Taken in turns."""
MONTHS: Final = 24
PREMIUM: Final = "3000.00"
RELEASED_ON: Final = D("2019-09-16")
PAT_PAID: Final = (D("2019-06-28"), 4)
SAVED: Final = (
    (D("2019-03-15"), 22),
    (D("2019-06-14"), 8),
    (D("2019-09-13"), 6),
    (D("2019-12-13"), 3),
)
"""When the city promised the housing costs that it saves, and for how many cases of SGB II 16i."""
SAVED_A_MONTH: Final = 150
SAVED_PAID: Final = ((D("2019-06-28"), 22 * 4), (D("2019-09-27"), 30 * 3))
"""When, and for how many months of how many cases."""


@dataclass(slots=True)
class Money:
    """Writes the operation's money into the diary. Ids of promises and payments come from the seed."""

    diary: Diary
    rng: Random

    def granted_and_spent(self) -> None:
        """What the Land granted, and what it and the city promised and paid."""
        body: dict[str, Any] = {}
        for number, (purpose, day, amount) in enumerate(BUDGETS):
            body = {
                "year": day.year,
                "cost_type": purpose,
                "money_source": "land",
                "amount": amount,
                "approved_on": day,
            }
            self._write(f"budget-{number}", day, "approve-budget", body)
        day, amount = MORE_MATERIAL
        before = Fact(f"budget-{len(BUDGETS) - 1}", "budget-approved.v1")
        changed = {**body, "amount": amount, "approved_on": day, "supersedes": before}
        self._write("budget-more", day, "approve-budget", changed)
        for source, day, amount in PROMISED:
            self._promise(source, "staff", day, amount)
        for source, purpose, day, amount in PAID:
            payment = self._pay(source, purpose, day, amount)
        came_on, much = CAME_BACK
        body = {"payment": payment, "money_source": "land", "amount": much, "returned_on": came_on}
        self._write("came-back", came_on, "return-payment", body)

    def paid_twice(self) -> None:
        """A payment is entered a second time, and taken back when the year is closed."""
        day, taken_back_on = PAID_TWICE
        self._pay("municipal", "staff", day, "60000.00", again="-again")
        body = {"retracts": Fact(f"paid-municipal-staff-{day}-again", "payment-made.v1"), "reason": "duplicate"}
        self._write("paid-twice/taken-back", taken_back_on, "retract-operation-fact", body)

    def transfer(self, cases: Sequence[tuple[str, date]], lost: str) -> None:
        """Passiv-Aktiv-Transfer: each case of SGB II 16i is promised 24 months; four of them are paid in June 2019.

        What is left of the promise for the job that is `lost` is released.
        """
        paid_on, months = PAT_PAID
        for number, (name, starts_on) in enumerate(cases):
            monthly = PAT[number % len(PAT)]
            promise = self._promise("pat", "wage-subsidy", starts_on, f"{monthly * MONTHS}.00", f"-{number:02d}")
            self._pay("pat", "wage-subsidy", paid_on, f"{monthly * months}.00", f"-{number:02d}", promise)
            if name == lost:
                left = f"{monthly * (MONTHS - months)}.00"
                body = {"commitment": promise, "money_source": "pat", "amount": left, "released_on": RELEASED_ON}
                self._write("pat-released", RELEASED_ON, "release-commitment", body)

    def saved_housing_costs(self) -> None:
        """The city puts in what it saves in housing costs, for the same work."""
        promises = [
            self._promise("saved-housing-costs", "wage-subsidy", day, f"{cases * MONTHS * SAVED_A_MONTH}.00")
            for day, cases in SAVED
        ]
        for day, months in SAVED_PAID:
            amount = f"{months * SAVED_A_MONTH}.00"
            self._pay("saved-housing-costs", "wage-subsidy", day, amount, promise=promises[0])

    def premium(self, client: str, starts_on: date, *, mistaken: bool = False) -> None:
        """3,000 euros for an enterprise that hired, granted for the month after the start, paid in its middle."""
        granted_on = add_months(starts_on.replace(day=1), 1)[0]
        body: dict[str, Any] = {
            "instrument": "premium",
            "approved_on": granted_on,
            "starts_on": granted_on,
            "base": PREMIUM,
        }
        write, name = self.diary.write, f"{client}/premium"
        write(name, granted_on, STEERING, "matching", "approve-subsidy", client, body)
        paid_on = granted_on + timedelta(days=14)
        body = {"month": granted_on, "paid_on": paid_on, "money_source": "land"}
        write(f"{name}-paid", paid_on, STEERING, "matching", "pay-subsidy", client, body)
        if mistaken:
            day = paid_on + timedelta(days=14)
            for step, fact in ((f"{name}-paid", "subsidy-paid.v1"), (name, "subsidy-approved.v1")):
                body = {"retracts": Fact(step, fact), "reason": "wrong-person"}
                write(f"{step}/taken-back", day, STEERING, "matching", "retract-fact", client, body)

    def _promise(self, source: str, purpose: str, day: date, amount: str, number: str = "") -> str:
        commitment = self._id()
        body = {
            "commitment": commitment,
            "money_source": source,
            "cost_type": purpose,
            "amount": amount,
            "committed_on": day,
        }
        self._write(f"promised-{source}-{day}{number}", day, "make-commitment", body)
        return commitment

    def _pay(
        self, source: str, purpose: str, day: date, amount: str, again: str = "", promise: str | None = None
    ) -> str:
        payment = self._id()
        body = {"payment": payment, "money_source": source, "cost_type": purpose, "amount": amount, "paid_on": day}
        if promise:
            body["commitment"] = promise
        self._write(f"paid-{source}-{purpose}-{day}{again}", day, "make-payment", body)
        return payment

    def _write(self, name: str, day: date, command: str, body: Mapping[str, Any]) -> None:
        self.diary.write(name, day, STEERING, "intake", command, self.diary.operation, body)

    def _id(self) -> str:
        return str(UUID(int=self.rng.getrandbits(128), version=4))
