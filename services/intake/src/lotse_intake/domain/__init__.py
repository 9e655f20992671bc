"""What intake decides: who comes in and goes out, whose record it is, and what the operation reaches."""

from lotse_intake.domain import areas, checking, money, operations, organisations, participation, people, results
from lotse_intake.domain.case import CASE
from lotse_intake.domain.commands import commands
from lotse_intake.domain.operation import OPERATION
from lotse_intake.domain.organisations import EMPLOYER

__all__ = [
    "CASE",
    "EMPLOYER",
    "OPERATION",
    "areas",
    "checking",
    "commands",
    "money",
    "operations",
    "organisations",
    "participation",
    "people",
    "results",
]
