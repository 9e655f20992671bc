"""What the WIR play comes to, worked out by hand from who came and what became of them: first who, then how many."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from lotse_local.play.views import View

_UNEMPLOYED: Final = "amira mariam tesfaye daniel nadia bilal samuel amanuel selam dawit"
_INACTIVE: Final = "yusuf fatima leyla hana noor rim"
_EMPLOYED: Final = "olena viktor"
_COMPLETE: Final = f"{_UNEMPLOYED} {_INACTIVE} {_EMPLOYED}"
"""Ten, six and two. Karim's record is not complete: of the ESF+ he is in the grand total alone."""

PEOPLE: Final[Mapping[str, frozenset[str]]] = {
    indicator: frozenset(names.split())
    for indicator, names in {
        # Nadia was recorded twice and is one; Omar was not let in, Hassan's enrolment was a mistake.
        "eeco01": f"{_COMPLETE} karim",
        "eeco02": _UNEMPLOYED,
        # A year and a day, long, a year on the day, a year on the day by the corrected entry.
        "eeco03": "amira tesfaye daniel amanuel dawit",
        "eeco04": _INACTIVE,
        "eeco05": _EMPLOYED,
        "eeco06": "hana",  # 16
        "eeco07": "yusuf fatima nadia noor rim",  # 18 on the day, 26, 23, 23, 27; Viktor is 30
        "eeco08": "tesfaye",  # 62; Samuel is 54 until the day after his entry
        # Nadia by her first record, Leyla as corrected. 8 + 7 + 3 = 18.
        "eeco09": "yusuf tesfaye nadia leyla hana noor amanuel dawit",
        "eeco10": "mariam fatima daniel bilal samuel selam rim",
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
        # But Rim's minijob is work: she was not unemployed.
        "eecr04": "amira mariam yusuf fatima daniel selam dawit rim",
        # Seven by their answers; Yusuf since his apprenticeship ended later only, Bilal since his job began on the day.
        # Not Mariam (the first answer was somebody else's), not Fatima (at work on leaving, not half a year later).
        "eecr05": "amira daniel samuel amanuel selam dawit rim yusuf bilal",
        "eecr06": "olena",  # permanent; Viktor has a higher wage only
        # Documents at entry: 13 + 2 + 4 = 19. Own rows need their own datum alone: Karim is in them.
        "residence-permit": "amira mariam olena tesfaye fatima nadia leyla viktor noor amanuel selam dawit rim",
        "permission-to-stay": "yusuf karim",
        "toleration": "daniel hana bilal samuel",  # Hana's document changed later
        "temporary-work-ban": "yusuf karim hana samuel",
        "refused-by-rules": "omar bilal",  # for good, at first
        "disability-with-consent": "tesfaye",
        "impaired-health-with-consent": "tesfaye mariam",
        "sensitive-items-refused": "fatima samuel",
        # The catalogue: who had each kind of support.
        "labour-market-advice": "amira mariam olena tesfaye daniel nadia karim leyla viktor bilal samuel amanuel selam"
        " dawit",
        "career-orientation": "amira yusuf fatima hana noor rim",
        "access-to-regular-system": "tesfaye leyla",
        "individual-qualification": "olena",
        "support-placement-work": "amira mariam fatima bilal selam dawit",
        "support-placement-training": "yusuf daniel",
        "support-placement-school": "fatima",
        "activation-in-company": "samuel",  # Viktor's was taken back
        "transition-school-to-work": "yusuf hana",
        "support-after-start": "amira mariam yusuf fatima daniel",
        "family-involved": "amira fatima",
        # Bilal later: to the first he never came.
        "placed-in-work": "amira mariam olena fatima samuel amanuel bilal selam dawit rim",
        "placed-in-training": "yusuf daniel",
        "placed-in-school": "fatima",
        "drop-outs": "tesfaye leyla bilal",  # illness, own wish, own wish
        "referred-by-jobcenter": "amira tesfaye bilal samuel selam dawit mariam daniel",  # the last two by the agency
        # Key figures of SGB II: only of who received its benefits at entry, so not Olena, Yusuf, Fatima.
        "kennzv-integrations": "amira mariam daniel selam samuel dawit bilal",  # Dawit's second job: 16i is none
        "kennzv-integrations-12-months": "selam samuel dawit bilal",  # August, September, February, April
        # Each month from April to September, May to October, October to March, September to February. Not Samuel's
        # week; of Dawit and Bilal the sixth month is to come.
        "kennzv-continuous-employment": "amira mariam daniel selam",
        "kennzv-marginal-entries": "amanuel rim",
        "kennzv-public-entries": "dawit",
        "kennzv-single-parent-integrations": "selam",
        "kennzv-long-term-integrations": "dawit",
        # Who left between 1 January and 31 December 2024: their sixth month ended within the last twelve.
        "ba-leavers": "viktor fatima nadia leyla bilal samuel noor amanuel selam dawit rim",
        "ba-insured": "viktor bilal samuel selam dawit",  # Amanuel is self-employed, Rim's minijob is not insured
        "ba-not-unemployed": "viktor fatima bilal samuel amanuel selam dawit rim",  # nobody knows of the other three
    }.items()
}
"""By indicator that counts people, who they are on the last day.

For the eleven leavers of the last twelve months four figures say four things. EECR05 counts six: Samuel, Amanuel,
Bilal, Selam, Dawit, Rim (any paid work, of those without work at entry). The Eingliederungsquote counts five, Viktor
among them, who worked at entry, but neither Amanuel nor Rim, who are not insured. The Verbleibsquote counts eight,
Fatima too, who does not work. Continuously employed is Selam alone.
"""

