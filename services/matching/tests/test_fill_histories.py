"""Whatever is filled, freed and taken back, in any order: no position or place is overfilled, and each is new once."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from lotse_matching.domain import CASE, PLACE, VACANCY
from lotse_shared.contracts.about import FactRetracted
from lotse_shared.contracts.matching import PlaceFilled, PlaceFreed, VacancyFilled, VacancyFreed
from lotse_shared.deciding import Refused, standing
from lotse_shared.service import new_id
from matching_world import PLACE_ID, VACANCY_ID, enrolled, funded_place, now, open_vacancy, then, when

PEOPLE = [new_id() for _ in range(4)]


class History:
    """Four people, one offer, one place, and every decision that was told about them."""

    def __init__(self, positions: int) -> None:
        self.vacancy, self.place = open_vacancy(positions=positions), funded_place()
        self.decisions: list[dict[str, object]] = []
        self.retracted: set[int] = set()

    def told(self):
        """Every fact with its id, in order."""
        return [pair for decision in self.decisions for pair in decision.items()]

    def holds(self):
        """The facts that stand."""
        return standing(self.told())

    def state(self, kind, start):
        """Offer or place after all of them."""
        return then(kind, start, [fact for fact in self.holds() if not isinstance(fact, FactRetracted)])

    def case(self, person):
        """What is known of somebody."""
        return then(CASE, CASE.state(), [enrolled(person), *(fact for fact in self.holds() if self._of(fact, person))])

    @staticmethod
    def _of(fact, person):
        return person in (getattr(fact, "case", None), fact.subject)

    def run(self, command, person, body, **keywords):
        """Ask for a command; what it decides is told."""
        try:
            facts = when(command, self.case(person), body, now(person, new_id=new_id), **keywords)
        except Refused:
            return
        self.decisions.append({new_id(): fact for fact in facts})

    def start(self, person, day, *, in_place):
        """Somebody begins to work."""
        body = {"kind": "insured", "starts_on": day, "vacancy": VACANCY_ID}
        others = {"vacancy": self.state(VACANCY, self.vacancy)}
        if in_place:
            body["place"], others["place"] = PLACE_ID, self.state(PLACE, self.place)
        self.run("make-placement", person, body, **others)

    def stop(self, person, day):
        """Somebody loses the first of their running jobs."""
        body = {"last_day": day, "ended_by": "employer", "reason": "business"}
        running = [(key, job) for key, job in self.case(person).jobs.items() if job.last_day is None]
        if not running:
            return
        body["placement"], job = running[0]
        place = self.state(PLACE, self.place) if job.place else None
        self.run("lose-job", person, body, vacancy=self.state(VACANCY, self.vacancy), place=place)

    def take_back(self, number):
        """Take back a whole decision, as the plumbing hands it over."""
        mine = [index for index, one in enumerate(self.decisions) if not self._is_retraction(one)]
        if not mine or mine[number % len(mine)] in self.retracted:
            return
        index = mine[number % len(mine)]
        (identity, original), *others = self.decisions[index].items()
        touched = {
            VACANCY_ID: self.state(VACANCY, self.vacancy),
            PLACE_ID: self.state(PLACE, self.place),
        }
        before = len(self.decisions)
        body = {"retracts": identity, "reason": "not-happened"}
        self.run("retract-fact", original.subject, body, original=original, told_with=dict(others), touched=touched)
        if len(self.decisions) > before:
            self.retracted.add(index)

    @staticmethod
    def _is_retraction(decision):
        return any(isinstance(fact, FactRetracted) for fact in decision.values())


def intervals(history):
    """Per position and for the place: from when to when who held it."""
    held = defaultdict(dict)
    for fact in history.holds():
        match fact:
            case VacancyFilled():
                held[fact.position][fact.placement] = [fact.filled_on, None]
            case PlaceFilled():
                held["place"][fact.placement] = [fact.filled_on, None]
            case VacancyFreed():
                held[fact.position][fact.placement][1] = fact.freed_on
            case PlaceFreed():
                held["place"][fact.placement][1] = fact.freed_on
    return held


DAYS = st.integers(0, 60).map(lambda offset: date(2012, 5, 1) + timedelta(days=offset))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.sampled_from(PEOPLE), DAYS, st.booleans()),
        st.tuples(st.just("stop"), st.sampled_from(PEOPLE), DAYS),
        st.tuples(st.just("take back"), st.integers(0, 20)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=120)
@given(positions=st.integers(1, 2), steps=STEPS)
def test_no_history_overfills(positions, steps):
    """In every history nobody holds what another one holds on the same day, and a position is new once at most."""
    history = History(positions)
    for step in steps:
        match step:
            case "start", person, day, in_place:
                history.start(person, day, in_place=in_place)
            case "stop", person, day:
                history.stop(person, day)
            case "take back", number:
                history.take_back(number)

    held = intervals(history)
    assert set(held) <= {"place", *range(1, positions + 1)}
    for stays in held.values():
        in_order = sorted(stays.values(), key=lambda stay: stay[0])
        for earlier, later in pairwise(in_order):
            assert earlier[1] is not None
            assert earlier[1] <= later[0]
    first_fills = Counter(
        fact.position for fact in history.holds() if isinstance(fact, VacancyFilled) and fact.first_fill
    )
    assert all(number == 1 for number in first_fills.values())
    assert set(first_fills) == set(held) - {"place"}
    assert history.state(PLACE, history.place).holder in (
        None,
        *(placement for placement, stay in held["place"].items() if stay[1] is None),
    )
