"""The people of the play: first holders of jobs, and everybody who must not count, or not twice."""

from collections.abc import Mapping
from datetime import date
from typing import Final

D = date.fromisoformat

LATE: Final = (
    "2019-q1/procurement-00",
    "2019-q1/procurement-01",
    "2019-q1/simple-00",
    "2019-q1/simple-01",
    "2019-q1/simple-02",
    "2019-q1/funded-16",
)
"""Jobs that were entered after the quarter in which they began."""
LATE_ENTRIES: Final = LATE[:2]
"""Those whose holders' entries were recorded late as well."""
LATE_ENTRY, LATE_FILL, LATE_VISIT = D("2019-04-05"), D("2019-04-08"), D("2019-04-10")
"""When all that was recorded."""
IN_BY_CORRECTION: Final = ("2019-q1/simple-03", "2019-q1/simple-04", "2019-q1/funded-18")
"""First recorded with three years of benefits; then it turned out that there were four and more."""
CORRECTED_ON: Final = D("2019-05-13")
LOST: Final[Mapping[str, tuple[date, date | None]]] = {
    "2018-q1/simple-00": (D("2018-01-08"), D("2018-07-02")),
    "2018-q1/simple-01": (D("2018-04-30"), D("2018-08-01")),
    "2018-q1/simple-02": (D("2018-05-31"), D("2018-09-03")),
    "2018-q2/procurement-00": (D("2018-07-31"), D("2018-10-01")),
    "2018-q2/procurement-01": (D("2018-08-31"), D("2018-11-05")),
    "2018-q3/simple-00": (D("2018-11-30"), D("2019-01-07")),
    "2018-q3/simple-01": (D("2019-01-31"), D("2019-04-01")),
    "2019-q1/funded-03": (D("2019-08-31"), None),
}
"""Jobs that were lost (the first after one day), and when somebody else started in the same position."""
NOBODY_CAME: Final[Mapping[str, tuple[date, date]]] = {
    "2018-q3/simple-05": (D("2018-07-09"), D("2018-07-24")),
    "2018-q3/simple-06": (D("2018-07-09"), D("2018-07-24")),
}
"""Positions for which a placement had been entered before to which nobody came, and when that was taken back."""
BEFORE: Final[Mapping[str, tuple[date, date]]] = {"2018-q4/funded-00": (D("2018-09-24"), D("2018-11-30"))}
"""Jobs whose holders had a work opportunity in the same position before: that fills no position."""
MOVED: Final = (
    "2018-q1/funded-00",
    "2018-q1/funded-01",
    "2018-q1/funded-02",
    "2018-q1/funded-03",
    "2018-q2/funded-00",
    "2018-q2/funded-01",
)
"""Jobs whose holders stayed in the same position when paragraph 16i came to pay for it."""
MOVED_ON: Final = D("2019-02-01")
TWICE: Final = "2018-q4/simple-00"
"""The holder of this job was recorded a second time, by the other partner; the records were merged later."""
SECOND_RECORD, MERGED_ON = D("2018-10-01"), D("2019-06-20")

AFTER_SOMEBODY: Final = (
    ("new-simple-work", D("2018-02-01"), D("2018-05-31"), D("2018-07-02")),
    ("new-simple-work", D("2018-03-01"), D("2018-07-31"), D("2018-09-03")),
    ("funded", D("2018-04-02"), D("2018-09-28"), D("2018-11-05")),
    ("new-simple-work", D("2018-06-01"), D("2018-12-31"), D("2019-02-04")),
    ("funded", D("2018-09-03"), D("2019-03-29"), D("2019-05-02")),
)
"""Positions first filled by somebody with three years of benefits: start, last day, start of somebody with more."""
TOO_SHORT: Final = D("2018-03-12")
"""Start of somebody whose four years would have been full on the day after the entry."""
OTHERS: Final = (D("2018-05-14"), D("2018-08-13"))
"""Starts of people with three years of benefits who stayed."""
UNKNOWN: Final = (D("2018-06-11"), D("2018-10-15"))
"""Starts of people of whom nobody knows how long they have had benefits."""
OUT_BY_CORRECTION: Final = (("procurement", D("2019-02-04")), ("new-simple-work", D("2019-02-04")))
"""First recorded as people of the target group; then it turned out that there were three years of benefits."""
TENDER_OF_THE_WRONG: Final = 10
"""The tender in which the first of these jobs was promised, beside the four that the table has."""
OWN_SEARCH: Final = (D("2018-05-14"), D("2018-12-03"), D("2019-06-03"))
"""Starts of people who found work that nobody had offered to the network."""
MINIJOBS: Final = (D("2018-04-16"), D("2018-07-16"), D("2018-11-19"))
WORK_OPPORTUNITIES: Final = (D("2018-05-22"), D("2018-09-17"))
NEVER_CAME: Final = (("new-simple-work", "insured"), ("funded", "insured-egz"))
NEVER_CAME_ON: Final = (D("2019-03-18"), D("2019-04-16"))
"""Placements to which nobody came either, and when that was taken back: only after the quarter."""
WITHOUT_WORK: Final = tuple(
    map(
        D,
        (
            *("2018-02-01", "2018-04-03", "2018-06-01", "2018-07-31", "2018-09-28"),
            *("2018-11-28", "2019-01-28", "2019-03-28", "2019-05-27", "2019-07-26"),
        ),
    )
)
"""Entries of people of the target group who found no work."""
OTHERS_WITHOUT_WORK: Final = (D("2018-03-15"), D("2018-09-14"), D("2019-02-15"), D("2019-08-15"))
"""The same of people with three years of benefits."""
