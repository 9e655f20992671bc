"""The state within 28 days after leaving (EECR01 to 04): windows, sources that disagree, what counts as begun."""

import pytest
from people_world import MINIJOB, People

IMMEDIATE = ("eecr01", "eecr02", "eecr03", "eecr04")


@pytest.fixture
def people() -> People:
    return People()


def left(people: People, **what: str) -> People:
    """Somebody inactive entered on 2024-01-15 and left on 2024-03-31: the window ends on 2024-04-28."""
    people.enrol(1, "2024-01-15", **({"employment": "inactive"} | what))
    people.leave(1, "2024-03-31")
    return people


def test_the_last_of_several_changes_counts(people):
    """Searching on leaving, a job on day 20: EECR04 alone (R-5, R-6)."""
    left(people).say(1, "2024-03-31", "seeking")
    people.place(1, "2024-04-20")

    assert people.counted(*IMMEDIATE) == [0, 0, 0, 1]


def test_a_job_that_did_not_last_the_window_is_no_job(people):
    """A job on leaving, unemployed again by day 28: EECR01 alone (R-6)."""
    left(people).place(1, "2024-03-31")
    people.say(1, "2024-04-28", "unemployed")

    assert people.counted(*IMMEDIATE) == [1, 0, 0, 0]


@pytest.mark.parametrize(("day", "counts"), [("2024-04-28", 1), ("2024-04-29", 0)])
def test_the_window_has_28_days_after_the_exit(people, day, counts):
    """Day 28 is in, day 29 is out (R-5); the day of leaving itself is not counted."""
    left(people).place(1, day)

    assert people.counted("eecr04") == [counts]


def test_a_lost_job_alone_says_nothing_about_what_comes_next(people):
    """Job-lost means unknown, not searching (Q-6): neither EECR01 nor EECR04."""
    left(people).place(1, "2024-04-02")
    people.lose(1, "2024-04-20")

    assert people.counted(*IMMEDIATE) == [0, 0, 0, 0]


def test_said_to_be_employed_and_then_the_job_was_lost(people):
    """A statement speaks of the work of its day: when that work ends within the window, nothing is known (Q-6)."""
    left(people).place(1, "2024-04-02")
    people.say(1, "2024-04-10", "employed")
    assert people.counted("eecr04") == [1]

    people.lose(1, "2024-04-20")

    assert people.counted(*IMMEDIATE) == [0, 0, 0, 0]


def test_a_job_that_ran_on_leaving_goes_on(people):
    """EECR04 asks no extra evidence for day 28 (Q-5): placed before leaving, and no word of an end."""
    people.enrol(1, "2024-01-15")
    people.place(1, "2024-03-01")
    people.leave(1, "2024-03-31")

    assert people.counted("eecr04") == [1]


def test_without_work_by_word_ends_the_jobs_begun_before(people):
    """A later statement beats an earlier start (Q-6); a job begun after it stands."""
    left(people).place(1, "2024-04-02")
    people.say(1, "2024-04-10", "seeking")
    assert people.counted(*IMMEDIATE) == [1, 0, 0, 0]

    people.place(1, "2024-04-12", 502)

    assert people.counted(*IMMEDIATE) == [0, 0, 0, 1]


@pytest.mark.parametrize("job_first", [True, False])
def test_on_one_day_what_became_known_later_counts(people, job_first):
    """A start and a statement of the same day: the one known later (Q-6)."""
    left(people)
    if job_first:
        people.place(1, "2024-04-10")
    people.say(1, "2024-04-10", "unemployed")
    if not job_first:
        people.place(1, "2024-04-10")

    assert people.counted("eecr01", "eecr04") == ([1, 0] if job_first else [0, 1])


def test_unknown_by_word_does_not_undo_evidence(people):
    """An express "unknown" is no statement (Q-5)."""
    left(people).place(1, "2024-04-02")
    people.say(1, "2024-04-20", "unknown")

    assert people.counted("eecr04") == [1]


@pytest.mark.parametrize(
    ("entry", "said", "counts"),
    [("unemployed", None, 0), ("unemployed", "unemployed", 0), ("unemployed", "inactive", 1), ("inactive", None, 1)],
)
def test_a_minijob_never_beats_unemployed(people, entry, said, counts):
    """A minijob of somebody last known to be registered leaves them unemployed (Q-6, Q-11)."""
    left(people, employment=entry)
    if said:
        people.say(1, "2024-04-01", said)
    people.place(1, "2024-04-10", **MINIJOB)

    assert people.counted("eecr04") == [counts]


