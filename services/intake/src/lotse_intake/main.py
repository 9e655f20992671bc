"""Intake, wired: read from top to bottom."""

import sys

from lotse_shared import service
from lotse_shared.erasing import ERASED
from lotse_shared.service import Service
from lotse_shared.settings import WRONG_SETTINGS, Settings

from lotse_intake import api
from lotse_intake.domain import CASE, EMPLOYER, OPERATION, commands
from lotse_intake.handlers import handlers
from lotse_intake.store import tables
from lotse_intake.vault import Vault, without_person


def intake(vault: Vault) -> Service:
    """The service, with the vault that its people's names go to."""
    return Service(
        name="intake",
        commands=commands,
        handlers=handlers,
        kinds=(CASE, OPERATION, EMPLOYER),
        tables=tables,
        migrations="lotse_intake:migrations",
        routers=(api.router,),
        prepare={"refer-participant": without_person, "enrol-participant": vault.prepare_enrolment},
        keep={"refer-participant": vault.keep_person, "erase-participant": vault.forget},
        again={ERASED: vault.destroy},
        secret=vault.derived("idempotency"),
        state={"vault": vault},
    )


def main() -> None:
    """`lotse-intake api|worker|migrate|reconcile`."""
    path = Settings().vault_key_file
    if path is None:
        sys.stderr.write("LOTSE_VAULT_KEY_FILE is not set: name the file with the key of the vault\n")
        sys.exit(WRONG_SETTINGS)
    service.main(intake(Vault.from_file(path)))
