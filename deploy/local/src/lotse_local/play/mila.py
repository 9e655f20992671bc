"""MILA, Landkreis Harz, 2015 to 2017: 40 funded places, 23 of them filled, and one man's way from referral to a job.

The man's story is the one that KoBa Harz tells: short jobs only, debts and an insolvency under way, children alone to
care for, no driving licence. An employer is found, advised, convinced in an interview; an unlimited full-time job at
tariff pay starts in August 2015; a coach comes every week, the licence comes back, the family is drawn in, the job
lasts. Everybody else is invented, as he is: what they are called is made up and marked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Final
from uuid import UUID

from lotse_shared.calendar import add_months, months_after_event, period_end

from lotse_local.play.diary import Diary
from lotse_local.play.invented import Names, born_at
from lotse_local.play.steps import Plan, Subject, Who

OPERATION: Final = "mila"
SEED: Final = 2015
FIRST_DAY: Final = date(2015, 5, 1)
LAST_DAY: Final = date(2017, 8, 31)

PARTNER: Final = "koba"
COACH: Final = Who("coach", PARTNER)
ACQUIRER: Final = Who("job-acquirer", PARTNER)
COORDINATOR: Final = Who("coordinator", PARTNER)

NETWORK: Final = Who("coordinator")

BUDGETS: Final[Mapping[tuple[str, str], str]] = {
    ("esf", "staff"): "60000.00",
    ("federal", "staff"): "40000.00",
    ("esf", "wage-subsidy"): "400000.00",
}
PAID: Final[Mapping[str, str]] = {"esf": "15000.00", "federal": "10000.00"}
PAID_ON: Final = date(2015, 6, 30)
PLACES: Final = 40
PHASES: Final = ((6, 75), (9, 50), (3, 25))
"""Months and percent of the normal case: start, stabilisation, performance."""
THE_MAN: Final = "the-man"
LOST: Final = {3: 130, 9: 210, 14: 75}
"""Clients by number who lose their work, after so many days."""
INTENSIVE: Final = frozenset({15, 23})
"""Clients of the intensive case: at most one start in ten."""
CLIENTS: Final = 25
LEFT: Final[Mapping[int, tuple[str, str]]] = {9: ("unemployed", "unemployed"), 14: ("employed", "employed")}
"""Clients who lose their work and leave with it: what they do three weeks and six months later."""
ONLY_ENROLLED: Final = 4
AGAIN: Final = 3
"""The client who finds other work after losing the first."""

FIGURES: Final[Mapping[str, int | str]] = {
    "places-funded": PLACES,
    "places-filled": 23,
    "starts": 26,
    "starts-normal": 24,
    "starts-intensive": 2,
    "persons": 29,
    "employers-contacted": 26,
    "employers-advised": 26,
    "employers-with-jobs": 26,
    "coaching-visits": 1624,
    "coaching-hours": "1624.00",
    "families-involved": 1,
    "subsidy-phase-75": 26,
    "subsidy-phase-50": 22,
    "subsidy-phase-25": 12,
    "subsidy-paid": "390109.09",
    "early-ends": 3,
    "jobs-kept-6-months": 24,
    "goals-reached": 2,
    "share-intensive": 8,
    "starts-35-to-44": 10,
    "starts-45-to-54": 12,
    "starts-55-and-over": 4,
    "starts-unemployed-2-to-5-years": 13,
    "starts-unemployed-over-5-years": 13,
    "starts-without-qualification": 26,
    "coaching-weeks": 1602,
    "coaching-weeks-with-contact": 1601,
    "coaching-contacts": 1601,
    "contacts-per-person-and-week": "1.00",
    "subsidy-paid-first-phase": "234631.18",
    "subsidy-paid-second-phase": "141748.41",
    "subsidy-paid-third-phase": "13729.50",
    "jobs-after-subsidy": 8,
    "early-ends-business": 3,
    "left": 2,
    "after-28-days-in-work": 1,
    "after-28-days-unemployed": 1,
    "after-six-months-in-work": 1,
    "after-six-months-unemployed": 1,
    "co01": 29,
    "co02": 29,
    "co09": 29,
    "cr04": 1,
    "cr06": 1,
}
"""What the play comes to on its last day, by the ids of the indicators in the programme file. The source names the
places and how many are filled; the rest follows from the story."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start of work on a funded place."""

    name: str
    client: str
    day: date
    place: int
    intensive: bool = False
    last_day: date | None = None


