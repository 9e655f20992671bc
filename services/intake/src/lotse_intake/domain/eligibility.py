"""Who may take part: dated rule sets, chosen by the day of the decision, never by today.

A rule set is data: a name, the days on which it holds, and what it judges by. What a text leaves open is no guess
but `manual-review`; a coordinator then decides. Sources: the WIR funding guideline of 19 April 2022 with AufenthG
paragraphs 22 to 26, 60a to 60d and AsylG paragraph 55; SGB II paragraph 16e; the guideline of the LZA programme.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from lotse_shared.calendar import add_months
from lotse_shared.contracts.codes import EligibilityResult, ResidenceStatus, WorkBan


class Rules(StrEnum):
    """What somebody may be eligible for."""

    WIR = "wir"
    SGB2_16E = "sgb2_16e"
    LZA = "lza"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is judged. None is not known, and never a no."""

    decided_on: date
    residence_status: ResidenceStatus | None = None
    work_ban: WorkBan | None = None
    safe_country: bool | None = None
    age: int | None = None
    unemployed_since: date | None = None
    vocational_qualification: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule set says, and why, in words that may travel."""

    result: EligibilityResult
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that hold from one day to another. Its id names it in the fact, `wir@2022-04-19`."""

    rules: Rules
    valid_from: date
    valid_until: date | None
    judge: Callable[[Circumstances], Verdict]

    @property
    def id(self) -> str:
        """Name and first day."""
        return f"{self.rules}@{self.valid_from}"

    def holds_on(self, day: date) -> bool:
        """Whether decisions of that day are judged by it."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


YES: Final = EligibilityResult.ELIGIBLE
NO: Final = EligibilityResult.NOT_ELIGIBLE
REVIEW: Final = EligibilityResult.MANUAL_REVIEW

_PERMIT: Final = Verdict(YES, ("residence-permit-humanitarian",))
_DOCUMENTS: Final[Mapping[ResidenceStatus, Verdict]] = {
    ResidenceStatus.AE_22: _PERMIT,
    ResidenceStatus.AE_23: _PERMIT,
    ResidenceStatus.AE_23A: _PERMIT,
    ResidenceStatus.AE_24: _PERMIT,
    ResidenceStatus.AE_25_1: _PERMIT,
    ResidenceStatus.AE_25_2: _PERMIT,
    ResidenceStatus.AE_25_3: _PERMIT,
    ResidenceStatus.AE_25_4: _PERMIT,
    ResidenceStatus.AE_25_4A: _PERMIT,
    ResidenceStatus.AE_25_4B: _PERMIT,
    ResidenceStatus.AE_25_5: _PERMIT,
    ResidenceStatus.AE_25A: _PERMIT,
    ResidenceStatus.AE_25B: _PERMIT,
    ResidenceStatus.AE_104C: _PERMIT,
    ResidenceStatus.AE_16G: Verdict(YES, ("residence-permit-training", "flight-background")),
    ResidenceStatus.SETTLEMENT_26: Verdict(REVIEW, ("settlement-permit-not-in-the-guideline",)),
    ResidenceStatus.GESTATTUNG_55: Verdict(YES, ("permission-to-stay",)),
    ResidenceStatus.DULDUNG_60A: Verdict(YES, ("toleration-without-absolute-ban",)),
    ResidenceStatus.DULDUNG_60B: Verdict(NO, ("identity-unclear", "curable-check-again")),
    ResidenceStatus.DULDUNG_60C: Verdict(YES, ("toleration-for-training",)),
    ResidenceStatus.DULDUNG_60D: Verdict(YES, ("toleration-for-employment",)),
    ResidenceStatus.FICTION_81: Verdict(YES, ("certificate-of-fiction",)),
    ResidenceStatus.OTHER: Verdict(NO, ("no-document-of-the-guideline",)),
    ResidenceStatus.UNKNOWN: Verdict(REVIEW, ("residence-status-unknown",)),
}
_TOLERATED: Final = frozenset(
    {ResidenceStatus.DULDUNG_60A, ResidenceStatus.DULDUNG_60B, ResidenceStatus.DULDUNG_60C, ResidenceStatus.DULDUNG_60D}
)


def _wir(asked: Circumstances) -> Verdict:
    """Refugees with a permit or permission to stay, and tolerated people without an absolute ban of work."""
    status = asked.residence_status
    if status is None:
        return Verdict(REVIEW, ("residence-status-missing",))
    if status in _TOLERATED and asked.work_ban == WorkBan.ABSOLUTE:
        return Verdict(NO, ("absolute-ban-of-work",))
    if status == ResidenceStatus.DULDUNG_60A and asked.work_ban in (None, WorkBan.UNKNOWN):
        return Verdict(REVIEW, ("work-ban-missing",))
    if status == ResidenceStatus.GESTATTUNG_55 and asked.safe_country:
        return Verdict(REVIEW, ("safe-country-of-origin",))
    return _DOCUMENTS[status]


def _wir_after_the_asylum_reform(asked: Circumstances) -> Verdict:
    """Permits as before. What the reform of 2026 means for the tolerated and for asylum seekers was not entered yet."""
    if asked.residence_status in {*_TOLERATED, ResidenceStatus.GESTATTUNG_55}:
        return Verdict(REVIEW, ("law-changed-2026-06-12",))
    return _wir(asked)


def _unemployed_for(years: int, asked: Circumstances) -> Verdict:
    if asked.unemployed_since is None:
        return Verdict(REVIEW, ("start-of-unemployment-missing",))
    if add_months(asked.unemployed_since, 12 * years)[0] <= asked.decided_on:
        return Verdict(YES, (f"unemployed-for-{years}-years",))
    return Verdict(NO, (f"not-unemployed-for-{years}-years",))


def _sgb2_16e(asked: Circumstances) -> Verdict:
    """At least two years unemployed, despite support."""
    return _unemployed_for(2, asked)


def _sgb2_16e_unverified(asked: Circumstances) -> Verdict:
    """A copy of the rule before the reform of July 2026, whose text was not entered yet: a person has to look."""
    return Verdict(REVIEW, ("law-changed-2026-07-01", *_unemployed_for(2, asked).reasons))


_LZA_AGE: Final = 35


def _lza(asked: Circumstances) -> Verdict:
    """The normal case: 35 years of age, two years unemployed without interruption, no usable qualification."""
    if asked.age is None or asked.vocational_qualification is None:
        return Verdict(REVIEW, ("age-or-qualification-missing",))
    unemployed = _unemployed_for(2, asked)
    wrong = [
        *(("younger-than-35",) if asked.age < _LZA_AGE else ()),
        *(("vocational-qualification",) if asked.vocational_qualification else ()),
        *(unemployed.reasons if unemployed.result == NO else ()),
    ]
    if wrong:
        return Verdict(NO, tuple(wrong))
    return unemployed


RULE_SETS: Final = (
    RuleSet(Rules.WIR, date(2022, 4, 19), date(2026, 6, 11), _wir),
    RuleSet(Rules.WIR, date(2026, 6, 12), None, _wir_after_the_asylum_reform),
    RuleSet(Rules.SGB2_16E, date(2019, 1, 1), date(2026, 6, 30), _sgb2_16e),
    RuleSet(Rules.SGB2_16E, date(2026, 7, 1), None, _sgb2_16e_unverified),
    RuleSet(Rules.LZA, date(2015, 1, 1), date(2017, 12, 31), _lza),
)


def rule_set(rules: Rules, day: date) -> RuleSet | None:
    """The rule set that holds on the day of a decision; None where there is none."""
    return next((one for one in RULE_SETS if one.rules == rules and one.holds_on(day)), None)
