"""First entries, re-entries, exits; and what somebody was on first entering."""

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Final

from lotse_shared.contracts.codes import Employment
from lotse_shared.contracts.intake import (
    Characteristics,
    CharacteristicsCorrected,
    ParticipantEnrolled,
    ParticipantExited,
    ParticipantReentered,
)
from msgspec.structs import replace

from lotse_reporting.case.characteristics import NO_VALUES, answer_of, conclusions
from lotse_reporting.case.history import Context, Moment, Told, moment_of
from lotse_reporting.case.thread import Thread

_CHARACTERISTICS: Final = tuple(
    name for name in Characteristics.model_fields if name not in ("case", "operation", "supersedes", "partner", "site")
)

_read: Final = attrgetter(*_CHARACTERISTICS)

_ANSWERS: Final = {name: answer_of(name) for name in _CHARACTERISTICS}
_ALL_ANSWERS: Final = frozenset(_ANSWERS.values())


def context_of(entries: Iterable[Told]) -> Context | None:
    """What somebody was on first entering, with the corrections that hold; None for somebody who never entered.

    Of two enrolments (merged records) the earlier entry counts, and no gap of it is filled from the other (Q-9).
    Registered as unemployed decides for those who also work (Q-10).
    """
    told = list(entries)
    found = [_entered(one, told) for one in told if one.type == ParticipantEnrolled.type]
    return min(found, key=lambda one: one.entry_date) if found else None


def _entered(enrolment: Told, told: Iterable[Told]) -> Context:
    body = enrolment.body
    values = {name: value for name, value in zip(_CHARACTERISTICS, _read(body), strict=True) if value is not None}
    if body.subproject is not None:
        values["subproject"] = body.subproject
    corrected_by: dict[str, str] = {}
    entry_date = body.entry_date
    for one in told:
        if one.type != CharacteristicsCorrected.type or one.body.corrects != enrolment.id:
            continue
        for name, value in zip(_CHARACTERISTICS, _read(one.body), strict=True):
            if value is not None:
                values[name], corrected_by[name] = value, one.id
        for name in one.body.cleared:
            values.pop(name.replace("-", "_"), None)
            corrected_by.pop(name.replace("-", "_"), None)
        entry_date = one.body.entry_date or entry_date
    if values.get("registered_unemployed"):
        values["employment"] = Employment.UNEMPLOYED.value
        corrected_by.pop("employment", None)
        if "registered_unemployed" in corrected_by:
            corrected_by["employment"] = corrected_by["registered_unemployed"]
    gender = values.get("gender")
    known = [_ANSWERS[name] for name, value in values.items() if value not in NO_VALUES and name in _ANSWERS]
    unknown = _ALL_ANSWERS.difference(known)
    values.update(conclusions(values))
    return Context(enrolment.id, entry_date, values, corrected_by, None if gender is None else str(gender), unknown)


def entry_dates(told: Iterable[Told]) -> dict[str, date]:
    """The day of entry of each enrolment, as corrected."""
    facts = list(told)
    found = {one.id: one.body.entry_date for one in facts if one.type == ParticipantEnrolled.type}
    for one in facts:
        if one.type == CharacteristicsCorrected.type and one.body.entry_date and one.body.corrects in found:
            found[one.body.corrects] = one.body.entry_date
    return found


def _entries(told: Sequence[Told], context: Context | None) -> list[Moment]:
    """The first entry; later ones of merged records as re-entries once there was an exit (Q-9); re-entries, exits."""
    exits = [one.body.exit_date for one in told if one.type == ParticipantExited.type]
    entered = entry_dates(told)
    moments = []
    for one in told:
        if one.type == CharacteristicsCorrected.type:
            continue
        moment = moment_of(one)
        if one.type == ParticipantEnrolled.type:
            moment = replace(moment, on=entered[one.id])
            if context is None or one.id != context.enrolment:
                if all(moment.on < day for day in exits):
                    continue
                moment = replace(moment, kind="participant-reentered")
        moments.append(moment)
    return moments


ENTRIES: Final = Thread(
    "entry",
    hears=(ParticipantEnrolled, ParticipantReentered, ParticipantExited, CharacteristicsCorrected),
    makes=("participant-enrolled", "participant-reentered", "participant-exited"),
    derive=_entries,
)
