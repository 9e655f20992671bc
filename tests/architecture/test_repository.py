"""What is committed holds on any machine: no paths of one, no addresses of registries."""

import json
import re

import pytest

REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("repo", "maven", "apache", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven"),
        ("repo1", "maven"),
        ("conda", "anaconda", "org"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
)
"""Hosts of package registries: which one is used is a setting of the machine."""

MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/[\w.]")


def test_no_address_of_a_registry_is_committed(committed):
    """Packages are named with versions and hashes; where they come from is for the machine to say."""
    found = {name: host for name, text in committed.items() for host in REGISTRIES if host in text}

    assert found == {}


def test_no_path_of_one_machine_is_committed(committed):
    """Nothing points into a folder that only one machine has."""
    found = {name: MACHINE_PATHS.findall(text)[0] for name, text in committed.items() if MACHINE_PATHS.search(text)}

    assert found == {}


@pytest.mark.parametrize("folder", ["home", "root", "work", "Users"])
def test_a_machine_path_would_be_found(folder):
    """Folders of people and of workplaces."""
    assert MACHINE_PATHS.search(f'open("/{folder}/anna/lotse")')


@pytest.mark.parametrize("path", ["/var/lib/lotse", "docs/home/page", "https://lotse.example/work/places"])
def test_other_paths_are_fine(path):
    """Folders inside the repository or a container, and addresses, are no paths of one machine."""
    assert not MACHINE_PATHS.search(path)


def test_python_is_locked_without_addresses(committed):
    """requirements.lock names every package with version and hash, and no place; uv.lock names places and stays out."""
    assert "uv.lock" not in committed
    lock = committed["requirements.lock"]
    assert "://" not in lock
    packages = [one for one in re.split(r"(?m)^(?=[a-z0-9])", lock) if one]
    assert len(packages) > 50
    assert [one for one in packages if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", one)] == []
    assert [one for one in packages if "--hash=sha256:" not in one] == []


def test_the_front_end_is_locked_without_addresses(committed):
    """package-lock.json names every package with its integrity, and no place."""
    packages = json.loads(committed["package-lock.json"])["packages"]

    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if name and "integrity" not in one] == []


def test_the_jars_are_locked_without_addresses(committed):
    """Kafka's jars are named with version and checksum, and no place."""
    assert "://" not in committed["deploy/local/src/lotse_local/kafka.lock"]
