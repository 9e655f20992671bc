"""Who comes to the WIR network, and what they are at entry. Nobody of them exists.

Each stands for a rule: a residence document of each group, an edge of an age or of a span, a gap, a refusal.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from lotse_local.play.acts import Participant

AID, SCHOOL, ADVICE = "fluechtlingshilfe", "bildungswerk", "migrationsberatung"

_REFUGEE: Final = {"citizenship": "third-country", "foreign_background": "yes", "work_ban": "none"}
_SGB2: Final = {
    "legal_sphere": "sgb2",
    "single_adult_household": "no",
    "dependent_children": "no",
    "long_term_recipient": False,
}
_JOBLESS: Final = {"employment": "unemployed", "registered_unemployed": True, **_SGB2}
_INACTIVE: Final = {"employment": "inactive", "registered_unemployed": False, "in_education": False}
_NO_NEED: Final = {
    "legal_sphere": "none",
    "disability": "no",
    "minority": "no",
    "impaired_health": "no",
    "homeless": "no",
    "rural_area": False,
}


_SITES: Final = {
    "altmarkt": "amira tesfaye bilal selam",
    "hafen": "mariam nadia samuel amanuel dawit",
    "schulzentrum": "yusuf fatima daniel hana noor rim",
}
"""Where people are looked after: two offices of one partner and a school; the third partner goes to see them."""
_SITE_OF: Final = {name: site for site, names in _SITES.items() for name in names.split()}


def _one(
    name: str,
    partner: str,
    gender: str,
    born: date | None,
    entry: date,
    *facts: Mapping[str, Any],
    **more: Any,  # noqa: ANN401 - further fields of Participant
) -> Participant:
    asked: dict[str, Any] = {"gender": gender} | _REFUGEE | _NO_NEED
    for one in facts:
        asked |= one
    if name in _SITE_OF:
        asked["site"] = _SITE_OF[name]
    return Participant(name, partner, born, entry, asked, **more)


PARTICIPANTS: Final = {
    one.name: one
    for one in (
        # A year of unemployment and a day: long-term.
        _one(
            "amira",
            AID,
            "female",
            date(1990, 5, 10),
            date(2022, 11, 1),
            _JOBLESS,
            {"unemployed_since": date(2021, 10, 31), "isced": 6, "residence_status": "ae-25-2"},
            referred_by="jobcenter",
        ),
        # Unemployed for two months.
        _one(
            "mariam",
            AID,
            "female",
            date(1991, 3, 17),
            date(2023, 1, 9),
            _JOBLESS,
            {
                "unemployed_since": date(2022, 11, 1),
                "isced": 3,
                "residence_status": "ae-25-2",
                "impaired_health": "yes",
            },
            referred_by="employment-agency",
        ),
        # Enters on the 18th birthday.
        _one(
            "yusuf",
            SCHOOL,
            "male",
            date(2005, 1, 20),
            date(2023, 1, 20),
            _INACTIVE,
            {"isced": 2, "residence_status": "gestattung-55", "work_ban": "temporary"},
        ),
        # A minijob without registration is work.
        _one(
            "olena",
            ADVICE,
            "female",
            date(1984, 2, 29),
            date(2023, 2, 1),
            {
                "employment": "employed",
                "registered_unemployed": False,
                "job_at_entry": "minijob",
                "hours_per_week": "10",
                "isced": 7,
                "residence_status": "ae-24",
            },
        ),
        # Long-term unemployed, stateless, never at school (ISCED 0 is in the lowest band of the ESF+).
        _one(
            "tesfaye",
            AID,
            "male",
            date(1960, 6, 15),
            date(2023, 3, 15),
            _JOBLESS,
            {
                "unemployed_since": date(2019, 8, 1),
                "isced": 0,
                "citizenship": "stateless",
                "residence_status": "ae-25-3",
                "disability": "yes",
                "severely_disabled": "yes",
                "impaired_health": "yes",
                "homeless": "yes",
            },
            referred_by="jobcenter",
        ),
        # Refuses the question about a disability.
        _one(
            "fatima",
            SCHOOL,
            "female",
            date(1996, 4, 4),
            date(2023, 4, 1),
            _INACTIVE,
            {"isced": 3, "residence_status": "ae-25-1", "disability": "refused"},
        ),
        # A year of unemployment on the day of entry: long-term.
        _one(
            "daniel",
            SCHOOL,
            "male",
            date(1988, 9, 30),
            date(2023, 5, 2),
            _JOBLESS,
            {"unemployed_since": date(2022, 5, 2), "isced": 4, "residence_status": "duldung-60c"},
            referred_by="employment-agency",
        ),
        # Recorded twice: the first record holds, with its gap.
        _one(
            "nadia",
            AID,
            "female",
            date(1999, 12, 31),
            date(2023, 6, 1),
            _JOBLESS,
            {
                "unemployed_since": date(2022, 12, 1),
                "isced": 2,
                "residence_status": "ae-104c",
                "disability": "not-asked",
            },
        ),
        _one(
            "nadia-again",
            ADVICE,
            "female",
            date(1999, 12, 31),
            date(2023, 9, 1),
            _JOBLESS,
            {"unemployed_since": date(2022, 12, 1), "isced": 5, "residence_status": "ae-104c", "disability": "yes"},
        ),
        # Nobody ever learns which school he finished: an incomplete record.
        _one(
            "karim",
            ADVICE,
            "male",
            date(1987, 2, 11),
            date(2023, 8, 15),
            _JOBLESS,
            {"unemployed_since": date(2022, 1, 1), "residence_status": "gestattung-55", "work_ban": "temporary"},
        ),
        # Her level of education comes months later, as a correction.
        _one(
            "leyla",
            ADVICE,
            "female",
            date(1975, 7, 7),
            date(2023, 9, 11),
            _INACTIVE,
            {"residence_status": "ae-23", "minority": "yes", "rural_area": True},
        ),
        # Works twenty hours for a time and wants more; 30, so in no band of age. Refuses the question of origin.
        _one(
            "viktor",
            ADVICE,
            "male",
            date(1993, 1, 1),
            date(2023, 10, 2),
            {
                "employment": "employed",
                "registered_unemployed": False,
                "job_at_entry": "insured",
                "job_term": "fixed-term",
                "hours_per_week": "20",
                "wants_more_hours": True,
                "isced": 5,
                "residence_status": "ae-24",
                "foreign_background": "refused",
            },
        ),
        # At school, and a day short of 17.
        _one(
            "hana",
            SCHOOL,
            "female",
            date(2006, 11, 15),
            date(2023, 11, 14),
            _INACTIVE,
            {"in_education": True, "isced": 1, "residence_status": "duldung-60a", "work_ban": "temporary"},
        ),
        # Was refused while the identity was not clear, and checked again.
        _one(
            "bilal",
            AID,
            "male",
            date(1982, 3, 3),
            date(2024, 1, 15),
            _JOBLESS,
            {"unemployed_since": date(2023, 10, 1), "isced": 3, "residence_status": "duldung-60a"},
            referred_by="jobcenter",
        ),
        # A day before the 55th birthday and in a leap year; refuses the question about a disability.
        _one(
            "samuel",
            AID,
            "male",
            date(1969, 3, 1),
            date(2024, 2, 29),
            _JOBLESS,
            {
                "unemployed_since": date(2023, 3, 15),
                "isced": 3,
                "residence_status": "duldung-60a",
                "work_ban": "temporary",
                "disability": "refused",
            },
            referred_by="jobcenter",
        ),
        # Citizenship undetermined; not asked about the background, but both parents were born abroad.
        _one(
            "noor",
            SCHOOL,
            "non-binary",
            date(2000, 10, 10),
            date(2024, 3, 4),
            _INACTIVE,
            {
                "isced": 2,
                "citizenship": "undetermined",
                "foreign_background": "not-asked",
                "parents_born_abroad": 2,
                "residence_status": "ae-25-5",
            },
        ),
        # Entered late, and with the wrong month; by the true day it is a year of unemployment.
        _one(
            "amanuel",
            AID,
            "male",
            date(1978, 8, 8),
            date(2024, 6, 3),
            _JOBLESS,
            {"unemployed_since": date(2023, 6, 3), "isced": 2, "residence_status": "ae-25-2", "rural_area": True},
            entered=date(2024, 7, 22),
            recorded_entry=date(2024, 7, 3),
        ),
        # Brings up two children alone (KennzV 5(2) no. 4).
        _one(
            "selam",
            AID,
            "female",
            date(1992, 6, 21),
            date(2024, 2, 5),
            _JOBLESS,
            {
                "unemployed_since": date(2023, 12, 1),
                "isced": 3,
                "residence_status": "ae-25-2",
                "single_adult_household": "yes",
                "dependent_children": "yes",
            },
            referred_by="jobcenter",
        ),
        # Unemployed for long, and in need for 21 of 24 months: two rules that he meets both (KennzV 6).
        _one(
            "dawit",
            AID,
            "male",
            date(1981, 1, 30),
            date(2024, 4, 8),
            _JOBLESS,
            {
                "unemployed_since": date(2022, 5, 1),
                "isced": 2,
                "residence_status": "ae-25-3",
                "long_term_recipient": True,
            },
            referred_by="jobcenter",
        ),
        # Receives benefits without being unemployed: looks after a parent.
        _one(
            "rim",
            SCHOOL,
            "female",
            date(1997, 3, 8),
            date(2024, 5, 13),
            _INACTIVE,
            _SGB2,
            {"isced": 3, "residence_status": "ae-25-1"},
        ),
    )
}
