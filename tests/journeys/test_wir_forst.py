"""WIR and Forst from outside: played, compared with what was worked out by hand, opened down to people and facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

import pytest
from lotse_local.play import forst, wir
from lotse_local.play.journal import Journal
from lotse_local.play.views import View
from platform_runs import Run, until

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(600)]

PLAYS = {"wir": wir, "forst": forst}
SHOT_AT = {"wir": ("intake-api", "intake-worker", "postgres"), "forst": ("coaching-api", "coaching-worker")}
"""What is killed while they are played: no figure may move."""


@dataclass(frozen=True, slots=True)
class Played:
    """One of the two, played to its end."""

    lotse: Run
    play: ModuleType
    names: Mapping[str, str]
    """The invented names of people by their units; two records of one person have one name."""

    @property
    def operation(self) -> str:
        """What it is called."""
        return self.play.plan().operation

    def report(self, **asked: str) -> dict:
        """The report, as of a day and as known at an instant."""
        return self.lotse.ask(f"/operations/{self.operation}/report", **asked)

    def entries(self, indicator: str) -> list[dict]:
        """The entries behind a figure."""
        path = f"/operations/{self.operation}/indicators/{indicator}/entries"
        return self.lotse.ask(path, limit=1_000)["entries"]

    def shown_by(self, indicator: str, name: str) -> tuple[str, set[str]]:
        """The day on which somebody counts, and the types of the facts that show it."""
        [entry] = [one for one in self.entries(indicator) if self.names[one["unit"]] == name]
        return entry["effective"], {self.lotse.ask(f"/events/{event}")["type"] for event in entry["events"]}


def _played(lotse: Run, name: str) -> Played:
    lotse.play_shot_at(name, *SHOT_AT[name])
    plan = PLAYS[name].plan()
    answers = Journal.read(lotse.home / "play" / f"{name}-{plan.seed}.jsonl").answers
    people = {step.name for step in plan.steps if step.command == "refer-participant"}
    return Played(lotse, PLAYS[name], {answers[one].subject: one.removesuffix("-again") for one in people})


@pytest.fixture(scope="module")
def played_wir(lotse: Run) -> Played:
    return _played(lotse, "wir")


@pytest.fixture(scope="module")
def played_forst(lotse: Run) -> Played:
    return _played(lotse, "forst")


@pytest.fixture(params=PLAYS)
def played(request: pytest.FixtureRequest) -> Played:
    return request.getfixturevalue(f"played_{request.param}")


def _reported(played: Played, view: View) -> dict[str, str]:
    asked = {"as_of": view.as_of.isoformat()} if view.as_of else {}
    if view.known:
        asked["known_at"] = played.lotse.marked(played.operation, view.known.isoformat())
        until(lambda: played.report(**asked)["state"]["final"])
    return {one["id"]: str(one["result"]) for one in played.report(**asked)["report"]["indicators"]}


def test_the_figures_are_those_worked_out_by_hand(played):
    """In the end, and at a year's end as known then and as known since: late, corrected, taken back, merged."""
    for view in played.play.VIEWS:
        found = _reported(played, view)
        assert {one: found.get(one) for one in view.figures} == {one: str(two) for one, two in view.figures.items()}


def test_every_indicator_was_worked_out(played):
    """No row of the report is left to the program: all of them stand in the table of the last day."""
    in_the_end = played.play.VIEWS[-1]
    assert _reported(played, in_the_end).keys() == in_the_end.figures.keys()


def test_the_right_people_stand_behind_each_figure(played):
    """Not only how many: by indicator the names, one entry each."""
    for indicator, expected in played.play.PEOPLE.items():
        names = [played.names[entry["unit"]] for entry in played.entries(indicator)]
        assert sorted(names) == sorted(expected), indicator


def test_the_queue_names_whose_answers_are_missing(played):
    """By person what nobody knows, at entry, on leaving, half a year later; whoever answered is not in it."""
    people = played.lotse.ask(f"/operations/{played.operation}/incomplete")["people"]
    assert {played.names[one["unit"]]: set(one["missing"]) for one in people} == played.play.LACKING


