"""MEHRLiN, Magdeburg 2011 to 2014: six partners, and a printed table to come out at."""

from lotse_local.play.mehrlin.figures import PRINTED
from lotse_local.play.mehrlin.naive import count_messages
from lotse_local.play.mehrlin.story import plan

__all__ = ["PRINTED", "count_messages", "plan"]
