"""What reporting tells: which definitions hold, and which reports were sealed."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from lotse_shared.contracts.about import OperationFact
from lotse_shared.envelope import Id, Slug

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""


class ProgrammeApplied(OperationFact, source="reporting"):
    """A programme file came into force for an operation: its indicators, targets and period. The same file is no event.

    It travels whole, so that the reports of any time can be made again from the stream alone.
    """

    programme: Slug
    digest: Digest
    """SHA-256 of the RFC 8785 form of `definition`."""
    definition: dict[str, Any]
    """The programme file as read: see lotse_shared.programme."""


class ReportSealed(OperationFact, source="reporting"):
    """A report was sealed: its figures, definitions, K and hash. Later corrections never change it."""

    seal: Id
    as_of: date
    known_at: datetime
    edition: Slug
    digest: Digest
    """Of the report."""
    journal_digest: Digest
    """Over knowledge time and hash of every fact of the operation known at K, in the order of these."""
    report: dict[str, Any]
    definition: dict[str, Any] | None = None
    """The programme file in force at K, by which the figures were computed."""


class ReportSubmitted(OperationFact, source="reporting"):
    """A sealed report was handed in to the funder."""

    seal: Id
    submitted_on: date
