"""What the WIR network does beside its participants: structural measures, employers, meetings, money."""

from datetime import date
from typing import Final

from lotse_shared.calendar import add_months

from lotse_local.play.acts import COORDINATOR, Acts
from lotse_local.play.steps import Fact, Subject
from lotse_local.play.wir.participants import ADVICE, AID, SCHOOL

GATHERINGS: Final = (
    (date(2023, 3, 1), "training", "administration", 18),
    (date(2024, 3, 6), "sensitisation", "administration", 12),
    (date(2023, 5, 10), "information", "administration", 25),
    (date(2023, 4, 19), "training", "companies", 9),
    (date(2023, 11, 22), "sensitisation", "companies", 14),
    (date(2023, 10, 11), "information", "companies", 20),
    (date(2023, 9, 20), "information", "schools", 22),
    (date(2024, 2, 21), "sensitisation", "schools", 16),
    (date(2022, 11, 15), "network-meeting", "network", 15),
    (date(2023, 11, 15), "network-meeting", "network", 17),
    (date(2024, 11, 13), "network-meeting", "network", 13),
    (date(2023, 6, 30), "online-contact", "public", 11),
    (date(2023, 12, 31), "online-contact", "public", 19),
    (date(2024, 6, 30), "online-contact", "public", 8),
)
"""Day, kind, audience and heads; nobody of them is a participant."""
APPROVED_ON: Final = date(2022, 10, 1)


YEARS: Final = (2023, 2024, 2025, 2026)
YEARLY: Final = {"esf": "90000.00", "federal": "8000.00", "own": "2000.00"}
"""By source, what each year has; invented, like what is paid."""
PAID: Final = (
    (date(2023, 4, 3), "federal", "2000.00"),
    (date(2023, 10, 2), "esf", "45000.00"),
    (date(2023, 12, 4), "own", "1000.00"),
)
STOCKS: Final = {
    "benefit-recipients": (14, 14, 13, 13, 12, 12, 12, 11, 11, 11, 10, 11),
    "single-parent-recipients": (2, 2, 2, 3, 3, 3, 3, 3, 3, 2, 2, 2),
    "long-term-recipients": (5, 5, 5, 5, 4, 4, 4, 4, 4, 4, 3, 3),
}
"""Recipients in the network's care on the 15th of each month from July 2024 to June 2025, by kind. Invented."""
FIRST_STOCK: Final = date(2024, 7, 15)


def structure(acts: Acts) -> None:
    """Write all of it down."""
    _stocks(acts)
    _money(acts)
    _organisations(acts)
    _employers(acts)
    _gatherings(acts)


def _money(acts: Acts) -> None:
    """Three sources pay for four years, 400,000 euros as granted; a part of the first year's money is paid out."""
    for year in YEARS:
        for source, amount in YEARLY.items():
            budget = {"year": year, "cost_type": "staff", "money_source": source, "amount": amount}
            name = f"budget-{source}" if year == YEARS[0] else f"budget-{source}-{year}"
            body = {**budget, "approved_on": APPROVED_ON}
            acts.diary.write(name, APPROVED_ON, COORDINATOR, "intake", "approve-budget", acts.diary.operation, body)
    for day, source, amount in PAID:
        payment = {"money_source": source, "cost_type": "staff", "amount": amount}
        acts.did(acts.diary.operation, day, "make-payment", **payment)


def _stocks(acts: Acts) -> None:
    """Twelve monthly stocks of three kinds: what the quotas of the KennzV divide by."""
    for kind, counts in STOCKS.items():
        for month, count in enumerate(counts):
            day, operation = add_months(FIRST_STOCK, month)[0], acts.diary.operation
            body = {"stock": kind, "counted_on": day, "count": count}
            acts.diary.write(f"{kind}-{day}", day, COORDINATOR, "intake", "report-stock", operation, body)


def _organisations(acts: Acts) -> None:
    """Administrations, companies and schools are trained, sensitised, informed; each counts once."""
    office = _organisation(acts, date(2023, 3, 1), "administration", "training", heads=18)
    _organisation(acts, date(2024, 3, 6), "administration", "sensitisation", heads=12, same_as=office)
    _organisation(acts, date(2023, 5, 10), "administration", "information", heads=25)
    mistake = _organisation(acts, date(2023, 6, 1), "administration", "information", heads=4)
    acts.took_back(mistake, date(2023, 6, 8))
    small = _organisation(acts, date(2023, 4, 19), "enterprise", "training", size="small", heads=9)
    _organisation(acts, date(2023, 11, 22), "enterprise", "sensitisation", size="small", heads=14, same_as=small)
    _organisation(acts, date(2023, 10, 11), "enterprise", "information", size="medium", heads=20)
    _organisation(acts, date(2024, 4, 17), "enterprise", "information", size="large", heads=6)
    _organisation(acts, date(2024, 5, 15), "enterprise", "information", heads=3)
    _organisation(acts, date(2023, 9, 20), "school", "information", heads=22)
    _organisation(acts, date(2024, 2, 21), "school", "sensitisation", heads=16)
    acts.did(acts.diary.operation, date(2024, 12, 31), "leave-partner", left="handwerkskammer")


def _organisation(acts: Acts, day: date, kind: str, support: str, same_as: str | None = None, **more: object) -> str:
    audience = {"administration": "administration", "enterprise": "companies", "school": "schools"}[kind]
    again = {"same_as": Fact(same_as, "organisation-supported.v1")} if same_as else {}
    body = {"kind": kind, "audience": audience, "support": support, **again, **more}
    return acts.did(acts.diary.operation, day, "support-organisation", **body)


def _employers(acts: Acts) -> None:
    """One is contacted only; a large one is advised, and a small one twice, by two partners that then find out."""
    acts.new("bakery", AID, date(2023, 2, 20), "register-employer", headcount=12, betriebsnummer="99000001")
    acts.did("bakery", date(2023, 2, 20), "contact-employer", channel="telephone")
    acts.new("carrier", SCHOOL, date(2023, 8, 7), "register-employer", headcount=400)
    acts.did("carrier", date(2023, 8, 9), "advise-employer", advice="hiring")
    acts.new("joinery", AID, date(2024, 3, 18), "register-employer", headcount=30, betriebsnummer="99000002")
    acts.did("joinery", date(2024, 3, 20), "advise-employer", advice="diversity")
    acts.did("joinery", date(2024, 9, 11), "advise-employer", advice="skilled-staff")
    acts.new("joinery-again", ADVICE, date(2024, 4, 8), "register-employer", headcount=32)
    acts.did("joinery-again", date(2024, 4, 10), "advise-employer", advice="diversity")
    acts.decided(COORDINATOR, "joinery", date(2024, 5, 3), "merge-employers", other=Subject("joinery-again"))


def _gatherings(acts: Acts) -> None:
    """Events for administrations, companies, schools; the network's meetings; half-year lists of the online project."""
    for day, kind, audience, heads in GATHERINGS:
        _gathering(acts, day, kind, audience, heads)
    acts.took_back(
        _gathering(acts, date(2024, 6, 12), "training", "administration", 30), date(2024, 6, 19), "not-happened"
    )


def _gathering(acts: Acts, day: date, kind: str, audience: str, heads: int) -> str:
    name = f"{kind}-{day}"
    return acts.new(name, SCHOOL, day, "hold-gathering", kind=kind, audience=audience, unlisted=heads)
