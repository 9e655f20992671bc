"""The house as it is drawn: every service in every fence, plain names, files that can be read in one go."""

import tomllib
from pathlib import Path

import pytest
from lotse_local.contracts.catalogue import DECIDING, SERVICES

LONGEST = 420
"""Lines; about what can be read in one go."""

LONG_FOR_A_REASON = {
    "shared/src/lotse_shared/contracts/codes.py": "code lists, one after the other; nothing in it runs",
    "shared/src/lotse_shared/contracts/intake.py": "one class for each event of intake; nothing in it runs",
}
NO_NAMES = {"util", "utils", "helper", "helpers", "base", "manager", "managers", "common", "misc"}


@pytest.fixture(scope="module")
def contracts(root) -> dict[str, dict]:
    """The rules of import-linter by the first words of their names."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    found = {one["name"].split(":")[0]: one for one in settings["contracts"]}
    return {**found, "roots": {"modules": settings["root_packages"]}}


def folders(root: Path) -> set[str]:
    return {path.name for path in (root / "services").iterdir() if (path / "pyproject.toml").is_file()}


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("roots", "modules"),
        ("Services never import each other", "modules"),
        ("Shared knows no service", "forbidden_modules"),
        ("Only one module speaks to Kafka's client libraries, so a change of client is one file", "source_modules"),
    ],
)
def test_every_service_stands_in_every_import_rule(root, contracts, rule, field):
    """A new service folder is fenced in like the others: the linter knows only the packages that it is told."""
    assert {f"lotse_{name}" for name in folders(root)} <= set(contracts[rule][field])


def test_every_deciding_service_has_its_layers(root, contracts):
    """A service with a domain has its layers checked, and its domain is plain Python."""
    deciding = {f"lotse_{name}" for name in folders(root) if name != "reporting"}

    assert deciding == set(contracts["Inside a service"]["containers"])
    plain = set(contracts["Domains, contracts and indicators are plain Python and pydantic"]["source_modules"])
    assert {f"{name}.domain" for name in deciding} <= plain


def test_what_is_derived_from_the_contracts_knows_every_service(root):
    """Pages, schemas and the AsyncAPI document are made from all services, in the order of a case's way."""
    assert set(SERVICES) == folders(root)
    assert set(SERVICES) - set(DECIDING) == {"reporting"}


def test_a_service_is_laid_out_like_the_others(root):
    """Each service brings its distribution, its console script, its migrations and its tests."""
    for name in folders(root):
        folder = root / "services" / name
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["name"] == f"lotse-{name}"
        assert f"lotse-{name}" in project["scripts"]
        assert (folder / "src" / f"lotse_{name}" / "migrations").is_dir()
        assert list((folder / "tests").glob("test_*.py"))


def test_no_module_is_called_after_nothing(committed):
    """A module is named by what it is about; `utils` is about nothing."""
    modules = [Path(name) for name in committed if name.endswith(".py")]
    words = {module: {*module.parts[:-1], *module.stem.split("_")} for module in modules}

    assert [module for module, found in words.items() if found & NO_NAMES] == []


def test_files_can_be_read_in_one_go(committed):
    """A Python file is short, or its length has a reason; a reason goes with its file."""
    long = {name for name, text in committed.items() if name.endswith(".py") and text.count("\n") > LONGEST}

    assert long == set(LONG_FOR_A_REASON)
