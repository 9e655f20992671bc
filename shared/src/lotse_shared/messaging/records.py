"""A Kafka record as the rest of Lotse sees it, whatever client library brought it."""

from typing import Final, NamedTuple

TICK: Final = "tick.v1"
"""Type of the control records by which a reader knows that it has heard all that came before."""


class Record(NamedTuple):
    """One record. `appended` is the broker's append time in milliseconds since 1970 (LogAppendTime)."""

    partition: int
    offset: int
    appended: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None
