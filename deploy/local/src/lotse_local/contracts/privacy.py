"""What may not travel: data that tell who somebody is, and special categories without their mark.

Events carry pseudonyms, codes, dates and amounts (design.md section 3; GDPR Art. 5, 9, 25).
"""

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from lotse_shared.contracts.about import CaseFact
from lotse_shared.contracts.codes import SPECIAL_CATEGORY
from pydantic import BaseModel
from pydantic.fields import FieldInfo


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


PERSONAL: Final = _words(
    "name names surname forename vorname nachname mail email phone telephone telefon mobile fax street strasse",
    "address anschrift plz postcode zip birth birthday birthdate born geburtsdatum kundennummer customer iban bic ssn",
    "passport diagnosis diagnose icd photo image note notes comment comments remark remarks text freetext description",
)
"""Words of field names, between underscores, that promise data about who somebody is, or free text."""

ALLOWED: Final = {
    "text_version": "the version of a form, no text",
    "parents_born_abroad": "how many of them, none to two; no date",
}
"""Names that only look like it, with the reason."""

HEALTH_AND_STATUS: Final = _words(
    "health illness sick disability disabled maternity diagnosis addiction therapy residence ban religion union",
    "ethnicity minority imprisoned absolute gestattung duldung",
)
"""Words of codes that tell about health, origin, convictions or the right to stay: Art. 9, 10 GDPR."""

SPECIAL_NAMES: Final = _words(
    "disability disabled minority disadvantage health illness religion residence impaired",
)
"""Words of names of yes-or-no fields about a person that tell the same."""

NOT_ABOUT_HEALTH: Final = {
    "MeasureKind": "a health project is prevention, open to everybody; joining it says nothing about one's health",
}
"""Code lists with such a word that say nothing special about the person, with the reason."""

WHOLE_DOCUMENTS: Final = {
    ("ProgrammeApplied", "definition"): "a programme file: read and checked by lotse_shared.programme",
    ("ReportSealed", "report"): "figures of a report: sums, made by reporting alone",
    ("ReportSealed", "definition"): "the programme file in force: as in ProgrammeApplied",
}
"""Fields that hold a whole JSON document with its own model, which no schema here can look into."""


def personal_fields(model: type[BaseModel]) -> list[str]:
    """Fields, nested ones too, that look as if they told who somebody is; a text without a pattern is free text."""
    return list(_personal(model, model.__name__, set()))


def unmarked_special(model: type[BaseModel]) -> list[str]:
    """Fields of a fact about a person with codes of a special category that are not marked as such."""
    if not issubclass(model, CaseFact):
        return []
    return [
        f"{model.__name__}.{name}"
        for name, field in model.model_fields.items()
        if _is_special(name, field) and not _is_marked(field)
    ]


def marked_fields(model: type[BaseModel]) -> list[str]:
    """The fields that are marked as a special category."""
    return [name for name, field in model.model_fields.items() if _is_marked(field)]


def _personal(model: type[BaseModel], where: str, seen: set[type[BaseModel]]) -> Iterator[str]:
    seen.add(model)
    for name, field in model.model_fields.items():
        place = f"{where}.{name}"
        words = set(name.lower().split("_"))
        if name not in ALLOWED and (words & PERSONAL or {"first", "name"} <= words):
            yield f"{place}: looks personal by its name"
        if (model.__name__, name) in WHOLE_DOCUMENTS:
            continue
        for kind, constraints in _parts(field.annotation, field.metadata):
            if kind in {Any, object, bytes} or (kind is str and not _has_pattern(constraints)):
                yield f"{place}: takes free text"
            elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
                yield from _personal(kind, place, seen)


def _parts(annotation: Any, metadata: list[Any]) -> Iterator[tuple[Any, list[Any]]]:  # noqa: ANN401 - any annotation
    """The plain types inside an annotation, each with the constraints that stand beside it."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _parts(inside[0], [*metadata, *inside[1:]])
    elif origin in {Union, UnionType}:
        for one in inside:
            yield from _parts(one, metadata)
    elif inside:
        for one in inside:
            yield from _parts(one, [])
    else:
        yield annotation, metadata


def _has_pattern(constraints: list[Any]) -> bool:
    for one in constraints:
        inner = one.metadata if isinstance(one, FieldInfo) else [one]
        if any(getattr(constraint, "pattern", None) for constraint in inner):
            return True
    return False


def _is_special(name: str, field: FieldInfo) -> bool:
    for kind, _ in _parts(field.annotation, []):
        if isinstance(kind, type) and issubclass(kind, Enum) and kind.__name__ not in NOT_ABOUT_HEALTH:
            words = {word for code in kind for word in str(code.value).split("-")}
            if words & HEALTH_AND_STATUS or set(name.split("_")) & SPECIAL_NAMES:
                return True
        if kind is bool and set(name.split("_")) & SPECIAL_NAMES:
            return True
    return False


def _is_marked(field: FieldInfo) -> bool:
    beside = [field, *(one for _, constraints in _parts(field.annotation, field.metadata) for one in constraints)]
    return any(isinstance(one, FieldInfo) and one.json_schema_extra == SPECIAL_CATEGORY for one in beside)
