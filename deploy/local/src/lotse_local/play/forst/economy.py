"""What Forst does for the local economy and the quarter: second field of action, meeting place, area, money."""

from datetime import date
from typing import Final, NamedTuple

from lotse_local.play.acts import COORDINATOR, Acts
from lotse_local.play.forst.participants import CENTRE, TRAINING
from lotse_local.play.steps import Subject

FIRST_DAY: Final = date(2019, 1, 2)
OPENED_ON: Final = date(2019, 6, 3)
"""The meeting place in an empty shop."""


class Advised(NamedTuple):
    """An enterprise, and when it was advised about what."""

    name: str
    partner: str
    registered_on: date
    headcount: int | None
    area: str
    advised_on: date | None
    advice: str


ENTERPRISES: Final = (
    Advised("bicycles", TRAINING, date(2019, 5, 13), 3, "in-area", date(2019, 5, 15), "digital"),
    Advised("bakery-again", CENTRE, date(2019, 8, 19), 48, "in-area", date(2019, 8, 20), "hiring"),
    Advised("bakery", TRAINING, date(2019, 8, 26), 22, "in-area", date(2019, 9, 10), "skilled-staff"),
    Advised("mill", TRAINING, date(2020, 2, 10), 120, "outside", date(2020, 2, 12), "digital"),
    Advised("works", TRAINING, date(2020, 5, 4), 300, "in-area", date(2020, 5, 6), "diversity"),
    Advised("seamstress", TRAINING, date(2020, 6, 8), 1, "in-area", date(2020, 6, 10), "online-trade"),
    Advised("workshop", TRAINING, date(2021, 1, 18), None, "in-area", date(2021, 1, 20), "skilled-staff"),
    Advised("photographer", TRAINING, date(2021, 3, 8), 1, "in-area", date(2021, 3, 10), "online-trade"),
    Advised("cafe", TRAINING, date(2019, 5, 20), 6, "in-area", None, ""),
    Advised("florist", TRAINING, date(2021, 2, 1), 4, "in-area", date(2021, 2, 3), "digital"),
)
MEMBERS: Final = (
    ("bicycles", date(2020, 9, 7)),
    ("bakery", date(2020, 9, 14)),
    ("seamstress", date(2020, 9, 21)),
    ("cafe", date(2021, 4, 12)),
    ("bakery-again", date(2021, 5, 3)),
)
"""Who joined the marketplace; the bakery on both of its records."""
OFFERS: Final = (
    ("cafe", date(2021, 6, 1), "holiday-job", 3),
    ("bicycles", date(2021, 6, 14), "internship", 1),
    ("bakery", date(2021, 6, 21), "apprenticeship", 1),
    ("works", date(2021, 7, 5), "job", 1),
)
"""What the app showed: employer, day, kind, positions."""
EVENTS: Final = ((date(2019, 10, 16), 14), (date(2020, 10, 14), 22), (date(2021, 10, 13), 9))
"""Events for businesses, with heads."""
OPEN_DAYS: Final = (
    (OPENED_ON, 12),
    (date(2019, 9, 2), 15),
    (date(2020, 3, 2), 9),
    (date(2020, 9, 7), 20),
    (date(2021, 6, 7), 18),
    (date(2022, 6, 13), 11),
)
"""Days at the meeting place on which heads were counted."""
SHEET: Final = (
    {"kind": "hectares", "scope": "area", "value": "303"},
    {"kind": "inhabitants", "scope": "city", "value": "18996", "year": 2016},
    {"kind": "inhabitants", "scope": "area", "value": "6638", "year": 2016},
    {"kind": "sgb2-percent", "scope": "city", "value": "18.3", "year": 2017},
    {"kind": "sgb2-percent", "scope": "area"},
    {"kind": "unemployed-percent", "scope": "city", "value": "10.6", "year": 2017},
    {"kind": "unemployed-percent", "scope": "area"},
    {"kind": "foreign-background-percent", "scope": "city", "value": "4.72", "year": 2017},
    {"kind": "foreign-background-percent", "scope": "area", "value": "9.63", "year": 2017},
)
"""The area data sheet as BIWAQ printed it; without a value it is `keine Angabe`."""


