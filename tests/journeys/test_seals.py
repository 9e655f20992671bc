"""Seals from outside, by the commands: sealed once, handed in once, what moved since; mistakes say what to do."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from lotse_local.calling import call
from lotse_local.platform import Platform
from platform_runs import Run

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(600)]

PROGRAMME = """
operation: sealing
programme: biwaq
period: {from: 2011-10-01, until: 2014-09-30}
partners: {spi: SPI}
source: Projektkoordination
indicators:
  - id: entered
    title: {de: Eingetretene unter YOUNG, en: People under YOUNG who entered}
    counts: persons
    per: person
    moments: [{is: participant-enrolled, where: {entry.age: {less-than: YOUNG}}}]
"""
OPERATION = {
    "id": "sealing",
    "programme": "biwaq",
    "approved_on": "2011-09-01",
    "first_day": "2011-10-01",
    "last_day": "2014-09-30",
}
PARTNER = {"joined": "spi", "role": "network-partner", "joined_on": "2011-10-01"}
REFERRED = {"operation": "sealing", "referred_on": "2012-02-01", "referred_by": "self", "partner": "spi"}
ENTRY = {"entry_date": "2012-03-01", "partner": "spi"}
DAY = ("--as-of", "2012-12-31")
NOWHERE = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Sealing:
    """An operation of this test's own, and the seal of its first report: one person of 36."""

    lotse: Run
    folder: Path
    seal: str = ""

    def tell(self, path: str, **body: object) -> dict:
        """A command to intake, by a coordinator."""
        answer = call(Platform.read(self.lotse.home), "intake", "POST", path, role="coordinator", json=body)
        told: dict = answer.json()
        return told

    def enter(self, age: int) -> str:
        """Somebody of this age is referred and enters; gives the case."""
        person = {"given_name": "Ina", "family_name": "Beispiel", "birth_date": f"{2011 - age}-06-02"}
        case = str(self.tell("/cases/refer-participant", **REFERRED, person=person)["subject"])
        self.tell(f"/cases/{case}/enrol-participant", **ENTRY, age_at_entry=age)
        return case

    def apply(self, young: int) -> None:
        """A programme file comes into force that counts people under this age."""
        file = self.folder / "sealing.yaml"
        file.write_text(PROGRAMME.replace("YOUNG", str(young)))
        self.lotse.lotse("programme", "apply", str(file))
        self.lotse.lotse("wait")

    def listed(self) -> dict[str, dict]:
        """The operation's seals as `lotse seals` gives them to programs."""
        return {one["seal"]: one for one in json.loads(self.lotse.lotse("seals", "sealing", "--json").stdout)}


@pytest.fixture(scope="module")
def sealing(lotse: Run, tmp_path_factory: pytest.TempPathFactory) -> Sealing:
    folder = tmp_path_factory.mktemp("sealing")
    made = Sealing(lotse, folder)
    made.tell("/operations/approve-operation", **OPERATION)
    made.tell("/operations/sealing/join-partner", **PARTNER)
    made.apply(65)
    made.enter(36)
    lotse.lotse("wait")
    return Sealing(lotse, folder, lotse.lotse("seal", "sealing", *DAY).stdout.strip())


def test_a_seal_is_listed_handed_in_once_and_says_what_moved_since(sealing):
    """Who enters late moves the figure from one to two, with the fact that did it; the seal stays what it was."""
    lotse, before = sealing.lotse, sealing.listed()[sealing.seal]
    assert (before["state"], before["as_of"]) == ("sealed", "2012-12-31")
    assert lotse.lotse("submit", sealing.seal).stdout == "Handed in.\n"
    assert lotse.lotse("submit", sealing.seal).stdout == "It was handed in before.\n"
    case = sealing.enter(50)
    lotse.lotse("wait")
    said = lotse.lotse("restatement", sealing.seal).stdout
    assert "Eingetretene unter 65: 1 -> 2" in said
    [move] = [line.split() for line in said.splitlines() if case in line]
    assert move[0] == "+1"
    moved = json.loads(lotse.lotse("restatement", sealing.seal, "--json").stdout)
    assert lotse.ask(f"/events/{move[-1]}")["type"] == "participant-enrolled.v1"
    assert [(one["sealed"], one["now"]) for one in moved["indicators"]] == [(1, 2)]
    after = sealing.listed()[sealing.seal]
    assert (after["state"], after["digest"]) == ("submitted", before["digest"])
    assert f"{sealing.seal}  sealing  as of 2012-12-31" in lotse.lotse("seals").stdout
    assert lotse.lotse("verify", "--seals").stdout == "equal\n"


