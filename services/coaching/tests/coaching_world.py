"""What the other services tell coaching, and pure given/when/then over its decisions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from lotse_coaching.domain import commands
from lotse_shared.contracts.codes import LabourMarket, PlacementKind, ReferralSource
from lotse_shared.contracts.intake import ParticipantEnrolled, ParticipantReferred
from lotse_shared.contracts.matching import PlacementMade
from lotse_shared.deciding import Command, Kind, Now
from lotse_shared.envelope import ANY_PUBLISHER, Event
from lotse_shared.messaging.inbox import Inbox
from lotse_shared.service import new_id
from toy_service import Stream

TODAY = date(2013, 6, 30)
CASE = "01950000-0000-7000-8000-000000000001"
MEASURE = "01950000-0000-7000-8000-000000000002"
PLACEMENT = "01950000-0000-7000-8000-000000000003"
OTHER = "01950000-0000-7000-8000-000000000004"


class World:
    """A topic with what others told, and coaching's inbox that reads it."""

    def __init__(self, inbox: Inbox, stream: Stream) -> None:
        self.inbox = inbox
        self.stream = stream
        self.topic = new_id()
        self._told = 10

    def add(self, event: Event, identity: str | None = None) -> str:
        """Somebody tells a fact, which has not arrived yet; gives its id."""
        self._told += 1
        source = event.source if event.source != ANY_PUBLISHER else "matching"
        identity = identity or new_id()
        self.stream.add(event, identity=identity, source=source, sequence=self._told)
        return identity

    async def tell(self, *events: Event) -> list[str]:
        """Others tell facts, and coaching takes them in; gives their ids."""
        ids = [self.add(event) for event in events]
        await self.arrive()
        return ids

    async def arrive(self) -> None:
        """Take in all that was told, from the beginning: what is known already has no effect."""
        await self.inbox.receive(self.topic, self.stream.records)

    async def refer(self, partner: str = "spi") -> str:
        """Somebody is referred; gives their case."""
        case = new_id()
        await self.tell(referred(case, partner))
        return case


def referred(case: str = CASE, partner: str = "spi", on: date = date(2012, 2, 1)) -> ParticipantReferred:
    return ParticipantReferred(
        operation="mehrlin", case=case, partner=partner, referred_on=on, referred_by=ReferralSource.SELF
    )


def enrolled(case: str = CASE, on: date = date(2012, 3, 1)) -> ParticipantEnrolled:
    return ParticipantEnrolled(operation="mehrlin", case=case, partner="spi", entry_date=on, age_at_entry=40)


def placed(
    case: str = CASE,
    placement: str = PLACEMENT,
    kind: PlacementKind = PlacementKind.INSURED_LZA,
    on: date = date(2012, 6, 1),
) -> PlacementMade:
    return PlacementMade(
        operation="mehrlin",
        case=case,
        partner="spi",
        placement=placement,
        kind=kind,
        labour_market=LabourMarket.FIRST,
        insured=True,
        starts_on=on,
    )


def now(subject: str = CASE, today: date = TODAY) -> Now:
    """The moment of a decision, with ids that can be told in advance."""
    return Now(
        subject=subject,
        today=today,
        at=datetime.combine(today, datetime.min.time(), UTC),
        operation="mehrlin",
        partner="spi",
        role="coach",
        new_id=lambda: OTHER,
    )


def fold(kind: Kind[Any], given: Sequence[Event]) -> Any:
    """The state of the case CASE, or of the one measure, gathering there is, after these facts."""
    state = kind.state()
    for fact in given:
        if kind.name != "case" or fact.subject == CASE:
            state = kind.evolve(state, fact)
    return state


def decide(name: str, given: Sequence[Event], body: dict[str, Any], **known: Any) -> Sequence[Event]:
    """Given facts, when a command comes, then these facts are told (or it is refused).

    Others that the command looks at are folded from the same facts.
    """
    rule = commands.rules[name]
    command: Command = rule.body.model_validate(body)
    others = {field: fold(kind, given) for field, kind in rule.also.items()}
    return rule.decide(fold(rule.kind, given), command, now(), **{**others, **known})
