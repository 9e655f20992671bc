"""Complete records, foreign background, disadvantage: what follows from the characteristics at entry."""

import pytest
from people_world import COMPLETE, People


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_a_record_is_complete_with_gender_employment_age_and_isced(missing):
    """R-10: incomplete records count in EECO01 alone, in 2014 to 2020 nowhere (Q-8)."""
    people = People()
    people.enrol(1, "2024-01-15", citizenship="third-country", homeless="yes", disability="yes", **{missing: None})

    assert people.figures() == {"eeco01": 1}


def test_refused_and_missing_sensitive_items_do_not_make_a_record_incomplete():
    """R-10, R-10b: homelessness, rural areas and special categories are no part of the check."""
    people = People()
    people.enrol(1, "2024-01-15", disability="refused")

    assert people.counted("eeco01", "eeco02", "eeco12") == [1, 1, 0]


def test_without_a_known_start_somebody_is_unemployed_but_not_long_term():
    """Q-8: complete, in EECO02, not in EECO03."""
    people = People()
    people.enrol(1, "2024-01-15")

    assert people.counted("eeco02", "eeco03") == [1, 0]


@pytest.mark.parametrize(("since", "counts"), [("2023-01-15", 1), ("2023-01-16", 0), ("2022-06-01", 1)])
def test_long_term_is_one_year_and_longer(since, counts):
    """Q-4: start + 12 months <= entry, in the ESF+ and in 2014 to 2020."""
    people = People()
    people.enrol(1, "2024-01-15", unemployed_since=since)

    assert people.counted("eeco03", "co02") == [counts, counts]


@pytest.mark.parametrize(
    ("since", "entry", "counts"), [("2024-02-29", "2025-02-27", 0), ("2024-02-29", "2025-02-28", 1)]
)
def test_a_year_since_a_leap_day_ends_on_the_last_of_february(since, entry, counts):
    """BGB 188(3): the month has no such day, so its last one counts."""
    people = People()
    people.enrol(1, entry, unemployed_since=since)

    assert people.counted("eeco03") == [counts]


def test_registered_decides_for_those_who_also_work():
    """Q-10: working more than a minijob and registered as unemployed is EECO02, not EECO05."""
    people = People()
    people.enrol(1, "2024-01-15", employment="employed", registered_unemployed=True)

    assert people.counted("eeco02", "eeco05") == [1, 0]


@pytest.mark.parametrize(
    ("age", "bands"),
    [
        (17, ["eeco06", "co06"]),
        (18, ["eeco07", "co06"]),
        (24, ["eeco07", "co06"]),
        (25, ["eeco07"]),
        (29, ["eeco07"]),
        (30, []),
        (54, []),
        (55, ["eeco08", "co07", "co08"]),
    ],
)
def test_bands_of_age(age, bands):
    """ESF+: below 18, 18 to 29, 55 and above. 2014 to 2020: below 25, above 54."""
    people = People()
    people.enrol(1, "2024-01-15", age_at_entry=age)
    found = people.figures()

    assert {one for one in found if one in {"eeco06", "eeco07", "eeco08", "co06", "co07", "co08"}} == set(bands)


@pytest.mark.parametrize(
    ("isced", "counts"), [(0, "eeco09"), (1, "eeco09 co09"), (2, "eeco09 co09"), (4, "eeco10 co10"), (8, "eeco11 co11")]
)
def test_levels_of_education(isced, counts):
    """ISCED 0 is in EECO09 but in no band of 2014 to 2020 (Q-14)."""
    people = People()
    people.enrol(1, "2024-01-15", isced=isced)
    levels = {"eeco09", "eeco10", "eeco11", "co09", "co10", "co11"}

    assert {one for one in people.figures() if one in levels} == set(counts.split())


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        ({"citizenship": "third-country"}, [1, 0, 1]),
        ({"citizenship": "stateless"}, [1, 0, 1]),
        ({"citizenship": "undetermined"}, [1, 0, 1]),
        ({"citizenship": "eu"}, [0, 0, 1]),
        ({"citizenship": "german"}, [0, 0, 0]),
        ({"citizenship": "unknown"}, [0, 0, 0]),
        ({"foreign_background": "yes"}, [0, 1, 1]),
        ({"foreign_background": "refused", "parents_born_abroad": 2}, [0, 0, 0]),
        ({"foreign_background": "not-asked", "parents_born_abroad": 2}, [0, 1, 1]),
        ({"parents_born_abroad": 1}, [0, 0, 0]),
        ({"minority": "yes"}, [0, 0, 1]),
        ({"minority": "not-asked"}, [0, 0, 0]),
    ],
)
def test_foreign_citizenship_background_and_minority(what, counts):
    """EECO13, EECO14 (by the parents only where nobody answered: both born abroad) and CO15 (Q-14, Q-18)."""
    people = People()
    people.enrol(1, "2024-01-15", **what)

    assert people.counted("eeco13", "eeco14", "co15") == counts


def test_an_inactive_pupil_is_not_inactive_outside_education():
    """CO04 and CO08 ask whether somebody inactive is in education; unknown meets neither."""
    people = People()
    for case, learning in enumerate((True, False, None), 1):
        people.enrol(case, "2024-01-15", employment="inactive", age_at_entry=60, in_education=learning)

    assert people.counted("co03", "co04", "co08") == [3, 1, 1]


def test_an_entry_names_all_events_that_told_what_was_asked():
    """Complete by a correction: enrolment and correction stand behind the figure."""
    people = People()
    enrolment = people.enrol(1, "2024-01-15", isced=None)
    corrected = people.correct(1, enrolment, isced=2)

    [entry] = [one for one in people.entries() if one.indicator == "eeco02"]

    assert entry.candidate.events == (enrolment, corrected)


def test_a_correction_of_what_was_known_counts_from_then_on_in_both_clocks():
    """R-4: characteristics change only to correct errors; the figure as known before stays."""
    people = People()
    enrolment = people.enrol(1, "2024-01-15", isced=2)
    before = people.now
    people.correct(1, enrolment, cleared=("isced",))

    assert people.figures(known_at=before)["eeco02"] == 1
    assert people.figures() == {"eeco01": 1}
