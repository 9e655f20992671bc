"""Two drills on a real platform: its database is lost and restored, its Kafka is lost and written anew."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from lotse_local.calling import call
from lotse_local.platform import Platform
from lotse_local.postgres import SERVICES
from platform_runs import Run, until

pytestmark = [pytest.mark.demo, pytest.mark.kafka, pytest.mark.timeout(900)]

OPERATION = {
    "id": "drill",
    "programme": "biwaq",
    "approved_on": "2011-09-01",
    "first_day": "2011-10-01",
    "last_day": "2014-09-30",
}
PARTNER = {"joined": "spi", "role": "network-partner", "joined_on": "2011-10-01"}
REFERRED = {"operation": "drill", "referred_on": "2012-02-01", "referred_by": "self", "partner": "spi"}
PERSON = {"given_name": "Ina", "family_name": "Beispiel", "birth_date": "1975-03-02"}
ENTRY = {"entry_date": "2012-03-01", "age_at_entry": 36, "partner": "spi"}


@dataclass(frozen=True, slots=True)
class Drilled:
    """A platform with the hand-worked people on it, and somebody in an operation of this drill's own."""

    lotse: Run
    leaving: str
    """A case whose name is known when the drill begins; it is erased on the way."""

    def tell(self, path: str, **body: object) -> dict:
        """A command to intake, by a coordinator."""
        answer = call(Platform.read(self.lotse.home), "intake", "POST", path, role="coordinator", json=body)
        told: dict = answer.json()
        return told

    def enter(self) -> str:
        """Somebody is referred and enters; gives the case."""
        case = str(self.tell("/cases/refer-participant", **REFERRED, person=PERSON)["subject"])
        self.tell(f"/cases/{case}/enrol-participant", **ENTRY)
        return case

    def final(self, known_at: str) -> list[tuple[str, str]]:
        """Both reports of the hand-worked people as known then, once they can never change: text and digest."""
        found = []
        for operation in ("fixture", "fixture-2"):
            asked = (operation, "--known-at", known_at)
            until(lambda asked=asked: self.lotse.report(*asked)["state"]["final"])
            body = self.lotse.report(*asked)
            found.append((json.dumps(body["report"]), body["digest"]))
        return found

    def counted(self, query: str, *values: str) -> int:
        """One number out of the database, past all services."""

        async def look() -> int:
            connection = await Platform.read(self.lotse.home).postgres().connect("lotse")
            try:
                return int(await connection.fetchval(query, *values))
            finally:
                await connection.close()

        return asyncio.run(look())

    def told(self) -> int:
        """How many facts all services have told."""
        each = (f"select count(*) from {service}.outbox" for service in SERVICES)  # noqa: S608 - our own names
        return sum(map(self.counted, each))

    def is_sound(self) -> None:
        """Nothing is doubled or missing, nothing waits for a human, and the figures are what the facts lead to."""
        self.lotse.lotse("wait")
        numbered = "select count(distinct (source, subject, sequence)) from reporting.journal"
        assert self.counted("select count(*) from reporting.journal") == self.counted(numbered) == self.told()
        assert json.loads(self.lotse.lotse("dead-letters", "list", "--json").stdout) == []
        assert self.lotse.lotse("verify").stdout == "equal\n"
        assert self.lotse.lotse("verify", "--seals").stdout == "equal\n"


@pytest.fixture(scope="module")
def drilled(lotse: Run) -> Drilled:
    lotse.lotse("play", "fixture")
    made = Drilled(lotse, "")
    made.tell("/operations/approve-operation", **OPERATION)
    made.tell("/operations/drill/join-partner", **PARTNER)
    made = Drilled(lotse, made.enter())
    lotse.lotse("wait")
    return made


def test_the_database_is_lost(drilled, tmp_path):
    """Restored from a backup: what was told since comes back from Kafka and is listed; whoever was erased does not.

    A backup of which one byte was altered is refused before anything is touched.
    """
    lotse, backup = drilled.lotse, tmp_path / "backup"
    lotse.lotse("seal", "fixture", "--as-of", "2025-12-31")
    said = lotse.lotse("backup", str(backup)).stdout
    assert "The keys are not in it" in said
    assert not (backup / "keys").exists()
    assert json.loads(lotse.lotse("status", "--json").stdout)["last_backup"]["folder"] == str(backup)
    assert "is not empty" in lotse.lotse("backup", str(backup), good=False).stderr
    new = drilled.enter()
    drilled.tell(f"/cases/{drilled.leaving}/erase-participant", basis="wish")
    lotse.lotse("seal", "fixture-2", "--as-of", "2025-12-31")
    lotse.lotse("wait")
    known = datetime.now(UTC).isoformat()
    served, told = drilled.final(known), drilled.told()
    sealed = lotse.lotse("seals", "--json").stdout

    refused = lotse.lotse("restore", str(backup), "--yes", good=False).stderr
    assert "lotse down" in refused
    damaged = tmp_path / "damaged"
    lotse.lotse("backup", str(damaged), "--with-keys")
    assert (damaged / "keys" / "vault.key").stat().st_mode & 0o777 == 0o600
    with (damaged / "database" / "PG_VERSION").open("r+b") as file:
        file.write(b"9")
    lotse.lotse("down")
    assert "is damaged" in lotse.lotse("restore", str(damaged), "--yes", good=False).stderr
    shutil.rmtree(Platform.read(lotse.home).postgres().data)
    said = lotse.lotse("restore", str(backup), "--yes").stdout

    listed = [json.loads(line) for line in (lotse.home / "restored-facts.jsonl").read_text().splitlines()]
    assert f"{len(listed)} facts" in said
    assert {(one["type"], one["subject"]) for one in listed} == {
        ("participant-referred.v1", new),
        ("participant-enrolled.v1", new),
        ("participant-erased.v1", drilled.leaving),
        ("report-sealed.v1", "fixture-2"),
    }
    assert drilled.counted("select count(*) from intake.vault where case_id = $1", drilled.leaving) == 0
    assert drilled.final(known) == served
    assert lotse.lotse("seals", "--json").stdout == sealed
    assert drilled.told() == told
    drilled.tell(f"/cases/{new}/exit-participant", exit_date="2012-08-01", reason="planned-end", partner="spi")
    drilled.is_sound()
    assert drilled.told() == told + 1


def test_kafka_is_lost(drilled):
    """Its folder is gone: written anew from the outboxes, final reports are the same, and new commands count."""
    lotse = drilled.lotse
    known = datetime.now(UTC).isoformat()
    served, told = drilled.final(known), drilled.told()
    lotse.lotse("stop", "kafka")
    shutil.rmtree(lotse.home / "kafka")
    lotse.lotse("republish", "--yes")
    assert drilled.final(known) == served
    drilled.enter()
    drilled.is_sound()
    assert drilled.told() == told + 2
