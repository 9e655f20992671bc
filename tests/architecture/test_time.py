"""Time and ids come from the edges; tests wait for conditions."""

import pytest
from reading import clocks_and_random_ids, sleeps_for_a_time

EDGES = {
    "shared/src/lotse_shared/security.py": "utc_now, the one clock that everything is handed",
    "shared/src/lotse_shared/service.py": "new_id, the one source of ids that everything is handed",
    "deploy/local/src/lotse_local/main.py": "`lotse status` says how old the last backup is",
    "deploy/local/src/lotse_local/platform.py": "tokens and tickets are issued now",
    "deploy/local/src/lotse_local/play/sending.py": "keeps the real instants of each quarter's end, for known-at",
}
"""Where the machine is asked for the time of day or for a new id, and why there."""

PAUSES = {
    "tests/performance/test_start.py": "what doing nothing costs is measured over a time of doing nothing",
    "tests/performance/test_event_to_figure.py": "facts are told at an even rate",
    "tests/performance/test_new_edition.py": "facts are told at an even rate",
    "shared/tests/test_parked.py": "what is under way is killed after a moment that chance chose",
    "shared/tests/test_watch.py": "a task is let begin before the loop is blocked",
    "tests/kafka/test_outbox.py": "transactions are held open for a moment that chance chose",
    "services/reporting/tests/test_live.py": "a rendering that takes its time while others ask for the same",
    "tests/browser/conftest.py": "the next fact must be known a millisecond later than the last",
}
"""Tests in which time passing is the thing itself."""


def test_clock_and_chance_are_asked_at_the_edges_alone(product):
    """Everything else is given the time and its ids, so that the same call gives the same facts."""
    found = {name: places for name, text in product.items() if (places := clocks_and_random_ids(text))}

    assert {name: places for name, places in found.items() if name not in EDGES} == {}
    assert set(EDGES) <= set(found), "an edge that no longer asks is taken off the list"


def test_no_test_sleeps_for_a_time(tests):
    """A test waits until something is so; between two looks it may pause for a moment."""
    found = {name: places for name, text in tests.items() if (places := sleeps_for_a_time(text))}

    assert {name: places for name, places in found.items() if name not in PAUSES} == {}


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "uuid.uuid4()",
        "uuid4()",
        "field(default_factory=uuid4)",
        "Clock(datetime.now)",
    ],
)
def test_a_hidden_clock_is_found(source):
    """Called, handed on, or reached through its module."""
    assert len(clocks_and_random_ids(source)) == 1


@pytest.mark.parametrize("source", ["now.today", "loop.time()", "time.monotonic()", "new_id()", "clock.now()"])
def test_given_time_is_fine(source):
    """A moment that was passed in, and clocks that only measure, are no clocks of the day."""
    assert clocks_and_random_ids(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(1)",
        "await asyncio.sleep(0.01)",
        "while not done():\n  time.sleep(2)",
        "while not done():\n  time.sleep(pause)",
        "for one in many:\n  def wait():\n    time.sleep(0.01)",
    ],
)
def test_a_sleep_for_a_time_is_found(source):
    """Outside a loop, or long."""
    assert len(sleeps_for_a_time(source)) == 1


def test_a_pause_between_two_looks_is_fine():
    """Waiting on a condition is a loop with a short pause."""
    assert sleeps_for_a_time("while not done():\n  time.sleep(0.02)") == []
