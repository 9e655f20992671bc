"""People worked out by hand, from outside: who counts in which common indicator, one by one."""

from collections.abc import Mapping

import pytest
from lotse_local.play.fixture import first, second
from lotse_local.play.fixture.records import EVERY
from lotse_local.play.journal import Journal
from platform_runs import Run

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(600)]

P1_TO_P8 = {
    "eeco01": 7,
    "eeco02": 3,
    "eeco03": 2,
    "eeco04": 2,
    "eeco05": 1,
    "eeco06": 0,
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


@pytest.fixture(scope="module")
def played(lotse: Run) -> Run:
    """Both operations, to their end, though what counts them is killed on the way."""
    lotse.play_shot_at("fixture", "reporting-worker", "reporting-api")
    return lotse


def names_of(lotse: Run, operation: str, seed: int) -> Mapping[str, str]:
    """What the people of a play are called in its plan, by their cases."""
    answers = Journal.read(lotse.home / "play" / f"{operation}-{seed}.jsonl").answers
    return {answer.subject: name for name, answer in answers.items() if "/" not in name}


def who_counts(lotse: Run, operation: str, seed: int, **asked: str) -> Mapping[str, set[str]]:
    """By indicator, the names of the people behind the figure."""
    names, found = names_of(lotse, operation, seed), {}
    for one in EVERY:
        path = f"/operations/{operation}/indicators/{one}/entries"
        found[one] = {names[entry["unit"]] for entry in lotse.ask(path, limit=1_000, **asked)["entries"]}
    return found


def by_indicator(counted: Mapping[str, frozenset[str]]) -> Mapping[str, set[str]]:
    """The hand-worked table, the other way round."""
    return {one: {name for name, indicators in counted.items() if one in indicators} for one in EVERY}


def test_p1_to_p8_are_what_the_handbook_says(played):
    """The figures of the first operation at its cut-off, and behind each figure those who make it."""
    report = played.report("fixture", "--as-of", "2025-12-31")["report"]
    assert {one["id"]: one["result"] for one in report["indicators"] if one["id"] in P1_TO_P8} == P1_TO_P8
    assert who_counts(played, "fixture", first.SEED, as_of="2025-12-31") == by_indicator(first.written().counted)


def test_everybody_counts_where_they_were_counted_by_hand(played):
    """Month ends, leap days, ages, comebacks, merged records, late news, gaps, kinds of work: person by person."""
    found = who_counts(played, "fixture-2", second.SEED, as_of="2025-12-31")
    assert found == by_indicator(second.written().counted)


def test_everybody_counted_then_as_was_known_then(played):
    """On 30 September 2024 other things were known: other people stand behind the figures of that day."""
    asked = {"as_of": "2024-09-30", "known_at": played.marked("fixture-2", "2024-09-30")}
    assert who_counts(played, "fixture-2", second.SEED, **asked) == by_indicator(second.written().counted_then)


def test_a_result_opens_down_to_what_shows_it(played):
    """EECR05 of P1 rests on the entry, the exit, the job that began on day 28, and the answer about 31 July."""
    [entry] = played.ask("/operations/fixture/indicators/eecr05/entries", as_of="2025-12-31")["entries"]
    facts = {played.ask(f"/events/{event}")["type"] for event in entry["events"]}
    assert entry["effective"] == "2024-07-31"
    assert facts >= {
        "participant-enrolled.v1",
        "participant-exited.v1",
        "placement-made.v1",
        "follow-up-recorded.v1",
    }


def test_gaps_stand_in_the_queue_until_they_are_closed(played):
    """Who counts in the grand total alone is queued with what is missing; who found the certificate is not any more."""
    names = names_of(played, "fixture-2", second.SEED)
    queue = {
        names[one["unit"]]: set(one["missing"]) for one in played.ask("/operations/fixture-2/incomplete")["people"]
    }
    core = {name: missing & {"gender", "employment", "age", "isced"} for name, missing in queue.items()}
    assert {name: missing for name, missing in core.items() if missing} == {
        "no-gender": {"gender"},
        "no-employment": {"employment"},
        "no-age": {"age"},
        "recorded-twice": {"isced"},
    }
    assert "unemployed-since" in queue["since-when"]


def test_a_second_play_adds_nothing(played):
    """Played again, nothing is new in either operation, and no figure moves."""
    before = [played.report(one)["digest"] for one in ("fixture", "fixture-2")]
    said = played.lotse("play", "fixture").stdout
    assert "0 of 33 steps were new" in said
    assert "0 of 235 steps were new" in said
    assert [played.report(one)["digest"] for one in ("fixture", "fixture-2")] == before


def test_the_common_block_says_how_complete_the_records_are(played):
    """P1 to P8 without P7: seven entered; P5 has no level of education; P8 refused the question of a disability."""
    found = played.ask("/operations/fixture/profile")["records"]
    assert found == {"entered": 7, "complete": 6, "incomplete": 1, "refused": 1}
