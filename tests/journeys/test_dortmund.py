"""Dortmund from outside: 151 jobs on 26 March 2019, whatever was entered late, corrected, taken back or refilled."""

import signal

import pytest
from platform_runs import Run, until

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(600)]

ANSWERED_ON = "2019-03-26"
ORIGINS = ("jobs-procurement", "jobs-new-simple-work", "jobs-funded")


@pytest.fixture(scope="module")
def played(lotse: Run) -> Run:
    """Played to its end, though the play itself and the one that counts are killed on the way."""
    play = lotse.begin("play", "dortmund")
    lotse.until_back("reporting-worker", lotse.kill("reporting-worker"))
    play.send_signal(signal.SIGKILL)
    play.wait()
    lotse.play_shot_at("dortmund", "matching-api", "matching-worker", "kafka")
    return lotse


def figures(body: dict) -> dict[str, int | str]:
    """The results of a report."""
    return {one["id"]: one["result"] for one in body["report"]["indicators"]}


def test_a_hundred_and_fifty_one_jobs(played):
    """The figure that the Land told its parliament, by origin: 44 + 57 + 50, which is 72 percent of the goal."""
    body = played.report("dortmund", "--as-of", ANSWERED_ON)
    found = figures(body)
    assert (found["jobs-created"], *(found[one] for one in ORIGINS)) == (151, 44, 57, 50)
    assert [one["percent"] for one in body["report"]["indicators"] if one["id"] == "jobs-created"] == [72]


def test_more_than_two_hundred_in_november(played):
    """By 26 November 2019 there are 211, and the jobs of the next day are not among them."""
    assert figures(played.report("dortmund", "--as-of", "2019-11-26"))["jobs-created"] == 211
    assert figures(played.report("dortmund", "--as-of", "2019-11-27"))["jobs-created"] > 211


def test_what_was_known_when_the_quarter_ended(played):
    """146 were known on 31 March: fills entered in April are missing, and corrections of May are not made yet."""
    instant = played.marked("dortmund", "2019-03-31")
    until(lambda: played.report("dortmund", "--known-at", instant)["state"]["final"])
    then = figures(played.report("dortmund", "--as-of", ANSWERED_ON, "--known-at", instant))
    assert (then["jobs-created"], *(then[one] for one in ORIGINS)) == (146, 43, 54, 49)
    assert then["employers-contacted"] == 39
    assert figures(played.report("dortmund", "--as-of", ANSWERED_ON))["employers-contacted"] == 38


def test_each_job_opens_down_to_the_fact_that_filled_it(played):
    """Behind the 50 funded ones stand 50 positions, each filled by one of the target group, one not for the first time.

    Its holder had a work opportunity in it before, which matching takes for a filling and the figure does not.
    """
    path = "/operations/dortmund/indicators/jobs-funded/entries"
    entries = played.ask(path, as_of=ANSWERED_ON, limit=1_000)["entries"]
    facts = [played.ask(f"/events/{event}") for entry in entries for event in entry["events"]]
    assert {fact["type"] for fact in facts} == {"vacancy-filled.v1"}
    assert all(fact["data"]["eligible"] and fact["data"]["kind"] != "work-opportunity" for fact in facts)
    assert sum(not fact["data"]["first_fill"] for fact in facts) == 1
    assert len({(fact["subject"], fact["data"]["position"]) for fact in facts}) == len(facts) == 50
    assert "151 entries, sum 151" in played.lotse("explain", "dortmund", "jobs-created", "--as-of", ANSWERED_ON).stdout


def test_money_opens_down_to_what_was_paid_and_what_came_back(played):
    """Spending is what the Land and the city paid, less what came back; a payment entered twice is not in it."""
    entries = played.ask("/operations/dortmund/indicators/spending/entries", limit=1_000)
    facts = [played.ask(f"/events/{event}")["data"] for entry in entries["entries"] for event in entry["events"]]
    sources = {one["money_source"] for one in facts if "money_source" in one}
    assert (entries["sum"], sources) == ("4341000.00", {"land", "municipal"})
    assert sum(entry["quantity"].startswith("-") for entry in entries["entries"]) == 1


def test_the_common_block_pays_what_the_indicators_pay(played):
    """Payments less what came back, and premiums for enterprises: the same amounts by source as in the rows."""
    rows = {one["id"]: one["result"] for one in played.ask("/operations/dortmund/report")["report"]["indicators"]}
    money = played.ask("/operations/dortmund/profile")["money"]
    paid = {one["source"]: one["paid"] for one in money["sources"]}
    assert {one: paid[one] for one in ("land", "municipal", "pat", "saved-housing-costs")} == {
        one: rows[f"paid-{one}"] for one in ("land", "municipal", "pat", "saved-housing-costs")
    }


def test_a_second_play_adds_nothing(played):
    """Played again, every command is answered as before; the ledger equals its facts."""
    before = played.report("dortmund")["digest"]
    assert "0 of 1433 steps were new" in played.lotse("play", "dortmund").stdout
    assert played.report("dortmund")["digest"] == before
    assert played.lotse("verify").returncode == 0
