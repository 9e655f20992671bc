"""What the WIR play comes to, worked out by hand from who came and what became of them: first who, then how many."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from lotse_local.play.views import View

_UNEMPLOYED: Final = "amira mariam tesfaye daniel nadia bilal samuel amanuel"
_INACTIVE: Final = "yusuf fatima leyla hana noor"
_EMPLOYED: Final = "olena viktor"
_COMPLETE: Final = f"{_UNEMPLOYED} {_INACTIVE} {_EMPLOYED}"
"""Eight, five and two. Karim's record is not complete: of the ESF+ he is in the grand total alone."""

PEOPLE: Final[Mapping[str, frozenset[str]]] = {
    indicator: frozenset(names.split())
    for indicator, names in {
        # Nadia was recorded twice and is one; Omar was not let in, Hassan's enrolment was a mistake.
        "eeco01": f"{_COMPLETE} karim",
        "eeco02": _UNEMPLOYED,
        # A year and a day, long, a year on the day, a year on the day by the corrected entry.
        "eeco03": "amira tesfaye daniel amanuel",
        "eeco04": _INACTIVE,
        "eeco05": _EMPLOYED,
        "eeco06": "hana",  # 16
        "eeco07": "yusuf fatima nadia noor",  # 18 on the day, 26, 23, 23; Viktor is 30
        "eeco08": "tesfaye",  # 62; Samuel is 54 until the day after his entry
        # Nadia by her first record, Leyla as corrected. 7 + 5 + 3 = 15.
        "eeco09": "yusuf tesfaye nadia leyla hana noor amanuel",
        "eeco10": "mariam fatima daniel bilal samuel",
        "eeco11": "amira olena viktor",
        "eeco12": "tesfaye",  # Fatima and Samuel refused; Nadia's yes stands in the second record alone
        "eeco13": _COMPLETE,  # Tesfaye is stateless, Noor's citizenship undetermined
        "eeco14": _COMPLETE.replace("viktor", ""),  # he refused; Noor by the parents
        "eeco15": "leyla",
        "eeco16": "tesfaye",
        "eeco17": "leyla amanuel",
        # Results. Who is still in has none: Karim, Hana.
        "eecr01": "leyla",  # inactive at entry, seeks work on day 20
        # Apprenticeships, school, and an answer on day 20.
        "eecr02": "yusuf daniel fatima noor",
        "eecr03": "olena amira",  # Amira on day 20; Fatima's came after the 28 days
        # Fatima after coming back, Daniel by an answer of month 7. Not Samuel, whose job of a week was over on day 25;
        # not Amanuel, whose minijob does not end his unemployment; not Olena, who worked at entry.
        "eecr04": "amira mariam yusuf fatima daniel",
        # Four by their answers; Yusuf since his apprenticeship ended later only, Bilal since his job began on the day.
        # Not Mariam (the first answer was somebody else's), not Fatima (at work on leaving, not half a year later).
        "eecr05": "amira daniel samuel amanuel yusuf bilal",
        "eecr06": "olena",  # permanent; Viktor has a higher wage only
        # Documents at entry: 10 + 2 + 4 = 16. Own rows need their own datum alone: Karim is in them.
        "residence-permit": "amira mariam olena tesfaye fatima nadia leyla viktor noor amanuel",
        "permission-to-stay": "yusuf karim",
        "toleration": "daniel hana bilal samuel",  # Hana's document changed later
        "temporary-work-ban": "yusuf karim hana samuel",
        "refused-by-rules": "omar bilal",  # for good, at first
        "disability-with-consent": "tesfaye",
        "impaired-health-with-consent": "tesfaye mariam",
        "sensitive-items-refused": "fatima samuel",
        # The catalogue: who had each kind of support.
        "labour-market-advice": "amira mariam olena tesfaye daniel nadia karim leyla viktor bilal samuel amanuel",
        "career-orientation": "amira yusuf fatima hana noor",
        "access-to-regular-system": "tesfaye leyla",
        "individual-qualification": "olena",
        "support-placement-work": "amira mariam fatima bilal",
        "support-placement-training": "yusuf daniel",
        "support-placement-school": "fatima",
        "activation-in-company": "samuel",  # Viktor's was taken back
        "transition-school-to-work": "yusuf hana",
        "support-after-start": "amira mariam yusuf fatima daniel",
        "family-involved": "amira fatima",
        "placed-in-work": "amira mariam olena fatima samuel amanuel bilal",  # Bilal later: to the first he never came
        "placed-in-training": "yusuf daniel",
        "placed-in-school": "fatima",
        "drop-outs": "tesfaye leyla bilal",  # illness, own wish, own wish
        "referred-by-jobcenter": "amira tesfaye bilal samuel mariam daniel",  # the last two by the agency
    }.items()
}
"""By indicator that counts people, who they are on the last day."""

