"""Units and families folded step by step and at once: the pure core, without a database."""

import pytest
from histories import histories
from hypothesis import given, settings
from hypothesis import strategies as st
from lotse_reporting.case import Fact, holding
from lotse_reporting.editions import rules_of
from lotse_reporting.gaps import is_built_in
from lotse_reporting.ledger import Unit, fold
from lotse_shared.deciding import standing
from people_world import definition_of_mehrlin
from reporting_world import Topic, enrolled, facts_of, merged, number, programme

OWN = rules_of(programme().programme.definition())
COMMON = rules_of(definition_of_mehrlin())
"""The common indicators: what follows from leaving, from jobs, from missing answers."""
BOTH = pytest.mark.parametrize("rules", [OWN, COMMON], ids=["own", "common"])


@BOTH
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_step_by_step_is_the_same_as_at_once(rules, data):
    """A unit advanced fact by fact knows the same candidates as one folded from all its facts."""
    topic = data.draw(histories(Topic(), leaving=rules is COMMON))
    facts = [fact for fact in facts_of(topic) if fact.subject == number(1)]
    unit = Unit(rules)
    for fact in facts:
        unit.advance(fact)

    again = Unit(rules, facts)

    assert unit.cells == again.cells
    assert unit.context == again.context


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_what_holds_is_what_stands(data):
    """Retractions and successors are read by the rule of all services."""
    topic = data.draw(histories(Topic()))
    facts = facts_of(topic)
    retracted = {fact.body.retracts for fact in facts if fact.type == "fact-retracted.v1"}

    held = [told.body for told in holding(facts, retracted)]

    assert held == standing([(fact.id, fact.body) for fact in facts])


@BOTH
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_open_entries_are_what_the_facts_lead_to(rules, data):
    """What a ledger holds open at the end is what its facts lead to, whatever happened between."""
    topic = data.draw(histories(Topic(), leaving=rules is COMMON))
    facts = facts_of(topic)
    _, postings = fold(1, rules, facts)
    open_now = {
        (entry.unit, entry.indicator, entry.key): entry.candidate.says()
        for entry in postings.opened.values()
        if entry.known_until is None
    }
    family, _ = fold(1, rules, facts)
    direct = {}
    for name, unit in family.units.items():
        fresh = Unit(rules, unit.facts)
        for (row, key), candidates in fresh.cells.items():
            direct[name, rules.indicators[row].id, key] = candidates[0].says()

    assert open_now == direct


@BOTH
@given(data=st.data())
def test_every_fact_posts_with_its_own_knowledge_time(rules, data):
    """Known-from and known-until are knowledge times of facts, an entry never ends before it began."""
    topic = data.draw(histories(Topic(), leaving=rules is COMMON))
    facts = facts_of(topic)
    times = {fact.position[0] for fact in facts}
    _, postings = fold(1, rules, facts)

    for entry in postings.opened.values():
        assert entry.known_from in times
        assert entry.known_until is None or (entry.known_until in times and entry.known_until >= entry.known_from)
    assert postings.closed == {}


def test_a_merge_holds_from_the_later_of_its_two_facts():
    """Until both halves are there, two cases are two persons; then one, with the entries under the surviving id."""
    topic = Topic()
    first, second = number(1), number(2)
    topic.tell(enrolled(first, foreign_background="yes"))
    topic.tell(enrolled(second, "2012-02-01", foreign_background="yes"))
    halves = merged(first, second)
    topic.tell(halves[1])
    before = topic.at
    topic.tell(halves[0])
    _, postings = fold(1, OWN, facts_of(topic))

    def held(at: int) -> list[tuple[str, str]]:
        return sorted(
            (one.unit, str(one.candidate.effective))
            for one in postings.opened.values()
            if one.known_from <= at
            and (one.known_until is None or one.known_until > at)
            and not is_built_in(one.indicator)
        )

    assert held(before) == [(first, "2012-03-01"), (second, "2012-02-01")]
    assert held(topic.at) == [(first, "2012-02-01")]


@BOTH
@pytest.mark.parametrize("most", [50])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_new_fact_never_rewrites_the_past(rules, most, data):
    """What was held at a moment is the same however much was heard afterwards (both clocks)."""
    topic = data.draw(histories(Topic(), most, leaving=rules is COMMON))
    facts = facts_of(topic)
    cut = data.draw(st.integers(0, len(facts)))
    if cut == 0 or (cut < len(facts) and facts[cut].position[0] == facts[cut - 1].position[0]):
        return
    known = facts[cut - 1].position[0]

    def held(some: list[Fact]) -> set[object]:
        _, postings = fold(1, rules, some)
        return {
            (one.unit, one.indicator, one.key, one.candidate.says(), one.known_from)
            for one in postings.opened.values()
            if one.known_from <= known and (one.known_until is None or one.known_until > known)
        }

    assert held(facts[:cut]) == held(facts)
