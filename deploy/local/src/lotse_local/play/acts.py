"""One line for each act of a play: on which day, about whom, what; when it was entered, and what was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from lotse_local.play.diary import Diary
from lotse_local.play.invented import Names
from lotse_local.play.steps import Fact, Service, Subject, Who


class Act(NamedTuple):
    """A command, as far as writing it down needs to know it."""

    service: Service
    dated: str | None
    """The field of its day; None for one that has none."""
    fact: str
    """The type of the fact it leads to."""
    undone_by: str = "retract-fact"


ACTS: Final[Mapping[str, Act]] = {
    "refer-participant": Act("intake", "referred_on", "participant-referred.v1"),
    "give-consent": Act("intake", "given_on", "consent-given.v1"),
    "refuse-consent": Act("intake", "given_on", "consent-refused.v1"),
    "refer-on": Act("intake", "referred_on", "referred-on.v1"),
    "check-eligibility": Act("intake", "decided_on", "eligibility-checked.v1"),
    "enrol-participant": Act("intake", "entry_date", "participant-enrolled.v1"),
    "correct-characteristics": Act("intake", "corrected_on", "characteristics-corrected.v1"),
    "change-residence-status": Act("intake", "valid_from", "residence-status-changed.v1"),
    "analyse-competence": Act("intake", "analysed_on", "competence-analysed.v1"),
    "decide-recognition": Act("intake", "decided_on", "recognition-decided.v1"),
    "give-support": Act("intake", "given_on", "support-given.v1"),
    "involve-family": Act("intake", "involved_on", "family-involved.v1"),
    "exit-participant": Act("intake", "exit_date", "participant-exited.v1"),
    "reenter-participant": Act("intake", "reentry_date", "participant-reentered.v1"),
    "record-status": Act("intake", "status_on", "status-recorded.v1"),
    "record-follow-up": Act("intake", "answered_on", "follow-up-recorded.v1"),
    "merge-cases": Act("intake", None, "cases-merged.v1"),
    "leave-partner": Act("intake", "left_on", "partner-left.v1", "retract-operation-fact"),
    "reach-milestone": Act("intake", "reached_on", "milestone-reached.v1", "retract-operation-fact"),
    "describe-area": Act("intake", "described_on", "area-described.v1", "retract-operation-fact"),
    "support-organisation": Act("intake", "supported_on", "organisation-supported.v1", "retract-operation-fact"),
    "approve-budget": Act("intake", "approved_on", "budget-approved.v1", "retract-operation-fact"),
    "make-payment": Act("intake", "paid_on", "payment-made.v1", "retract-operation-fact"),
    "register-employer": Act("matching", "registered_on", "employer-registered.v1", "retract-employer-fact"),
    "contact-employer": Act("matching", "contacted_on", "employer-contacted.v1", "retract-employer-fact"),
    "advise-employer": Act("matching", "advised_on", "employer-advised.v1", "retract-employer-fact"),
    "join-marketplace": Act("matching", "joined_on", "marketplace-member-joined.v1", "retract-employer-fact"),
    "merge-employers": Act("matching", None, "employers-merged.v1", "retract-employer-fact"),
    "open-vacancy": Act("matching", "opened_on", "vacancy-opened.v1", "retract-vacancy-fact"),
    "start-internship": Act("matching", "started_on", "internship-started.v1"),
    "end-internship": Act("matching", "ended_on", "internship-ended.v1"),
    "make-placement": Act("matching", "starts_on", "placement-made.v1"),
    "end-job": Act("matching", "last_day", "job-ended.v1"),
    "lose-job": Act("matching", "last_day", "job-lost.v1"),
    "hold-visit": Act("coaching", "held_on", "visit-held.v1"),
    "open-measure": Act("coaching", "opened_on", "measure-opened.v1", "retract-measure-fact"),
    "join-measure": Act("coaching", "joined_on", "measure-joined.v1"),
    "record-attendance": Act("coaching", "attended_on", "attendance-recorded.v1"),
    "gain-qualification": Act("coaching", "gained_on", "qualification-gained.v1"),
    "hold-gathering": Act("coaching", "held_on", "gathering-held.v1", "retract-gathering-fact"),
}
"""The commands that plays written in acts use."""

COORDINATOR: Final = Who("coordinator")
BEFORE_ENTRY: Final = timedelta(days=14)
"""How long before the entry somebody is referred, where a play says nothing else."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who comes: to whom, born when, entering when, and what they are at entry."""

    name: str
    partner: str
    born: date | None
    entry: date
    asked: Mapping[str, Any]
    """The characteristics, by the fields of `enrol-participant`."""
    referred_by: str = "self"
    entered: date | None = None
    """The day on which the enrolment is entered; the entry itself where it is left out."""
    recorded_entry: date | None = None
    """The entry as it is recorded at first, where that is wrong."""


