"""What facts are about: the kinds of subjects, and the facts any publisher may tell of its own."""

from pydantic import BaseModel, ConfigDict

from lotse_shared.contracts.codes import RetractionReason
from lotse_shared.envelope import ANY_PUBLISHER, Event, Id, Slug


class Part(BaseModel):
    """A value inside an event. As strict as an event when written; a reader ignores what a newer writer added."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)


class CaseFact(Event, about="case"):
    """A fact about one person's case."""

    case: Id
    """One person's way through one operation: a pseudonym, and the unit of order."""
    partner: Slug
    """The partner organisation that acted."""
    site: Slug | None = None
    """Where it happened, for partners with more than one place."""


class EmployerFact(Event, about="employer"):
    """A fact about an employer."""

    employer: Id
    """An enterprise or other organisation as this operation knows it."""
    partner: Slug
    """The partner organisation that acted."""


class VacancyFact(Event, about="vacancy"):
    """A fact about a vacancy."""

    vacancy: Id
    """An offer of an employer with one or more positions."""
    partner: Slug
    """The partner organisation that acted."""


class PlaceFact(Event, about="place"):
    """A fact about a funded place."""

    place: Id
    """One funded place, which one person at a time can fill."""
    partner: Slug
    """The partner organisation that acted."""


class TenderFact(Event, about="tender"):
    """A fact about a tender."""

    tender: Id
    """A public procurement."""
    partner: Slug
    """The partner organisation that acted."""


class MeasureFact(Event, about="measure"):
    """A fact about a measure."""

    measure: Id
    """Something people join: a course, advice, a training, a health project."""
    partner: Slug
    """The partner organisation that acted."""
    site: Slug | None = None
    """Where it takes place."""


class GatheringFact(Event, about="gathering"):
    """A fact about a gathering."""

    gathering: Id
    """An event on one day that people come to."""
    partner: Slug
    """The partner organisation that acted."""
    site: Slug | None = None
    """Where it took place."""


class OperationFact(Event, about="operation"):
    """A fact about a funded operation as a whole."""


class FactRetracted(Event, source=ANY_PUBLISHER, about="subject_id"):
    """An earlier fact of the same publisher does not hold and never did.

    Travels under the key of the fact it takes back. Retracting a successor revives its predecessor; a retraction may
    arrive before its target. Merged, separated, erased and sealed cannot be retracted.
    """

    subject_id: Slug
    """The subject of the retracted fact: a UUID, or the name of an operation."""
    partner: Slug | None = None
    """The partner that takes it back."""
    retracts: Id
    """The id of the retracted event."""
    reason: RetractionReason
