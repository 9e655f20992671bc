"""The words of programme files: which moments there are, and what can be asked about them and about who entered.

Nearly all of it is read off the contracts (`words`). What follows from several facts (a job kept, a first advice, a
phase of a subsidy) is named and derived in `case`, one module for each.
"""

from collections.abc import Mapping
from typing import Final

from lotse_shared.contracts import intake
from lotse_shared.contracts.codes import Employment

from lotse_reporting.case import DERIVED
from lotse_reporting.case.characteristics import CONCLUSIONS
from lotse_reporting.words import NEVER_WORDS, TOLD, MomentKind, Word, hyphened, word_of

MOMENTS: Final[Mapping[str, MomentKind]] = {**TOLD, **DERIVED}
"""Every kind of moment, by its name in programme files."""

NUMBERS: Final[Mapping[str, int]] = {name: number for number, name in enumerate(sorted(MOMENTS))}
"""A number for each kind: decides between moments that are alike in all that counts."""


class Span(str):
    """A length of time up to the day of entry, since a day that the enrolment names."""

    __slots__ = ()


def _entry_words() -> dict[str, Word]:
    words = {}
    for one, info in intake.Characteristics.model_fields.items():
        word = word_of(one, info.annotation)
        if one not in NEVER_WORDS and word is not None:
            words[f"entry.{hyphened(one)}"] = word
    words["entry.age"] = words.pop("entry.age-at-entry")
    words["entry.employment"] = Word("employment", Employment, frozenset(map(str, Employment)))
    words["entry.unemployed-for"] = Word("unemployed_since", Span)
    words["entry.benefits-for"] = Word("benefits_since", Span)
    words["entry.subproject"] = Word("subproject", str)
    for conclusion in CONCLUSIONS:
        words[f"entry.{hyphened(conclusion.name)}"] = Word(conclusion.name, bool, rests_on=conclusion.rests_on)
    return words


ENTRY: Final[Mapping[str, Word]] = _entry_words()
"""What can be asked about how somebody entered; the characteristics stay those of the first entry (R-3, R-4)."""

ALWAYS: Final[Mapping[str, Word]] = {"partner": Word("partner", str), "site": Word("site", str)}
"""What can be asked about every moment: who acted, and where."""