FIGURES: Final[Mapping[str, int | str]] = {
    **{indicator: len(names) for indicator, names in PEOPLE.items()},
    "eeco18": 2,  # the foreigners' office (twice, counts once) and the jobcenter; a third was a mistake
    "eeco19": 3,  # two of the companies trained (one is large, one of unknown size), one employer advised (merged)
    "family-members": 5,  # 2 + 3
    # Amira 5, Mariam 3, Yusuf 4, Olena 2, Tesfaye 3, Fatima 5, Daniel 3, Nadia 2, Karim 1, Leyla 2, Viktor 1, Hana 2,
    # Bilal 2, Samuel 2, Noor 1, Amanuel 1; an hour each.
    "support-contacts": 39,
    "support-hours": "39.00",
    "contacts-after-start": 7,  # Amira 2, Mariam 1, Yusuf 1, Fatima 2, Daniel 1
    # Structural measures: gatherings and heads, nobody of them a participant.
    "events-administration": 3,
    "heads-administration": 55,  # 18 + 12 + 25; a fourth, of 30, was not held
    "events-companies": 3,
    "heads-companies": 43,  # 9 + 14 + 20
    "events-schools": 2,
    "heads-schools": 38,  # 22 + 16
    "administrations-supported": 2,
    "companies-supported": 4,  # of any size
    "schools-supported": 2,
    "network-meetings": 3,
    "online-contacts": 38,  # 11 + 19 + 8
    "network-partners": 3,
    "organisations-in-network": 8,  # nine joined, the chamber left
    "jobcenter-and-agency": 2,
}
"""On the last day, 2025-06-30."""

LACKING: Final[Mapping[str, frozenset[str]]] = {
    "karim": frozenset({"isced"}),
    "nadia": frozenset({"disability", "situation-six-months-after"}),  # not asked on the record that holds
    "tesfaye": frozenset({"situation-after-leaving", "situation-six-months-after"}),  # never heard of again
    "leyla": frozenset({"situation-six-months-after"}),  # answered that she does not know
    "noor": frozenset({"situation-six-months-after"}),  # the day is the last one of the play
}
"""Whose answers are missing on the last day: the queue of incomplete records."""

AT_YEAR_END: Final = date(2023, 12, 31)

THEN: Final[Mapping[str, int | str]] = {
    # Amira, Mariam, Yusuf, Olena, Tesfaye, Fatima, Daniel, Nadia (merged in October), Karim, Leyla, Viktor, Hana.
    "eeco01": 12,
    "eeco02": 5,  # Amira, Mariam, Tesfaye, Daniel, Nadia
    "eeco04": 3,  # Yusuf, Fatima, Hana: Leyla's record is not complete yet
    "eeco05": 2,
    "eeco09": 4,  # Yusuf, Tesfaye, Nadia, Hana
    "eeco15": 0,
    "eecr02": 2,  # Daniel; Fatima left for school on 31 October
    "eecr03": 2,  # Amira, Olena
    "eecr04": 3,  # Amira, Mariam, Daniel, who is in his apprenticeship whether or not anybody asked
    "eecr05": 1,  # Amira; nobody has asked Mariam about 30 December yet
    "residence-permit": 8,  # Amira, Mariam, Olena, Tesfaye, Fatima, Nadia, Leyla, Viktor
    "support-contacts": 30,  # 5 + 3 + 4 + 2 + 3 + 3 + 3 + 2 + 1 + 2 + 1 + 1
    "drop-outs": 1,  # Tesfaye
    "organisations-in-network": 9,
}
"""On 31 December 2023, as known on that day."""

SINCE: Final[Mapping[str, int | str]] = {
    **THEN,
    # Leyla's level of education came in February: she counts where her characteristics are.
    "eeco04": 4,
    "eeco09": 5,
    "eeco15": 1,
    # Fatima came back in January and left for good in June: what she does on leaving counts from then on.
    "eecr02": 1,
}
"""On 31 December 2023, as known in the end."""

VIEWS: Final = (
    View("wir", "on 31 December 2023, as known then", THEN, AT_YEAR_END, AT_YEAR_END),
    View("wir", "on 31 December 2023, as known in the end", SINCE, AT_YEAR_END),
    View("wir", "in the end", FIGURES),
)
