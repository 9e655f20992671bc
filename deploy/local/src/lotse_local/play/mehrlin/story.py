"""The whole plan of MEHRLiN: a pure function of the seed."""

from functools import cache
from random import Random
from typing import Final

from lotse_local.play.diary import Diary
from lotse_local.play.invented import Names
from lotse_local.play.mehrlin import errors, gatherings, mishaps, money, people
from lotse_local.play.mehrlin.employers import Employers
from lotse_local.play.mehrlin.figures import FIRST_DAY, LAST_DAY, PRINTED, PRINTED_ON
from lotse_local.play.mehrlin.lives import Lives
from lotse_local.play.steps import Plan, Step

OPERATION: Final = "mehrlin"
SEED: Final = 2011
FORTNIGHT: Final = 14
"""Days between two moves of the clock."""


@cache
def plan(seed: int = SEED) -> Plan:
    """Three years of the network as dated steps. The same seed gives the same plan, on every machine."""
    rng, names, diary = Random(seed), Names.of(seed), Diary(OPERATION, seed)  # noqa: S311 - a play, no secret
    gatherings.milestones(diary)
    money.booked(diary)
    employers = Employers(diary, names.betriebsnummern(), rng)
    employers.contacted()
    employers.advised()
    employers.registered_twice()
    employers.taken_back()
    everybody = people.population(rng)
    errors.edges(everybody)
    errors.wrongly_recorded(everybody)
    doubles = errors.recorded_twice(everybody, rng)
    mishaps.plan_comebacks(everybody, rng)
    mishaps.place_again(everybody)
    mishaps.send_to_health(everybody, rng)
    lives = Lives(diary, names, rng, employers.known)
    lives.open_measures()
    _live(lives, everybody, doubles)
    lives.hand_in_lists()
    mishaps.no_shows(lives, everybody)
    mishaps.other_work(lives, everybody)
    mishaps.wrong_records(lives, everybody)
    mishaps.merge(diary, doubles)
    mishaps.merge_wrongly(diary, everybody)
    gatherings.mainstreaming(diary, rng)
    gatherings.health_days(diary, rng, PRINTED["health-attendances"] - _by_name(diary, doubles))
    gatherings.others(diary, rng)
    gatherings.mistaken(diary, rng)
    mishaps.deliver_twice(diary, rng)
    return diary.plan(FIRST_DAY, PRINTED_ON, every=FORTNIGHT)


def _live(lives: Lives, everybody: errors.People, doubles: list[errors.Double]) -> None:
    late = {one.name: 130 + 3 * number for number, one in enumerate(everybody["offices"][56:68:2])}
    twins = {one.name for one in everybody["workshops"][50:52]}
    again = {double.first.name: double.second for double in doubles}
    shared: dict[str, object] | None = None
    for group in everybody.values():
        for one in group:
            known = lives.live(one, late=late.get(one.name, 0), identity=shared if one.name in twins else None)
            if one.name in twins:
                shared = dict(known)
            if one.name in again:
                lives.live(again[one.name], identity=known)


def _by_name(diary: Diary, doubles: list[errors.Double]) -> int:
    """Attendances that stand under a name and count: once per person, measure and day, within the period."""
    same = {double.second.name: double.first.name for double in doubles}
    taken_back = {name.removesuffix("/retracted") for name in diary.steps if name.endswith("/retracted")}

    def counts(step: Step) -> bool:
        on = step.body["attended_on"]
        return bool(
            step.body["presence"] == "present"
            and not step.refused
            and step.name not in taken_back
            and FIRST_DAY <= on <= LAST_DAY
        )

    return len(
        {
            (same.get(case := step.name.split("/")[0], case), step.body["measure"], step.body["attended_on"])
            for step in diary.steps.values()
            if step.command == "record-attendance" and counts(step)
        }
    )
