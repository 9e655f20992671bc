"""What the common block of every funder report counts: complete records, and subsidies paid by source.

Built-in indicators beside those of a programme file, the same for all programmes, so that the numbers have both clocks
and stay when somebody is erased. Their ids have a colon, which no id of a file has, so they are no rows of a report.
"""

from collections.abc import Mapping
from typing import Any, Final

from lotse_shared.contracts.codes import MoneySource
from lotse_shared.programme import Counts, Indicator, Moments, Per, Title, Unbounded

_MAY_BE_REFUSED: Final = (
    "disability",
    "severely-disabled",
    "impaired-health",
    "minority",
    "foreign-background",
    "other-disadvantage",
)
"""Questions about special categories of data: the attempt to ask is documented by the answer itself (R-10b)."""


def _moments(kind: str, where: Mapping[str, Any], quantity: str | None = None) -> Moments:
    return Moments.model_validate({"is": kind, "where": where, "quantity": quantity})


def _people(name: str, *conditions: Mapping[str, Any]) -> Indicator:
    """People who have entered in the programme's period, once each, to whom one of the conditions applies."""
    moments = [_moments("participant-enrolled", where) for where in conditions]
    one = Indicator(id=name, title=Title(de=name, en=name), counts=Counts.PERSONS, moments=moments, per=Per.PERSON)
    return one.model_copy(update={"id": f"records:{name}"})


def _subsidies(source: MoneySource) -> Indicator:
    """What was paid for the employment of people out of one source, whenever it was."""
    moments = [_moments("subsidy-paid", {"subsidy.money-source": source.value}, "subsidy.amount")]
    title, always = Title(de=source.value, en=source.value), Unbounded.ALWAYS
    one = Indicator(id=source.value, title=title, counts=Counts.EUROS, moments=moments, window=always)
    return one.model_copy(update={"id": f"subsidies:{source.value}"})


ENTERED: Final = _people("entered", {})
COMPLETE: Final = _people("complete", {"entry.complete": True})
REFUSED: Final = _people("refused", *({f"entry.{item}": "refused"} for item in _MAY_BE_REFUSED))
RECORDS: Final = (ENTERED, COMPLETE, REFUSED)
"""People who entered; of whom gender, employment, age and ISCED are known (R-10); who refused a sensitive answer."""

SUBSIDIES: Final = {source: _subsidies(source) for source in MoneySource}

COMMON: Final = (*RECORDS, *SUBSIDIES.values())
"""All of them, in a fixed order."""