@dataclass(slots=True)
class Acts:
    """Writes acts into a diary. Steps are called after whom they are about, what happens, and when."""

    diary: Diary
    names: Names
    postcode: str
    partners: dict[str, str] = field(default_factory=dict)
    """By subject, the partner that it belongs to."""

    def new(self, name: str, partner: str, day: date, command: str, /, **body: object) -> str:
        """Somebody or something is there from now on, and belongs to a partner."""
        self.partners[name] = partner
        act = ACTS[command]
        return self.diary.write(name, day, self._who(name), act.service, command, None, {str(act.dated): day, **body})

    def did(self, about: str, day: date, command: str, /, **body: object) -> str:
        """Something happened on a day and was entered on it; gives the name of the step."""
        return self._note(f"{about}/{command}-{day}", about, day, command, self._who(about), day, body)

    def did_late(self, about: str, day: date, command: str, entered: date, /, **body: object) -> str:
        """Something happened on a day and was entered later."""
        return self._note(f"{about}/{command}-{entered}", about, day, command, self._who(about), entered, body)

    def decided(self, who: Who, about: str, day: date, command: str, /, **body: object) -> str:
        """Somebody else than the partner's own staff did it, such as a coordinator."""
        return self._note(f"{about}/{command}-{day}", about, day, command, who, day, body)

    def may_not(self, about: str, day: date, command: str, /, **body: object) -> str:
        """Something that was tried and has to be refused."""
        name = self._note(f"{about}/{command}-{day}-refused", about, day, command, self._who(about), day, body)
        self.diary.steps[name] = replace(self.diary.steps[name], refused=True)
        return name

    def sent_twice(self, step: str) -> None:
        """The message of an earlier step was delivered twice."""
        self.diary.steps[step] = replace(self.diary.steps[step], twice=True)

    def took_back(self, step: str, day: date, reason: str = "entered-by-mistake") -> None:
        """What an earlier step told never held."""
        told = self.diary.steps[step]
        act = ACTS[told.command]
        about = told.subject.step if isinstance(told.subject, Subject) else told.subject or step
        body = {"retracts": Fact(step, act.fact), "reason": reason}
        self.diary.write(f"{step}/taken-back", day, told.who, act.service, act.undone_by, about, body)

    def referred(self, one: Participant) -> None:
        """Somebody comes or is sent, and agrees to take part."""
        day = one.entry - BEFORE_ENTRY
        person = self.names.person(str(one.asked.get("gender")), one.born, self.postcode)
        self.new(one.name, one.partner, day, "refer-participant", referred_by=one.referred_by, person=person)
        version = f"{self.diary.operation}-1"
        self.did(one.name, day, "give-consent", purpose="participation", text_version=version)

    def enrolled(self, one: Participant) -> str:
        """Somebody enters the operation, as it is recorded at first; gives the name of the step."""
        recorded = one.recorded_entry or one.entry
        return self.did_late(one.name, recorded, "enrol-participant", one.entered or recorded, **one.asked)

    def _note(
        self, name: str, about: str, day: date, command: str, who: Who, entered: date, body: Mapping[str, object]
    ) -> str:
        act = ACTS[command]
        dated = {act.dated: day} if act.dated else {}
        return self.diary.write(name, entered, who, act.service, command, about, {**dated, **body})

    def _who(self, about: str) -> Who:
        partner = self.partners.get(about)
        return Who("coach", partner) if partner else COORDINATOR
