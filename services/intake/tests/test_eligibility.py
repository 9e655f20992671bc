from datetime import date

import pytest
from lotse_intake.domain.eligibility import RULE_SETS, Circumstances, Rules, rule_set
from lotse_shared.contracts.codes import EligibilityResult, ResidenceStatus, WorkBan

YES, NO, REVIEW = EligibilityResult.ELIGIBLE, EligibilityResult.NOT_ELIGIBLE, EligibilityResult.MANUAL_REVIEW
BEFORE, AFTER = date(2024, 5, 2), date(2026, 6, 12)


def judge(rules: Rules, day: date, **circumstances):
    return rule_set(rules, day).judge(Circumstances(decided_on=day, **circumstances))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        *((status, YES) for status in ResidenceStatus if status.startswith("ae-")),
        ("settlement-26", REVIEW),
        ("gestattung-55", YES),
        ("duldung-60a", YES),
        ("duldung-60b", NO),
        ("duldung-60c", YES),
        ("duldung-60d", YES),
        ("fiction-81", YES),
        ("other", NO),
        ("unknown", REVIEW),
    ],
)
def test_wir_by_document(document, expected):
    """WIR takes refugees with a permit or permission to stay and tolerated people (guideline of 19 April 2022)."""
    found = judge(Rules.WIR, BEFORE, residence_status=ResidenceStatus(document), work_ban=WorkBan.NONE)

    assert found.result == expected
    assert found.reasons


@pytest.mark.parametrize(
    ("document", "ban", "expected"),
    [
        ("duldung-60a", "absolute", NO),
        ("duldung-60a", "temporary", YES),
        ("duldung-60a", None, REVIEW),
        ("duldung-60a", "unknown", REVIEW),
        ("duldung-60c", "absolute", NO),
        ("ae-25-2", "absolute", YES),
        ("gestattung-55", "temporary", YES),
        ("gestattung-55", "absolute", YES),
    ],
)
def test_only_an_absolute_ban_of_a_toleration_excludes(document, ban, expected):
    """A temporary ban of work keeps nobody out; an absolute one only those who are tolerated; not knowing is no no."""
    found = judge(Rules.WIR, BEFORE, residence_status=ResidenceStatus(document), work_ban=WorkBan(ban) if ban else None)

    assert found.result == expected


def test_a_safe_country_of_origin_is_for_a_person_to_judge():
    """For asylum seekers from a safe country the guideline leaves room: manual review."""
    asked = {"residence_status": ResidenceStatus.GESTATTUNG_55}

    assert judge(Rules.WIR, BEFORE, **asked, safe_country=True).result == REVIEW
    assert judge(Rules.WIR, BEFORE, **asked, safe_country=False).result == YES
    assert judge(Rules.WIR, BEFORE).result == REVIEW


def test_the_day_of_the_decision_chooses_the_rules():
    """From 12 June 2026 tolerated people and asylum seekers are for a person to judge; permits stay as they were."""
    tolerated = {"residence_status": ResidenceStatus.DULDUNG_60A, "work_ban": WorkBan.NONE}

    assert judge(Rules.WIR, date(2026, 6, 11), **tolerated).result == YES
    assert judge(Rules.WIR, AFTER, **tolerated).reasons == ("law-changed-2026-06-12",)
    assert judge(Rules.WIR, AFTER, residence_status=ResidenceStatus.AE_24).result == YES
    assert rule_set(Rules.WIR, date(2022, 4, 18)) is None
    assert rule_set(Rules.WIR, AFTER).id == "wir@2026-06-12"


def test_rule_sets_of_one_name_never_overlap():
    """On every day at most one rule set of a name holds."""
    for one in RULE_SETS:
        others = [other for other in RULE_SETS if other.rules == one.rules and other is not one]
        assert not any(other.holds_on(one.valid_from) for other in others)


@pytest.mark.parametrize(("since", "expected"), [(date(2022, 5, 2), YES), (date(2022, 5, 3), NO), (None, REVIEW)])
def test_16e_asks_for_two_years(since, expected):
    """SGB II paragraph 16e: unemployed for at least two years on the day of the decision."""
    assert judge(Rules.SGB2_16E, BEFORE, unemployed_since=since).result == expected


def test_16e_after_july_2026_is_for_a_person_to_judge():
    """The text in force from 1 July 2026 was not entered yet: nobody is let in or out by a guess."""
    assert judge(Rules.SGB2_16E, date(2026, 7, 1), unemployed_since=date(2020, 1, 1)).result == REVIEW


@pytest.mark.parametrize(
    ("age", "qualified", "since", "expected"),
    [
        (35, False, date(2013, 5, 1), YES),
        (34, False, date(2013, 5, 1), NO),
        (50, True, date(2013, 5, 1), NO),
        (50, False, date(2014, 5, 1), NO),
        (None, False, date(2013, 5, 1), REVIEW),
        (50, False, None, REVIEW),
    ],
)
def test_lza_normal_case(age, qualified, since, expected):
    """LZA: 35 years of age, two years unemployed, no usable vocational qualification."""
    found = judge(Rules.LZA, date(2015, 8, 1), age=age, vocational_qualification=qualified, unemployed_since=since)

    assert found.result == expected
