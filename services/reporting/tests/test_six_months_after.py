"""The state on the day six months after leaving (EECR05, EECR06, EQ, VQ): dates, evidence, improvement."""

from datetime import date

import pytest
from people_world import MINIJOB, People


@pytest.fixture
def people() -> People:
    """Somebody unemployed who left on 2024-01-31: the day is 2024-07-31."""
    found = People()
    found.enrol(1, "2024-01-15")
    found.leave(1, "2024-01-31")
    return found


@pytest.mark.parametrize(
    ("exit_date", "day"),
    [
        ("2024-01-31", "2024-07-31"),
        ("2024-02-29", "2024-08-29"),
        ("2023-08-29", "2024-02-29"),
        ("2023-08-31", "2024-02-29"),
        ("2024-08-29", "2025-02-28"),
        ("2024-08-31", "2025-02-28"),
        ("2024-03-31", "2024-09-30"),
        ("2025-12-31", "2026-06-30"),
    ],
)
def test_the_day_has_the_number_of_the_exit(exit_date, day):
    """R-8, BGB 187(1), 188(2) and (3): the same number six months later, the last of the month where it is missing."""
    people = People()
    people.enrol(1, "2023-01-15")
    people.leave(1, exit_date)
    people.place(1, day)

    [entry] = [one for one in people.entries() if one.indicator == "eecr05"]

    assert entry.candidate.effective == date.fromisoformat(day)


def test_the_worked_example(people):
    """Exit 2024-01-31: a job up to 07-30 does not count, one from 07-31 does; re-entry moves the day to 2025-03-30."""
    people.place(1, "2024-02-05", 501)
    people.end(1, "2024-07-30", 501)
    assert people.counted("eecr05") == [0]
    people.place(1, "2024-07-31", 502)
    assert people.counted("eecr05") == [1]

    people.come_back(1, "2024-05-02")
    people.leave(1, "2024-09-30")
    assert people.counted("eecr05") == [0]
    people.answer(1, "2025-03-30", "employed")

    assert people.counted("eecr05", as_of="2025-03-29") == [0]
    assert people.counted("eecr05", as_of="2025-03-30") == [1]


def test_silence_is_no_success(people):
    """R-8a: a job that began before and of which nothing was heard since is no evidence for the day."""
    people.place(1, "2024-02-28")

    assert people.counted("eecr04", "eecr05") == [1, 0]


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        (("end", "2024-07-30"), 0),
        (("end", "2024-07-31"), 1),
        (("lose", "2025-03-15"), 1),
        (("say", "2024-07-30", "employed"), 0),
        (("say", "2024-08-20", "employed"), 1),
        (("say", "2024-08-20", "seeking"), 0),
        (("answer", "2024-07-31", "employed"), 1),
        (("answer", "2024-07-31", "unknown"), 0),
        (("answer", "2024-07-31", "unemployed"), 0),
        (("answer", "2024-07-30", "employed"), 0),
        (("change", "2024-09-01"), 1),
        (("change", "2024-06-01"), 0),
    ],
)
def test_what_is_evidence_for_the_day(people, what, counts):
    """Q-5: the later end of the job is known, or somebody was recorded as employed on that day or later."""
    people.place(1, "2024-02-28")
    name, *rest = what
    getattr(people, name)(1, *rest)

    assert people.counted("eecr05") == [counts]


def test_unknown_by_word_does_not_undo_what_is_known(people):
    """Q-5: an answer "unknown" leaves a job standing whose end is known to be later."""
    people.place(1, "2024-02-28")
    people.end(1, "2024-12-31")
    people.answer(1, "2024-07-31", "unknown")

    assert people.counted("eecr05") == [1]


def test_the_answer_about_the_day_beats_a_job_begun_before(people):
    """Q-6: the later date wins; without work by word on the day ends the job."""
    people.place(1, "2024-02-28")
    people.end(1, "2024-12-31")
    people.answer(1, "2024-07-31", "inactive")

    assert people.counted("eecr05") == [0]


def test_of_two_answers_about_the_day_the_one_known_later_counts(people):
    """Q-6, and a retraction revives the one before."""
    people.answer(1, "2024-07-31", "employed")
    second = people.answer(1, "2024-07-31", "unemployed")
    assert people.counted("eecr05") == [0]

    people.retract(1, second)

    assert people.counted("eecr05") == [1]


def test_an_answer_about_a_day_that_moved_is_no_answer(people):
    """Q-6: after a re-entry the six-month day is another, and the old answer says nothing about it."""
    people.answer(1, "2024-07-31", "employed")
    people.come_back(1, "2024-08-01")
    people.leave(1, "2024-08-31")

    assert people.counted("eecr05") == [0]


