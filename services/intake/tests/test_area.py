"""The area rule of BIWAQ: who may enter an operation that is for the residents of one area."""

from datetime import date

import pytest
from intake_world import decide, joined, referred
from lotse_shared.contracts.codes import AreaRule
from lotse_shared.contracts.intake import OperationApproved
from lotse_shared.deciding import Refused

FROM_OUTSIDE = {"entry_date": "2012-03-01", "area": "outside", "area_override": "works-in-the-area"}


def enrol(body, rule, role="coach"):
    """Enrol somebody in an operation with an area rule."""
    approved = OperationApproved(
        operation="mehrlin",
        programme="biwaq",
        approved_on=date(2011, 9, 1),
        first_day=date(2011, 10, 1),
        last_day=date(2014, 9, 30),
        area_rule=rule,
    )
    return decide("enrol-participant", body, referred(), operation=(approved, joined("spi")), role=role)


@pytest.mark.parametrize("area", ["outside", "unknown", None])
def test_nobody_from_elsewhere_enters_where_the_area_is_required(area):
    """An address outside, or one that nobody has looked up, does not do; the refusal names the field and a way out."""
    with pytest.raises(Refused) as refusal:
        enrol({**FROM_OUTSIDE, "area": area, "area_override": None}, AreaRule.REQUIRED, "coordinator")
    assert refusal.value.field == "area"
    assert "area_override" in refusal.value.way_out


def test_only_a_coordinator_lets_somebody_in_for_a_reason():
    """The exception is the coordinator's, and the event carries the reason."""
    with pytest.raises(Refused) as refusal:
        enrol(FROM_OUTSIDE, AreaRule.REQUIRED, "coach")
    assert refusal.value.field == "area_override"

    [told] = enrol(FROM_OUTSIDE, AreaRule.REQUIRED, "coordinator")

    assert (told["area"], told["area_override"]) == ("outside", "works-in-the-area")


@pytest.mark.parametrize(
    ("area", "rule"), [("in-area", AreaRule.REQUIRED), ("outside", AreaRule.REPORT_ONLY), (None, None)]
)
def test_residents_enter_and_so_does_everybody_where_the_area_is_only_reported(area, rule):
    """Whoever lives in the area enters; without the rule, or where it only reports, so does everybody."""
    [told] = enrol({**FROM_OUTSIDE, "area": area, "area_override": None}, rule)
    assert told["type"] == "participant-enrolled.v1"
