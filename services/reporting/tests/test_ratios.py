"""Ratios that rest on something complete: a quota of the KennzV needs each of twelve monthly stocks."""

from decimal import Decimal

import pytest
from lotse_reporting.report import result
from lotse_shared.programme import Indicator, ProgrammeError, read
from reporting_world import PROGRAMMES

WIR = (PROGRAMMES / "wir.yaml").read_text()


def rate() -> Indicator:
    """The integration rate (KennzV 5(1)), as a programme that includes the set has it."""
    return next(one for one in read("wir.yaml", WIR).programme.indicators if one.id == "kennzv-integration-rate")


@pytest.mark.parametrize(
    ("months", "stocks", "percent"),
    [(12, 12, 33), (11, 11, None), (12, 13, None), (11, 12, None), (0, 0, None)],
)
def test_a_rate_is_there_only_with_twelve_monthly_stocks(months, stocks, percent):
    """4 of 144 / 12 are 33 percent; a month that is missing, or reported twice, makes no rate at all, not even of 0.

    One that is missing beside one that was reported twice are twelve stocks too, but of eleven months.
    """
    sums = {
        "kennzv-integrations-12-months": Decimal(4),
        "kennzv-recipients-12-months": Decimal(144),
        "kennzv-recipients-months": Decimal(months),
        "kennzv-recipients-stocks": Decimal(stocks),
    }
    assert result(rate(), sums) == percent


def test_what_a_ratio_rests_on_must_be_an_indicator():
    """A misspelt id would leave the figure out for ever: the file is refused."""
    wrong = """
  - id: quota
    title: {de: Quote, en: Quota}
    counts: percent
    ratio: {of: toleration, to: residence-permit, only_if: {tolerations: 12}}
"""
    with pytest.raises(ProgrammeError, match="the ratio quota names tolerations"):
        read("wir.yaml", WIR + wrong)