FIGURES: Final[Mapping[str, int | str | None]] = {
    **{indicator: len(names) for indicator, names in PEOPLE.items()},
    "eeco18": 2,  # the foreigners' office (twice, counts once) and the jobcenter; a third was a mistake
    "eeco19": 3,  # two of the companies trained (one is large, one of unknown size), one employer advised (merged)
    "family-members": 5,  # 2 + 3
    # Stocks of the 15th of twelve months, July 2024 to June 2025.
    "kennzv-recipients-12-months": 144,  # 2 x 14 + 2 x 13 + 3 x 12 + 3 x 11 + 10 + 11, on average 12
    "kennzv-recipients-stocks": 12,
    "kennzv-recipients-months": 12,
    "kennzv-integration-rate": 33,  # 4 of 12
    "kennzv-single-parents-12-months": 30,  # 3 x 2 + 6 x 3 + 3 x 2, on average 2.5
    "kennzv-single-parents-stocks": 12,
    "kennzv-single-parents-months": 12,
    "kennzv-single-parent-rate": 40,  # 1 of 2.5
    "kennzv-long-term-12-months": 50,  # 4 x 5 + 6 x 4 + 2 x 3
    "kennzv-long-term-stocks": 12,
    "kennzv-long-term-months": 12,
    "kennzv-long-term-rate": 24,  # 1 x 12 / 50
    "ba-integration-quota": 45,  # 5 of 11 are 45.45
    "ba-whereabouts-quota": 73,  # 8 of 11 are 72.73
    # Amira 5, Mariam 3, Yusuf 4, Olena 2, Tesfaye 3, Fatima 5, Daniel 3, Nadia 2, Karim 1, Leyla 2, Viktor 1, Hana 2,
    # Bilal 2, Samuel 2, Noor 1, Amanuel 1, Selam 2, Dawit 2, Rim 1; an hour each.
    "support-contacts": 44,
    "support-hours": "44.00",
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

_SIX_MONTHS_AFTER: Final = frozenset({"situation-six-months-after", "insured-six-months-after"})

LACKING: Final[Mapping[str, frozenset[str]]] = {
    "karim": frozenset({"isced"}),
    "nadia": _SIX_MONTHS_AFTER | {"disability"},  # not asked on the record that holds
    "tesfaye": _SIX_MONTHS_AFTER | {"situation-after-leaving"},  # never heard of again
    "leyla": _SIX_MONTHS_AFTER,  # answered that she does not know
    "noor": _SIX_MONTHS_AFTER,  # the day is the last one of the play
}
"""Whose answers are missing on the last day: the queue of incomplete records."""

BY_SITE: Final[Mapping[str, Mapping[str, int]]] = {
    # Of the enrolment. Altmarkt: Amira, Tesfaye, Bilal, Selam; Hafen: Mariam, Nadia, Samuel, Amanuel, Dawit;
    # Schulzentrum: Yusuf, Fatima, Daniel, Hana, Noor, Rim; nowhere: Olena, Karim, Leyla, Viktor.
    "eeco01": {"altmarkt": 4, "hafen": 5, "schulzentrum": 6, "": 4},
    # Of the placement: Amira, Bilal, Selam; Mariam, Samuel, Amanuel, Dawit; Fatima, Rim; Olena.
    "placed-in-work": {"altmarkt": 3, "hafen": 4, "schulzentrum": 2, "": 1},
    # Amira, Bilal, Selam; Mariam, Samuel, Dawit; Daniel.
    "kennzv-integrations": {"altmarkt": 3, "hafen": 3, "schulzentrum": 1, "": 0},
}
"""On the last day, by the site that a fact names; the empty one for those that name none."""

AT_YEAR_END: Final = date(2023, 12, 31)

THEN: Final[Mapping[str, int | str | None]] = {
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
    "kennzv-integrations-12-months": 3,  # Amira, Mariam, Daniel
    # No stock of that year was reported: there is no rate, and none of 0.
    "kennzv-recipients-stocks": 0,
    "kennzv-recipients-months": 0,
    "kennzv-integration-rate": None,
    "ba-integration-quota": 50,  # Amira; nothing is known of Mariam
}
"""On 31 December 2023, as known on that day."""

SINCE: Final[Mapping[str, int | str | None]] = {
    **THEN,
    # Leyla's level of education came in February: she counts where her characteristics are.
    "eeco04": 4,
    "eeco09": 5,
    "eeco15": 1,
    # Fatima came back in January and left for good in June: what she does on leaving counts from then on.
    "eecr02": 1,
}
"""On 31 December 2023, as known in the end."""

A_MONTH_SHORT: Final = date(2025, 5, 31)

INCOMPLETE_YEAR: Final[Mapping[str, int | str | None]] = {
    "kennzv-integrations-12-months": 4,
    # June 2024 was not reported: eleven stocks, which would make a rate that is too high.
    "kennzv-recipients-12-months": 133,
    "kennzv-recipients-stocks": 11,
    "kennzv-recipients-months": 11,
    "kennzv-integration-rate": None,
    "kennzv-single-parent-rate": None,
    "kennzv-long-term-rate": None,
    # The quotas of the Agency need no stock. Noor's sixth month ends in June; Yusuf's and the others' are over.
    "ba-leavers": 11,  # Yusuf, who left on 31 December 2023, in place of Noor
    "ba-integration-quota": 55,  # 6 of 11 are 54.55: Yusuf too
}
"""On 31 May 2025, as known in the end."""

VIEWS: Final = (
    View("wir", "on 31 May 2025, of which a monthly stock is missing", INCOMPLETE_YEAR, A_MONTH_SHORT),
    View("wir", "on 31 December 2023, as known then", THEN, AT_YEAR_END, AT_YEAR_END),
    View("wir", "on 31 December 2023, as known in the end", SINCE, AT_YEAR_END),
    View("wir", "in the end", FIGURES),
)
