"""What Magdeburg printed in 2014, and into which invented groups of people and businesses the play turns it.

Printed: information I0300/14 of the city of Magdeburg, 15 October 2014. The figures tell the play how many to invent;
the reporting service never sees this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

FIRST_DAY: Final = date(2011, 10, 1)
LAST_DAY: Final = date(2014, 9, 30)
PRINTED_ON: Final = date(2014, 10, 15)
"""Until then late entries come in; the information to the city council bears this date."""

PRINTED: Final[Mapping[str, int]] = {
    "young-people-trained": 163,
    "long-term-unemployed-trained": 236,
    "employed-trained": 55,
    "placed-second-third-market": 72,
    "start-up-advice": 46,
    "small-businesses-advised": 143,
    "placed-in-apprenticeship": 18,
    "placed-first-market": 65,
    "health-attendances": 10_360,
    "mainstreaming-attendances": 145,
    "foreign-background": 232,
    "disabled-people": 18,
}
"""The results, by the ids of the indicators in the programme file, in the order of the printed table."""

PUPIL: Final = "inactive"
JOBLESS: Final = "unemployed"
LONG: Final = "long-term"
WORKING: Final = "employed"


@dataclass(frozen=True, slots=True)
class Group:
    """People who came to one partner for one thing. The numbers say what becomes of how many of them."""

    name: str
    partner: str
    people: int
    ages: tuple[int, int]
    status: str
    courses: tuple[str, ...] = ()
    """Measures that each of them joins one or two of."""
    started_up: int = 0
    second_market: int = 0
    apprentices: int = 0
    first_market: int = 0
    twice_placed: int = 0
    """How many of the first market were in the second one or an apprenticeship before."""
    foreign: int = 0
    disabled: int = 0
    interns: int = 0
    """Those of the disabled who are on trial at an employer."""


ADULT: Final = (28, 61)
GROUPS: Final = (
    Group("pupils", "outlaw", 96, (14, 26), PUPIL, ("schulabschluss", "praxis"), apprentices=8, foreign=22, disabled=2),
    Group("children", "outlaw", 3, (13, 13), PUPIL, ("schulabschluss",)),
    Group(
        "young-jobless",
        "outlaw",
        36,
        (16, 26),
        JOBLESS,
        ("praxis", "schulabschluss"),
        apprentices=7,
        first_market=8,
        twice_placed=2,
        foreign=8,
    ),
    Group("young-long-term", "outlaw", 22, (18, 26), LONG, ("praxis",), apprentices=2, foreign=5),
    Group("young-working", "ima", 9, (19, 26), WORKING, ("buero", "wirtschaft")),
    Group(
        "workshops",
        "hoffnungsgemeinde",
        74,
        ADULT,
        LONG,
        ("werkstatt", "textil", "computer"),
        second_market=16,
        first_market=10,
        foreign=8,
        disabled=3,
    ),
    Group("offices", "ima", 68, ADULT, LONG, ("wirtschaft", "buero"), first_market=14, foreign=34),
    Group(
        "trade",
        "awo",
        72,
        ADULT,
        LONG,
        ("einzelhandel", "lager"),
        second_market=30,
        first_market=9,
        twice_placed=5,
        foreign=7,
        disabled=7,
    ),
    Group("working", "ima", 34, ADULT, WORKING, ("wirtschaft", "buero"), foreign=4),
    Group("working-founders", "bbi", 12, ADULT, WORKING, ("verkauf",), started_up=6, foreign=2),
    Group(
        "newly-jobless",
        "bbi",
        20,
        ADULT,
        JOBLESS,
        ("verkauf",),
        started_up=9,
        apprentices=1,
        first_market=4,
        foreign=3,
    ),
    Group("returning", "ima", 18, (27, 55), JOBLESS, ("buero", "wirtschaft"), first_market=4, foreign=3),
    Group(
        "social-firm", "awo", 26, ADULT, LONG, second_market=26, first_market=5, twice_placed=5, disabled=2, interns=2
    ),
    Group("founders", "bbi", 31, ADULT, JOBLESS, started_up=31, first_market=4, foreign=5, disabled=1),
    Group("advised", "bbi", 44, ADULT, JOBLESS, ("beratung",), first_market=7, foreign=5, disabled=2),
    Group("health", "spi", 188, (19, 66), JOBLESS, foreign=74, disabled=1, interns=1),
    Group("language", "ima", 52, (19, 58), JOBLESS, ("deutsch",), foreign=52),
    Group("only-enrolled", "hoffnungsgemeinde", 17, ADULT, LONG),
)

MEASURES: Final[Mapping[str, tuple[str, str]]] = {
    "ruecken": ("spi", "health"),
    "kochen": ("spi", "health"),
    "bewegung": ("spi", "health"),
    "entspannung": ("spi", "health"),
    "garten": ("spi", "health"),
    "werkstatt": ("hoffnungsgemeinde", "qualification"),
    "textil": ("hoffnungsgemeinde", "qualification"),
    "computer": ("hoffnungsgemeinde", "education"),
    "gruendung": ("bbi", "start-up-advice"),
    "beratung": ("bbi", "advice"),
    "bewerbung": ("bbi", "job-training"),
    "verkauf": ("bbi", "qualification"),
    "wirtschaft": ("ima", "education"),
    "buero": ("ima", "qualification"),
    "deutsch": ("ima", "language"),
    "schulabschluss": ("outlaw", "education"),
    "praxis": ("outlaw", "qualification"),
    "offene-tuer": ("outlaw", "advice"),
    "einzelhandel": ("awo", "qualification"),
    "lager": ("awo", "qualification"),
    "treff": ("awo", "meeting-place"),
}
"""Measures by name: who runs them, and their kind."""

SUBPROJECTS: Final[Mapping[str, str]] = {
    "spi": "gesundheitsmanagement",
    "hoffnungsgemeinde": "hoffnungsarbeit-in-nord",
    "bbi": "be-ql",
    "ima": "bildung-im-quartier",
    "outlaw": "j4b",
    "awo": "fair-kaufen",
}

SMALL_ADVISED: Final[Mapping[str, int]] = {"bbi": 84, "ima": 20, "awo": 18, "outlaw": 10}
"""Small enterprises that one partner found and advised."""
SAME_NUMBER: Final = 7
"""Registered by two partners under one Betriebsnummer, and advised by both."""
MERGED_LATER: Final = 4
"""Registered by two partners without a number, advised by both, found to be one and merged."""
TOO_LARGE: Final = 14
SIZE_UNKNOWN: Final = 5
ONLY_CONTACTED: Final = 46
ADVICE_TAKEN_BACK: Final = 2
ADVISED_TOO_LATE: Final = 3

MAINSTREAMING: Final = (12, 18, 26, 21, 30, 15, 23)
"""Heads at the mainstreaming gatherings that count."""
HEALTH_DAYS: Final = 112
"""Gatherings of kind health whose heads, with the attendances by name, make the printed figure."""
