"""Any history of joining, leaving, attending and taking back, as somebody may send it."""

from datetime import date, timedelta
from itertools import pairwise

from coaching_world import MEASURE, now, referred
from hypothesis import given, settings
from hypothesis import strategies as st
from lotse_coaching.domain import commands
from lotse_coaching.domain.case import CASE, Case
from lotse_coaching.domain.measure import MEASURE as MEASURE_KIND
from lotse_coaching.domain.measure import Measure
from lotse_shared.contracts import coaching as told
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.deciding import Refused, standing
from lotse_shared.envelope import Event

PEOPLE = [f"01950000-0000-7000-8000-00000000010{number}" for number in range(3)]
FIRST = date(2012, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(10)]
PLACES = 2
OPENED = told.MeasureOpened(
    operation="mehrlin", measure=MEASURE, partner="spi", kind="qualification", opened_on=FIRST, places=PLACES
)


class Book:
    """What was told so far. States are folded from all of it for every command, as after any restart."""

    def __init__(self) -> None:
        self.facts: list[tuple[str, Event]] = [("opened", OPENED)]

    def open_to_retraction(self, who: str) -> list[str]:
        """The ids of somebody's facts that stand."""
        retracted = {fact.retracts for _, fact in self.facts if isinstance(fact, FactRetracted)}
        return [
            identity
            for identity, fact in self.facts
            if fact.subject == who and not isinstance(fact, FactRetracted) and identity not in retracted
        ]

    def of(self, who: str) -> list[Event]:
        """Somebody's facts that stand."""
        return [fact for fact in standing(self.facts) if fact.subject == who]

    def case(self, who: str) -> Case:
        """Somebody's state."""
        state = CASE.evolve(CASE.state(), referred(who))
        for fact in self.of(who):
            state = CASE.evolve(state, fact)
        return state

    def measure(self) -> Measure:
        """The measure's state."""
        state = MEASURE_KIND.state()
        for fact in standing(self.facts):
            state = MEASURE_KIND.evolve(state, fact)
        return state

    def send(self, who: str, name: str, body: dict[str, object]) -> bool:
        """Send a command; says whether it was accepted."""
        rule, measure = commands.rules[name], self.measure()
        if name == "retract-fact":
            known = {"original": dict(self.facts)[body["retracts"]], "touched": {MEASURE: measure}}
        else:
            known = {"measure": measure}
        try:
            facts = rule.decide(self.case(who), rule.body.model_validate(body), now(who), **known)
        except Refused:
            return False
        self.facts += [(f"01950000-0000-7000-8000-{len(self.facts):012}", fact) for fact in facts]
        return True


def stays(facts: list[Event]) -> list[tuple[date, date]]:
    """First and last day of each stay, told anew from the facts; an open one lasts for ever."""
    found: list[tuple[date, date]] = []
    for fact in facts:
        match fact:
            case told.MeasureJoined():
                found.append((fact.joined_on, date.max))
            case told.MeasureLeft():
                found[-1] = (found[-1][0], fact.left_on)
    return found


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_history_contradicts_itself(data):
    """No day has more people than places; nobody is in twice; an attendance is a member's, one a day."""
    book = Book()
    for _ in range(data.draw(st.integers(1, 30))):
        who, day = data.draw(st.sampled_from(PEOPLE)), str(data.draw(st.sampled_from(DAYS)))
        back = book.open_to_retraction(who)
        match data.draw(st.sampled_from(["join", "leave", "attend", "retract"])):
            case "join":
                book.send(who, "join-measure", {"measure": MEASURE, "joined_on": day})
            case "leave":
                book.send(who, "leave-measure", {"measure": MEASURE, "left_on": day, "reason": "completed"})
            case "attend":
                attended = {"measure": MEASURE, "attended_on": day, "presence": "present"}
                book.send(who, "record-attendance", attended)
            case "retract" if back:
                retracted = data.draw(st.sampled_from(back))
                book.send(who, "retract-fact", {"retracts": retracted, "reason": "not-happened"})

    in_by_person = {who: stays(book.of(who)) for who in PEOPLE}
    for day in DAYS:
        inside = [who for who, found in in_by_person.items() if any(first <= day <= last for first, last in found)]
        assert len(inside) <= PLACES
    for who, found in in_by_person.items():
        assert all(first <= last for first, last in found)
        assert all(one[1] < later[0] for one, later in pairwise(found))
        days = [fact.attended_on for fact in book.of(who) if isinstance(fact, told.AttendanceRecorded)]
        assert len(set(days)) == len(days)
        assert all(any(first <= day <= last for first, last in found) for day in days)
        assert tuple(book.measure().members.get(who, ())) == tuple(book.case(who).stays.get(MEASURE, ()))


@given(first=st.sampled_from(DAYS), last=st.sampled_from(DAYS), day=st.sampled_from(DAYS))
def test_what_is_free_may_be_joined(first, last, day):
    """A single place is refused exactly while somebody is in, or will be: never out of caution."""
    alone = [("opened", OPENED.model_copy(update={"places": 1}))]
    book = Book()
    book.facts = alone
    book.send(PEOPLE[0], "join-measure", {"measure": MEASURE, "joined_on": str(min(first, last))})
    book.send(PEOPLE[0], "leave-measure", {"measure": MEASURE, "left_on": str(max(first, last)), "reason": "other"})

    accepted = book.send(PEOPLE[1], "join-measure", {"measure": MEASURE, "joined_on": str(day)})

    assert accepted == (day > max(first, last))
