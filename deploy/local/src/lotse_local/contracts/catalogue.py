"""Who tells and who hears each event, read from the services themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from lotse_shared.contracts import EVENTS
from lotse_shared.deciding import Handlers, Kind
from lotse_shared.envelope import ANY_PUBLISHER, Event

DECIDING: Final = ("intake", "matching", "coaching")
SERVICES: Final = (*DECIDING, "reporting")
OUTSIDE: Final = ("jobcenter",)
"""Publishers that are no services: intake's gateway puts their facts on the topic, and `source` names the system."""

PUBLISHERS: Final = (*SERVICES, *OUTSIDE)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with its publisher and the services that take it in."""

    event: type[Event]
    owner: str
    readers: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """The event's docstring, paragraphs kept."""
        return "\n".join(line.strip() for line in (self.event.__doc__ or "").strip().splitlines())


def catalogue() -> list[Entry]:
    """Every event, ordered by publisher as the services stand in the house, then as declared."""
    heard = {service: hears(service) for service in SERVICES}
    order = (ANY_PUBLISHER, *PUBLISHERS)
    entries = [
        Entry(event, event.source, tuple(service for service in SERVICES if kind in heard[service]))
        for kind, event in EVENTS.items()
    ]
    return sorted(entries, key=lambda entry: order.index(entry.owner))


def hears(service: str) -> frozenset[str]:
    """The types a service takes in: reporting all of them, a deciding service those of its handlers and kinds."""
    if service == "reporting":
        return frozenset(EVENTS)
    if find_spec(f"lotse_{service}.handlers") is None:
        return frozenset()
    handlers: Handlers = import_module(f"lotse_{service}.handlers").handlers
    domain = vars(import_module(f"lotse_{service}.domain")).values()
    return handlers.hears(*(found for found in domain if isinstance(found, Kind)))


def tells(service: str, entries: Iterable[Entry]) -> list[Entry]:
    """The events that travel through a service's outbox.

    Its own, those any publisher may tell, and for intake those of systems outside.
    """
    own = {service, ANY_PUBLISHER, *(OUTSIDE if service == "intake" else ())}
    return [entry for entry in entries if entry.owner in own]
