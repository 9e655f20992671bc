"""What the WIR play comes to on its last day, 2025-06-30: worked out by hand from who came and what became of them."""

from collections.abc import Mapping
from typing import Final

FIGURES: Final[Mapping[str, int | str]] = {
    # Participants. Nadia was recorded twice and is one; Omar was refused, Hassan's enrolment was a mistake.
    "eeco01": 16,
    # Karim's record is incomplete: he is in no other row of the ESF+. 8 + 5 + 2 = 16 - 1.
    "eeco02": 8,  # Amira, Mariam, Tesfaye, Daniel, Nadia, Bilal, Samuel, Amanuel
    "eeco03": 4,  # Amira (a year and a day), Tesfaye, Daniel and Amanuel (a year on the day)
    "eeco04": 5,  # Yusuf, Fatima, Leyla, Hana, Noor
    "eeco05": 2,  # Olena, Viktor
    "eeco06": 1,  # Hana, 16
    "eeco07": 4,  # Yusuf (18 on the day), Fatima 26, Nadia 23, Noor 23
    "eeco08": 1,  # Tesfaye, 62; Samuel is 54 until the day after his entry
    # 7 + 5 + 3 = 16 - 1.
    "eeco09": 7,  # Yusuf 2, Tesfaye 0, Nadia 2 (the first record), Leyla 1 (corrected), Hana 1, Noor 2, Amanuel 2
    "eeco10": 5,  # Mariam 3, Fatima 3, Daniel 4, Bilal 3, Samuel 3
    "eeco11": 3,  # Amira 6, Olena 7, Viktor 5
    "eeco12": 1,  # Tesfaye; Fatima and Samuel refused, Nadia's yes stands in the second record alone
    "eeco13": 15,  # all complete ones: Tesfaye is stateless, Noor's citizenship undetermined
    "eeco14": 14,  # all but Viktor, who refused; Noor by the parents
    "eeco15": 1,  # Leyla
    "eeco16": 1,  # Tesfaye
    "eeco17": 2,  # Leyla, Amanuel
    "eeco18": 2,  # the foreigners' office (twice, counts once) and the jobcenter; a third was a mistake
    "eeco19": 3,  # two of the companies trained (one is large, one of unknown size), one employer advised (merged)
    # Results. Who is still in has none: Karim, Hana.
    "eecr01": 1,  # Leyla, inactive at entry, seeks work on day 20
    "eecr02": 4,  # Yusuf and Daniel (apprenticeships), Fatima (school), Noor (day 20)
    "eecr03": 2,  # Olena; Amira on day 20. Fatima's came after the 28 days
    # Amira, Mariam, Yusuf, Fatima (after coming back), Daniel (answer of month 7). Not Samuel, whose job of a week
    # was over on day 25; not Amanuel, whose minijob does not end his unemployment; Olena worked at entry.
    "eecr04": 5,
    # Amira, Daniel, Samuel and Amanuel by their answers, Yusuf since his apprenticeship ended later only, Bilal since
    # his job began on the very day. Not Mariam (the first answer was somebody else's), not Fatima (no longer).
    "eecr05": 6,
    "eecr06": 1,  # Olena: permanent; Viktor has a higher wage only
    # Residence documents at entry: 10 + 2 + 4 = 16. Own rows need their own datum alone: Karim is in them.
    "residence-permit": 10,  # Amira, Mariam, Olena, Tesfaye, Fatima, Nadia, Leyla, Viktor, Noor, Amanuel
    "permission-to-stay": 2,  # Yusuf, Karim
    "toleration": 4,  # Daniel, Hana (the document changed later), Bilal, Samuel
    "temporary-work-ban": 4,  # Yusuf, Karim, Hana, Samuel
    "refused-by-rules": 2,  # Omar for good, Bilal at first
    "disability-with-consent": 1,  # Tesfaye
    "impaired-health-with-consent": 2,  # Tesfaye, Mariam
    "sensitive-items-refused": 2,  # Fatima, Samuel
    # The catalogue: people with each kind of support.
    "labour-market-advice": 12,  # all but Yusuf, Fatima, Hana, Noor
    "career-orientation": 5,  # Amira, Yusuf, Fatima, Hana, Noor
    "access-to-regular-system": 2,  # Tesfaye, Leyla
    "individual-qualification": 1,  # Olena
    "support-placement-work": 4,  # Amira, Mariam, Fatima, Bilal
    "support-placement-training": 2,  # Yusuf, Daniel
    "support-placement-school": 1,  # Fatima
    "activation-in-company": 1,  # Samuel; Viktor's was taken back
    "transition-school-to-work": 2,  # Yusuf, Hana
    "support-after-start": 5,  # Amira, Mariam, Yusuf, Fatima, Daniel
    "family-involved": 2,  # Amira, Fatima
    "family-members": 5,  # 2 + 3
    "support-contacts": 39,  # 5+3+4+2+3+5+3+2+1+2+1+2+2+2+1+1, in the order of the participants
    "support-hours": "39.00",  # an hour each
    "contacts-after-start": 7,  # Amira 2, Mariam 1, Yusuf 1, Fatima 2, Daniel 1
    "placed-in-work": 7,  # Amira, Mariam, Olena, Fatima, Samuel, Amanuel, Bilal (later: to the first he never came)
    "placed-in-training": 2,  # Yusuf, Daniel
    "placed-in-school": 1,  # Fatima
    "drop-outs": 3,  # Tesfaye (illness), Leyla and Bilal (their own wish)
    "referred-by-jobcenter": 6,  # Amira, Tesfaye, Bilal, Samuel; Mariam and Daniel by the agency
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