def test_a_status_of_day_28_is_none_of_the_six_month_day(people):
    """R-8a: unemployed in February says nothing about July; nobody is not unemployed by silence (Verbleibsquote)."""
    people.say(1, "2024-02-28", "seeking")

    assert people.counted("ba-leavers", "ba-not-unemployed", as_of="2024-12-31") == [1, 0]


def test_a_minijob_counts_unless_somebody_is_registered(people):
    """Q-11 on the six-month day: a confirmed minijob beside a registration leaves somebody unemployed."""
    people.place(1, "2024-03-15", **MINIJOB)
    people.end(1, "2024-12-31")
    assert people.counted("eecr05") == [0]

    people.say(1, "2024-02-10", "inactive")

    assert people.counted("eecr05") == [1]


def test_three_figures_for_one_group():
    """EECR05, Eingliederungsquote and Verbleibsquote differ: any paid work, insured work, not unemployed."""
    people = People()
    answers = (
        ("employed", {"insured": True}),
        ("self-employed", {}),
        ("education", {}),
        ("unemployed", {"insured": True}),
        ("unemployed", {}),
        ("apprenticeship", {}),
        ("unknown", {}),
    )
    for case, (status, more) in enumerate(answers, 1):
        people.enrol(case, "2024-01-15", employment="employed" if case == 1 else "unemployed")
        people.leave(case, "2024-01-31")
        people.answer(case, "2024-07-31", status, **more)

    assert people.counted("eecr05", "ba-leavers", "ba-insured", "ba-not-unemployed", as_of="2024-12-31") == [2, 7, 3, 5]


def employed(**what: object) -> People:
    """Somebody in work on entering who left on 2024-08-31: the day is 2025-02-28."""
    people = People()
    people.enrol(1, "2024-02-29", employment="employed", **what)
    people.leave(1, "2024-08-31")
    return people


@pytest.mark.parametrize(
    ("was", "job", "counts"),
    [
        ({"job_at_entry": "minijob"}, {"term": "permanent"}, 1),
        ({"job_at_entry": "minijob"}, {"term": "fixed-term"}, 0),
        ({"job_at_entry": "minijob"}, {"term": "permanent", "kind": "minijob", "insured": False}, 0),
        ({"job_term": "fixed-term"}, {"term": "permanent"}, 1),
        ({"job_term": "permanent"}, {"term": "permanent", "monthly_wage": "9000.00"}, 0),
        ({"wants_more_hours": True}, {"hours_per_week": "39"}, 1),
        ({"wants_more_hours": True}, {"hours_per_week": "20"}, 0),
        ({"wants_more_hours": True}, {"wants_more_hours": False}, 1),
        ({}, {"higher_competence": True}, 1),
    ],
)
def test_an_improvement_is_read_off_the_jobs(was, job, counts):
    """Q-7: to a permanent job that is no minijob, to full time, to higher competences; a higher wage alone never."""
    people = employed(**was)
    people.place(1, "2025-01-01", **job)
    people.answer(1, "2025-02-28", "employed")

    assert people.counted("eecr06", "cr07") == [counts, counts]


def test_a_job_changed_to_a_permanent_one_is_an_improvement():
    """Q-7: the terms of the day count, not those of the start."""
    people = employed(job_term="fixed-term")
    people.place(1, "2024-09-15", term="fixed-term")
    people.end(1, "2025-06-30")
    assert people.counted("eecr06") == [0]

    people.change(1, "2025-01-01", term="permanent")

    assert people.counted("eecr06") == [1]


@pytest.mark.parametrize(
    ("status", "improvement", "counts"),
    [("employed", "promotion", 1), ("employed", "none", 0), ("unemployed", "stable", 0), ("unknown", "stable", 0)],
)
def test_an_answer_about_the_improvement_decides(status, improvement, counts):
    """Q-7: the answer counts before the jobs, but nobody improved who is without work on the day."""
    people = employed(job_at_entry="minijob")
    people.place(1, "2025-01-01", term="permanent")
    people.answer(1, "2025-02-28", status, improvement=improvement)

    assert people.counted("eecr06") == [counts]


def test_above_54_and_disadvantaged_in_work_six_months_after():
    """CR08 and CR09 of 2014 to 2020."""
    people = People()
    people.enrol(1, "2024-01-15", age_at_entry=55, disability="yes")
    people.enrol(2, "2024-01-15", age_at_entry=54, minority="no")
    for case in (1, 2):
        people.leave(case, "2024-01-31")
        people.place(case, "2024-07-31", 500 + case)

    assert people.counted("cr06", "cr08", "cr09") == [2, 1, 1]
