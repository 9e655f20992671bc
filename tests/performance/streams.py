"""Made-up streams of facts as services would publish them: many cases, mixed, with two retractions in a hundred."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.coaching import AttendanceRecorded, MeasureJoined, VisitHeld
from lotse_shared.contracts.intake import ParticipantEnrolled, ParticipantReferred
from lotse_shared.contracts.matching import PlacementMade
from lotse_shared.envelope import Cause, Event, seal, to_headers
from lotse_shared.messaging.kafka import Outgoing
from lotse_shared.service import new_id

OPERATION = "mehrlin"
FIRST_DAY = date(2011, 10, 1)
PARTNERS = ("spi", "hoffnungsgemeinde", "bbi", "ima", "outlaw", "awo")
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


class _Case:
    """Tells the facts of one person, in order, with running numbers per publisher."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._sequence: dict[str, int] = {}
        self.id = new_id()
        self._partner = chance.choice(PARTNERS)
        self._told = 0
        self._last: str | None = None
        self._health, self._course = new_id(), new_id()

    def tell(self) -> Outgoing:
        """The next fact."""
        self._told += 1
        event = self._event()
        source = {"intake": "intake", "matching": "matching"}.get(event.source, "coaching")
        self._sequence[source] = self._sequence.get(source, 0) + 1
        identity = new_id()
        if isinstance(event, AttendanceRecorded | VisitHeld):
            self._last = identity
        envelope = seal(
            event,
            id=identity,
            source=source,
            time=RECORDED + timedelta(seconds=self._told),
            sequence=self._sequence[source],
            cause=Cause(identity),
        )
        return Outgoing(envelope.subject.encode(), envelope.value, to_headers(envelope))

    def _event(self) -> Event:  # noqa: PLR0911 - one way out a kind of fact
        chance = self._chance
        on = FIRST_DAY + timedelta(days=self._told % 900)
        about = {"operation": OPERATION, "case": self.id, "partner": self._partner}
        if self._told == 1:
            return ParticipantReferred(**about, referred_on=FIRST_DAY, referred_by="jobcenter")
        if self._told == 2:
            return ParticipantEnrolled(
                **about,
                entry_date=FIRST_DAY,
                age_at_entry=chance.randint(16, 60),
                gender=chance.choice(["female", "male"]),
                employment=chance.choice(["unemployed", "employed", "inactive"]),
                unemployed_since=FIRST_DAY - timedelta(days=chance.randint(30, 900)),
                isced=chance.randint(1, 6),
                foreign_background=chance.choice(["yes", "no"]),
                disability=chance.choice(["no", "no", "yes"]),
            )
        if self._told == 3:
            kind = chance.choice(["education", "qualification", "start-up-advice", "language"])
            return MeasureJoined(**about, measure=self._course, kind=kind, joined_on=on)
        if self._last and chance.random() < 0.02:
            retracts, self._last = self._last, None
            return FactRetracted(
                operation=OPERATION,
                subject_id=self.id,
                partner=self._partner,
                retracts=retracts,
                reason="entered-by-mistake",
            )
        kind = chance.random()
        if kind < 0.03:
            return PlacementMade(
                **about, placement=new_id(), kind="insured", labour_market="first", insured=True, starts_on=on
            )
        if kind < 0.5:
            return AttendanceRecorded(
                **about, measure=self._health, kind="health", attended_on=on, presence="present", minutes=90
            )
        return VisitHeld(**about, held_on=on, minutes=45, channel="office", topics=("work",))


def stream(facts: int, per_case: int, seed: int = 1) -> Iterator[Outgoing]:
    """That many facts of as many cases as needed, mixed as when many people are at work at the same time."""
    chance = random.Random(seed)  # noqa: S311 - invented data
    cases = [_Case(chance) for _ in range(max(1, facts // per_case))]
    left = {case.id: per_case for case in cases}
    alive = list(cases)
    for _ in range(len(cases) * per_case):
        at = chance.randrange(len(alive))
        case = alive[at]
        yield case.tell()
        left[case.id] -= 1
        if not left[case.id]:
            alive[at] = alive[-1]
            alive.pop()
