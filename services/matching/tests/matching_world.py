"""What the other services tell matching, and pure given/when/then over its decisions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from lotse_matching.domain import EMPLOYER, PLACE, VACANCY, commands
from lotse_matching.domain.employers import Employer
from lotse_matching.domain.places import Place
from lotse_matching.domain.vacancies import Vacancy
from lotse_shared.contracts.codes import ReferralSource
from lotse_shared.contracts.intake import ParticipantEnrolled, ParticipantReferred
from lotse_shared.deciding import Kind, Now, Refused
from lotse_shared.envelope import ANY_PUBLISHER, Event
from lotse_shared.messaging.inbox import Inbox
from lotse_shared.service import new_id
from toy_service import Stream

TODAY = date(2026, 6, 30)
CASE_ID = "01950000-0000-7000-8000-000000000001"
EMPLOYER_ID = "01950000-0000-7000-8000-000000000002"
VACANCY_ID = "01950000-0000-7000-8000-000000000003"
PLACE_ID = "01950000-0000-7000-8000-000000000004"
TENDER_ID = "01950000-0000-7000-8000-000000000005"
ANOTHER_ID = "01950000-0000-7000-8000-000000000006"
ENTRY = date(2012, 3, 1)


class World:
    """A topic with what others told, and matching's inbox that reads it."""

    def __init__(self, inbox: Inbox, stream: Stream) -> None:
        self.inbox = inbox
        self.stream = stream
        self.topic = new_id()
        self._told = 10

    async def tell(self, *events: Event) -> list[str]:
        """Others tell facts, and matching takes them in; gives their ids."""
        ids = []
        for event in events:
            self._told += 1
            ids.append(new_id())
            source = event.source if event.source != ANY_PUBLISHER else "intake"
            self.stream.add(event, identity=ids[-1], source=source, sequence=self._told)
        await self.arrive()
        return ids

    async def arrive(self) -> None:
        """Take in all that was told, from the beginning: what is known already has no effect."""
        await self.inbox.receive(self.topic, self.stream.records)

    async def enrol(self, partner: str = "spi", **characteristics: Any) -> str:
        """Somebody is referred and enrolled; gives their case."""
        case = new_id()
        await self.tell(referred(case, partner), enrolled(case, partner=partner, **characteristics))
        return case


def referred(case: str = CASE_ID, partner: str = "spi") -> ParticipantReferred:
    return ParticipantReferred(
        operation="mehrlin",
        case=case,
        partner=partner,
        referred_on=date(2012, 2, 1),
        referred_by=ReferralSource.SELF,
    )


def enrolled(
    case: str = CASE_ID, on: date = ENTRY, partner: str = "spi", **characteristics: Any
) -> ParticipantEnrolled:
    return ParticipantEnrolled(operation="mehrlin", case=case, partner=partner, entry_date=on, **characteristics)


def now(subject: str, today: date = TODAY, **changes: Any) -> Now:
    """The moment of a decision. Ids are told in advance: ...0101, ...0102 and so on."""
    numbers = count(0x101)
    as_usual: dict[str, Any] = {"operation": "mehrlin", "partner": "spi", "role": "coordinator", "owner": "spi"}
    as_usual["new_id"] = lambda: f"01950000-0000-7000-8000-{next(numbers):012x}"
    return Now(
        subject=subject,
        today=today,
        at=datetime.combine(today, datetime.min.time(), UTC),
        **{**as_usual, **changes},
    )


def given(kind: Kind[Any], *facts: Event) -> Any:
    """The state after some facts."""
    state = kind.state()
    for fact in facts:
        state = kind.evolve(state, fact)
    return state


def when(name: str, state: Any, body: dict[str, Any], at: Now, **others: Any) -> list[Event]:
    """What a command decides."""
    rule = commands.rules[name]
    absent = dict.fromkeys(rule.also)
    return list(rule.decide(state, rule.body.model_validate(body), at, **{**absent, **others}))


def refused(name: str, state: Any, body: dict[str, Any], at: Now, **others: Any) -> Refused:
    """Why a command is refused; it must name the way out."""
    with pytest.raises(Refused) as caught:
        when(name, state, body, at, **others)
    assert caught.value.way_out
    return caught.value


def then(kind: Kind[Any], state: Any, facts: Sequence[Event]) -> Any:
    """The state after more facts."""
    for fact in facts:
        state = kind.evolve(state, fact)
    return state


def known_employer(**more: Any) -> Employer:
    return given(EMPLOYER, *when("register-employer", Employer(), {**REGISTERED, **more}, now(EMPLOYER_ID)))


def open_vacancy(**more: Any) -> Vacancy:
    body = {"operation": "mehrlin", "employer": EMPLOYER_ID, "kind": "job", "opened_on": "2012-03-10", **more}
    return given(VACANCY, *when("open-vacancy", Vacancy(), body, now(VACANCY_ID), employer=known_employer()))


def funded_place(instrument: str = "other", on: str = "2012-03-01") -> Place:
    body = {"operation": "mehrlin", "instrument": instrument, "funded_on": on}
    return given(PLACE, *when("fund-place", Place(), body, now(PLACE_ID)))


REGISTERED = {"operation": "mehrlin", "registered_on": "2012-03-01"}
