"""What happens to the people of the play, from referral to exit, each as steps of the diary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from lotse_shared.calendar import months_after_event

from lotse_local.play.diary import Diary
from lotse_local.play.invented import Names
from lotse_local.play.mehrlin.figures import FIRST_DAY, LAST_DAY, MEASURES, PRINTED_ON, SUBPROJECTS
from lotse_local.play.mehrlin.people import Job, Person, weekday
from lotse_local.play.steps import Fact, Subject, Who

POSTCODES: Final = ("39124", "39126", "39128", "39104")
"""Magdeburg-Nord and Buckau."""
COORDINATOR: Final = Who("coordinator")
AFTERCARE: Final = frozenset({"insured", "insured-egz", "inclusion-firm", "apprenticeship"})
"""Kinds of work after whose start a coach stays in touch."""
CONTACT_EVERY: Final = 16
"""Days between two contacts: with a fortnight for entering them, none is ever late (every 28 days are owed)."""
STAY: Final = 0.2
"""Share of those who are still there when the programme ends."""
AGREE: Final = 0.3
"""Share of those who agree, on leaving, to be called later."""
HEALTH: Final = tuple(enumerate(name for name, (_, kind) in MEASURES.items() if kind == "health"))
"""Health measures, each with the weekday that it meets on."""


def coach(partner: str) -> Who:
    """A member of a partner's staff who works with people."""
    return Who("coach", partner)


def acquirer(partner: str) -> Who:
    """A member of a partner's staff who works with employers."""
    return Who("job-acquirer", partner)


def entered(day: date, rng: Random, late: int = 0) -> date:
    """When something that happened on a day is entered: within a few days, or so many days later."""
    return min(day + timedelta(days=late or rng.randint(0, 4)), PRINTED_ON)


