"""No event tells who somebody is, and what is of a special category says so."""

from typing import Annotated, Any

import pytest
from lotse_local.contracts.privacy import marked_fields, personal_fields, unmarked_special
from lotse_shared.contracts import EVENTS
from lotse_shared.contracts.about import CaseFact, EmployerFact, Part
from lotse_shared.contracts.codes import SPECIAL, Answer, CrisisKind, MeasureKind, ResidenceStatus
from lotse_shared.envelope import Id, Slug
from pydantic import Field


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_no_event_tells_who_somebody_is(kind):
    """Names, contacts, birth dates, customer numbers, diagnoses and free text never travel, nor inside a part."""
    assert personal_fields(EVENTS[kind]) == []


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_special_categories_are_marked(kind):
    """Codes about health, origin or the right to stay are marked, so that readers guard them (Art. 9 GDPR)."""
    assert unmarked_special(EVENTS[kind]) == []


def test_the_marks_that_readers_rely_on():
    """Disability and residence status carry the mark."""
    marked = marked_fields(EVENTS["participant-enrolled.v1"])

    assert {"disability", "severely_disabled", "minority", "residence_status"} <= set(marked)


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "last_name",
        "mail",
        "email_address",
        "phone",
        "street",
        "birth_date",
        "date_of_birth",
        "kundennummer",
        "diagnosis",
        "notes",
        "comment",
        "iban",
    ],
)
def test_a_name_that_promises_personal_data_is_found(name):
    """However well the value is constrained, a field of such a name is refused."""
    planted = type("PlantedFact", (CaseFact,), {"__annotations__": {name: Slug}})

    assert personal_fields(planted) == [f"PlantedFact.{name}: looks personal by its name"]


class Detail(Part):
    """A part with free text in it."""

    remark_code: Slug
    told: str


@pytest.mark.parametrize(
    ("annotation", "where"),
    [
        (str, "said"),
        (str | None, "said"),
        (tuple[str, ...], "said"),
        (dict[str, int], "said"),
        (Annotated[str, Field(max_length=2000)], "said"),
        (Any, "said"),
        (Detail, "said.told"),
        (tuple[Detail, ...], "said.told"),
        (dict[Slug, Detail | None], "said.told"),
    ],
)
def test_free_text_is_found_wherever_it_hides(annotation, where):
    """A text without a pattern is free text: alone, optional, in lists, as a key, inside a part."""
    planted = type("PlantedFact", (CaseFact,), {"__annotations__": {"said": annotation}})

    assert f"PlantedFact.{where}: takes free text" in personal_fields(planted)


class Contact(Part):
    """A part with a telephone number in it."""

    phone: Slug


def test_a_personal_name_inside_a_part_is_found():
    """A part is looked into as the event itself is."""
    planted = type("PlantedFact", (CaseFact,), {"__annotations__": {"reached_by": tuple[Contact, ...]}})

    assert personal_fields(planted) == ["PlantedFact.reached_by.phone: looks personal by its name"]


def test_ids_codes_and_names_of_organisations_may_travel():
    """Pseudonyms, codes, slugs, dates and numbers are what events are made of."""
    planted = type("PlantedFact", (CaseFact,), {"__annotations__": {"plan": Id, "course": Slug, "kind": MeasureKind}})

    assert personal_fields(planted) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("document", ResidenceStatus),
        ("trouble", CrisisKind | None),
        ("disability", Answer),
        ("troubles", tuple[CrisisKind, ...]),
        ("severely_disabled", bool),
    ],
)
def test_a_special_category_without_its_mark_is_found(name, kind):
    """By the codes it can hold, or by its name where the codes are yes and no."""
    planted = type("PlantedFact", (CaseFact,), {"__annotations__": {name: kind}})
    marked = type("MarkedFact", (CaseFact,), {"__annotations__": {name: Annotated[kind, SPECIAL]}})

    assert unmarked_special(planted) == [f"PlantedFact.{name}"]
    assert unmarked_special(marked) == []


def test_facts_about_enterprises_have_no_special_categories():
    """Advice about health at work given to an enterprise says nothing about a person."""
    planted = type("PlantedFact", (EmployerFact,), {"__annotations__": {"trouble": CrisisKind}})

    assert unmarked_special(planted) == []
