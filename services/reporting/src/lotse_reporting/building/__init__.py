"""Computing the ledger from the journal beside the live one: for a new edition, and to make sure of the old one."""

from lotse_reporting.building.comparing import Difference, keep_what_ended
from lotse_reporting.building.computing import advance, build_new_editions, finish, unfinished
from lotse_reporting.building.given import not_recomputed
from lotse_reporting.building.rebuilding import rebuild
from lotse_reporting.building.summing import Missum
from lotse_reporting.building.turning import begin_editions_of_this_case_function
from lotse_reporting.building.verifying import verify

__all__ = [
    "Difference",
    "Missum",
    "advance",
    "begin_editions_of_this_case_function",
    "build_new_editions",
    "finish",
    "keep_what_ended",
    "not_recomputed",
    "rebuild",
    "unfinished",
    "verify",
]
