"""What is kept between two runs of a play."""

from lotse_local.play.journal import Answered, Journal, marks_of


def test_a_killed_play_knows_what_was_answered(tmp_path):
    """Answers are read again as they were noted."""
    noted = Journal(tmp_path / "play" / "one.jsonl")
    noted.note([("a", Answered("case-1", {"participant-referred.v1": "fact-1"}))])
    noted.note([("b", Answered("case-2", {}))])
    assert Journal.read(noted.file).answers == noted.answers


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    """A kill in the middle of writing loses that line alone; what is noted after it stands."""
    file = tmp_path / "one.jsonl"
    Journal(file).note([("a", Answered("case-1", {}))])
    file.write_text(file.read_text() + '\n["b", "cas')
    journal = Journal.read(file)
    assert set(journal.answers) == {"a"}
    journal.note([("b", Answered("case-2", {}))])
    assert set(Journal.read(file).answers) == {"a", "b"}


def test_a_play_begins_anew_where_the_platform_knows_nothing_of_it(tmp_path):
    """After a reset of the data nothing is taken as done."""
    journal = Journal(tmp_path / "one.jsonl")
    journal.note([("a", Answered("case-1", {}))])
    journal.forget()
    assert Journal.read(journal.file).answers == {}


def test_the_first_instant_of_a_quarter_stays(tmp_path):
    """A mark is the real instant at which a quarter was over for the first time; a second run does not move it."""
    marks = marks_of(tmp_path, "mehrlin")
    marks.set("2012-03-31", "2026-11-25T00:50:19.183+00:00")
    marks.set("2011-12-31", "2026-11-25T00:50:02.708+00:00")
    marks.set("2012-03-31", "2026-11-26T00:00:00.000+00:00")
    assert marks.read() == {
        "2011-12-31": "2026-11-25T00:50:02.708+00:00",
        "2012-03-31": "2026-11-25T00:50:19.183+00:00",
    }
