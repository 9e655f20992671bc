"""The main job from outside: the MEHRLiN network is played, processes are killed, and the printed table comes out."""

import asyncio
import itertools
import json
import signal
import subprocess
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from platform_runs import Run, until

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(1200)]

PRINTED = {
    "young-people-trained": (145, 163, 112),
    "long-term-unemployed-trained": (175, 236, 135),
    "employed-trained": (80, 55, 69),
    "placed-second-third-market": (12, 72, 600),
    "start-up-advice": (25, 46, 184),
    "small-businesses-advised": (50, 143, 286),
    "placed-in-apprenticeship": (30, 18, 60),
    "placed-first-market": (50, 65, 130),
    "health-attendances": (2_000, 10_360, 518),
    "mainstreaming-attendances": (60, 145, 242),
    "foreign-background": (20, 232, 1_160),
    "disabled-people": (10, 18, 180),
}
"""Target, result and percent, as printed in Magdeburg in 2014."""
VICTIMS = [
    f"{service}-{half}" for service in ("intake", "matching", "coaching", "reporting") for half in ("worker", "api")
]


def printed(body: dict) -> dict[str, tuple[int, int, int]]:
    """The table of a report."""
    return {one["id"]: (one["target"], one["result"], one["percent"]) for one in body["report"]["indicators"]}


def final(lotse: Run, known_at: str) -> dict:
    """A report as known at an instant, once it can never change."""
    until(lambda: lotse.report("mehrlin", "--known-at", known_at)["state"]["final"])
    return lotse.report("mehrlin", "--known-at", known_at)


def marks(lotse: Run) -> list[str]:
    """The real instants at which the quarters ended."""
    lines = lotse.lotse("play", "marks").stdout.splitlines()[1:]
    return [line.split()[-1] for line in lines if line.strip()]


@pytest.fixture(scope="module")
def played(lotse: Run) -> Run:
    """Played to its end, while every process and Kafka itself are killed, and the play too."""
    victims = itertools.chain(VICTIMS, ["kafka", "postgres"])
    play = lotse.begin("play", "mehrlin")
    for number, victim in enumerate(victims):
        lotse.until_back(victim, lotse.kill(victim))
        if number == len(VICTIMS) // 2:
            play.send_signal(signal.SIGKILL)
            play.wait()
            play = lotse.begin("play", "mehrlin")
    try:
        play.wait(600)
    except subprocess.TimeoutExpired:
        play.kill()
        raise
    assert play.returncode == 0, lotse.home.with_name("play.log").read_text()[-2_000:]
    return lotse


def test_the_printed_table_comes_out_whatever_was_killed(played):
    """Twelve rows, digit for digit, though every process was killed during the play; the ledger equals its facts."""
    assert printed(played.report("mehrlin")) == PRINTED
    assert played.lotse("verify").returncode == 0


def test_every_figure_opens_down_to_entries_that_sum_to_it(played):
    """`lotse explain` lists the entries of each of the twelve figures, and says that they sum to it."""
    for indicator, (_, result, _) in PRINTED.items():
        said = played.inside("explain", "mehrlin", indicator).stdout
        assert f"{result:,}".replace(",", ".") in said or str(result) in said


def test_a_second_play_adds_nothing(played):
    """Played again, every command is answered as before: no new fact, no other figure."""
    before = played.report("mehrlin")["digest"]
    said = played.lotse("play", "mehrlin").stdout
    assert said.lstrip().startswith("0 of") or "\n0 of" in said
    assert played.report("mehrlin")["digest"] == before


def test_what_was_known_then_stays_what_was_known_then(played):
    """A final report is byte for byte the same after a rebuild, and earlier quarters knew less."""
    quarters = marks(played)
    earlier = [final(played, known_at) for known_at in (quarters[3], quarters[-1])]
    assert printed(earlier[0]) != printed(earlier[1])
    assert played.lotse("rebuild").returncode == 0
    again = [final(played, known_at) for known_at in (quarters[3], quarters[-1])]
    assert [json.dumps(one["report"]) for one in again] == [json.dumps(one["report"]) for one in earlier]
    assert [one["digest"] for one in again] == [one["digest"] for one in earlier]


def test_counting_messages_gives_another_table(played):
    """What must not count, or count once, is really in the stream: a naive count of events differs in most rows."""
    rows = played.lotse("play", "mehrlin", "--truth").stdout.splitlines()
    cells = {line.split()[0]: line.split()[1:] for line in rows if line.split() and line.split()[0] in PRINTED}
    assert {one for one, (result, reported, _) in cells.items() if result == reported} == PRINTED.keys()
    assert sum(result != naive for result, _, naive in cells.values()) >= len(PRINTED) - 2


def test_what_cannot_be_read_keeps_reports_from_being_final_until_it_is_discarded(played):
    """A header that is not UTF-8 is put aside and nothing else stops; reports name it until it is discarded."""
    kafka = json.loads(played.lotse("status", "--json").stdout)["kafka"]
    asyncio.run(_spoil(kafka))
    until(lambda: bool(_open_letters(played)))
    now = datetime.now(UTC).isoformat()
    state = played.report("mehrlin", "--known-at", now)["state"]
    assert not state["final"]
    assert state["open"]
    for service, number in _open_letters(played):
        played.lotse("dead-letters", "discard", service, number, "--why", "written by hand in a test")
    assert final(played, now)["state"]["open"] == []


async def _spoil(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    await producer.send_and_wait(
        "lotse.facts", b"{}", b"k", headers=[("ce_type", b"visit-held.v1"), ("ce_id", b"\xff")]
    )
    await producer.stop()


def _open_letters(lotse: Run) -> list[tuple[str, str]]:
    body = json.loads(lotse.lotse("dead-letters", "list", "--json").stdout)
    return [(one["service"], str(one["number"])) for one in body]
