"""Images and composition, as far as files can be checked without a container engine; and what they run once."""

import asyncio
import json
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import yaml
from lotse_local.containers import make_keys, prepare_database
from lotse_local.postgres import SERVICES, SUPERUSER
from lotse_shared import security
from lotse_shared.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: one for name, one in COMPOSE.items() if name.partition("-")[0] in SERVICES}
BIN = Path(sys.executable).parent


def checked(*command: str | Path) -> None:
    """Run a checker; fails with what it says."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - tools of this environment
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_composition_follows_the_schema_of_compose_files():
    """An unknown key or a value of the wrong kind is found before anybody starts it."""
    checked(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_dockerfile_follows_the_rules_of_hadolint():
    """Pinned versions, no cache left in a layer, no root at the end."""
    checked(BIN / "hadolint", "deploy/Dockerfile")


def test_every_service_runs_as_api_worker_and_migration():
    """Two processes a service, and its migrations before them."""
    assert set(OURS) == {f"{service}-{process}" for service in SERVICES for process in ("api", "worker", "migrate")}
    for name, one in OURS.items():
        service, _, process = name.partition("-")
        assert one["build"]["args"] == {"SERVICE": service}
        assert one.get("command", ["api"]) == [process]
        if process != "migrate":
            assert one["depends_on"][f"{service}-migrate"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", sorted(COMPOSE))
def test_containers_have_no_rights_they_do_not_need(name):
    """No capability but those an image cannot do without, no new privileges, ports on loopback alone."""
    one = COMPOSE[name]
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))
    if name not in {"kafka", "postgres"}:
        assert one["read_only"] is True


@pytest.mark.parametrize("name", sorted(OURS))
def test_services_are_told_settings_that_exist_and_see_their_own_keys_alone(name):
    """A misspelt setting would be ignored silently; a password in a setting would be seen by whoever may look."""
    one, service = OURS[name], name.partition("-")[0]
    known = {f"LOTSE_{field.upper()}" for field in Settings.model_fields} | {"PGPASSFILE"}
    assert set(one["environment"]) <= known
    assert not any(":" in value.partition("://")[2].partition("@")[0] for value in one["environment"].values())
    [keys] = one["volumes"]
    assert keys["read_only"] is True
    assert keys["volume"] == {"subpath": service}


def test_prometheus_looks_at_every_process():
    """No process of the composition goes unmeasured."""
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    [job] = config["scrape_configs"]
    looked_at = {
        (target, one["labels"]["service"], one["labels"]["process"])
        for one in job["static_configs"]
        for target in one["targets"]
    }
    assert looked_at == {(f"{name}:8000", *name.split("-")) for name in OURS if not name.endswith("-migrate")}


def test_what_is_mounted_from_the_clone_is_there():
    """Files a container reads from the clone exist."""
    for one in COMPOSE.values():
        for volume in one.get("volumes", ()):
            source = volume.partition(":")[0] if isinstance(volume, str) else volume["source"]
            if source.startswith("./"):
                assert (ROOT / source).is_dir()


def test_keys_are_made_once_and_each_service_gets_its_own(tmp_path):
    """The vault's key is intake's alone, that of pseudonyms reporting's, the private key of tokens nobody's.

    A second run changes nothing.
    """
    make_keys(tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    make_keys(tmp_path)

    assert {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == made
    for service in SERVICES:
        names = {path.name for path in (tmp_path / service).iterdir()}
        assert names - {"vault.key", "pseudonyms.key"} == {"pgpass", "owner.pgpass", "token-public-keys.json"}
        assert ("vault.key" in names) is (service == "intake")
        assert ("pseudonyms.key" in names) is (service == "reporting")
        assert stat.S_IMODE((tmp_path / service / "pgpass").stat().st_mode) == 0o600
    assert security.read_public_keys(tmp_path / "intake" / "token-public-keys.json").keys


def test_the_database_is_made_and_a_service_gets_in_by_its_password_file_alone(postgres, tmp_path):
    """Roles have the passwords of the files; without one, or with another service's, nobody gets in."""
    make_keys(tmp_path)
    (tmp_path / "all" / "passwords.json").write_text(json.dumps(postgres._passwords.by_role))
    make_keys(tmp_path)

    async def enter(role: str, file: str) -> str:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=postgres.port, user=role, database="composed", passfile=str(tmp_path / file)
        )
        try:
            return await connection.fetchval("select current_user")
        finally:
            await connection.close()

    async def run() -> None:
        await prepare_database(tmp_path, "127.0.0.1", postgres.port, "composed")
        await prepare_database(tmp_path, "127.0.0.1", postgres.port, "composed")
        assert await enter("lotse_intake", "intake/pgpass") == "lotse_intake"
        assert await enter("lotse_coaching_owner", "coaching/owner.pgpass") == "lotse_coaching_owner"
        for role, file in (("lotse_intake", "coaching/pgpass"), (SUPERUSER, "intake/pgpass")):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await enter(role, file)

    asyncio.run(run())


def test_an_image_holds_no_file_of_tests_or_of_this_machine():
    """What the build may see is named; everything else stays outside."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert {"**/tests", "**/__pycache__"} <= set(rules)
