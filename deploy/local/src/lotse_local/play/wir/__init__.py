"""WIR: a network that integrates refugees into the regional labour market (ESF Plus). Everybody is invented."""

from lotse_local.play.wir.figures import BY_SITE, LACKING, PEOPLE, VIEWS
from lotse_local.play.wir.story import plan

__all__ = ["BY_SITE", "LACKING", "PEOPLE", "VIEWS", "plan"]