def starts() -> Iterator[Start]:
    """All starts: the man first, one every three weeks then; places of lost jobs are taken by those who come next."""
    free: list[tuple[date, int]] = []
    new = iter(range(PLACES))
    for number in range(CLIENTS + 1):
        again = number == CLIENTS
        day = date(2015, 8, 17) + timedelta(days=21 * number)
        place = free.pop(0)[1] if free and free[0][0] < day else next(new)
        lost = day + timedelta(days=LOST[number]) if number in LOST else None
        if lost:
            free.append((lost, place))
        client = THE_MAN if number == 0 else f"client-{AGAIN if again else number:02d}"
        yield Start(f"{client}/{'second-' if again else ''}job", client, day, place, number in INTENSIVE, lost)


@cache
def plan(seed: int = SEED) -> Plan:
    """The story as dated steps. The same seed gives the same plan."""
    story = Story(Diary(OPERATION, seed), Names.of(seed), Random(seed))  # noqa: S311 - a play, no secret
    story.approve()
    story.fund_places()
    story.find_employers()
    all_starts = list(starts())
    known: set[str] = set()
    for start in all_starts:
        if start.client not in known:
            story.come(start.client, start.day - timedelta(days=91), start.intensive)
            known.add(start.client)
        story.work(start)
    for number in range(ONLY_ENROLLED):
        story.come(f"waiting-{number + 1}", date(2016, 2, 1) + timedelta(days=45 * number), intensive=False)
    story.the_man()
    story.visits(all_starts)
    story.leave(all_starts)
    return story.diary.plan(FIRST_DAY, LAST_DAY, every=1)


