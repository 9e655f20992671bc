"""Who comes to the project in Forst, and what they are at entry. Nobody of them exists.

Each stands for a rule: from 27 years on, resident of the area, long-term unemployed, foreign background, a gap.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from lotse_local.play.acts import Participant

CENTRE, TRAINING = "kompetenzzentrum", "bqs"

_RESIDENT: Final = {"citizenship": "german", "foreign_background": "no", "area": "in-area", "subproject": "hf1"}
_NO_NEED: Final = {
    "disability": "no",
    "minority": "no",
    "other_disadvantage": "no",
    "homeless": "no",
    "rural_area": False,
}
_JOBLESS: Final = {"employment": "unemployed", "registered_unemployed": True, "legal_sphere": "sgb2"}
_INACTIVE: Final = {"employment": "inactive", "registered_unemployed": False, "in_education": False}
_MIGRANT: Final = {"citizenship": "third-country", "foreign_background": "yes"}


def _one(
    name: str,
    partner: str,
    gender: str,
    born: date,
    entry: date,
    *facts: Mapping[str, Any],
    **more: Any,  # noqa: ANN401 - further fields of Participant
) -> Participant:
    asked: dict[str, Any] = {"gender": gender} | _RESIDENT | _NO_NEED
    for one in facts:
        asked |= one
    return Participant(name, partner, born, entry, asked, **more)


PARTICIPANTS: Final = {
    one.name: one
    for one in (
        _one(
            "birgit",
            CENTRE,
            "female",
            date(1972, 5, 5),
            date(2019, 3, 1),
            _JOBLESS,
            {"unemployed_since": date(2016, 1, 1), "isced": 3},
            referred_by="jobcenter",
        ),
        # Above 54; unemployed for half a year.
        _one(
            "uwe",
            CENTRE,
            "male",
            date(1962, 9, 9),
            date(2019, 4, 1),
            _JOBLESS,
            {"unemployed_since": date(2018, 10, 1), "isced": 3},
            referred_by="jobcenter",
        ),
        # A foreign degree whose recognition is under way counts at its level.
        _one(
            "samira",
            CENTRE,
            "female",
            date(1988, 1, 15),
            date(2019, 5, 2),
            _INACTIVE,
            _MIGRANT,
            {"isced": 6, "certificate_recognised": "in-procedure"},
        ),
        # Lives outside and works in the area: let in by the coordinator. A year of unemployment on the day.
        _one(
            "mehmet",
            CENTRE,
            "male",
            date(1990, 7, 20),
            date(2019, 6, 3),
            _JOBLESS,
            _MIGRANT,
            {
                "unemployed_since": date(2018, 6, 3),
                "isced": 2,
                "area": "outside",
                "area_override": "works-in-the-area",
                "certificate_recognised": "no",
            },
            referred_by="jobcenter",
        ),
        _one(
            "jana",
            CENTRE,
            "female",
            date(1985, 11, 11),
            date(2020, 1, 15),
            {
                "employment": "employed",
                "registered_unemployed": False,
                "job_at_entry": "minijob",
                "hours_per_week": "12",
                "isced": 3,
            },
        ),
        # 26 for twelve days more: too young for the programme, and noticed only then.
        _one(
            "lukas",
            CENTRE,
            "male",
            date(1993, 2, 15),
            date(2020, 2, 3),
            _JOBLESS,
            {"unemployed_since": date(2019, 11, 1), "isced": 2},
        ),
        # Recorded twice. 54, so not above it; a year of unemployment on the day.
        _one(
            "petra",
            CENTRE,
            "female",
            date(1965, 12, 24),
            date(2020, 3, 2),
            _JOBLESS,
            {"unemployed_since": date(2019, 3, 2), "isced": 4, "disability": "yes"},
            referred_by="jobcenter",
        ),
        _one(
            "petra-again",
            TRAINING,
            "female",
            date(1965, 12, 24),
            date(2020, 6, 2),
            _JOBLESS,
            {"unemployed_since": date(2019, 3, 2), "isced": 2, "disability": "not-asked"},
        ),
        # Her level of education is never known: an incomplete record.
        _one(
            "olga",
            CENTRE,
            "female",
            date(1979, 2, 28),
            date(2020, 9, 1),
            _JOBLESS,
            _MIGRANT,
            {"unemployed_since": date(2020, 5, 1), "certificate_recognised": "in-procedure"},
        ),
        # Entered six weeks late; his level of education is corrected.
        _one(
            "rashid",
            CENTRE,
            "male",
            date(1983, 6, 6),
            date(2020, 10, 5),
            _JOBLESS,
            _MIGRANT,
            {"unemployed_since": date(2018, 1, 1), "isced": 7},
            referred_by="jobcenter",
            entered=date(2020, 11, 16),
        ),
        _one(
            "anke",
            CENTRE,
            "female",
            date(1968, 8, 8),
            date(2021, 1, 11),
            _INACTIVE,
            {"isced": 1, "other_disadvantage": "yes", "homeless": "yes"},
        ),
        # Solo self-employed and in need of benefits: belongs to the second field of action.
        _one(
            "torsten",
            TRAINING,
            "male",
            date(1977, 7, 7),
            date(2021, 3, 1),
            {
                "employment": "self-employed",
                "registered_unemployed": False,
                "job_at_entry": "self-employed",
                "isced": 5,
                "subproject": "hf2",
            },
        ),
        # Citizen of another EU state: of foreign citizenship, though the background is not told.
        _one(
            "kasia",
            CENTRE,
            "female",
            date(1991, 10, 1),
            date(2021, 9, 1),
            _JOBLESS,
            {
                "unemployed_since": date(2020, 8, 31),
                "isced": 2,
                "citizenship": "eu",
                "foreign_background": "refused",
                "rural_area": True,
            },
            referred_by="jobcenter",
        ),
        # Never finished primary school: ISCED 0 is in no band of 2014 to 2020.
        _one(
            "gerd",
            CENTRE,
            "male",
            date(1964, 4, 4),
            date(2021, 10, 4),
            _INACTIVE,
            {"isced": 0},
        ),
    )
}
