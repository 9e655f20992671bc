"""What the Forst play comes to, worked out by hand from who came and what became of them: first who, then how many."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from lotse_local.play.views import View

_UNEMPLOYED: Final = "birgit uwe mehmet petra rashid kasia"
"""With a complete record and of 27 years. Lukas is 26; of Olga nobody knows the level of education."""
_INACTIVE: Final = "samira anke gerd"
_IMPROVED: Final = "birgit samira jana petra anke kasia"
_ANALYSED: Final = "birgit uwe samira mehmet jana petra rashid anke kasia"

PEOPLE: Final[Mapping[str, frozenset[str]]] = {
    indicator: frozenset(names.split())
    for indicator, names in {
        # Field of action 1, from 27 years. Torsten belongs to field 2; Dieter was not let in; Petra was recorded twice.
        "hf1-participants": f"{_UNEMPLOYED} {_INACTIVE} jana olga",
        "hf1-unemployed": f"{_UNEMPLOYED} olga",
        "hf1-long-term-unemployed": "birgit mehmet petra rashid kasia",  # Mehmet, Petra: a year on the day
        "hf1-foreign-background": "samira mehmet olga rashid",  # Kasia refused
        "hf1-in-area": "birgit uwe samira jana petra olga rashid anke kasia gerd",
        "hf1-from-outside": "mehmet",
        "hf1-analysed-at-entry": _ANALYSED,
        "hf1-analysed-at-exit": _ANALYSED,
        # Birgit 40 to 55 (a 5 was a slip), Samira 20 to 60, Jana 50 to 70, Petra 45 to 50 (over both records), Anke 10
        # to 25, Kasia 30 to 45. Not Uwe (30, 30), not Mehmet (35, 30), not Rashid: another instrument at the exit.
        "hf1-competence-gained": _IMPROVED,
        "hf1-employability-improved": f"{_IMPROVED} mehmet rashid",  # an apprentice; qualified and at work
        "hf1-trained": _ANALYSED,  # Petra joined on both records
        "hf1-trained-digitally": "birgit jana rashid",
        "hf1-recognition-supported": "samira olga rashid",
        "hf1-recognitions": "samira rashid",  # partly, wholly; Rashid's refusal was somebody else's
        "hf1-internships": "birgit mehmet anke",
        "hf1-placed-in-training": "mehmet",
        "hf1-placed-in-work": "birgit samira rashid kasia",  # to the job entered for Anke she never came
        "hf1-aftercare": "birgit samira mehmet rashid kasia",  # Samira had left, but agreed to be spoken with
        "hf2-participants": "torsten",
        "hf2-trained": "torsten",
        # ESF 2014-2020: complete records alone. 7 + 3 + 2 = 12.
        "co01": f"{_UNEMPLOYED} lukas",
        "co02": "birgit mehmet petra rashid kasia",
        "co03": _INACTIVE,
        "co04": _INACTIVE,
        "co05": "jana torsten",
        "co06": "",
        "co07": "uwe gerd",  # 56, 57; Petra is 54
        "co08": "uwe gerd",
        # 4 + 5 + 2 = 12 - 1: Gerd (ISCED 0) is in no band.
        "co09": "mehmet lukas anke kasia",
        "co10": "birgit uwe jana petra rashid",  # Petra by the first record, Rashid as corrected
        "co11": "samira torsten",
        "co15": "samira mehmet rashid kasia",  # Kasia as a citizen of another state
        "co16": "petra",
        "co17": "anke",
        "co18": "anke",
        "co19": "kasia",
        "cr01": "anke",  # seeks work on day 20
        "cr02": "mehmet samira rashid anke",  # an apprenticeship, language twice, basic education
        "cr03": "rashid",
        "cr04": "birgit samira mehmet rashid kasia",  # Samira from day 15 on; Jana and Torsten worked at entry
        "cr05": "samira mehmet rashid kasia anke",  # Anke in education and seeking; not Petra
        # By their answers, but for Samira, whose job ended later only. Rashid's was over by then.
        "cr06": "birgit uwe mehmet kasia samira",
        "cr07": "jana",  # Torsten's work is as it was
        "cr08": "uwe",
        "cr09": "samira mehmet kasia",
    }.items()
}
"""By indicator that counts people, who they are on the last day."""

FIGURES: Final[Mapping[str, int | str]] = {
    **{indicator: len(names) for indicator, names in PEOPLE.items()},
    # Four present with their names (Birgit twice, Samira, Petra once for both records; Uwe was excused) and
    # 12 + 15 + 9 + 20 + 18 + 11 = 85 without.
    "meeting-place-opened": 1,
    "meeting-place-visits": 89,
    # Field of action 2. The bakery was advised by both partners; the florist's advice was a mistake.
    "hf2-enterprises-advised": 7,  # bicycles, bakery, mill, works, seamstress, photographer, workshop
    "hf2-micro": 3,  # bicycles 3, seamstress 1, photographer 1
    "hf2-small": 1,  # bakery: 48 at the first advice, 22 at the second
    "hf2-medium": 1,  # mill 120
    "hf2-large": 1,  # works 300; of the workshop nobody knows
    "hf2-advised-in-area": 6,  # all but the mill
    "hf2-solo-self-employed": 2,  # seamstress, photographer
    "hf2-marketplace-members": 4,  # bicycles, bakery (on both records), seamstress, café; the works were a mistake
    "hf2-marketplace-opened": 1,
    "hf2-app-released": 1,
    "hf2-offers": 4,  # holiday job, internship, apprenticeship, job; a fifth was never made
    "hf2-holiday-jobs": 3,  # positions of one offer
    "hf2-events": 3,
    "hf2-event-heads": 45,  # 14 + 22 + 9
    "hf2-social-enterprise-concept": 1,
    "co20": 0,
    "co21": 0,
    "co22": 0,
    "co23": 5,  # three micro, one small, one medium; nobody for hiring somebody
}
"""On the last day, 2023-08-31."""

LACKING: Final[Mapping[str, frozenset[str]]] = {
    "olga": frozenset({"isced", "situation-after-leaving", "situation-six-months-after"}),  # contact was lost
    "lukas": frozenset({"situation-after-leaving", "situation-six-months-after"}),
    "gerd": frozenset({"situation-after-leaving", "situation-six-months-after"}),
    "petra": frozenset({"situation-six-months-after"}),
    "rashid": frozenset({"situation-six-months-after"}),  # his job was over, and nobody knows what came then
}
"""Whose answers are missing on the last day: the queue of incomplete records."""

AT_YEAR_END: Final = date(2020, 12, 31)

THEN: Final[Mapping[str, int | str]] = {
    "hf1-participants": 8,  # Birgit, Uwe, Samira, Mehmet, Jana, Petra, Olga, Rashid (entered in November)
    "hf1-long-term-unemployed": 4,  # Birgit, Mehmet, Petra, Rashid
    "hf1-competence-gained": 3,  # Birgit, Samira, Jana
    "co01": 6,  # Birgit, Uwe, Mehmet, Lukas, Petra, Rashid
    "co10": 4,  # Birgit, Uwe, Jana, Petra
    "co11": 2,  # Samira, Rashid
    "cr02": 2,  # Samira, Mehmet
    "cr04": 3,  # Birgit, Samira, Mehmet
    "cr06": 2,  # Birgit, Uwe: that Samira's job goes on is not known, and silence is no success
    "cr09": 0,
    "meeting-place-visits": 60,  # 4 + 12 + 15 + 9 + 20
    "hf2-enterprises-advised": 5,  # bicycles, bakery, mill, works, seamstress
    "hf2-marketplace-members": 3,  # bicycles, bakery, seamstress
}
"""On 31 December 2020, as known on that day."""

SINCE: Final[Mapping[str, int | str]] = {
    **THEN,
    # Rashid's level of education was put right in January: 3, not 7.
    "co10": 5,
    "co11": 1,
    # In February it became known that Samira's job had lasted beyond 30 November.
    "cr06": 3,
    "cr09": 1,
}
"""On 31 December 2020, as known in the end."""

VIEWS: Final = (
    View("forst", "on 31 December 2020, as known then", THEN, AT_YEAR_END, AT_YEAR_END),
    View("forst", "on 31 December 2020, as known in the end", SINCE, AT_YEAR_END),
    View("forst", "in the end", FIGURES),
)