@dataclass(slots=True)
class Story:
    """Writes MILA into the diary."""

    diary: Diary
    names: Names
    rng: Random

    def approve(self) -> None:
        """Money by source, for staff and for wages; invented. Subsidies are paid one by one."""
        for (source, cost_type), amount in BUDGETS.items():
            budget = {"cost_type": cost_type, "money_source": source, "year": 2015, "amount": amount}
            self._network(
                f"budget-{source}-{cost_type}", "approve-budget", budget | {"approved_on": FIRST_DAY}, FIRST_DAY
            )
        for source, amount in PAID.items():
            paid = {"cost_type": "staff", "money_source": source, "amount": amount, "paid_on": PAID_ON}
            self._network(f"payment-{source}", "make-payment", paid, PAID_ON)

    def _network(self, name: str, command: str, body: Mapping[str, object], day: date) -> None:
        self.diary.write(name, day, NETWORK, "intake", command, OPERATION, body)

    def fund_places(self) -> None:
        """ESF and federal ministry pay for 40 places."""
        for number in range(PLACES):
            body = {"instrument": "lza", "funded_on": date(2015, 5, 4)}
            self.diary.write(f"place-{number:02d}", date(2015, 5, 4), COORDINATOR, "matching", "fund-place", None, body)

    def find_employers(self) -> None:
        """The job acquirer finds employers, advises them, and gets offers."""
        numbers = self.names.betriebsnummern()
        for number in range(CLIENTS + 1):
            day = date(2015, 6, 3) + timedelta(days=21 * number)
            name, write = f"employer-{number:02d}", self.diary.write
            body: dict[str, Any] = {
                "registered_on": day,
                "headcount": self.rng.randint(6, 180),
                "betriebsnummer": next(numbers),
            }
            write(name, day, ACQUIRER, "matching", "register-employer", None, body)
            body = {"contacted_on": day, "channel": "visit"}
            write(f"{name}/contact", day, ACQUIRER, "matching", "contact-employer", name, body)
            day += timedelta(days=14)
            body = {"advised_on": day, "advice": "hiring"}
            write(f"{name}/advice", day, ACQUIRER, "matching", "advise-employer", name, body)
            body = {"employer": Subject(name), "kind": "job", "opened_on": day, "hours_per_week": "39"}
            write(f"{name}/offer", day, ACQUIRER, "matching", "open-vacancy", None, body)

    def come(self, client: str, day: date, intensive: bool) -> None:  # noqa: FBT001 - one word at its calls
        """Referred by the jobcenter, spoken with at length, enrolled, a coach named and goals agreed."""
        write, rng = self.diary.write, self.rng
        gender = "male" if client == THE_MAN else rng.choice(("female", "male"))
        born = born_at(44 if client == THE_MAN else rng.randint(36, 58), day, rng)
        person = self.names.person(gender, born, rng.choice(("38820", "38855", "38871", "38889")))
        body: dict[str, Any] = {
            "referred_on": day,
            "referred_by": "jobcenter",
            "legal_sphere": "sgb2",
            "person": person,
        }
        write(client, day, COACH, "intake", "refer-participant", None, body)
        interview = day + timedelta(days=4)
        body = {"held_on": interview, "minutes": 120}
        write(f"{client}/interview", interview, COACH, "intake", "hold-first-interview", client, body)
        body = {"purpose": "participation", "text_version": "mila-2015", "given_on": interview}
        write(f"{client}/consent", interview, COACH, "intake", "give-consent", client, body)
        entry = day + timedelta(days=14)
        years = rng.randint(6, 9) if intensive else rng.randint(3, 8)
        body = {
            "operation": OPERATION,
            "entry_date": entry,
            "gender": gender,
            "employment": "unemployed",
            "registered_unemployed": True,
            "unemployed_since": add_months(entry, -12 * years)[0],
            "isced": 2,
            "vocational_qualification": False,
            "citizenship": "german",
            "foreign_background": "no",
            "disability": "no",
            "legal_sphere": "sgb2",
        }
        if client == THE_MAN:
            body |= {"single_adult_household": "yes", "dependent_children": "yes", "other_disadvantage": "yes"}
        write(f"{client}/entry", entry, COACH, "intake", "enrol-participant", client, body)
        coach = str(UUID(int=rng.getrandbits(128), version=4))
        body = {"coach": coach, "assigned_on": entry}
        write(f"{client}/coach", entry, COACH, "coaching", "assign-coach", client, body)
        goals = ("work", "licence", "debts", "stability") if client == THE_MAN else ("work", "stability")
        body = {"agreed_on": entry, "goals": goals}
        write(f"{client}/plan", entry, COACH, "coaching", "agree-plan", client, body)

    def work(self, start: Start) -> None:
        """Application, interview, subsidy, contract, start; then the subsidy month by month, while the job runs."""
        number = (start.day - date(2015, 8, 17)).days // 21
        offer, client, write = f"employer-{number:02d}/offer", start.client, self.diary.write
        sent, met = start.day - timedelta(days=38), start.day - timedelta(days=31)
        body: dict[str, Any] = {"vacancy": Subject(offer), "sent_on": sent}
        write(f"{start.name}/application", sent, ACQUIRER, "matching", "send-application", client, body)
        body = {"vacancy": Subject(offer), "held_on": met, "result": "offer"}
        write(f"{start.name}/interview", met, ACQUIRER, "matching", "hold-interview", client, body)
        approved = start.day - timedelta(days=17)
        wage = "2400.00" if client == THE_MAN else f"{self.rng.randint(1600, 2300)}.00"
        phases = ((12, 75), (12, 65), (12, 50)) if start.intensive else PHASES
        body = {
            "instrument": "lza",
            "approved_on": approved,
            "starts_on": start.day,
            "base": wage,
            "phases": [{"months": months, "percent": percent} for months, percent in phases],
        }
        write(f"{start.name}/subsidy", approved, COORDINATOR, "matching", "approve-subsidy", client, body)
        body = {
            "kind": "insured-lza",
            "lza_case": "intensive" if start.intensive else "normal",
            "starts_on": start.day,
            "contract_on": start.day - timedelta(days=10),
            "term": "permanent",
            "hours_per_week": "39",
            "tariff": True,
            "monthly_wage": wage,
            "vacancy": Subject(offer),
            "employer": Subject(f"employer-{number:02d}"),
            "place": Subject(f"place-{start.place:02d}"),
        }
        write(start.name, start.day, ACQUIRER, "matching", "make-placement", client, body)
        if start.last_day:
            body = {"last_day": start.last_day, "ended_by": "employer", "reason": "business"}
            write(f"{start.name}/lost", start.last_day, ACQUIRER, "matching", "lose-job", client, body)
        self._pay(start, sum(months for months, _ in phases))

    def _pay(self, start: Start, months: int) -> None:
        last = min(start.last_day or LAST_DAY, period_end(start.day, months))
        month = start.day.replace(day=1)
        while (paid_on := add_months(month, 1)[0] + timedelta(days=4)) <= LAST_DAY and month <= last:
            body = {"month": month, "paid_on": paid_on, "money_source": "esf"}
            name = f"{start.name}/paid-{month:%Y-%m}"
            self.diary.write(name, paid_on, COORDINATOR, "matching", "pay-subsidy", start.client, body)
            month = add_months(month, 1)[0]

    def the_man(self) -> None:
        """What else became of him: the licence regained, the family drawn in, the debts in order."""
        write = self.diary.write
        for day in (date(2015, 10, 14), date(2016, 4, 13)):
            body: dict[str, Any] = {"involved_on": day, "members": 3}
            write(f"{THE_MAN}/family-{day}", day, COACH, "intake", "involve-family", THE_MAN, body)
        body = {"goal": "work", "reached_on": date(2015, 8, 19)}
        write(f"{THE_MAN}/in-work", date(2015, 8, 19), COACH, "coaching", "reach-goal", THE_MAN, body)
        body = {"goal": "licence", "reached_on": date(2016, 3, 16)}
        write(f"{THE_MAN}/licence", date(2016, 3, 16), COACH, "coaching", "reach-goal", THE_MAN, body)
        body = {"gained_on": date(2016, 3, 16), "kind": "licence"}
        write(f"{THE_MAN}/licence-back", date(2016, 3, 16), COACH, "coaching", "gain-qualification", THE_MAN, body)

    def visits(self, all_starts: list[Start]) -> None:
        """The coach comes every Wednesday, from the start of work on."""
        for start in all_starts:
            day = start.day + timedelta(days=2)
            while day <= min(start.last_day or LAST_DAY, LAST_DAY):
                topics, family = self._topics(start.client, day)
                body = {
                    "held_on": day,
                    "minutes": 60,
                    "channel": "workplace",
                    "topics": topics,
                    "family_present": family,
                }
                name = f"{start.name}/visit-{day}"
                self.diary.write(name, day, COACH, "coaching", "hold-visit", start.client, body)
                day += timedelta(days=7)

    def leave(self, all_starts: list[Start]) -> None:
        """Two of those who lost their work leave: one finds other work within three weeks, one is unemployed again."""
        for number, (soon, later) in LEFT.items():
            start = all_starts[number]
            left = start.last_day or LAST_DAY
            reason = "work-insured" if soon == "employed" else "other-measure"
            body: dict[str, Any] = {"exit_date": left, "reason": reason}
            self.diary.write(f"{start.client}/exit", left, COACH, "intake", "exit-participant", start.client, body)
            day = left + timedelta(days=21)
            body = {"status_on": day, "status": soon, "mode": "telephone"}
            self.diary.write(f"{start.client}/status", day, COACH, "intake", "record-status", start.client, body)
            day = months_after_event(left, 6) + timedelta(days=10)
            body = {"answered_on": day, "status": later, "insured": later == "employed", "mode": "letter"}
            self.diary.write(f"{start.client}/later", day, COACH, "intake", "record-follow-up", start.client, body)

    def _topics(self, client: str, day: date) -> tuple[list[str], bool]:
        """The man's debts come up once a month, when his pay slip goes to the insolvency administrator."""
        if client != THE_MAN:
            return ["work", *self.rng.sample(["debts", "authorities", "family", "housing", "childcare"], 1)], False
        topics = ["work"]
        if day.day <= 7:  # noqa: PLR2004 - the first Wednesday of a month
            topics += ["debts", "authorities"]
        if day <= date(2016, 3, 16):
            topics.append("licence")
        family = day.day > 24  # noqa: PLR2004 - the last Wednesday, more or less
        return ([*topics, "family"] if family else topics), family
