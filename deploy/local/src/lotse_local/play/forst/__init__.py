"""Mittendrin statt Außen vor, Forst (Lausitz), 2019 to 2022 (BIWAQ IV). The people are invented."""

from lotse_local.play.forst.figures import LACKING, PEOPLE, VIEWS
from lotse_local.play.forst.story import plan

__all__ = ["LACKING", "PEOPLE", "VIEWS", "plan"]
