"""Eight people of one operation as of 2025-12-31, every common indicator worked out by hand beforehand."""

from people_world import People
from reporting_world import number


def fixture() -> People:
    """P1 to P8: entries, exits, re-entries, answers, gaps, somebody who only came to an event."""
    people = People()
    people.enrol(
        1,
        "2024-01-15",
        gender="female",
        age_at_entry=33,
        employment="unemployed",
        unemployed_since="2023-01-14",
        isced=2,
    )
    people.leave(1, "2024-01-31")
    people.place(1, "2024-02-28", 501)
    people.answer(1, "2024-07-31", "employed")
    people.enrol(2, "2024-01-15", gender="male", age_at_entry=18, employment="inactive", isced=2)
    people.leave(2, "2024-03-31")
    people.say(2, "2024-04-10", "seeking")
    people.place(2, "2024-04-20", 502)
    people.lose(2, "2024-04-27", 502)
    people.say(2, "2024-04-28", "unemployed")
    people.enrol(
        3, "2024-02-29", gender="female", age_at_entry=54, employment="employed", job_at_entry="minijob", isced=3
    )
    people.leave(3, "2024-08-31")
    people.place(3, "2025-01-01", 503, term="permanent", hours_per_week="39")
    people.answer(3, "2025-02-28", "employed")
    people.enrol(
        4, "2024-03-01", gender="male", age_at_entry=38, employment="unemployed", unemployed_since="2023-06-01", isced=3
    )
    people.leave(4, "2024-04-15")
    people.come_back(4, "2024-06-01")
    people.leave(4, "2024-12-20", "unemployed")
    people.enrol(5, "2024-04-01", gender="unknown", age_at_entry=24, employment="unemployed", isced=None)
    people.enrol(
        6, "2024-05-01", gender="male", age_at_entry=64, employment="unemployed", unemployed_since="2019-01-01", isced=7
    )
    people.leave(6, "2025-05-31")
    people.enrol(8, "2024-06-01", age_at_entry=30, employment="inactive", disability="refused", isced=3)
    people.leave(8, "2024-12-31")
    people.say(8, "2025-01-13", "education")
    return people


def test_eight_people_make_the_figures_worked_out_by_hand():
    """EECO01 to 11 and EECR01 to 06: seven participants, since who came to an event of two hours is none (R-12)."""
    found = fixture().figures()

    assert {one: count for one, count in found.items() if one.startswith("eec")} == {
        "eeco01": 7,
        "eeco02": 3,
        "eeco03": 2,
        "eeco04": 2,
        "eeco05": 1,
        "eeco07": 1,
        "eeco08": 1,
        "eeco09": 2,
        "eeco10": 3,
        "eeco11": 1,
        "eecr01": 1,
        "eecr02": 1,
        "eecr04": 1,
        "eecr05": 1,
        "eecr06": 1,
    }


def test_the_complete_records_fall_into_three():
    """EECO01 = EECO02 + EECO04 + EECO05 + incomplete records, and the three levels of education add up too (R-9)."""
    found = fixture().figures()

    assert found["eeco02"] + found["eeco04"] + found["eeco05"] == found["eeco01"] - 1
    assert found["eeco09"] + found["eeco10"] + found["eeco11"] == found["eeco01"] - 1


def test_the_bands_of_2014_to_2020_differ():
    """Below 25 and above 54 instead of 18 to 29 and 55; ISCED 1-2; results by the names of that period."""
    found = fixture().figures()

    assert {one: count for one, count in found.items() if one.startswith("c")} == {
        "co01": 3,
        "co02": 2,
        "co03": 2,
        "co05": 1,
        "co06": 1,
        "co07": 1,
        "co08": 1,
        "co09": 2,
        "co10": 3,
        "co11": 1,
        "cr01": 1,
        "cr02": 1,
        "cr04": 1,
        "cr06": 1,
        "cr07": 1,
    }


def test_the_same_person_in_another_operation_counts_there_too():
    """One participant for each person and operation (R-2): another operation has its own case and its own figures."""
    other = People("op2")
    other.enrol(6, "2024-05-01", employment="unemployed", age_at_entry=64)

    assert other.figures()["eeco01"] == 1
    assert fixture().figures()["eeco01"] == 7


def test_each_result_is_dated_on_its_own_day():
    """EECR01 to 04 on day 28 after leaving, EECR05 and 06 on the six-month day (Q-2)."""
    effective = {
        (one.indicator, one.unit): str(one.candidate.effective)
        for one in fixture().entries()
        if one.indicator.startswith("eecr")
    }

    assert effective == {
        ("eecr01", number(2)): "2024-04-28",
        ("eecr02", number(8)): "2025-01-28",
        ("eecr04", number(1)): "2024-02-28",
        ("eecr05", number(1)): "2024-07-31",
        ("eecr06", number(3)): "2025-02-28",
    }