@pytest.mark.parametrize(
    ("who", "day", "shown_by"),
    [
        ("samuel", "2025-02-28", {"follow-up-recorded.v1"}),
        ("yusuf", "2024-06-30", {"placement-made.v1", "job-lost.v1"}),
        ("bilal", "2025-04-01", {"placement-made.v1"}),
    ],
)
def test_work_six_months_after_rests_on_evidence(played_wir, who, day, shown_by):
    """An answer about the day, a job that ended later, a job that begins on the day; and on entry and exit always."""
    always = {"participant-enrolled.v1", "participant-exited.v1"}
    assert played_wir.shown_by("eecr05", who) == (day, shown_by | always)


def test_who_comes_back_counts_after_the_last_exit(played_wir):
    """Fatima left for school in 2023, came back, and left for work in June 2024: 28 days later she counts (R-3)."""
    shown_by = {"participant-enrolled.v1", "participant-exited.v1", "placement-made.v1", "status-recorded.v1"}
    assert played_wir.shown_by("eecr04", "fatima") == ("2024-07-26", shown_by)


def test_a_better_score_is_that_of_the_same_instrument(played_forst):
    """Petra's two analyses stand in two records that are one person; the improvement rests on both of them."""
    [entry] = [
        one for one in played_forst.entries("hf1-competence-gained") if played_forst.names[one["unit"]] == "petra"
    ]
    facts = [played_forst.lotse.ask(f"/events/{event}") for event in entry["events"]]
    analyses = [one for one in facts if one["type"] == "competence-analysed.v1"]
    assert {one["data"]["score"] for one in analyses} == {45, 50}
    assert len({one["subject"] for one in analyses}) == 2


def test_an_organisation_supported_twice_counts_once(played_wir):
    """`lotse explain` opens EECO18 down to the first support of each administration, and says that they sum to it."""
    said = played_wir.lotse.lotse("explain", "wir", "eeco18").stdout
    assert "2 entries, sum 2" in said


def test_the_parts_of_sites_add_up(played_wir):
    """Two offices, a school, and people who are gone to see: by hand, and in all what the report says."""
    parts = played_wir.report(by="site")["breakdown"]["parts"]
    whole = _reported(played_wir, played_wir.play.VIEWS[-1])
    for indicator, by_hand in played_wir.play.BY_SITE.items():
        assert {one["part"] or "": one["results"][indicator] for one in parts} == by_hand
        assert sum(by_hand.values()) == int(whole[indicator])


def test_the_common_block_says_how_complete_the_records_are(played_wir):
    """Karim's record lacks an answer; Fatima, Samuel and Viktor refused one. Each partner has its printed name."""
    profile = played_wir.lotse.ask("/operations/wir/profile")
    assert profile["records"] == {"entered": 19, "complete": 18, "incomplete": 1, "refused": 3}
    assert all(one["name"] for one in profile["partners"])
    assert profile["money"]["granted"] == profile["money"]["total"]["budget"] == "400000.00"


def test_the_area_data_sheet_is_the_latest_one(played_forst):
    """The common block tells the area's figures beside the city's; what nobody knows is no zero."""
    [area] = played_forst.lotse.ask("/operations/forst/profile")["areas"]
    assert [(one["kind"], one["scope"], one["value"]) for one in area["figures"]] == [
        ("hectares", "area", "303"),
        ("inhabitants", "city", "18996"),
        ("inhabitants", "area", "6638"),
        ("sgb2-percent", "city", "18.3"),
        ("sgb2-percent", "area", None),
        ("unemployed-percent", "city", "10.6"),
        ("unemployed-percent", "area", None),
        ("foreign-background-percent", "city", "4.72"),
        ("foreign-background-percent", "area", "9.63"),
    ]


def test_a_second_play_adds_nothing(played):
    """Played again, every command is answered as before, and no figure moves."""
    before = played.report()["digest"]
    steps = len(played.play.plan().steps)
    assert f"0 of {steps} steps were new" in played.lotse.lotse("play", played.operation).stdout
    assert played.report()["digest"] == before


@pytest.mark.usefixtures("played_wir", "played_forst")
def test_the_ledger_equals_its_facts(lotse):
    """`lotse verify` computes everything anew from the journal and finds no difference."""
    assert lotse.lotse("verify").returncode == 0
