"""What becomes of the people of the WIR network, and what the network does beside them."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from lotse_local.play.acts import COORDINATOR, Acts, Participant
from lotse_local.play.diary import Diary
from lotse_local.play.invented import Names
from lotse_local.play.steps import Fact, Plan, Subject, Who
from lotse_local.play.wir.participants import ADVICE, AID, PARTICIPANTS, SCHOOL
from lotse_local.play.wir.structure import structure

OPERATION: Final = "wir"
SEED: Final = 2022
FIRST_DAY: Final = date(2022, 10, 1)
LAST_DAY: Final = date(2025, 6, 30)
POSTCODE: Final = "99999"
HOUR: Final = 60
WEEK: Final = timedelta(days=7)


@cache
def plan(seed: int = SEED) -> Plan:
    """The story as dated steps. The same seed gives the same plan."""
    story = Story(Acts(Diary(OPERATION, seed), Names.of(seed), POSTCODE))
    structure(story.acts)
    story.enter()
    story.amira_and_mariam()
    story.yusuf_and_daniel()
    story.olena_and_viktor()
    story.tesfaye_and_karim()
    story.fatima()
    story.nadia()
    story.leyla_and_hana()
    story.bilal_and_samuel()
    story.noor_and_amanuel()
    story.selam_dawit_and_rim()
    story.not_let_in()
    return story.acts.diary.plan(FIRST_DAY, LAST_DAY, every=14)


@dataclass(frozen=True, slots=True)
class Story:
    """Writes WIR down."""

    acts: Acts

    def enter(self) -> None:
        """Everybody is referred, asked, checked by the rules of the day, and enrolled."""
        for one in PARTICIPANTS.values():
            self.acts.referred(one)
            self._asked_for_sensitive_items(one)
            self._checked(one, one.entry - WEEK)
            self.acts.enrolled(one)

    def _asked_for_sensitive_items(self, one: Participant) -> None:
        asked = {"purpose": "sensitive-items", "text_version": "wir-1"}
        if "refused" in (one.asked["disability"], one.asked["minority"]):
            self.acts.did(one.name, one.entry - WEEK, "refuse-consent", **asked)
        elif "yes" in (one.asked["disability"], one.asked["minority"], one.asked["impaired_health"]):
            self.acts.did(one.name, one.entry - WEEK, "give-consent", **asked)

    def _checked(self, one: Participant, day: date) -> None:
        document = {"residence_status": one.asked["residence_status"], "work_ban": one.asked["work_ban"]}
        self.acts.did(one.name, day, "check-eligibility", rules="wir", **document)

    def amira_and_mariam(self) -> None:
        """Both soon work, and are supported after the start; of Mariam a wrong answer is heard half a year later."""
        did = self.acts.did
        self._supported(
            "amira",
            (date(2022, 11, 8), "labour-market-advice"),
            (date(2022, 12, 6), "career-orientation"),
            (date(2023, 2, 14), "placement-work"),
            (date(2023, 3, 29), "support-after-start"),
            (date(2023, 4, 26), "support-after-start"),
        )
        did("amira", date(2022, 12, 13), "involve-family", members=2)
        job = {"kind": "insured", "term": "permanent", "hours_per_week": "39"}
        self._placed("amira", date(2023, 3, 1), employer=Subject("bakery"), **job)
        did("amira", date(2023, 5, 31), "exit-participant", reason="work-insured", status="employed")
        did("amira", date(2023, 6, 20), "gain-qualification", kind="partial")
        did("amira", date(2023, 6, 28), "record-status", status="employed", mode="telephone")
        # Support comes before the exit: the clocks of the results run from there.
        self.acts.may_not("amira", date(2023, 7, 12), "give-support", kind="support-after-start")
        did("amira", date(2023, 12, 5), "record-follow-up", status="employed", insured=True, mode="telephone")
        self._supported(
            "mariam",
            (date(2023, 1, 17), "labour-market-advice"),
            (date(2023, 3, 7), "placement-work"),
            (date(2023, 5, 4), "support-after-start"),
        )
        self._placed("mariam", date(2023, 4, 3), kind="insured", term="permanent", hours_per_week="30")
        did("mariam", date(2023, 6, 30), "exit-participant", reason="work-insured", status="employed")
        self.acts.sent_twice(did("mariam", date(2023, 7, 10), "record-status", status="employed", mode="telephone"))
        wrong = did("mariam", date(2024, 1, 8), "record-follow-up", status="employed", mode="letter")
        self.acts.took_back(wrong, date(2024, 2, 5), "wrong-person")
        did("mariam", date(2024, 2, 6), "record-follow-up", status="unemployed", insured=False, mode="interview")
        lost = {"ended_by": "employer", "reason": "business"}
        self.acts.did_late("mariam", date(2023, 12, 15), "lose-job", date(2024, 2, 7), **lost)

    def yusuf_and_daniel(self) -> None:
        """Two apprentices: one is never asked, but his apprenticeship ends later; the other's answers come late."""
        did = self.acts.did
        self._supported(
            "yusuf",
            (date(2023, 2, 7), "career-orientation"),
            (date(2023, 5, 9), "transition-school-to-work"),
            (date(2023, 6, 13), "placement-training"),
            (date(2023, 10, 11), "support-after-start"),
        )
        self._placed("yusuf", date(2023, 9, 1), kind="apprenticeship", ends_on=date(2026, 8, 31))
        did("yusuf", date(2023, 12, 31), "exit-participant", reason="training-company", status="apprenticeship")
        did("yusuf", date(2024, 1, 28), "record-status", status="apprenticeship", mode="employer")
        broken_off = {"ended_by": "employee", "reason": "own-wish"}
        self.acts.did_late("yusuf", date(2024, 8, 20), "lose-job", date(2024, 9, 3), **broken_off)
        self._supported(
            "daniel",
            (date(2023, 5, 16), "labour-market-advice"),
            (date(2023, 6, 27), "placement-training"),
            (date(2023, 10, 20), "support-after-start"),
        )
        self._placed("daniel", date(2023, 9, 1), kind="apprenticeship", ends_on=date(2026, 8, 31))
        did("daniel", date(2023, 11, 30), "exit-participant", reason="training-company")
        did("daniel", date(2024, 6, 20), "record-follow-up", status="apprenticeship", insured=True, mode="employer")
        answer = {"status": "apprenticeship", "mode": "telephone"}
        self.acts.did_late("daniel", date(2023, 12, 20), "record-status", date(2024, 7, 1), **answer)

    def olena_and_viktor(self) -> None:
        """Both work at entry: one gets out of a minijob, the other earns more and nothing else."""
        did = self.acts.did
        self._supported(
            "olena", (date(2023, 2, 14), "labour-market-advice"), (date(2023, 3, 14), "individual-qualification")
        )
        did("olena", date(2023, 6, 15), "gain-qualification", kind="partial")
        self._placed("olena", date(2023, 10, 2), kind="insured", term="permanent", hours_per_week="39")
        did("olena", date(2023, 10, 31), "exit-participant", reason="goal-reached", status="employed")
        did("olena", date(2024, 5, 6), "record-follow-up", status="employed", insured=True, improvement="stable")
        self._supported("viktor", (date(2023, 10, 10), "labour-market-advice"))
        wrong = did("viktor", date(2023, 11, 14), "give-support", kind="activation-in-company", minutes=HOUR)
        self.acts.took_back(wrong, date(2023, 11, 21), "wrong-person")
        did("viktor", date(2024, 5, 31), "exit-participant", reason="planned-end", status="employed")
        did("viktor", date(2024, 12, 4), "record-follow-up", status="employed", insured=True, improvement="none")

    def tesfaye_and_karim(self) -> None:
        """One falls ill, leaves and is not heard of again; the other stays, with a gap in his record."""
        self._supported(
            "tesfaye",
            (date(2023, 3, 21), "access-to-regular-system"),
            (date(2023, 4, 18), "labour-market-advice"),
            (date(2023, 5, 16), "labour-market-advice"),
        )
        self.acts.did("tesfaye", date(2023, 7, 14), "exit-participant", reason="illness")
        self._supported("karim", (date(2023, 9, 5), "labour-market-advice"))

    def fatima(self) -> None:
        """Goes to school and leaves; comes back after it, finds work, leaves for good; half a year later it is over."""
        did = self.acts.did
        self._supported(
            "fatima",
            (date(2023, 4, 18), "career-orientation"),
            (date(2023, 6, 20), "placement-school"),
            (date(2023, 10, 5), "support-after-start"),
            (date(2024, 3, 5), "placement-work"),
            (date(2024, 5, 28), "support-after-start"),
        )
        did("fatima", date(2023, 5, 23), "involve-family", members=3)
        self._placed("fatima", date(2023, 8, 21), kind="school")
        did("fatima", date(2023, 10, 31), "exit-participant", reason="school-study", status="education")
        did("fatima", date(2024, 1, 12), "end-job", ended_by="employee", reason="own-wish")
        did("fatima", date(2024, 1, 15), "reenter-participant")
        self._placed("fatima", date(2024, 5, 2), kind="insured", term="permanent", hours_per_week="30")
        did("fatima", date(2024, 6, 28), "exit-participant", reason="work-insured", status="employed")
        did("fatima", date(2024, 7, 15), "record-status", status="employed", mode="telephone")
        did("fatima", date(2024, 8, 10), "gain-qualification", kind="partial")
        did("fatima", date(2025, 1, 15), "record-follow-up", status="inactive", mode="interview")

    def nadia(self) -> None:
        """Two partners enrol her; a coordinator finds out and merges the records; the second partner lets her go."""
        did = self.acts.did
        self._supported("nadia", (date(2023, 6, 13), "labour-market-advice"))
        self._supported("nadia-again", (date(2023, 9, 12), "labour-market-advice"))
        self.acts.decided(COORDINATOR, "nadia", date(2023, 10, 10), "merge-cases", other=Subject("nadia-again"))
        did("nadia-again", date(2024, 3, 29), "exit-participant", reason="planned-end")
        did("nadia-again", date(2024, 4, 15), "record-status", status="seeking", mode="telephone")

    def leyla_and_hana(self) -> None:
        """One stops of her own wish and seeks work soon after; the other is still at school, with a new document."""
        did = self.acts.did
        self._supported(
            "leyla", (date(2023, 9, 19), "labour-market-advice"), (date(2023, 11, 7), "access-to-regular-system")
        )
        self._corrected("leyla", date(2024, 2, 1), isced=1)
        did("leyla", date(2024, 4, 30), "exit-participant", reason="own-wish", status="inactive")
        did("leyla", date(2024, 5, 20), "record-status", status="seeking", mode="telephone")
        did("leyla", date(2024, 11, 4), "record-follow-up", status="unknown", mode="letter")
        self._supported(
            "hana", (date(2023, 11, 21), "career-orientation"), (date(2024, 1, 16), "transition-school-to-work")
        )
        did("hana", date(2024, 6, 3), "change-residence-status", residence_status="ae-25a", work_ban="none")

    def bilal_and_samuel(self) -> None:
        """One never came to his first job and begins another on the very day; the other's first job lasts a week."""
        did = self.acts.did
        self._supported("bilal", (date(2024, 1, 23), "labour-market-advice"), (date(2024, 3, 5), "placement-work"))
        no_show = self._placed("bilal", date(2024, 4, 2), kind="insured", hours_per_week="39")
        self.acts.took_back(no_show, date(2024, 4, 9), "not-happened")
        did("bilal", date(2024, 10, 1), "exit-participant", reason="own-wish", status="unemployed")
        did("bilal", date(2024, 10, 21), "record-status", status="unemployed", mode="telephone")
        self._placed("bilal", date(2025, 4, 1), kind="insured", term="permanent", hours_per_week="39")
        self._supported(
            "samuel", (date(2024, 3, 12), "labour-market-advice"), (date(2024, 4, 16), "activation-in-company")
        )
        did("samuel", date(2024, 8, 31), "exit-participant", reason="planned-end", status="unemployed")
        self._placed("samuel", date(2024, 9, 16), kind="insured", hours_per_week="39")
        did("samuel", date(2024, 9, 24), "lose-job", ended_by="employer", reason="probation")
        did("samuel", date(2024, 9, 25), "record-status", status="unemployed", mode="telephone")
        did("samuel", date(2025, 3, 10), "record-follow-up", status="employed", insured=True, mode="letter")

    def noor_and_amanuel(self) -> None:
        """One learns after leaving; the other was entered late with the wrong day, and founds a business later."""
        did = self.acts.did
        self._supported("noor", (date(2024, 3, 12), "career-orientation"))
        did("noor", date(2024, 12, 31), "exit-participant", reason="school-study")
        did("noor", date(2025, 1, 20), "record-status", status="education", in_education=True, mode="letter")
        self._corrected("amanuel", date(2024, 7, 23), entry_date=PARTICIPANTS["amanuel"].entry)
        advice = {"kind": "labour-market-advice", "minutes": HOUR}
        self.acts.did_late("amanuel", date(2024, 6, 11), "give-support", date(2024, 7, 24), **advice)
        self._placed("amanuel", date(2024, 9, 2), kind="minijob", hours_per_week="10")
        did("amanuel", date(2024, 11, 15), "exit-participant", reason="minijob", status="minijob")
        did("amanuel", date(2024, 12, 2), "record-status", status="unemployed", mode="register")
        did("amanuel", date(2025, 5, 22), "record-follow-up", status="self-employed", insured=False, mode="telephone")

    def selam_dawit_and_rim(self) -> None:
        """Work that the key figures of the KennzV tell apart: with a wage subsidy, under SGB II 16i, a minijob."""
        did = self.acts.did
        self._supported("selam", (date(2024, 3, 19), "labour-market-advice"), (date(2024, 6, 18), "placement-work"))
        self._placed("selam", date(2024, 8, 1), kind="insured-egz", hours_per_week="30")
        did("selam", date(2024, 10, 31), "exit-participant", reason="work-insured", status="employed")
        did("selam", date(2024, 11, 14), "record-status", status="employed", mode="telephone")
        did("selam", date(2025, 5, 7), "record-follow-up", status="employed", insured=True, mode="telephone")
        self._supported("dawit", (date(2024, 5, 14), "labour-market-advice"), (date(2024, 7, 16), "placement-work"))
        self._placed("dawit", date(2024, 9, 2), kind="subsidised-16i", hours_per_week="30")
        did("dawit", date(2024, 9, 30), "exit-participant", reason="work-subsidised-16i", status="employed")
        did("dawit", date(2024, 10, 14), "record-status", status="employed", mode="telephone")
        did("dawit", date(2025, 2, 14), "end-job", ended_by="employee", reason="other-job")
        self._placed("dawit", date(2025, 2, 17), kind="insured", term="permanent", hours_per_week="39")
        did("dawit", date(2025, 4, 8), "record-follow-up", status="employed", insured=True, mode="employer")
        self._supported("rim", (date(2024, 6, 11), "career-orientation"))
        self._placed("rim", date(2024, 9, 9), kind="minijob", hours_per_week="12")
        did("rim", date(2024, 9, 30), "exit-participant", reason="minijob", status="minijob")
        did("rim", date(2024, 10, 10), "record-status", status="minijob", mode="telephone")
        did("rim", date(2025, 4, 9), "record-follow-up", status="minijob", insured=False, mode="telephone")

    def not_let_in(self) -> None:
        """Omar may not work at all, Bilal not at first, Karim needs a look; Hassan was somebody else."""
        acts = self.acts
        omar = Participant("omar", AID, date(1994, 9, 9), date(2023, 2, 20), {"gender": "male"}, "jobcenter")
        acts.referred(omar)
        banned = {"rules": "wir", "residence_status": "duldung-60a", "work_ban": "absolute"}
        acts.did("omar", date(2023, 2, 13), "check-eligibility", **banned)
        acts.may_not("omar", date(2023, 2, 20), "enrol-participant", gender="male")
        unclear = {"rules": "wir", "residence_status": "duldung-60b", "work_ban": "absolute"}
        acts.did("bilal", date(2024, 1, 3), "check-eligibility", **unclear)
        acts.may_not("bilal", date(2024, 1, 4), "enrol-participant", gender="male")
        safe = {"rules": "wir", "residence_status": "gestattung-55", "safe_country": True, "work_ban": "temporary"}
        decides = Who("coordinator", ADVICE)
        acts.did("karim", date(2023, 8, 9), "check-eligibility", **safe)
        acts.decided(decides, "karim", date(2023, 8, 10), "check-eligibility", reviewed="eligible", **safe)
        hassan = Participant("hassan", SCHOOL, date(2001, 5, 5), date(2024, 5, 6), PARTICIPANTS["yusuf"].asked)
        acts.referred(hassan)
        acts.took_back(acts.enrolled(hassan), date(2024, 5, 20), "wrong-person")

    def _supported(self, who: str, *given: tuple[date, str]) -> None:
        for day, kind in given:
            self.acts.did(who, day, "give-support", kind=kind, minutes=HOUR)

    def _placed(self, who: str, day: date, **job: object) -> str:
        site = PARTICIPANTS[who].asked.get("site")
        return self.acts.did(who, day, "make-placement", **job, **({"site": site} if site else {}))

    def _corrected(self, who: str, day: date, **changes: object) -> None:
        one = PARTICIPANTS[who]
        enrolment = f"{who}/enrol-participant-{one.entered or one.entry}"
        fact = Fact(enrolment, "participant-enrolled.v1")
        self.acts.did(who, day, "correct-characteristics", corrects=fact, **changes)
