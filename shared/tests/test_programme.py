"""Programme files that lead astray: what people or attackers write by mistake is refused, never a fault of ours."""

import re

import pytest
from lotse_shared.programme import ProgrammeError, read


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("operation: &one mehrlin\nprogramme: *one", "line 2: is not YAML as programme files are written"),
        ("indicators: &all [*all]", "line 1: is not YAML as programme files are written"),
        ("[" * 20_000, "line 1: holds something too deep"),
        (
            "operation: mila\nprogramme: esf\nsource: us\nperiod: {from: 2011-13-01, until: 2014-09-30}",
            "line 4: period.from: Input should be",
        ),
    ],
    ids=["alias", "circle", "depth", "day"],
)
def test_a_file_that_leads_astray_is_refused(content, says):
    """Aliases, endless depth and days that are in no calendar are mistakes in the file, not faults of ours."""
    with pytest.raises(ProgrammeError, match=re.escape(says)):
        read("file", content)
