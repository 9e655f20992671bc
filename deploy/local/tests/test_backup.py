"""How old the last backup is: `lotse status` says it, and what to do where it is too old."""

from datetime import UTC, datetime

import pytest
from lotse_local.backup import LAST, age_in_words, last

MADE = {"made_at": "2026-11-24T09:00:00+00:00", "folder": "/backups/1"}


@pytest.mark.parametrize(
    ("found", "now", "says"),
    [
        (None, "2026-11-24T09:00:01", "No backup was made: `lotse backup DIR`."),
        (MADE, "2026-11-25T09:00:00", "Last backup: 2026-11-24T09:00:00+00:00 in /backups/1."),
        (
            MADE,
            "2026-11-25T10:00:00",
            "The last backup is 25 hours old (/backups/1): make one at least daily, `lotse backup DIR`.",
        ),
    ],
)
def test_a_backup_that_is_older_than_a_day_says_so(found, now, says):
    """Until a day has passed it is told; then that another one is due; and that there is none."""
    assert age_in_words(found, datetime.fromisoformat(now).replace(tzinfo=UTC)) == says


def test_before_the_first_one_there_is_none(tmp_path):
    """The note lies in the state folder, beside the database, not in it."""
    assert last(tmp_path) is None
    (tmp_path / LAST).write_text('{"made_at": "2026-11-24T09:00:00+00:00", "folder": "/backups/1"}')
    assert last(tmp_path) == MADE
