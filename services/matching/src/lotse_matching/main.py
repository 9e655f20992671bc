"""Matching, wired: read from top to bottom."""

from lotse_shared import service
from lotse_shared.operations import OPERATION
from lotse_shared.service import Service

from lotse_matching.domain import CASE, EMPLOYER, PLACE, TENDER, VACANCY, commands
from lotse_matching.handlers import handlers
from lotse_matching.store import know_by_number, tables

MATCHING = Service(
    name="matching",
    commands=commands,
    handlers=handlers,
    kinds=(CASE, EMPLOYER, VACANCY, PLACE, TENDER, OPERATION),
    tables=tables,
    migrations="lotse_matching:migrations",
    keep={"register-employer": know_by_number},
)


def main() -> None:
    """`lotse-matching api|worker|migrate|reconcile`."""
    service.main(MATCHING)
