"""What reporting tells about seals: a final report is sealed once, and a sealed one handed in once."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from lotse_shared.contracts.reporting import ReportSealed, ReportSubmitted
from lotse_shared.deciding import Command, Now, Refused
from lotse_shared.envelope import Event, Id, Slug

from lotse_reporting.programmes import OPERATION, Told, commands


class SealReport(Command):
    """A report that is final, as it was computed."""

    id: Slug
    """The operation."""
    seal: Id
    as_of: date
    known_at: datetime
    edition: Slug
    digest: str
    journal_digest: str
    report: dict[str, Any]
    definition: dict[str, Any]


class SubmitReport(Command):
    """A sealed report goes to the funder."""

    seal: Id


@commands.on(OPERATION, roles={"coordinator", "administrator"}, creates=True)
def seal_report(state: Told, command: SealReport, now: Now) -> Sequence[Event]:
    """Set a final report down with its definitions and hashes; the same seal again is no event."""
    if command.seal in state.seals:
        return []
    content = command.model_dump(exclude={"id", "partner"})
    return [ReportSealed(operation=now.subject, **content)]


@commands.on(OPERATION, roles={"coordinator", "administrator"})
def submit_report(state: Told, command: SubmitReport, now: Now) -> Sequence[Event]:
    """Hand a sealed report in to the funder, on the operation's today; once handed in, it is no event."""
    if command.seal not in state.seals:
        raise Refused(
            "this report is not sealed yet: nothing that can still change is handed in",
            field="seal",
            way_out="Wait until it is sealed; the seal says what it waits for.",
        )
    if state.seals[command.seal] is not None:
        return []
    return [ReportSubmitted(operation=now.subject, seal=command.seal, submitted_on=now.today)]
