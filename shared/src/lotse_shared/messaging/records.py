"""A Kafka record as the rest of Lotse sees it, whatever client library brought it."""

from typing import Final

from msgspec import Struct

TICK: Final = "tick.v1"
"""Type of the control records by which a reader knows that it has heard all that came before."""


class Record(Struct, frozen=True, gc=False):
    """One record. `appended` is the broker's append time in milliseconds since 1970 (LogAppendTime).

    There are thousands in memory at a time and none refers to another: the collector of cycles never looks at them.
    """

    partition: int
    offset: int
    appended: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes | None
    ahead: object = None
    """What its reader made of it while it waited for its turn, if it looks ahead."""

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its topic: partition and offset."""
        return self.partition, self.offset