def test_a_minijob_said_later_does_not_end_a_registration(people):
    """Unemployed by word, a minijob by a later word: still unemployed (Q-6)."""
    left(people).say(1, "2024-04-01", "unemployed")
    people.say(1, "2024-04-20", "minijob")

    assert people.counted("eecr01", "eecr04") == [1, 0]


def test_a_work_opportunity_is_neither_work_nor_search(people):
    """A work opportunity (SGB II 16d) after leaving: neither EECR04 nor EECR01 (Q-12)."""
    left(people).say(1, "2024-03-31", "seeking")
    people.place(1, "2024-04-10", kind="work-opportunity", labour_market="second", insured=False)

    assert people.counted(*IMMEDIATE) == [0, 0, 0, 0]


def test_an_apprenticeship_is_work_and_education(people):
    """A company apprenticeship counts in EECR02 and in EECR04 (Q-12, R-7)."""
    left(people).place(1, "2024-04-10", kind="apprenticeship")

    assert people.counted(*IMMEDIATE) == [0, 1, 0, 1]


def test_school_training_is_education_alone(people):
    """Full vocational training at a school has its own kind (Q-13): EECR02, not EECR04."""
    left(people).place(1, "2024-04-10", kind="school-training", insured=False)

    assert people.counted(*IMMEDIATE) == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("day", "counts"), [("2024-01-14", 0), ("2024-01-15", 1), ("2024-04-28", 1), ("2024-04-29", 0)]
)
def test_education_begun_and_qualifications_gained_from_first_entry_to_day_28(people, day, counts):
    """The window of EECR02 and EECR03 begins with the first entry (Q-3)."""
    left(people).join(1, day)
    people.qualify(1, day)

    assert people.counted("eecr02", "eecr03") == [counts, counts]


def test_education_that_went_on_already_at_entry_is_not_begun(people):
    """Newly begun (EECR02): a pupil who still goes to school begins nothing; a language course does begin."""
    left(people, in_education=True).say(1, "2024-03-31", "education")
    assert people.counted("eecr02") == [0]

    people.join(1, "2024-04-02")

    assert people.counted("eecr02") == [1]


@pytest.mark.parametrize(("employment", "counts"), [("unemployed", [0, 1]), ("inactive", [0, 1]), ("employed", [0, 0])])
def test_who_can_count_is_the_status_at_entry(people, employment, counts):
    """EECR04 is for those unemployed or inactive at entry, EECR01 for the inactive."""
    left(people, employment=employment).place(1, "2024-04-10")

    assert people.counted("eecr01", "eecr04") == counts


def test_incomplete_records_count_in_no_result(people):
    """R-10: without an ISCED level nobody is in EECR04; when it comes, the figure moves from then on."""
    enrolment = people.enrol(1, "2024-01-15", isced=None)
    people.leave(1, "2024-03-31")
    people.place(1, "2024-04-10")
    before = people.now
    people.correct(1, enrolment, isced=2)

    assert people.figures(known_at=before).get("eecr04", 0) == 0
    assert people.counted("eecr04") == [1]


def test_a_reentry_takes_results_back_and_the_final_exit_dates_them_anew(people):
    """R-3: the first entry stays, the exit is overwritten, results are computed again from the final one."""
    left(people, employment="unemployed").place(1, "2024-04-10")
    reported = people.now
    people.come_back(1, "2024-05-02")
    assert people.counted("eecr04") == [0]
    people.leave(1, "2024-09-30")

    assert people.figures(known_at=reported)["eecr04"] == 1
    assert people.counted("eecr04", as_of="2024-10-27") == [0]
    assert people.counted("eecr04", as_of="2024-10-28") == [1]


def test_a_reentry_after_the_as_of_day_changes_earlier_results_too(people):
    """The as-of day limits effects, not facts (Q-1): the report as it was known then is asked by known-at."""
    left(people).place(1, "2024-04-10")
    people.come_back(1, "2024-06-01")

    assert people.counted("eecr04", as_of="2024-04-30") == [0]


