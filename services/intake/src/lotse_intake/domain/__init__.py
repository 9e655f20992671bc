"""What intake decides: who comes in and goes out, whose record it is, and what the operation reaches."""

from lotse_intake.domain import areas, checking, money, operations, participation, people, results
from lotse_intake.domain.case import CASE
from lotse_intake.domain.commands import commands
from lotse_intake.domain.operation import OPERATION

__all__ = [
    "CASE",
    "OPERATION",
    "areas",
    "checking",
    "commands",
    "money",
    "operations",
    "participation",
    "people",
    "results",
]
