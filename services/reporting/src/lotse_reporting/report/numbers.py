"""Numbers as reports write them, and digests over what is written."""

import hashlib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, overload

import rfc8785
from lotse_shared.programme import Counts

_HUNDREDTH: Final = Decimal("0.01")
_WITH_PLACES: Final = frozenset({Counts.EUROS, Counts.HOURS, Counts.RATE})


def step(counts: Counts) -> Decimal:
    """The smallest difference that is written: hundredths of euros, hours and rates, else whole ones."""
    return _HUNDREDTH if counts in _WITH_PLACES else Decimal(1)


def rounded(quantity: Decimal, smallest: Decimal) -> Decimal:
    """A quantity in whole steps: hundredths half up; what is counted is whole already."""
    return quantity.quantize(smallest, ROUND_HALF_UP) if smallest == _HUNDREDTH else Decimal(int(quantity))


@overload
def figure(counts: Counts, quantity: Decimal) -> int | str: ...
@overload
def figure(counts: Counts, quantity: Decimal | None) -> int | str | None: ...
def figure(counts: Counts, quantity: Decimal | None) -> int | str | None:
    """A number as reports write it: euros, hours and rates as decimal strings with two places, all else as integers.

    A ratio that there is not stays None.
    """
    if quantity is None:
        return None
    smallest = step(counts)
    written = rounded(quantity, smallest)
    return str(written) if smallest == _HUNDREDTH else int(written)


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the RFC 8785 form, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()
