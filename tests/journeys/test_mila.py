"""MILA from outside: 23 of 40 funded places are filled, and every cent of the subsidy opens down to who was paid."""

import pytest
from lotse_local.play import mila
from lotse_local.play.journal import Journal
from platform_runs import Run, until

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(600)]

SHOT_AT = ("postgres", "kafka", "coaching-worker", "reporting-worker")
"""What is killed at one moment, a fifth of the way: both memories of the platform, who tells most, who counts."""


@pytest.fixture(scope="module")
def played(lotse: Run) -> Run:
    """Played to its end, though four processes die at once on the way."""
    journal = lotse.home / "play" / f"mila-{mila.SEED}.jsonl"
    a_fifth = len(mila.plan().steps) // 5
    play = lotse.begin("play", "mila")
    try:
        until(lambda: journal.exists() and len(Journal.read(journal).answers) > a_fifth)
        for victim, killed in lotse.kill_at_once(*SHOT_AT).items():
            lotse.until_back(victim, killed)
        play.wait(300)
    except BaseException:
        play.kill()
        raise
    assert play.returncode == 0, lotse.home.with_name("play.log").read_text()[-2_000:]
    return lotse


def figures(body: dict) -> dict[str, int | str]:
    """The results of a report."""
    return {one["id"]: one["result"] for one in body["report"]["indicators"]}


def test_the_figures_are_those_known_beforehand(played):
    """23 of 40 places are filled, 390,109.09 EUR paid, and the others: as counted from the story, not by services."""
    found = figures(played.report("mila"))
    assert {one: found[one] for one in mila.FIGURES} == mila.FIGURES
    assert (found["places-filled"], found["places-funded"], found["subsidy-paid"]) == (23, 40, "390109.09")


def test_what_was_known_at_the_end_of_2015(played):
    """Six had begun by then, the third on 28 September; the job that was lost in February was still held."""
    instant = played.marked("mila", "2015-12-31")
    until(lambda: played.report("mila", "--known-at", instant)["state"]["final"])
    then = figures(played.report("mila", "--as-of", "2015-12-31", "--known-at", instant))
    assert (then["starts"], then["places-filled"], then["early-ends"]) == (7, 7, 0)


def test_every_cent_opens_down_to_a_payment(played):
    """The entries sum to what was paid; behind each stands one payment, and the man's first is 1,800 of 2,400 EUR."""
    assert "sum 390.109,09" in played.lotse("explain", "mila", "subsidy-paid").stdout
    entries = played.ask("/operations/mila/indicators/subsidy-paid/entries", limit=1_000)["entries"]
    assert len({event for entry in entries for event in entry["events"]}) == len(entries)


def test_one_mans_way_from_referral_to_a_job(played):
    """He started in August 2015, kept the job for six months and beyond, and his family was drawn in."""
    case = Journal.read(played.home / "play" / f"mila-{mila.SEED}.jsonl").answers[mila.THE_MAN].subject
    for indicator, day in (("starts", "2015-08-17"), ("jobs-kept-6-months", "2016-02-16")):
        entries = played.ask(f"/operations/mila/indicators/{indicator}/entries", limit=1_000)["entries"]
        assert [entry["effective"] for entry in entries if entry["unit"] == case] == [day]


def test_a_second_play_adds_nothing(played):
    """Played again, every command is answered as before, and no figure moves."""
    before = played.report("mila")["digest"]
    steps = len(mila.plan().steps)
    assert f"0 of {steps} steps were new" in played.lotse("play", "mila").stdout
    assert played.report("mila")["digest"] == before
