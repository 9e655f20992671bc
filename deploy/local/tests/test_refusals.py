"""What a service refuses, as the command line says it: one text with option, reason and way out."""

import pytest
from lotse_local.figures import entry_lines
from lotse_local.refusals import Asked, in_words
from lotse_shared.problems import NOT_FOUND, Problem, forbidden

AGAIN = "Correct the field and send it again."
THERE = ["harbour", "mehrlin"]


def invalid(field: str, message: str, way_out: str = AGAIN) -> Problem:
    """As services say what is wrong with a field."""
    return Problem(422, "invalid", "Invalid input", f"{field}: {message}", way_out, field)


def said(problem: Problem, path: str, there: list[str] | None = None, **sent: object) -> str:
    """A refusal of a call to reporting, in words; `sent` are its query parameters."""
    asked = Asked("reporting", path, sent)
    return in_words(asked, problem.status, problem.content(), lambda: THERE if there is None else there)


@pytest.mark.parametrize(
    ("field", "value", "message", "words"),
    [
        (
            "as_of",
            "soon",
            "Input should be a valid date or datetime, input is too short",
            "--as-of soon is no day. Write it like 2014-09-30.",
        ),
        (
            "by",
            "age",
            "Input should be 'gender', 'partner', 'site' or 'quarter'",
            "--by age is none of 'gender', 'partner', 'site' or 'quarter'. Choose one of these.",
        ),
        (
            "why",
            "x",
            "String should have at least 3 characters",
            "--why x is too short. Say it in 3 characters or more.",
        ),
        ("limit", "9999", "too many", "--limit 9999: too many. Correct it, or see the command's --help."),
    ],
)
def test_a_wrong_option_is_named_as_it_was_typed(field, value, message, words):
    """The option, not the field of HTTP, with its value, once; what is right is said in plain words."""
    assert said(invalid(field, message), "/operations/harbour/report", **{field: value}) == words


def test_an_option_given_more_than_once_names_the_wrong_one():
    """The second --by is wrong, not the first."""
    problem = invalid("by.1", "Input should be 'gender' or 'partner'")
    asked = Asked("reporting", "/operations/harbour/publications", {}, {"as_of": "2014-09-30", "by": ["gender", "age"]})

    assert in_words(asked, 422, problem.content(), list).startswith("--by age is none of 'gender' or 'partner'.")


def test_the_way_out_of_the_service_is_kept_and_said_once():
    """What the service knows better stays; a sentence that stands in the reason already is not repeated."""
    moment = invalid("known_at", "neither a date nor an instant with its zone", "Write it like 2014-10-01.")
    words = said(moment, "/operations/harbour/report", known_at="x")
    assert words == "--known-at x is no day, nor an instant with its zone. Write it like 2014-10-01."
    day = Problem(422, "not-yet", "Not yet", "2099-01-01 has not come.", "Ask for an earlier day.", "as_of")
    words = said(day, "/operations/harbour/report", as_of="2099-01-01")
    assert words == "--as-of: 2099-01-01 has not come. Ask for an earlier day."
    twice = Problem(409, "refused", "Refused", "It was sealed. Ask for a later day.", "Ask for a later day.")
    assert said(twice, "/programmes") == "reporting refuses (409): It was sealed. Ask for a later day."
    inside = invalid("indicators.0.id", "is too long")
    assert said(inside, "/programmes") == f"reporting refuses (422): indicators.0.id: is too long. {AGAIN}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/operations/nosuch/report", "There is no operation nosuch. There are: harbour, mehrlin."),
        ("/operations/a%2Fb/seals", "There is no operation a/b. There are: harbour, mehrlin."),
        ("/seals/nosuch/submit", "There is no seal nosuch. See `lotse seals`."),
        ("/dead-letters/7/retry", "reporting has no dead letter 7. See `lotse dead-letters list reporting`."),
        ("/events/7", ("reporting refuses (404): There is nothing here by that name for you. "
         "Check the id, and who you signed in as.")),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_with_what_is(path, words):
    """An unknown operation is answered with those there are; other things with the command that lists them."""
    assert said(NOT_FOUND, path) == words


def test_where_nothing_is_yet_the_beginning_is_told():
    """Without any operation the way out is to begin one."""
    assert "lotse programme apply" in said(NOT_FOUND, "/operations/nosuch/report", there=[])


def test_what_could_not_be_a_seal_is_none():
    """That the id has another shape than ids have is of no use to anybody."""
    problem = invalid("seal", "Input should be a valid UUID, invalid character: found `n` at 0")
    assert said(problem, "/seals/nosuch/restatement") == "There is no seal nosuch. See `lotse seals`."


def test_a_refusal_that_no_option_can_help_is_told_as_it_is():
    """A role that may not is the service's to explain."""
    words = said(forbidden("write", ["coordinator"]), "/operations/harbour/narrative/outlook")
    assert words == "reporting refuses (403): Your role may not write. Ask somebody who may: coordinator."


def test_entries_stand_under_headings():
    """Each column has its name, figures stand to the right, and what is missing is a dash."""
    entries = [
        {"effective": "2014-05-01", "quantity": 1, "partner": "spi", "unit": "u-1", "events": ["e-1", "e-2"]},
        {"effective": "2014-06-01", "quantity": "1234.50", "partner": None, "unit": "u-22", "events": []},
    ]
    assert list(entry_lines(entries)) == [
        "effective   quantity  partner  unit  events",
        "2014-05-01         1  spi      u-1   e-1 e-2",
        "2014-06-01   1234.50  -        u-22",
    ]