@dataclass(slots=True)
class Lives:
    """Writes people's ways into the diary."""

    diary: Diary
    names: Names
    rng: Random
    employers: Mapping[str, list[str]]
    """Registrations by partner: where people work."""
    sheets: dict[tuple[str, date], list[tuple[str, date, str]]] = field(default_factory=dict)
    """Attendance lists by measure and day of entry: case, day and presence."""

    def open_measures(self) -> None:
        """All measures, in the first weeks."""
        for number, (name, (partner, kind)) in enumerate(MEASURES.items()):
            opened = weekday(date(2011, 10, 17) + timedelta(days=number % 10))
            body = {"kind": kind, "opened_on": opened, "subproject": SUBPROJECTS[partner]}
            self.diary.write(f"measure-{name}", opened, coach(partner), "coaching", "open-measure", None, body)

    def live(self, person: Person, *, late: int = 0, identity: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """One person's whole way; gives what the vault was told, for a second record of the same person."""
        identity = identity or self.names.person(person.gender, person.born, self.rng.choice(POSTCODES))
        self._come(person, identity, late)
        for number, course in enumerate(person.courses):
            self._course(person, course, number, late)
        if person.health_days:
            self._health(person)
        self._work(person)
        self._leave(person)
        self._correct(person)
        return identity

    def _come(self, person: Person, identity: Mapping[str, Any], late: int) -> None:
        case, who, write = person.name, coach(person.partner), self.diary.write
        referred = max(person.entry - timedelta(days=self.rng.randint(4, 20)), FIRST_DAY + timedelta(days=16))
        start = max(entered(referred, self.rng), entered(person.entry, self.rng, late)) if late else referred
        source = "jobcenter" if person.facts["legal_sphere"] == "sgb2" else "self"
        body = {"referred_on": referred, "referred_by": source, "person": identity}
        write(case, start, who, "intake", "refer-participant", None, body)
        held = min(referred + timedelta(days=3), person.entry)
        body = {"held_on": held, "minutes": self.rng.choice((45, 60, 90))}
        write(f"{case}/interview", max(held, start), who, "intake", "hold-first-interview", case, body)
        refused = "refused" in (person.facts["disability"], person.facts["foreign_background"])
        write(
            f"{case}/consent",
            max(held, start),
            who,
            "intake",
            "refuse-consent" if refused else "give-consent",
            case,
            {"purpose": "sensitive-items", "text_version": "mehrlin-2011", "given_on": held},
        )
        recorded = person.as_recorded()
        entry = person.recorded.get("entry_date", person.entry)
        write(
            f"{case}/entry",
            max(start, entered(entry, self.rng, late)),
            who,
            "intake",
            "enrol-participant",
            case,
            {
                "operation": self.diary.operation,
                "entry_date": entry,
                "subproject": SUBPROJECTS[person.partner],
                **recorded,
            },
        )

    def _course(self, person: Person, course: str, number: int, late: int) -> None:
        case, partner = person.name, MEASURES[course][0]
        joined = weekday(min(person.entry + timedelta(days=self.rng.randint(1, 20) + 45 * number), date(2014, 9, 5)))
        name = f"{case}/{course}"
        self._join(name, case, partner, course, joined, late)
        ended = joined + timedelta(days=self.rng.randint(30, 160))
        if ended <= LAST_DAY:
            reason = self.rng.choices(("completed", "broken-off", "work-found", "illness"), (70, 18, 8, 4))[0]
            body = {"measure": Subject(f"measure-{course}"), "left_on": ended, "reason": reason}
            day = max(entered(ended, self.rng), self.diary.steps[name].day)
            self.diary.write(f"{name}/left", day, coach(partner), "coaching", "leave-measure", case, body)
            if reason == "completed" and MEASURES[course][1] == "qualification":
                body = {"gained_on": ended, "kind": "partial"}
                self.diary.write(
                    f"{name}/certificate", day, coach(partner), "coaching", "gain-qualification", case, body
                )

    def _join(self, name: str, case: str, partner: str, course: str, day: date, late: int = 0) -> None:
        body = {"measure": Subject(f"measure-{course}"), "joined_on": day}
        on = max(entered(day, self.rng, late), self.diary.steps[f"{case}/entry"].day)
        self.diary.write(name, on, coach(partner), "coaching", "join-measure", case, body)

    def _health(self, person: Person) -> None:
        """Weekly in one health measure; lists are handed in at the end of the month."""
        case = person.name
        meets_on, course = (0, "ruecken") if person.group == "workshops" else self.rng.choice(HEALTH)
        late = 0 if person.partner == "spi" else self._refer_on(person, "spi")
        joined = person.entry + timedelta(days=(meets_on - person.entry.weekday()) % 7)
        self._join(f"{case}/{course}", case, "spi", course, joined, late)
        for day in weekly(joined, person.health_days):
            presence = self.rng.choices(("present", "excused", "sick", "unexcused"), (91, 4, 3, 2))[0]
            self.sheets.setdefault((course, handed_in(day)), []).append((case, day, presence))

    def _refer_on(self, person: Person, to: str) -> int:
        """Another partner takes part; gives the days after the entry by which that is entered."""
        case, who, day = person.name, coach(person.partner), entered(person.entry, self.rng)
        day = max(day, self.diary.steps[f"{case}/entry"].day)
        body: dict[str, Any] = {"purpose": "referral", "text_version": "mehrlin-2011", "given_on": person.entry}
        self.diary.write(f"{case}/may-refer", day, who, "intake", "give-consent", case, body)
        body = {"referred_on": person.entry, "to_partner": to}
        self.diary.write(f"{case}/on-to-{to}", day, who, "intake", "refer-on", case, body)
        return (day - person.entry).days

    def _work(self, person: Person) -> None:
        case, who = person.name, acquirer(person.partner)
        if person.intern:
            start = weekday(person.entry + timedelta(days=12))
            body = {
                "employer": self._employer(person.partner),
                "started_on": start,
                "planned_until": start + timedelta(days=40),
            }
            self.diary.write(f"{case}/trial", entered(start, self.rng), who, "matching", "start-internship", case, body)
            end = start + timedelta(days=20)
            body = {"ended_on": end, "result": "offer"}
            self.diary.write(f"{case}/trial/end", entered(end, self.rng), who, "matching", "end-internship", case, body)
        for number, job in enumerate(person.jobs):
            self.place(person, job, f"{case}/job-{number + 1}")

    def place(self, person: Person, job: Job, name: str) -> None:
        """A placement, entered at its start; its end where it has one, and the coach's contacts after it."""
        case, who = person.name, acquirer(person.partner)
        day = max(job.starts_on, self.diary.steps[f"{case}/entry"].day)
        body: dict[str, Any] = {
            "kind": job.kind,
            "starts_on": job.starts_on,
            "contract_on": job.starts_on - timedelta(days=3),
            "hours_per_week": "30" if job.kind == "work-opportunity" else "10" if job.kind == "minijob" else "38.5",
            "term": "fixed-term" if job.kind in ("work-opportunity", "citizen-work", "apprenticeship") else "permanent",
        }
        if job.kind != "self-employment":
            body["employer"] = self._employer(person.partner)
        self.diary.write(name, day, who, "matching", "make-placement", case, body)
        if job.last_day:
            body = {"last_day": job.last_day, "ended_by": "employer" if job.lost else "employee"}
            body["reason"] = "probation" if job.lost else "other-job"
            command = "lose-job" if job.lost else "end-job"
            self.diary.write(f"{name}/end", max(day, job.last_day), who, "matching", command, case, body)

    def _employer(self, partner: str) -> Subject:
        return Subject(self.rng.choice(self.employers[partner]))

    def _leave(self, person: Person) -> None:
        if self.rng.random() < STAY and person.reentry is None:
            self._stay_in_touch(person, LAST_DAY)
            return
        case, who = person.name, coach(person.partner)
        last = max((job.last_day or job.starts_on for job in person.jobs), default=person.entry)
        exit_date = person.exit or weekday(last + timedelta(days=self.rng.randint(5, 40) + 150 * (not person.jobs)))
        if exit_date > LAST_DAY:
            self._stay_in_touch(person, LAST_DAY)
            return
        agreed = self.rng.random() < AGREE
        self._stay_in_touch(person, LAST_DAY if agreed else exit_date)
        if agreed:
            body: dict[str, Any] = {
                "purpose": "contact-after-exit",
                "text_version": "mehrlin-2011",
                "given_on": exit_date,
            }
            self.diary.write(f"{case}/may-call", exit_date, who, "intake", "give-consent", case, body)
        reason, status = _exit(person)
        body = {"exit_date": exit_date, "reason": reason, "status": status}
        known = max(entered(exit_date, self.rng), self.diary.steps[f"{case}/entry"].day)
        self.diary.write(f"{case}/exit", known, who, "intake", "exit-participant", case, body)
        if person.reentry:
            self._come_back(person)
        elif agreed:
            self._afterwards(person, exit_date, status)

    def _stay_in_touch(self, person: Person, until: date) -> None:
        """A coach speaks with people three times after they have started work."""
        who = coach(person.partner)
        entry = self.diary.steps[f"{person.name}/entry"].day
        for number, job in enumerate(person.jobs):
            for contact in range(3 if job.kind in AFTERCARE and not job.last_day else 0):
                day = job.starts_on + timedelta(days=CONTACT_EVERY * (contact + 1))
                if entry < day <= until:
                    body = {"held_on": day, "minutes": 30, "channel": "telephone", "topics": ["work"]}
                    name = f"{person.name}/job-{number + 1}/contact-{contact + 1}"
                    self.diary.write(name, day, who, "coaching", "hold-visit", person.name, body)

    def _come_back(self, person: Person) -> None:
        case, who, back = person.name, coach(person.partner), person.reentry or person.entry
        day = entered(back, self.rng)
        self.diary.write(f"{case}/back", day, who, "intake", "reenter-participant", case, {"reentry_date": back})
        course = person.courses[0]
        joined = weekday(back + timedelta(days=4))
        partner = MEASURES[course][0]
        self._join(f"{case}/{course}/again", case, partner, course, joined, (day - joined).days + 5)
        left = joined + timedelta(days=40)
        body: dict[str, Any] = {"measure": Subject(f"measure-{course}"), "left_on": left, "reason": "completed"}
        self.diary.write(f"{case}/{course}/again/left", left, coach(partner), "coaching", "leave-measure", case, body)
        body = {"exit_date": left + timedelta(days=2), "reason": "planned-end", "status": "unemployed"}
        self.diary.write(f"{case}/exit-again", left + timedelta(days=3), who, "intake", "exit-participant", case, body)

    def _afterwards(self, person: Person, exit_date: date, status: str) -> None:
        """Where people agreed to it: what they do on day 28 and after six months."""
        case, who = person.name, coach(person.partner)
        for name, command, day, body in (
            ("day-28", "record-status", exit_date + timedelta(days=28), {"status_on": exit_date + timedelta(days=28)}),
            ("month-6", "record-follow-up", months_after_event(exit_date, 6) + timedelta(days=6), {}),
        ):
            if day <= PRINTED_ON:
                told = {"answered_on": day} if command == "record-follow-up" else {}
                asked = {**body, **told, "status": status, "mode": "telephone"}
                self.diary.write(f"{case}/{name}", day, who, "intake", command, case, asked)

    def _correct(self, person: Person) -> None:
        """A wrong record is noticed some months later."""
        if not person.recorded:
            return
        case = person.name
        truth = {name: person.facts.get(name) for name in person.recorded if name != "entry_date"}
        body: dict[str, Any] = {name: value for name, value in truth.items() if value is not None}
        cleared = sorted(name.replace("_", "-") for name, value in truth.items() if value is None)
        day = self.diary.steps[f"{case}/entry"].day + timedelta(days=self.rng.randint(70, 100))
        day = min(day, PRINTED_ON)
        body |= {"corrects": Fact(f"{case}/entry", "participant-enrolled.v1"), "corrected_on": day}
        if cleared:
            body["cleared"] = cleared
        if "entry_date" in person.recorded:
            body["entry_date"] = person.entry
        who = coach(person.partner)
        self.diary.write(f"{case}/correction", day, who, "intake", "correct-characteristics", case, body)

    def hand_in_lists(self) -> None:
        """Every attendance list, with one step a line."""
        for (course, day), lines in sorted(self.sheets.items()):
            for case, attended_on, presence in lines:
                body = {"measure": Subject(f"measure-{course}"), "attended_on": attended_on, "presence": presence}
                if presence == "present":
                    body["minutes"] = 90
                name = f"{case}/{course}/{attended_on}"
                on = max(day, self.diary.steps[f"{case}/{course}"].day)
                partner = MEASURES[course][0]
                self.diary.write(name, on, coach(partner), "coaching", "record-attendance", case, body)


def weekly(first: date, times: int) -> Iterator[date]:
    """The same weekday so many weeks, as long as the programme runs."""
    for week in range(times):
        day = first + timedelta(days=7 * week)
        if day <= LAST_DAY:
            yield day


def handed_in(day: date) -> date:
    """When an attendance list comes in: at the end of its month; those of spring 2012 were found in January 2013."""
    if date(2012, 4, 1) <= day <= date(2012, 6, 30):
        return date(2013, 1, 18)
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return first - timedelta(days=1)


def _exit(person: Person) -> tuple[str, str]:
    kind = person.jobs[-1].kind if person.jobs else ""
    match kind:
        case "insured" | "insured-egz" | "inclusion-firm":
            return "work-insured", "employed"
        case "citizen-work" | "work-opportunity":
            return "other-measure", "work-opportunity"
        case "apprenticeship":
            return "training-company", "apprenticeship"
        case "self-employment":
            return "self-employed", "self-employed"
        case _:
            return "planned-end", "unemployed" if person.facts["employment"] == "unemployed" else "inactive"