def test_two_editions_stand_side_by_side(sealing):
    """With one edition there is nothing to compare; the next one counts people under 40, and who is 50 is named."""
    refused = sealing.lotse.lotse("edition", "compare", "sealing", good=False)
    assert refused.returncode == 1
    assert "Another edition begins when a changed programme file is applied" in refused.stderr
    case = sealing.enter(64)
    sealing.apply(40)
    said = sealing.lotse.lotse("edition", "compare", "sealing").stdout
    assert f"  {case}: 1 -> 0" in said
    unknown = sealing.lotse.lotse("edition", "compare", "sealing", "--from", "unknown", good=False)
    assert unknown.returncode == 1
    assert "unknown" in unknown.stderr


def test_a_report_that_can_still_change_waits(sealing):
    """While intake is silent nothing is final: the request is kept under its key, and cannot be handed in."""
    lotse, asked = sealing.lotse, ("seal", "sealing", *DAY, "--key", "one")
    lotse.lotse("stop", "intake-worker")
    seal = lotse.lotse(*asked, "--no-wait").stdout.strip()
    assert lotse.lotse(*asked, "--no-wait").stdout.strip() == seal
    for words, says in (
        (("seal", "sealing", "--as-of", "2013-12-31", "--key", "one", "--no-wait"), "idempotency key was sent before"),
        (("submit", seal), "not sealed yet"),
        (("restatement", seal), "not sealed yet"),
    ):
        refused = lotse.lotse(*words, good=False)
        assert (refused.returncode, says in refused.stderr) == (1, True), refused.stderr
    [reason] = [line for line in lotse.lotse("seals", "sealing").stdout.splitlines() if "waits: " in line]
    assert "intake has sent what it had" in reason
    lotse.lotse("start", "intake-worker")
    assert lotse.lotse(*asked).stdout.strip() == seal
    assert sealing.listed()[seal]["state"] == "sealed"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("seal", "nosuch", *DAY), ("There is no operation nosuch. There are: ", "sealing")),
        (("seal", "sealing", "--as-of", "soon"), ("--as-of soon is no day. Write it like 2014-09-30.",)),
        (("seal", "sealing", "--as-of", "2999-01-01"), ("--as-of", "2999-01-01 has not come", "an earlier day")),
        (("seal", "sealing", *DAY, "--known-at", "2999-01-01"), ("--known-at 2999-01-01", "Name an earlier moment")),
        (("seals", "nosuch"), ("There is no operation nosuch. There are: ", "sealing")),
        (("submit", NOWHERE), (f"There is no seal {NOWHERE}. See `lotse seals`.",)),
        (("restatement", NOWHERE), (f"There is no seal {NOWHERE}. See `lotse seals`.",)),
        (("submit", "nosuch"), ("There is no seal nosuch. See `lotse seals`.",)),
        (("edition", "compare", "nosuch"), ("There is no operation nosuch. There are: ", "sealing")),
    ],
)
def test_bad_input_names_what_is_wrong_and_the_way_out(sealing, words, says):
    """One paragraph on standard error, nothing on standard output, and it ends with 1."""
    refused = sealing.lotse.inside(*words)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("lotse: ")
    assert refused.stderr.count("\n") == 1
    assert [one for one in says if one not in refused.stderr] == []
