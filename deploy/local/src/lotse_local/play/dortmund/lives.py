"""What the people of the play do, written into the diary."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_shared.calendar import add_months

from lotse_local.play.diary import Diary
from lotse_local.play.dortmund import people
from lotse_local.play.dortmund.employers import Employers, Position
from lotse_local.play.dortmund.jobs import ENTERED_BEFORE, FUNDED, PROCUREMENT, SHORT, SIMPLE, Job
from lotse_local.play.invented import Names, born_at
from lotse_local.play.steps import Fact, Subject, Who

COORDINATOR: Final = Who("coordinator")
PARTNERS: Final = ("stadt", "jobcenter")
FOUR_YEARS: Final = 48
"""Months of benefits at entry that the target group has."""
DAY: Final = timedelta(days=1)
FORTNIGHT: Final = timedelta(days=14)


@dataclass(slots=True)
class Lives:
    """Writes people into the diary. Each has the name of what becomes of them."""

    diary: Diary
    names: Names
    rng: Random
    employers: Employers
    partners: dict[str, str] = field(default_factory=dict)
    """Whose case somebody is, by name; the two partners take turns."""

    def first_holder(self, job: Job) -> None:
        """Somebody of the target group takes a position of the table that nobody of it had before."""
        name, position = job.name, self.employers.positions[job.name]
        if name in people.NOBODY_CAME:
            came_not, taken_back_on = people.NOBODY_CAME[name]
            self.never_came(f"{name}/before", job.kind, came_not, taken_back_on, position)
        late = name in people.LATE_ENTRIES
        since = self.long(job.entry)
        short = self.short(job.entry) if name in people.IN_BY_CORRECTION else None
        self.come(name, job.entry, short or since, people.LATE_ENTRY if late else None)
        if name in people.BEFORE:
            first_day, last_day = people.BEFORE[name]
            self.work(name, "work-opportunity", first_day, position, again="-before")
            self._ends(name, last_day)
        self.work(name, job.kind, job.starts_on, position, people.LATE_FILL if name in people.LATE else None)
        coached_on = job.starts_on + FORTNIGHT
        body = {"held_on": coached_on, "minutes": 60, "channel": "workplace", "topics": ["work"]}
        day = people.LATE_VISIT if late else coached_on
        self.diary.write(f"{name}/visit", day, self._who("coach", name), "coaching", "hold-visit", name, body)
        if short:
            self.corrected(name, since, job.kind, job.starts_on, position)
        if name in people.LOST:
            last_day, again = people.LOST[name]
            self.lose(name, last_day)
            if again:
                self.comes_after(f"{name}/successor", job.kind, again, position)
        if name in people.MOVED:
            # The subsidy before ends, 16i pays for the same position: no new job, but a transition.
            self._ends(name, people.MOVED_ON - DAY)
            self.work(name, "subsidised-16i", people.MOVED_ON, position, again="-16i")

    def somebody(self, name: str, origin: str, kind: str, starts_on: date, since: date | None) -> Position:
        """Somebody enters and takes an offer of one position."""
        tender = people.TENDER_OF_THE_WRONG if origin == PROCUREMENT else None
        offered = "minijob" if kind == "minijob" else "job"
        position = self.employers.offer(f"{name}/offer", origin, starts_on, 1, tender, offered)
        self.come(name, starts_on - ENTERED_BEFORE, since)
        self.work(name, kind, starts_on, position)
        return position

    def comes_after(self, name: str, kind: str, starts_on: date, position: Position) -> None:
        """Somebody of the target group takes a position that somebody else had before."""
        entry = starts_on - ENTERED_BEFORE
        self.come(name, entry, self.long(entry))
        self.work(name, kind, starts_on, position)

    def never_came(self, name: str, kind: str, starts_on: date, taken_back_on: date, position: Position) -> None:
        """Somebody was to start and did not: the placement is taken back."""
        self.comes_after(name, kind, starts_on, position)
        self._take_back(name, f"{name}/job", taken_back_on, "not-happened")

    def corrected(self, name: str, since: date, kind: str, starts_on: date, position: Position) -> None:
        """The benefits were recorded wrongly; since a fill says who is of the target group, it is entered anew."""
        body = {
            "corrects": Fact(f"{name}/entry", "participant-enrolled.v1"),
            "corrected_on": people.CORRECTED_ON,
            "benefits_since": since,
        }
        coach = self._who("coach", name)
        self.diary.write(
            f"{name}/corrected", people.CORRECTED_ON, coach, "intake", "correct-characteristics", name, body
        )
        self._take_back(name, f"{name}/job", people.CORRECTED_ON, "entered-by-mistake")
        self.work(name, kind, starts_on, position, people.CORRECTED_ON, again="-again")

    def recorded_twice(self) -> None:
        """The other partner's record of somebody, who found no work there; a year later the two are merged."""
        name = "second-record"
        self.come(name, people.SECOND_RECORD, self.long(people.SECOND_RECORD))
        body = {"other": Subject(name)}
        first, day = people.TWICE, people.MERGED_ON
        self.diary.write(f"{first}/merged", day, COORDINATOR, "intake", "merge-cases", first, body)

    def come(self, name: str, entry: date, since: date | None, entered: date | None = None) -> None:
        """Referred a fortnight before entering, and enrolled."""
        self.partners[name] = PARTNERS[len(self.partners) % len(PARTNERS)]
        who, rng, write = self._who("coach", name), self.rng, self.diary.write
        gender = rng.choice(("female", "male"))
        person = self.names.person(gender, born_at(rng.randint(28, 58), entry, rng), f"44{rng.randint(135, 388)}")
        body: dict[str, Any] = {
            "referred_on": entry - FORTNIGHT,
            "referred_by": "jobcenter",
            "legal_sphere": "sgb2",
            "person": person,
        }
        write(name, entry - FORTNIGHT, who, "intake", "refer-participant", None, body)
        body = {
            "entry_date": entry,
            "gender": gender,
            "employment": "unemployed",
            "registered_unemployed": True,
            "unemployed_since": add_months(entry, -rng.randint(24, 90))[0],
            "isced": rng.choice((0, 2, 2, 3)),
            "citizenship": rng.choice(("german", "german", "eu", "third-country")),
            "legal_sphere": "sgb2",
        }
        if since:
            body["benefits_since"] = since
        write(f"{name}/entry", entered or entry, who, "intake", "enrol-participant", name, body)

    def work(
        self,
        name: str,
        kind: str,
        starts_on: date,
        position: Position | None,
        entered: date | None = None,
        again: str = "",
    ) -> None:
        """A start of work, entered on the day after it."""
        body: dict[str, Any] = {"kind": kind, "starts_on": starts_on, "hours_per_week": "30"}
        if position:
            body |= {"vacancy": Subject(position[0]), "position": position[1]}
        day, who = entered or starts_on + DAY, self._who("job-acquirer", name)
        self.diary.write(f"{name}/job{again}", day, who, "matching", "make-placement", name, body)

    def lose(self, name: str, last_day: date) -> None:
        """A job is lost, entered two days after its last day."""
        body = {"last_day": last_day, "ended_by": "employer", "reason": "probation"}
        day, who = last_day + 2 * DAY, self._who("job-acquirer", name)
        self.diary.write(f"{name}/lost", day, who, "matching", "lose-job", name, body)

    def long(self, entry: date) -> date:
        """Since when somebody of the target group has benefits: four years to the day at least."""
        return add_months(entry, -FOUR_YEARS - self.rng.choice((0, 5, 18, 36, 60, 96)))[0]

    def short(self, entry: date) -> date:
        """Since when somebody else has them."""
        return add_months(entry, -36)[0]

    def _ends(self, name: str, day: date) -> None:
        """A job ends as planned, since another one follows."""
        body = {"last_day": day, "ended_by": "both", "reason": "other-job"}
        self.diary.write(f"{name}/ended", day, self._who("job-acquirer", name), "matching", "end-job", name, body)

    def _take_back(self, name: str, placement: str, day: date, reason: str) -> None:
        body = {"retracts": Fact(placement, "placement-made.v1"), "reason": reason}
        who = self._who("job-acquirer", name)
        self.diary.write(f"{placement}/taken-back", day, who, "matching", "retract-fact", name, body)

    def _who(self, role: str, name: str) -> Who:
        return Who(role, self.partners[name])


