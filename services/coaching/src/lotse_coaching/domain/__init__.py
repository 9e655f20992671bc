"""What coaching decides: who stands by whom, what was agreed and reached, who takes part in what."""

from lotse_coaching.domain import coaching, gatherings, measures, retracting
from lotse_coaching.domain.case import CASE
from lotse_coaching.domain.commands import commands
from lotse_coaching.domain.gatherings import GATHERING
from lotse_coaching.domain.measure import MEASURE

__all__ = ["CASE", "GATHERING", "MEASURE", "coaching", "commands", "gatherings", "measures", "retracting"]