def economy(acts: Acts) -> None:
    """The second field of action, and what concerns the operation as a whole."""
    _operation(acts)
    _enterprises(acts)
    _marketplace(acts)


def meeting_place(acts: Acts) -> None:
    """The meeting place opens, people come; a milestone was entered too early once."""
    operation = acts.diary.operation
    acts.new("meeting-place", CENTRE, OPENED_ON, "open-measure", kind="meeting-place")
    acts.did(operation, OPENED_ON, "reach-milestone", milestone="meeting-place-opened")
    for day, heads in OPEN_DAYS:
        body = {"kind": "meeting-place", "audience": "residents", "unlisted": heads}
        acts.new(f"open-day-{day}", CENTRE, day, "hold-gathering", **body)
    early = acts.did(operation, date(2021, 10, 1), "reach-milestone", milestone="social-enterprise-concept")
    acts.took_back(early, date(2021, 10, 8))
    acts.did(operation, date(2021, 11, 30), "reach-milestone", milestone="social-enterprise-concept")


def _operation(acts: Acts) -> None:
    operation = acts.diary.operation
    swapped = [one | {"value": "6368"} if one.get("value") == "6638" else one for one in SHEET]
    acts.did(operation, FIRST_DAY, "describe-area", area="forster-innenstadt", figures=swapped)
    acts.did(operation, date(2019, 2, 4), "describe-area", area="forster-innenstadt", figures=list(SHEET))
    for source, amount in (("esf", "80000.00"), ("federal", "40000.00"), ("municipal", "10000.00")):
        budget = {"year": 2019, "cost_type": "staff", "money_source": source, "amount": amount}
        body = {**budget, "approved_on": FIRST_DAY}
        acts.diary.write(f"budget-{source}", FIRST_DAY, COORDINATOR, "intake", "approve-budget", operation, body)
    acts.did(operation, date(2019, 7, 1), "make-payment", money_source="esf", cost_type="staff", amount="20000.00")


def _enterprises(acts: Acts) -> None:
    """Advised by size and place; one by two partners that did not know of each other, one by mistake."""
    for one in ENTERPRISES:
        known = {} if one.headcount is None else {"headcount": one.headcount}
        acts.new(one.name, one.partner, one.registered_on, "register-employer", in_area=one.area, **known)
        if one.advised_on is None:
            acts.did(one.name, one.registered_on, "contact-employer", channel="visit")
        else:
            advised = acts.did(one.name, one.advised_on, "advise-employer", advice=one.advice, subproject="hf2")
            if one.name == "florist":
                acts.took_back(advised, date(2021, 2, 10), "not-happened")
    acts.decided(COORDINATOR, "bakery", date(2019, 11, 5), "merge-employers", other=Subject("bakery-again"))
    for day, heads in EVENTS:
        body = {"kind": "business-event", "audience": "companies", "unlisted": heads, "subproject": "hf2"}
        acts.new(f"business-event-{day}", TRAINING, day, "hold-gathering", **body)


def _marketplace(acts: Acts) -> None:
    """The online marketplace and the app: who joins, what is offered."""
    operation = acts.diary.operation
    acts.did(operation, date(2020, 9, 1), "reach-milestone", milestone="marketplace-opened")
    for name, day in MEMBERS:
        acts.did(name, day, "join-marketplace")
    acts.took_back(acts.did("works", date(2020, 10, 5), "join-marketplace"), date(2020, 10, 12))
    acts.did(operation, date(2021, 5, 17), "reach-milestone", milestone="app-released")
    for employer, day, kind, positions in OFFERS:
        body = {"employer": Subject(employer), "kind": kind, "positions": positions}
        acts.new(f"{employer}/{kind}", TRAINING, day, "open-vacancy", **body)
    never = acts.new("mill/job", TRAINING, date(2021, 8, 2), "open-vacancy", employer=Subject("mill"), kind="job")
    acts.took_back(never, date(2021, 8, 9), "not-happened")
