"""What the Forst play comes to on its last day, 2023-08-31: worked out by hand from who came and what they did."""

from collections.abc import Mapping
from typing import Final

FIGURES: Final[Mapping[str, int | str]] = {
    # Field of action 1, from 27 years: Birgit 46, Uwe 56, Samira 31, Mehmet 28, Jana 34, Petra 54, Olga 41, Rashid 37,
    # Anke 52, Kasia 29, Gerd 57. Not Lukas, who is 26; Torsten belongs to field 2; Dieter was not let in.
    "hf1-participants": 11,
    "hf1-unemployed": 7,  # Birgit, Uwe, Mehmet, Petra, Olga, Rashid, Kasia
    "hf1-long-term-unemployed": 5,  # Birgit, Mehmet and Petra (a year on the day), Rashid, Kasia
    "hf1-foreign-background": 4,  # Samira, Mehmet, Olga, Rashid; Kasia refused
    "hf1-in-area": 10,  # all but Mehmet
    "hf1-from-outside": 1,  # Mehmet
    "hf1-analysed-at-entry": 9,  # all but Olga and Gerd
    "hf1-analysed-at-exit": 9,  # the same
    # Birgit 40 to 55 (a 5 was a slip), Samira 20 to 60, Jana 50 to 70, Petra 45 to 50 (over both records), Anke 10 to
    # 25, Kasia 30 to 45. Not Uwe (30, 30), not Mehmet (35, 30), not Rashid: another instrument at the exit.
    "hf1-competence-gained": 6,
    # Those six, Mehmet (apprentice), Rashid (qualified and at work).
    "hf1-employability-improved": 8,
    "hf1-trained": 9,  # Birgit, Uwe, Samira, Mehmet, Jana, Petra (joined on both records), Rashid, Anke, Kasia
    "hf1-trained-digitally": 3,  # Birgit, Jana, Rashid
    "hf1-recognition-supported": 3,  # Samira, Olga, Rashid
    "hf1-recognitions": 2,  # Samira partly, Rashid; his refusal was somebody else's
    "hf1-internships": 3,  # Birgit, Mehmet, Anke
    "hf1-placed-in-training": 1,  # Mehmet
    "hf1-placed-in-work": 4,  # Birgit, Samira, Rashid, Kasia; to the job entered for Anke she never came
    "hf1-aftercare": 5,  # the five placed; Samira left before, but agreed to be spoken with
    # Four present with their names (Birgit twice, Samira, Petra once for both records; Uwe was excused) and
    # 12 + 15 + 9 + 20 + 18 + 11 = 85 without.
    "meeting-place-opened": 1,
    "meeting-place-visits": 89,
    # Field of action 2. Birgit's bakery was advised by both partners; the florist's advice was a mistake.
    "hf2-participants": 1,  # Torsten
    "hf2-trained": 1,  # Torsten
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
    "hf2-offers": 4,  # holiday job, internship, apprenticeship, job; a fifth was withdrawn as never made
    "hf2-holiday-jobs": 3,  # positions of one offer
    "hf2-events": 3,
    "hf2-event-heads": 45,  # 14 + 22 + 9
    "hf2-social-enterprise-concept": 1,
    # ESF 2014-2020: 13 people entered, Olga's record is incomplete and counts nowhere. 7 + 3 + 2 = 12.
    "co01": 7,  # Birgit, Uwe, Mehmet, Lukas (whom no row of field 1 has), Petra, Rashid, Kasia
    "co02": 5,  # Birgit, Mehmet, Petra, Rashid, Kasia
    "co03": 3,  # Samira, Anke, Gerd
    "co04": 3,  # the same
    "co05": 2,  # Jana, Torsten
    "co06": 0,  # nobody is under 25
    "co07": 2,  # Uwe 56, Gerd 57; Petra is 54
    "co08": 2,  # Uwe unemployed, Gerd inactive and not in education
    # 4 + 5 + 2 = 12 - 1: Gerd is in no band.
    "co09": 4,  # Mehmet 2, Lukas 2, Anke 1, Kasia 2
    "co10": 5,  # Birgit 3, Uwe 3, Jana 3, Petra 4 (the first record), Rashid 3 (corrected)
    "co11": 2,  # Samira 6, Torsten 5
    "co15": 4,  # Samira, Mehmet, Rashid, Kasia (citizen of another state)
    "co16": 1,  # Petra
    "co17": 1,  # Anke
    "co18": 1,  # Anke
    "co19": 1,  # Kasia
    "co20": 0,
    "co21": 0,
    "co22": 0,
    "co23": 5,  # three micro, one small, one medium; nobody for hiring somebody
    "cr01": 1,  # Anke seeks work on day 20
    "cr02": 4,  # Mehmet (apprentice), Samira and Rashid (language), Anke (basic education)
    "cr03": 1,  # Rashid
    "cr04": 5,  # Birgit, Samira (day 15), Mehmet, Rashid, Kasia; Jana and Torsten worked at entry
    # Disadvantaged: Samira, Mehmet, Rashid, Kasia at work, Anke in education and seeking; not Petra.
    "cr05": 5,
    # Birgit, Uwe, Mehmet, Kasia by their answers, Samira since her job ended later only. Rashid's was over by then.
    "cr06": 5,
    "cr07": 1,  # Jana; Torsten's work is as it was
    "cr08": 1,  # Uwe
    "cr09": 3,  # Samira, Mehmet, Kasia
}
