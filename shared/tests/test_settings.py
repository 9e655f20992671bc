"""A process that is set wrongly refuses to start, and says which setting it is."""

import pytest
from lotse_shared.service import read_keys, read_settings
from lotse_shared.settings import WRONG_SETTINGS, Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOTSE_PARTITIONS", "0"),
        ("LOTSE_RETENTION_DAYS", "none"),
        ("LOTSE_DATABASE_URL", "sqlite:///secret-file"),
        ("LOTSE_POOL", "0"),
        ("LOTSE_STUCK_AFTER", "-1"),
    ],
)
def test_a_wrong_setting_is_named_and_not_shown(monkeypatch, capsys, name, value):
    """The name of the wrong setting is told, its value is not: it may be a secret. The exit code is EX_CONFIG."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        read_settings("coaching")

    assert ended.value.code == WRONG_SETTINGS
    said = capsys.readouterr().err
    assert name in said
    assert "secret-file" not in said


def test_without_keys_of_tokens_nothing_is_served(capsys):
    """No call could be trusted: the process ends and names the setting."""
    with pytest.raises(SystemExit) as ended:
        read_keys(Settings())

    assert ended.value.code == WRONG_SETTINGS
    assert "LOTSE_TOKEN_PUBLIC_KEY_FILE" in capsys.readouterr().err