@pytest.mark.parametrize(
    ("facts", "out"),
    [
        ((("leave", "2024-03-31"), ("come_back", "2024-03-31")), False),
        ((("come_back", "2024-03-31"), ("leave", "2024-03-31")), False),
        ((("leave", "2024-02-10"), ("come_back", "2024-03-31"), ("leave", "2024-03-31")), True),
        ((("leave", "2024-02-10"), ("leave", "2024-03-31")), True),
        ((("leave", "2024-03-31"), ("leave", "2024-02-10")), True),
        ((("leave", "2024-01-15"),), True),
    ],
)
def test_entries_and_exits_of_one_day(people, facts, out):
    """Exit and re-entry: back in. Entry and exit: a participation of one day. Two exits: the later one (Q-17)."""
    people.enrol(1, "2024-01-15")
    for what, day in facts:
        getattr(people, what)(1, day)
    last = max(day for _, day in facts)
    people.place(1, last)

    effective = [str(one.candidate.effective) for one in people.entries() if one.indicator == "eecr04"]

    assert effective == ([{"2024-03-31": "2024-04-28", "2024-01-15": "2024-02-12"}[last]] if out else [])


def test_an_answer_about_day_28_that_comes_in_month_seven_counts_from_then_on(people):
    """A late answer keeps its effective day and gets its own knowledge time."""
    left(people)
    before = people.now
    people.say(1, "2024-04-28", "seeking")

    assert people.figures("2024-04-28", before).get("eecr01", 0) == 0
    assert people.counted("eecr01", as_of="2024-04-28") == [1]


def test_an_exit_recorded_late_is_dated_on_its_own_day(people):
    """Who left in January and is recorded in June has results of February."""
    people.enrol(1, "2024-01-02")
    people.place(1, "2024-01-20")
    people.leave(1, "2024-01-31")

    assert people.counted("eecr04", as_of="2024-02-27") == [0]
    assert people.counted("eecr04", as_of="2024-02-28") == [1]


def test_an_exit_taken_back_takes_its_results_along(people):
    """A retracted exit never was; retracting a later one revives the one before."""
    people.enrol(1, "2024-01-15")
    people.place(1, "2024-02-01")
    people.leave(1, "2024-02-29")
    second = people.leave(1, "2024-03-31")
    assert people.counted("eecr04", as_of="2024-03-30") == [0]

    people.retract(1, second)

    assert people.counted("eecr04", as_of="2024-03-28") == [1]


def test_merged_records_are_one_participation(people):
    """Q-9: the earliest entry's characteristics, no gap filled; a second entry after an exit is a re-entry."""
    people.enrol(1, "2024-01-15", employment="inactive", isced=None)
    people.enrol(2, "2024-06-01", employment="unemployed")
    people.leave(1, "2024-03-31")
    people.leave(2, "2024-08-31")
    people.place(2, "2024-09-10")
    assert people.counted("eeco01", "eecr04") == [2, 1]
    people.merge(1, 2)

    assert people.counted("eeco01", "eecr04") == [1, 0]

    people.separate(1, 2)

    assert people.counted("eeco01", "eecr04") == [2, 1]


def test_a_double_entry_is_none_and_an_exit_on_either_record_is_an_exit(people):
    """Q-9: while somebody is in, the second record's entry adds nothing; leaving by either record is leaving."""
    people.enrol(1, "2024-01-15")
    people.enrol(2, "2024-02-01")
    people.leave(2, "2024-03-31", "employed")
    people.merge(1, 2)

    assert people.counted("eeco01", "eecr04") == [1, 1]


def test_an_entry_opens_down_to_the_events_that_show_it(people):
    """The exit, what shows the state asked for, and what told the characteristics; nothing that was not asked."""
    enrolment = people.enrol(1, "2024-01-15", isced=None)
    corrected = people.correct(1, enrolment, isced=2)
    exit_ = people.leave(1, "2024-03-31")
    people.join(1, "2024-02-01")
    job = people.place(1, "2024-04-10")

    [entry] = [one for one in people.entries() if one.indicator == "eecr04"]

    assert set(entry.candidate.events) == {enrolment, corrected, exit_, job}


def test_disadvantaged_people_count_once_whatever_they_reached(people):
    """CR05: in search, education, with a qualification or in work; disadvantaged are CO15, 16 or 17 (Q-14)."""
    left(people, citizenship="eu").join(1, "2024-02-01")
    people.qualify(1, "2024-02-20")
    people.place(1, "2024-04-10")
    people.enrol(2, "2024-01-15", disability="refused", employment="inactive")
    people.leave(2, "2024-03-31", "seeking")

    assert people.counted("cr01", "cr02", "cr03", "cr04", "cr05") == [1, 1, 1, 1, 1]
