"""The whole plan of Dortmund: a pure function of the seed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from random import Random
from typing import Final

from lotse_local.play.diary import Diary
from lotse_local.play.dortmund import people
from lotse_local.play.dortmund.employers import Employers
from lotse_local.play.dortmund.figures import OPERATION
from lotse_local.play.dortmund.jobs import I16, SIMPLE, Job, jobs
from lotse_local.play.dortmund.lives import Lives, others
from lotse_local.play.dortmund.money import Money
from lotse_local.play.dortmund.procurement import tenders
from lotse_local.play.invented import Names
from lotse_local.play.steps import Plan

SEED: Final = 2017
FIRST_DAY: Final = date(2017, 6, 1)
LAST_DAY: Final = date(2019, 12, 31)
PREMIUM_ROWS: Final = frozenset({"2018-q1", "2018-q2", "2018-q3", "2018-q4", "2019-q2"})
"""When premiums were paid, for new simple jobs that were not lost."""
FOUR_WEEKS: Final = 28
"""Days between two moves of the clock."""


@cache
def plan(seed: int = SEED) -> Plan:
    """Two and a half years of the Service Center as dated steps. The same seed gives the same plan."""
    rng, diary = Random(seed), Diary(OPERATION, seed)  # noqa: S311 - a play, no secret
    names, table = Names.of(seed), list(jobs())
    employers, money = Employers(diary, names, rng), Money(diary, rng)
    employers.found()
    tenders(diary, Counter(job.tender for job in table if job.tender))
    employers.offer_all(table)
    lives = Lives(diary, names, rng, employers)
    for job in table:
        lives.first_holder(job)
    others(lives)
    lives.recorded_twice()
    money.granted_and_spent()
    money.paid_twice()
    money.transfer(_sixteen_i(table), lost="2019-q1/funded-03")
    money.saved_housing_costs()
    for job in table:
        if job.origin == SIMPLE and job.row.name in PREMIUM_ROWS and job.name not in people.LOST:
            money.premium(job.name, job.starts_on)
    money.premium("others-0", people.OTHERS[0], mistaken=True)
    return diary.plan(FIRST_DAY, LAST_DAY, every=FOUR_WEEKS)


def _sixteen_i(table: Sequence[Job]) -> list[tuple[str, date]]:
    """Cases of SGB II 16i that are paid by Passiv-Aktiv-Transfer: those of the first quarter, and who moved."""
    first = [(job.name, job.starts_on) for job in table if (job.row.name, job.kind) == ("2019-q1", I16)]
    return [*first, *((name, people.MOVED_ON) for name in people.MOVED)]
