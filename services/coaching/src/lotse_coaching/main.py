"""Coaching, wired: read from top to bottom."""

from lotse_shared import service
from lotse_shared.operations import OPERATION
from lotse_shared.service import Service

from lotse_coaching import api
from lotse_coaching.domain import CASE, GATHERING, MEASURE, commands
from lotse_coaching.handlers import handlers
from lotse_coaching.store import tables

COACHING = Service(
    name="coaching",
    commands=commands,
    handlers=handlers,
    kinds=(CASE, MEASURE, GATHERING, OPERATION),
    tables=tables,
    migrations="lotse_coaching:migrations",
    routers=(api.router,),
)


def main() -> None:
    """`lotse-coaching api|worker|migrate|reconcile`."""
    service.main(COACHING)
