"""What becomes of the people in Forst (first field of action, and Torsten of the second)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from lotse_local.play.acts import COORDINATOR, Acts, Participant
from lotse_local.play.diary import Diary
from lotse_local.play.forst.economy import economy, meeting_place
from lotse_local.play.forst.participants import CENTRE, PARTICIPANTS, TRAINING
from lotse_local.play.invented import Names
from lotse_local.play.steps import Fact, Plan, Subject, Who

OPERATION: Final = "forst"
SEED: Final = 2019
FIRST_DAY: Final = date(2019, 1, 1)
LAST_DAY: Final = date(2023, 8, 31)
POSTCODE: Final = "99999"
PROFILE: Final = "kompetenzprofil"
"""The instrument of the analyses at entry and exit."""
COURSES: Final = {
    "job-training": (CENTRE, TRAINING),
    "digital": (CENTRE, TRAINING),
    "language": (CENTRE,),
    "education": (CENTRE,),
}
"""By kind, which partners run one."""
COURSES_OPEN_ON: Final = date(2019, 4, 1)


@cache
def plan(seed: int = SEED) -> Plan:
    """The story as dated steps. The same seed gives the same plan."""
    story = Story(Acts(Diary(OPERATION, seed), Names.of(seed), POSTCODE))
    economy(story.acts)
    meeting_place(story.acts)
    story.enter()
    story.courses()
    story.birgit()
    story.uwe_and_jana()
    story.samira_and_mehmet()
    story.lukas_and_dieter()
    story.petra_and_olga()
    story.rashid()
    story.anke_and_gerd()
    story.torsten_and_kasia()
    story.visits()
    return story.acts.diary.plan(FIRST_DAY, LAST_DAY, every=14)


@dataclass(frozen=True, slots=True)
class Story:
    """Writes Forst down."""

    acts: Acts

    def enter(self) -> None:
        """Everybody is referred and enrolled; somebody from outside of the area by the coordinator alone."""
        for one in PARTICIPANTS.values():
            self.acts.referred(one)
            if one.asked["area"] == "in-area":
                self.acts.enrolled(one)
            else:
                decides = Who("coordinator", one.partner)
                self.acts.decided(decides, one.name, one.entry, "enrol-participant", **one.asked)

    def courses(self) -> None:
        """What people can join."""
        for kind, partners in COURSES.items():
            for partner in partners:
                self.acts.new(f"{kind}-at-{partner}", partner, COURSES_OPEN_ON, "open-measure", kind=kind)

    def birgit(self) -> None:
        """From a work trial at the bakery to a job there; a slip in her second analysis is put right."""
        did = self.acts.did
        self._analysed("birgit", date(2019, 3, 5), "entry", 40)
        self._joined("birgit", date(2019, 4, 1), "job-training")
        self._joined("birgit", date(2019, 5, 6), "digital")
        did(
            "birgit", date(2019, 9, 2), "start-internship", employer=Subject("bakery"), planned_until=date(2019, 10, 11)
        )
        did("birgit", date(2019, 10, 11), "end-internship", result="offer")
        job = {"kind": "insured", "term": "permanent", "hours_per_week": "35"}
        did("birgit", date(2019, 11, 1), "make-placement", employer=Subject("bakery"), **job)
        for day in (date(2019, 12, 3), date(2020, 1, 14)):
            did("birgit", day, "hold-visit", minutes=45, channel="workplace", topics=["work"])
        slip = self._analysed("birgit", date(2020, 2, 20), "exit", 5)
        self.acts.took_back(slip, date(2020, 2, 24))
        right = {"instrument": PROFILE, "occasion": "exit", "score": 55}
        self.acts.did_late("birgit", date(2020, 2, 20), "analyse-competence", date(2020, 2, 24), **right)
        did("birgit", date(2020, 2, 28), "exit-participant", reason="work-insured", status="employed")
        did("birgit", date(2020, 3, 20), "record-status", status="employed", mode="telephone")
        did("birgit", date(2020, 9, 2), "record-follow-up", status="employed", insured=True, mode="telephone")

    def uwe_and_jana(self) -> None:
        """He finds work by himself months later; she gets out of a minijob."""
        did = self.acts.did
        self._analysed("uwe", date(2019, 4, 9), "entry", 30)
        self._joined("uwe", date(2019, 4, 15), "job-training")
        self._analysed("uwe", date(2019, 12, 17), "exit", 30)
        did("uwe", date(2019, 12, 31), "exit-participant", reason="planned-end", status="unemployed")
        self.acts.sent_twice(did("uwe", date(2020, 1, 20), "record-status", status="unemployed", mode="register"))
        did("uwe", date(2020, 7, 6), "record-follow-up", status="employed", insured=True, mode="letter")
        self._analysed("jana", date(2020, 1, 21), "entry", 50)
        self._joined("jana", date(2020, 2, 3), "digital")
        self._analysed("jana", date(2020, 12, 15), "exit", 70)
        did("jana", date(2020, 12, 31), "exit-participant", reason="goal-reached", status="employed")
        did("jana", date(2021, 7, 5), "record-follow-up", status="employed", insured=True, improvement="stable")

    def samira_and_mehmet(self) -> None:
        """Her work begins after she left and ends after half a year; he becomes an apprentice."""
        did = self.acts.did
        self._analysed("samira", date(2019, 5, 7), "entry", 20)
        self._joined("samira", date(2019, 5, 13), "language")
        did("samira", date(2019, 12, 10), "decide-recognition", result="partly")
        self._analysed("samira", date(2020, 5, 26), "exit", 60)
        did("samira", date(2020, 5, 29), "give-consent", purpose="contact-after-exit", text_version="forst-1")
        did("samira", date(2020, 5, 31), "exit-participant", reason="planned-end")
        did("samira", date(2020, 6, 15), "make-placement", kind="insured", term="permanent", hours_per_week="30")
        did("samira", date(2020, 7, 7), "hold-visit", minutes=45, channel="telephone", topics=["work"])
        ended = {"ended_by": "employee", "reason": "other-job"}
        self.acts.did_late("samira", date(2021, 1, 31), "end-job", date(2021, 2, 4), **ended)
        self._analysed("mehmet", date(2019, 6, 11), "entry", 35)
        self._joined("mehmet", date(2019, 7, 1), "job-training")
        did(
            "mehmet",
            date(2019, 10, 1),
            "start-internship",
            employer=Subject("bicycles"),
            planned_until=date(2019, 11, 8),
        )
        did("mehmet", date(2019, 11, 8), "end-internship", result="open")
        lasting = {"kind": "apprenticeship", "employer": Subject("bicycles"), "ends_on": date(2023, 7, 31)}
        did("mehmet", date(2020, 8, 3), "make-placement", **lasting)
        self._analysed("mehmet", date(2020, 9, 22), "exit", 30)
        did("mehmet", date(2020, 9, 30), "exit-participant", reason="training-company", status="apprenticeship")
        did("mehmet", date(2020, 10, 20), "record-status", status="apprenticeship", mode="employer")
        did("mehmet", date(2021, 4, 6), "record-follow-up", status="apprenticeship", insured=True, mode="employer")

    def lukas_and_dieter(self) -> None:
        """One is too young, which is noticed late; the other lives outside and is not let in."""
        did = self.acts.did
        did("lukas", date(2020, 2, 28), "exit-participant", reason="provider-excluded")
        dieter = Participant("dieter", CENTRE, date(1970, 1, 1), date(2019, 7, 1), {"gender": "male"})
        self.acts.referred(dieter)
        self.acts.may_not("dieter", dieter.entry, "enrol-participant", gender="male", area="outside")
        asked = {"area": "outside", "area_override": "works-in-the-area"}
        self.acts.may_not("dieter", date(2019, 7, 2), "enrol-participant", gender="male", **asked)

    def petra_and_olga(self) -> None:
        """Two records of one person, who leaves, comes back and leaves for good; and a record with a gap."""
        did, acts = self.acts.did, self.acts
        self._analysed("petra", date(2020, 3, 10), "entry", 45)
        self._joined("petra", date(2020, 4, 6), "job-training")
        self._joined("petra-again", date(2020, 6, 8), "job-training")
        acts.decided(COORDINATOR, "petra", date(2020, 7, 6), "merge-cases", other=Subject("petra-again"))
        did("petra", date(2020, 10, 30), "exit-participant", reason="illness")
        did("petra", date(2021, 2, 1), "reenter-participant")
        self._analysed("petra-again", date(2021, 6, 22), "exit", 50)
        did("petra", date(2021, 6, 30), "exit-participant", reason="planned-end")
        did("petra", date(2021, 7, 12), "record-status", status="inactive", mode="telephone")
        did("olga", date(2021, 8, 31), "exit-participant", reason="contact-lost")

    def rashid(self) -> None:
        """Recognised, qualified, at work; half a year later the job is over, and nobody can say what came then."""
        did = self.acts.did
        self._analysed("rashid", date(2020, 11, 17), "entry", 25)
        self._joined("rashid", date(2020, 11, 23), "language")
        self._joined("rashid", date(2021, 1, 18), "digital")
        enrolment = Fact(f"rashid/enrol-participant-{PARTICIPANTS['rashid'].entered}", "participant-enrolled.v1")
        did("rashid", date(2021, 1, 11), "correct-characteristics", corrects=enrolment, isced=3)
        wrong = did("rashid", date(2021, 2, 16), "decide-recognition", result="no")
        self.acts.took_back(wrong, date(2021, 3, 2), "wrong-person")
        did("rashid", date(2021, 3, 15), "decide-recognition", result="yes")
        did("rashid", date(2021, 5, 20), "gain-qualification", kind="vocational")
        did("rashid", date(2021, 6, 1), "make-placement", kind="insured", term="permanent", hours_per_week="39")
        other = {"instrument": "selbsteinschaetzung", "occasion": "exit", "score": 90}
        did("rashid", date(2021, 6, 8), "analyse-competence", **other)
        did("rashid", date(2021, 6, 9), "give-consent", purpose="contact-after-exit", text_version="forst-1")
        did("rashid", date(2021, 6, 15), "exit-participant", reason="work-insured")
        did("rashid", date(2022, 1, 10), "record-follow-up", status="unknown", mode="letter")
        lost = {"ended_by": "employer", "reason": "business"}
        self.acts.did_late("rashid", date(2021, 11, 30), "lose-job", date(2022, 2, 1), **lost)

    def anke_and_gerd(self) -> None:
        """She tries work, does not come to a job, and seeks one after leaving; his exit was entered a month early."""
        did = self.acts.did
        self._analysed("anke", date(2021, 1, 19), "entry", 10)
        self._joined("anke", date(2021, 2, 1), "education")
        self._tries("anke", date(2021, 4, 6), "bakery", date(2021, 5, 14))
        did("anke", date(2021, 5, 14), "end-internship", result="offer")
        no_show = did("anke", date(2021, 6, 1), "make-placement", kind="insured", hours_per_week="20")
        self.acts.took_back(no_show, date(2021, 6, 8), "not-happened")
        self._analysed("anke", date(2021, 7, 20), "exit", 25)
        did("anke", date(2021, 7, 31), "exit-participant", reason="planned-end")
        did("anke", date(2021, 8, 20), "record-status", status="seeking", mode="telephone")
        did("anke", date(2022, 2, 7), "record-follow-up", status="seeking", mode="telephone")
        early = did("gerd", date(2022, 2, 28), "exit-participant", reason="own-wish")
        self.acts.took_back(early, date(2022, 3, 7))
        did("gerd", date(2022, 3, 31), "exit-participant", reason="own-wish")

    def torsten_and_kasia(self) -> None:
        """He learns to sell online and stays what he was; she works with a subsidy (SGB II 16i) until the end."""
        did = self.acts.did
        self._analysed("torsten", date(2021, 3, 9), "entry", 60)
        self._joined("torsten", date(2021, 3, 15), "digital")
        self._analysed("torsten", date(2021, 11, 23), "exit", 65)
        did("torsten", date(2021, 11, 30), "exit-participant", reason="planned-end", status="self-employed")
        did("torsten", date(2022, 6, 7), "record-follow-up", status="self-employed", improvement="none")
        self._analysed("kasia", date(2021, 9, 7), "entry", 30)
        self._joined("kasia", date(2021, 10, 4), "job-training")
        did("kasia", date(2022, 6, 1), "make-placement", kind="subsidised-16i", hours_per_week="30")
        did("kasia", date(2022, 6, 28), "hold-visit", minutes=45, channel="workplace", topics=["work"])
        self._analysed("kasia", date(2022, 12, 13), "exit", 45)
        did("kasia", date(2022, 12, 31), "exit-participant", reason="work-subsidised-16i", status="employed")
        did("kasia", date(2023, 1, 20), "record-status", status="employed", mode="telephone")
        did("kasia", date(2023, 7, 4), "record-follow-up", status="employed", insured=True, mode="telephone")

    def visits(self) -> None:
        """Those who come to the meeting place with their names; Petra stands in the list twice, with both records."""
        days = {"birgit": (5, 12), "uwe": (12,), "samira": (12,)}
        for who, attended in days.items():
            self._visited(who, date(2019, 6, 5), "join-measure")
            for day in attended:
                presence = "excused" if who == "uwe" else "present"
                self._visited(who, date(2019, 6, day), "record-attendance", presence=presence)
        did = self.acts.did
        did("petra-again", date(2020, 6, 15), "give-consent", purpose="referral", text_version="forst-1")
        did("petra-again", date(2020, 6, 16), "refer-on", to_partner=CENTRE)
        for who in ("petra", "petra-again"):
            self._visited(who, date(2020, 6, 17), "join-measure")
            self._visited(who, date(2020, 6, 24), "record-attendance", presence="present")

    def _visited(self, who: str, day: date, command: str, /, **body: object) -> None:
        """The centre runs the meeting place, whoever sends people there."""
        self.acts.decided(Who("coach", CENTRE), who, day, command, measure=Subject("meeting-place"), **body)

    def _tries(self, who: str, day: date, employer: str, until: date) -> None:
        self.acts.did(who, day, "start-internship", employer=Subject(employer), planned_until=until)

    def _joined(self, who: str, day: date, kind: str) -> None:
        self.acts.did(who, day, "join-measure", measure=Subject(f"{kind}-at-{PARTICIPANTS[who].partner}"))

    def _analysed(self, who: str, day: date, occasion: str, score: int) -> str:
        return self.acts.did(who, day, "analyse-competence", instrument=PROFILE, occasion=occasion, score=score)
