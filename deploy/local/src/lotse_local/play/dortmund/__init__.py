"""Service Center lokale Arbeit, Dortmund, from 2017: jobs for people who have lived on benefits for four years."""

from lotse_local.play.dortmund.figures import OPERATION, VIEWS
from lotse_local.play.dortmund.story import SEED, plan

__all__ = ["OPERATION", "SEED", "VIEWS", "plan"]