def others(lives: Lives) -> None:
    """Everybody beside the table: who must not count, or counts as a person and not as a job."""
    other_holders(lives)
    mistakes(lives)
    for number, day in enumerate(people.OWN_SEARCH):
        name, entry = f"own-search-{number}", day - ENTERED_BEFORE
        lives.come(name, entry, lives.long(entry))
        lives.work(name, "insured", day, None)
    for number, day in enumerate(people.WITHOUT_WORK):
        lives.come(f"without-work-{number}", day, lives.long(day))
    for number, day in enumerate(people.OTHERS_WITHOUT_WORK):
        lives.come(f"others-without-work-{number}", day, lives.short(day))


def other_holders(lives: Lives) -> None:
    """Positions that make no job: first filled by somebody of another group, or with work that is not insured."""
    for number, (origin, starts_on, last_day, again) in enumerate(people.AFTER_SOMEBODY):
        kind, name = "insured-egz" if origin == FUNDED else "insured", f"before-{number}"
        position = lives.somebody(name, origin, kind, starts_on, lives.short(starts_on - ENTERED_BEFORE))
        lives.lose(name, last_day)
        lives.comes_after(f"after-{number}", kind, again, position)
    tomorrow = add_months(people.TOO_SHORT - ENTERED_BEFORE + DAY, -FOUR_YEARS)[0]
    lives.somebody("too-short", SIMPLE, "insured", people.TOO_SHORT, tomorrow)
    for number, day in enumerate(people.OTHERS):
        lives.somebody(f"others-{number}", SIMPLE, "insured", day, lives.short(day))
    for number, day in enumerate(people.UNKNOWN):
        lives.somebody(f"unknown-{number}", SIMPLE, "insured", day, None)
    for number, day in enumerate(people.MINIJOBS):
        lives.somebody(f"minijob-{number}", SIMPLE, "minijob", day, lives.long(day - ENTERED_BEFORE))
    for number, day in enumerate(people.WORK_OPPORTUNITIES):
        since = lives.long(day - ENTERED_BEFORE)
        lives.somebody(f"work-opportunity-{number}", FUNDED, "work-opportunity", day, since)


def mistakes(lives: Lives) -> None:
    """Fills that were counted for a while: of people who are not of the target group, and of some who never came."""
    for origin, day in people.OUT_BY_CORRECTION:
        name = f"wrong-{SHORT[origin]}"
        position = lives.somebody(name, origin, "insured", day, lives.long(day - ENTERED_BEFORE))
        lives.corrected(name, lives.short(day), "insured", day, position)
    for origin, kind in people.NEVER_CAME:
        name = f"never-came-{SHORT[origin]}"
        day, taken_back_on = people.NEVER_CAME_ON
        position = lives.employers.offer(f"{name}/offer", origin, day)
        lives.never_came(name, kind, day, taken_back_on, position)
