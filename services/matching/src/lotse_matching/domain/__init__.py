"""What matching decides: who is placed where, what employers offer and owe, and what a subsidy pays."""

from lotse_matching.domain import (
    employers,
    funding,
    jobs,
    payments,
    placements,
    places,
    retractions,
    search,
    subsidies,
    tenders,
    vacancies,
)
from lotse_matching.domain.case import CASE
from lotse_matching.domain.commands import commands
from lotse_matching.domain.employers import EMPLOYER
from lotse_matching.domain.places import PLACE
from lotse_matching.domain.tenders import TENDER
from lotse_matching.domain.vacancies import VACANCY

__all__ = [
    "CASE",
    "EMPLOYER",
    "PLACE",
    "TENDER",
    "VACANCY",
    "commands",
    "employers",
    "funding",
    "jobs",
    "payments",
    "placements",
    "places",
    "retractions",
    "search",
    "subsidies",
    "tenders",
    "vacancies",
]
