"""The hand-worked table itself: it adds up, and holds what the regulation says must hold of any such table."""

import pytest
from lotse_local.play.fixture import first, second
from lotse_local.play.fixture.records import EVERY, figures, indicators

STATUS = {"eeco02", "eeco04", "eeco05"}
EDUCATION = {"eeco09", "eeco10", "eeco11"}
AGES = {"eeco06", "eeco07", "eeco08"}


def _tables():
    for part in (first, second):
        records = part.written()
        yield from (records.counted, records.counted_then)


def test_people_of_the_first_operation_add_up_to_its_figures():
    """The figures written down for P1 to P8 are the sums of what was written beside each of them."""
    counted = figures(first.written().counted.values())
    assert counted == {one: first.FIGURES[one] for one in EVERY}


@pytest.mark.parametrize("counted", list(_tables()))
def test_the_table_keeps_the_rules_of_the_regulation(counted):
    """Complete records have one status and one level of education; incomplete ones count in the total alone."""
    for name, found in counted.items():
        complete = found - {"eeco01"}
        assert "eeco01" in found or not found, name
        assert len(found & AGES) <= 1, name
        assert len(found & STATUS) == len(found & EDUCATION) == bool(complete), name
        assert not {"eecr01", "eecr04"} <= found, name
        assert "eeco04" in found or "eecr01" not in found, name
        assert "eeco05" in found or "eecr06" not in found, name
        assert not ("eeco05" in found and found & {"eecr04", "eecr05"}), name
        assert "eeco02" in found or "eeco03" not in found, name


def test_words_of_the_table_are_indicators():
    """`03` is EECO03 and `r4` is EECR04; every indicator of people occurs somewhere."""
    assert indicators("03 r4") == {"eeco03", "eecr04"}
    assert set().union(*(found for counted in _tables() for found in counted.values())) == set(EVERY)
