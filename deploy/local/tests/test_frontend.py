"""The front-end files: by the lock alone, served from here, and a clear word where they cannot be had."""

import json
import shutil
from pathlib import Path

import pytest
from lotse_local import frontend
from lotse_local.errors import CannotRun


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    """Whoever clones the repository gets the same bytes from whatever registry the machine is set to."""
    lock = json.loads((frontend.checkout() / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []
    assert [name for name, one in packages.items() if "resolved" in one] == []


def test_after_set_up_every_file_is_served_and_nothing_is_left_to_do() -> None:
    """`make setup` has run; asking again costs nothing, since the lock did not change."""
    served = frontend.served_folder()
    assert [name for name in frontend.FILES if not (served / name).is_file()] == []
    assert frontend.install(frontend.checkout(), served) is False


def test_without_a_registry_the_way_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback: one paragraph that says what is missing; what was served before stays."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(frontend.checkout() / name, tmp_path)
    served = tmp_path / "served"
    served.mkdir()
    (served / "kept").touch()
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(CannotRun, match="Connect this machine to the network"):
        frontend.install(tmp_path, served)
    assert (served / "kept").exists()
