"""What every plan has to be: the same for the same seed, in order, and made of commands that the services have."""

import json
import uuid
from collections import Counter
from datetime import date

import lotse_coaching.domain
import lotse_intake.domain
import lotse_matching.domain
import pytest
from lotse_local.play import dortmund, fixture, forst, mehrlin, mila, wir
from lotse_local.play.sending import by_tick
from lotse_local.play.steps import Fact, Subject, quarter_ends, ticks, waves

RULES = {
    "intake": lotse_intake.domain.commands.rules,
    "matching": lotse_matching.domain.commands.rules,
    "coaching": lotse_coaching.domain.commands.rules,
}
PLANS = {
    "mehrlin": mehrlin.plan,
    "mila": mila.plan,
    "dortmund": dortmund.plan,
    "wir": wir.plan,
    "forst": forst.plan,
    "fixture": fixture.first.plan,
    "fixture-2": fixture.second.plan,
}


@pytest.fixture(params=PLANS)
def plan(request):
    return PLANS[request.param]()


def _as_sent(value):
    """A body as JSON carries it, with some id for every reference."""
    if isinstance(value, (Subject, Fact)):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, repr(value)))
    if isinstance(value, dict):
        return {name: _as_sent(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_sent(one) for one in value]
    return value


@pytest.mark.parametrize("name", PLANS)
def test_the_same_seed_gives_the_same_plan(name):
    """A plan is a pure function of its seed: made anew, it is the same to the last field."""
    make = PLANS[name]
    first = make()
    make.cache_clear()
    assert make() == first


def test_another_seed_gives_other_people():
    """The seed decides about people, days and businesses."""
    assert mehrlin.plan(1).steps != mehrlin.plan(2).steps


def test_every_body_is_one_that_its_service_takes(plan):
    """Each step names a command of its service, in a role that may give it, with a body that the command takes."""
    for step in plan.steps:
        rule = RULES[step.service][step.command]
        rule.body.model_validate_json(json.dumps(_as_sent(step.body), default=str))
        assert step.who.role in rule.roles, step.name
        assert rule.creates == (step.subject is None), step.name


def test_nothing_is_named_before_it_is_there(plan):
    """A step refers only to steps before it, and names are used once: they make the idempotency keys."""
    there = set()
    for step in plan.steps:
        assert step.needs <= there, step.name
        assert step.name not in there
        there.add(step.name)


def test_nothing_is_entered_before_it_happened(plan):
    """No date of the past tense lies after the day on which it is entered, so no service's clock can object."""
    ahead = {"planned_until", "review_on", "starts_on", "closes_on", "ends_on"}
    for step in plan.steps:
        for name, value in step.body.items():
            if isinstance(value, date) and name not in ahead:
                owed = (step.command, name) == ("award-clause", "last_day")
                assert owed or value <= step.day, (step.name, name)


def test_ticks_cover_the_plan_and_hold_every_quarter(plan):
    """The clock only moves forwards, stops at each quarter's end, and every step is entered once."""
    found = by_tick(plan)
    assert [day for day, _ in found] == sorted({day for day, _ in found})
    assert set(quarter_ends(plan)) <= set(ticks(plan))
    assert [step for _, steps in found for step in steps] == list(plan.steps)


def test_waves_keep_the_order_of_a_channel_and_of_a_subject(plan):
    """A step goes after all that it names; two steps about one subject never overtake each other."""
    for _, steps in by_tick(plan):
        placed = {step.name: number for number, wave in enumerate(waves(steps)) for step in wave}
        channels: dict = {}
        for step in steps:
            for needed in step.needs & placed.keys():
                assert placed[needed] < placed[step.name]
            for one in step.needs:
                before = channels.setdefault(one, (placed[step.name], (step.service, step.who)))
                assert before[0] <= placed[step.name]
                if before[1] != (step.service, step.who):
                    assert before[0] < placed[step.name]
                channels[one] = (placed[step.name], (step.service, step.who))


def test_invented_people_are_marked():
    """Nobody in the vault can be taken for a real person: each record says that it is invented."""
    people = [step.body["person"] for step in mehrlin.plan().steps if step.command == "refer-participant"]
    assert Counter(person["contact"] for person in people) == {"erfunden für ein Lotse-Spiel": len(people)}
