"""Public orders with a clause on jobs: published, awarded, kept, broken, waived (GWB paragraphs 127 and 128)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lotse_local.play.diary import Diary
from lotse_local.play.steps import Fact, Subject, Who

D = date.fromisoformat

ACQUIRER: Final = Who("job-acquirer", "stadt")


@dataclass(frozen=True, slots=True)
class Tender:
    """An order with a clause: how many jobs are demanded and owed, by when, and how that came out."""

    published_on: date
    owed: int
    awarded_on: date | None = None
    last_day: date | None = None
    result: str | None = None
    settled_on: date | None = None


TENDERS: Final[Mapping[int, Tender]] = {
    1: Tender(D("2017-06-12"), 4, D("2017-08-28"), D("2018-08-31"), "kept", D("2018-01-31")),
    2: Tender(D("2017-09-18"), 3, D("2017-11-27"), D("2018-12-31"), "kept", D("2018-05-31")),
    3: Tender(D("2017-10-09"), 3, D("2017-12-11"), D("2018-12-31"), "kept", D("2018-05-31")),
    4: Tender(D("2017-12-04"), 4, D("2018-02-26"), D("2019-03-31"), "kept", D("2018-08-31")),
    5: Tender(D("2018-01-08"), 3, D("2018-03-12"), D("2019-03-31"), "kept", D("2018-08-31")),
    6: Tender(D("2018-03-05"), 4, D("2018-05-28"), D("2019-06-30"), "kept", D("2018-11-30")),
    7: Tender(D("2018-04-09"), 4, D("2018-06-11"), D("2019-06-30"), "kept", D("2018-11-30")),
    8: Tender(D("2018-06-04"), 5, D("2018-08-27"), D("2019-09-30"), "kept", D("2019-02-28")),
    9: Tender(D("2018-07-02"), 6, D("2018-09-10"), D("2019-06-30"), "broken", D("2019-07-15")),
    10: Tender(D("2018-09-03"), 4, D("2018-11-26"), D("2019-12-31"), "kept", D("2019-05-31")),
    11: Tender(D("2018-10-01"), 3, D("2018-12-10"), D("2019-06-30"), "kept", D("2019-09-10")),
    12: Tender(D("2018-10-15"), 5, D("2018-12-17"), D("2019-12-31"), "waived", D("2019-05-31")),
    13: Tender(D("2018-12-03"), 3, D("2019-02-25"), D("2020-03-31"), "kept", D("2019-08-30")),
    14: Tender(D("2019-01-07"), 3, D("2019-03-11"), D("2020-03-31"), "kept", D("2019-08-30")),
    15: Tender(D("2019-03-04"), 3, D("2019-05-27"), D("2020-06-30"), "kept", D("2019-11-29")),
    16: Tender(D("2019-04-01"), 4, D("2019-06-10"), D("2019-11-30"), "broken", D("2019-12-10")),
    17: Tender(D("2019-06-03"), 3, D("2019-08-26"), D("2020-09-30")),
    18: Tender(D("2019-08-05"), 4, D("2019-10-28"), D("2020-10-31")),
    19: Tender(D("2019-03-18"), 5),
    20: Tender(D("2019-10-07"), 2),
}
"""By number: 14 were awarded by 26 March 2019 and 18 by November. The last two have not been awarded."""
WITHOUT_CLAUSE: Final = (D("2018-05-07"), D("2018-11-05"), D("2019-05-06"), D("2019-11-04"))
MISJUDGED: Final = (11, D("2019-07-16"), 2)
"""The tender that was settled as broken, with two jobs filled, until the proof of the third one came."""


def tenders(diary: Diary, filled: Mapping[int, int]) -> None:
    """Every tender's way; `filled` are the jobs of each that came to be."""
    for day in WITHOUT_CLAUSE:
        body: dict[str, Any] = {"published_on": day, "clause": False}
        diary.write(f"tender-without-clause-{day}", day, ACQUIRER, "matching", "publish-tender", None, body)
    for number, tender in TENDERS.items():
        name = f"tender-{number:02d}"
        body = {"published_on": tender.published_on, "clause": True, "persons": tender.owed}
        diary.write(name, tender.published_on, ACQUIRER, "matching", "publish-tender", None, body)
        if tender.awarded_on:
            body = {
                "employer": Subject(f"contractor-{number:02d}"),
                "awarded_on": tender.awarded_on,
                "jobs": tender.owed,
                "first_day": tender.awarded_on,
                "last_day": tender.last_day,
            }
            diary.write(f"{name}/award", tender.awarded_on, ACQUIRER, "matching", "award-clause", name, body)
        if tender.result and tender.settled_on:
            _settle(diary, number, tender.result, tender.settled_on, filled.get(number, 0))


def _settle(diary: Diary, number: int, result: str, day: date, filled: int) -> None:
    name = f"tender-{number:02d}"
    misjudged, judged_on, proven = MISJUDGED
    if number == misjudged:
        _write(diary, f"{name}/misjudged", judged_on, number, "broken", proven)
        body = {"retracts": Fact(f"{name}/misjudged", "clause-settled.v1"), "reason": "entered-by-mistake"}
        diary.write(f"{name}/taken-back", day, ACQUIRER, "matching", "retract-tender-fact", name, body)
    _write(diary, f"{name}/settled", day, number, result, filled)


def _write(diary: Diary, name: str, day: date, number: int, result: str, filled: int) -> None:
    body = {
        "employer": Subject(f"contractor-{number:02d}"),
        "settled_on": day,
        "result": result,
        "jobs_filled": filled,
    }
    diary.write(name, day, ACQUIRER, "matching", "settle-clause", f"tender-{number:02d}", body)
