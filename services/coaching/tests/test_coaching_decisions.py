"""Given facts, when a command comes, then facts are told or it is refused: pure, without any server."""

from datetime import date

import pytest
from coaching_world import CASE, MEASURE, OTHER, PLACEMENT, TODAY, decide, enrolled, fold, now, placed, referred
from lotse_coaching.domain.case import CASE as KIND
from lotse_coaching.domain.coaching import report_overdue_contact
from lotse_coaching.domain.measure import MEASURE as MEASURE_KIND
from lotse_shared.contracts import coaching as told
from lotse_shared.contracts.codes import ConsentPurpose
from lotse_shared.contracts.intake import (
    ConsentGiven,
    ParticipantErased,
    ParticipantExited,
    ParticipantReentered,
    ParticipantRestricted,
)
from lotse_shared.contracts.matching import JobEnded
from lotse_shared.deciding import Refused
from lotse_shared.envelope import Event

WHO = {"operation": "mehrlin", "case": CASE, "partner": "spi"}
OPEN = {"operation": "mehrlin", "measure": MEASURE, "partner": "spi", "kind": "qualification"}
IN = {**WHO, "measure": MEASURE, "kind": "qualification"}

known = referred()
inside = [known, enrolled()]
left = [*inside, ParticipantExited(**WHO, exit_date="2013-01-31", reason="planned-end")]
assigned = told.CoachAssigned(**WHO, coach=OTHER, assigned_on="2012-03-01")
agreed = told.PlanAgreed(**WHO, plan=OTHER, agreed_on="2012-03-01", goals=("licence", "work"), review_on="2012-09-01")
reached = told.GoalReached(**WHO, goal="licence", reached_on="2012-08-01")
visited = told.VisitHeld(**WHO, held_on="2012-06-05", minutes=60, channel="workplace")
crisis = told.CrisisReported(**WHO, crisis=OTHER, reported_on="2012-05-01", category="money", severity="high")
closed = told.CrisisClosed(**WHO, crisis=OTHER, closed_on="2012-06-01")
started = told.AftercareStarted(**WHO, started_on="2012-06-01", placement=PLACEMENT, every_days=7)
ended = told.AftercareEnded(**WHO, ended_on="2012-12-01", placement=PLACEMENT)
overdue = told.ContactOverdue(**WHO, due_on="2012-06-12", noticed_on="2012-06-30")
opened = told.MeasureOpened(**OPEN, opened_on="2012-03-01", closes_on="2012-12-31", subproject="werkstatt", site="nord")
joined = told.MeasureJoined(**IN, joined_on="2012-04-01")
attended = told.AttendanceRecorded(**IN, attended_on="2012-05-02", presence="present")
gone = told.MeasureLeft(**IN, left_on="2012-06-30", reason="completed")
back = told.MeasureJoined(**IN, joined_on="2012-09-01")
gained = told.QualificationGained(**WHO, gained_on="2012-07-01", kind="licence")
held = told.GatheringHeld(
    operation="mehrlin", gathering=OTHER, partner="spi", kind="health", held_on="2012-05-01", unlisted=20
)


def lives(name: str, other: str) -> list[Event]:
    """A measure of one place, in which somebody else was from another day on."""
    return [
        told.MeasureOpened(**OPEN, opened_on="2012-03-01", places=1),
        told.MeasureJoined(**{**IN, "case": name}, joined_on=other),
    ]


VISIT = {"held_on": "2012-05-01", "minutes": 60, "channel": "office"}
CRISIS = {"reported_on": "2012-05-01", "category": "job", "severity": "low"}
ATTEND = {"measure": MEASURE, "attended_on": "2012-05-02", "presence": "present"}
JOIN = {"measure": MEASURE, "joined_on": "2012-04-01"}
LEAVE = {"measure": MEASURE, "left_on": "2012-06-30", "reason": "completed"}
GATHER = {"operation": "mehrlin", "kind": "health", "held_on": "2012-05-01", "unlisted": 20}

REFUSED = {
    "whoever intake took back": ("hold-visit", [], VISIT, None),
    "whoever was erased": ("hold-visit", [known, ParticipantErased(**WHO, basis="wish")], VISIT, None),
    "whoever was restricted": (
        "hold-visit",
        [known, ParticipantRestricted(**WHO, until="2014-01-01", basis="dispute")],
        VISIT,
        None,
    ),
    "a day to come": ("hold-visit", [known], {**VISIT, "held_on": "2013-07-01"}, "held_on"),
    "a day before the referral": ("hold-visit", [known], {**VISIT, "held_on": "2012-01-31"}, "held_on"),
    "the same coach again": ("assign-coach", [known, assigned], {"coach": OTHER, "assigned_on": "2012-04-01"}, "coach"),
    "a coach before the coach before": (
        "assign-coach",
        [known, assigned],
        {"coach": CASE, "assigned_on": "2012-02-28"},
        "assigned_on",
    ),
    "a goal named twice": ("agree-plan", [known], {"agreed_on": "2012-03-01", "goals": ["work", "work"]}, "goals"),
    "a plan before the plan before": (
        "agree-plan",
        [known, agreed],
        {"agreed_on": "2012-02-28", "goals": ["work"]},
        "agreed_on",
    ),
    "a review after more than six months": (
        "agree-plan",
        [known],
        {"agreed_on": "2012-03-01", "goals": ["work"], "review_on": "2012-09-02"},
        "review_on",
    ),
    "a review on the day of the plan": (
        "agree-plan",
        [known],
        {"agreed_on": "2012-03-01", "goals": ["work"], "review_on": "2012-03-01"},
        "review_on",
    ),
    "a visit after the exit, not agreed to": ("hold-visit", left, {**VISIT, "held_on": "2013-02-01"}, "held_on"),
    "a topic named twice": ("hold-visit", [known], {**VISIT, "topics": ["debts", "debts"]}, "topics"),
    "a goal without a plan": ("reach-goal", [known], {"goal": "work", "reached_on": "2012-04-01"}, "goal"),
    "a goal of no plan": ("reach-goal", [known, agreed], {"goal": "debts", "reached_on": "2012-04-01"}, "goal"),
    "a goal reached twice": (
        "reach-goal",
        [known, agreed, reached],
        {"goal": "licence", "reached_on": "2012-09-01"},
        "goal",
    ),
    "a goal before its plan": (
        "reach-goal",
        [known, agreed],
        {"goal": "work", "reached_on": "2012-02-28"},
        "reached_on",
    ),
    "the end of no crisis": ("close-crisis", [known], {"crisis": OTHER, "closed_on": "2012-06-01"}, "crisis"),
    "the end of a crisis before it": (
        "close-crisis",
        [known, crisis],
        {"crisis": OTHER, "closed_on": "2012-04-30"},
        "closed_on",
    ),
    "the end of no aftercare": (
        "end-aftercare",
        [known],
        {"placement": PLACEMENT, "ended_on": "2012-07-01"},
        "placement",
    ),
    "the end of aftercare before it": (
        "end-aftercare",
        [known, started],
        {"placement": PLACEMENT, "ended_on": "2012-05-31"},
        "ended_on",
    ),
    "a measure that closes before it opens": (
        "open-measure",
        [],
        {"operation": "mehrlin", "kind": "health", "opened_on": "2012-03-01", "closes_on": "2012-02-01"},
        "closes_on",
    ),
    "joining before the opening": ("join-measure", [known, opened], {**JOIN, "joined_on": "2012-02-29"}, "joined_on"),
    "joining after the end": ("join-measure", [known, opened], {**JOIN, "joined_on": "2013-01-01"}, "joined_on"),
    "joining what was taken back": ("join-measure", [known], JOIN, "measure"),
    "joining twice": ("join-measure", [known, opened, joined], {**JOIN, "joined_on": "2012-05-01"}, "measure"),
    "joining while one was in": (
        "join-measure",
        [known, opened, joined, gone],
        {**JOIN, "joined_on": "2012-06-30"},
        "joined_on",
    ),
    "joining what is full": ("join-measure", [known, *lives(OTHER, "2012-03-05")], JOIN, "measure"),
    "joining what will be full": ("join-measure", [known, *lives(OTHER, "2012-05-05")], JOIN, "measure"),
    "leaving what one is not in": ("leave-measure", [known, opened], LEAVE, "measure"),
    "leaving before joining": ("leave-measure", [known, opened, joined], {**LEAVE, "left_on": "2012-03-31"}, "left_on"),
    "leaving before an attendance": (
        "leave-measure",
        [known, opened, joined, attended],
        {**LEAVE, "left_on": "2012-05-01"},
        "left_on",
    ),
    "leaving after the end": ("leave-measure", [known, opened, joined], {**LEAVE, "left_on": "2013-01-01"}, "left_on"),
    "an attendance of no member": ("record-attendance", [known, opened], ATTEND, "attended_on"),
    "an attendance after leaving": (
        "record-attendance",
        [known, opened, joined, gone],
        {**ATTEND, "attended_on": "2012-07-01"},
        "attended_on",
    ),
    "an attendance twice on a day": ("record-attendance", [known, opened, joined, attended], ATTEND, "attended_on"),
    "minutes of an absence": (
        "record-attendance",
        [known, opened, joined],
        {**ATTEND, "presence": "sick", "minutes": 30},
        "minutes",
    ),
    "a qualification before the entry": (
        "gain-qualification",
        inside,
        {"gained_on": "2012-02-28", "kind": "licence"},
        "gained_on",
    ),
    "a qualification without an entry": (
        "gain-qualification",
        [known],
        {"gained_on": "2012-07-01", "kind": "licence"},
        None,
    ),
    "a qualification twice": (
        "gain-qualification",
        [*inside, gained],
        {"gained_on": "2012-07-01", "kind": "licence"},
        "gained_on",
    ),
    "a gathering to come": ("hold-gathering", [], {**GATHER, "held_on": "2013-07-01"}, "held_on"),
    "a group larger than all": ("hold-gathering", [], {**GATHER, "of_which": {"women": 21}}, "of_which.women"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refusals_name_the_field_and_a_way_out(why):
    """What may not be is refused, with the reason, the field it hangs on, and what to do instead."""
    name, given, body, field = REFUSED[why]

    with pytest.raises(Refused) as refusal:
        decide(name, given, body)

    assert refusal.value.field == field
    assert refusal.value.reason
    assert refusal.value.way_out.endswith(".")


KEPT = {
    "a joining that was left": ([known, opened, joined, gone], joined),
    "a joining with an attendance": ([known, opened, joined, attended], joined),
    "a leaving before a return": ([known, opened, joined, gone, back], gone),
    "a leaving whose place is taken": (
        [
            known,
            told.MeasureOpened(**OPEN, opened_on="2012-03-01", places=1),
            joined,
            gone,
            told.MeasureJoined(**{**IN, "case": OTHER}, joined_on="2012-10-01"),
        ],
        gone,
    ),
    "a plan with a reached goal": ([known, agreed, reached], agreed),
    "a crisis that was closed": ([known, crisis, closed], crisis),
    "the end of aftercare of a job that is over": ([known, started, ended], ended),
    "what the calendar says": ([known, started, overdue], overdue),
}


@pytest.mark.parametrize("why", KEPT)
def test_what_others_rest_on_cannot_be_taken_back(why):
    """A fact that another one rests on, or that nobody stated, is not taken back; the refusal says what comes first."""
    given, original = KEPT[why]
    measure = fold(MEASURE_KIND, given)

    with pytest.raises(Refused) as refusal:
        decide(
            "retract-fact",
            given,
            {"retracts": OTHER, "reason": "not-happened"},
            original=original,
            touched={MEASURE: measure},
        )

    assert refusal.value.field == "retracts"


@pytest.mark.parametrize("original", [assigned, visited, reached, closed, attended, gained, gone, started])
def test_what_nothing_rests_on_is_taken_back_under_its_own_subject(original):
    """A retraction travels under the key of the fact it takes back."""
    given = [known, opened, joined, original]

    [fact] = decide(
        "retract-fact",
        given,
        {"retracts": OTHER, "reason": "duplicate"},
        original=original,
        touched={MEASURE: fold(MEASURE_KIND, given)},
    )

    assert (fact.type, fact.subject, fact.retracts) == ("fact-retracted.v1", CASE, OTHER)


def test_a_measure_that_somebody_joined_cannot_be_taken_back():
    """The opening of a measure stands while anybody's joining rests on it; gatherings can always be taken back."""
    body = {"retracts": OTHER, "reason": "entered-by-mistake"}

    with pytest.raises(Refused):
        decide("retract-measure-fact", [opened, joined], body, original=opened)
    with pytest.raises(Refused):
        decide("retract-measure-fact", [opened, joined], body, original=joined)
    [unopened] = decide("retract-measure-fact", [opened], body, original=opened)
    [unheld] = decide("retract-gathering-fact", [held], body, original=held)

    assert unopened.subject == MEASURE
    assert unheld.subject == OTHER


def test_joining_takes_what_is_known_of_the_measure():
    """Kind, subproject and site come from the measure, so that no reader has to look back; also before the entry."""
    [fact] = decide("join-measure", [known, opened], JOIN)

    assert (fact.kind, fact.subproject, fact.site) == ("qualification", "werkstatt", "nord")


def test_a_place_is_free_on_the_day_after_the_last_day():
    """The last day is a day in the measure: the next person can come on the day after."""
    given = [
        known,
        *lives(OTHER, "2012-03-05"),
        told.MeasureLeft(**{**IN, "case": OTHER}, left_on="2012-03-31", reason="completed"),
    ]

    with pytest.raises(Refused):
        decide("join-measure", given, {**JOIN, "joined_on": "2012-03-31"})
    assert decide("join-measure", given, {**JOIN, "joined_on": "2012-04-01"})


def test_a_plan_is_reviewed_after_six_months_unless_sooner():
    """The jobcenter's plan is reviewed six months after the agreement (SGB II 15(3)), by the calendar's rule."""
    [fact] = decide("agree-plan", [known], {"agreed_on": "2012-08-31", "goals": ["work"]})
    [sooner] = decide("agree-plan", [known], {"agreed_on": "2012-08-31", "goals": ["work"], "review_on": "2012-10-01"})

    assert fact.review_on == date(2013, 2, 28)
    assert sooner.review_on == date(2012, 10, 1)


def test_a_new_plan_has_its_own_goals():
    """A goal that an earlier plan reached can be reached again under a new plan."""
    later = told.PlanAgreed(**WHO, plan=CASE, agreed_on="2012-09-01", goals=("licence",), review_on="2013-03-01")

    assert decide("reach-goal", [known, agreed, reached, later], {"goal": "licence", "reached_on": "2012-10-01"})


def test_contact_after_the_exit_needs_consent():
    """After the exit a person is visited if they agreed to it, and always again after coming back (SGB X 67b)."""
    agree = ConsentGiven(
        **WHO, consent=OTHER, purpose=ConsentPurpose.CONTACT_AFTER_EXIT, text_version="v1", given_on="2013-01-31"
    )
    later = {**VISIT, "held_on": "2013-02-01"}

    assert decide("hold-visit", [*left, agree], later)
    assert decide("hold-visit", [*left, ParticipantReentered(**WHO, reentry_date="2013-02-01")], later)


def folded(*given: Event):
    return fold(KIND, given)


def test_what_has_to_be_looked_at_when():
    """After the entry a first meeting is planned, with a plan its review, with aftercare each contact."""
    assert KIND.deadlines(folded(*inside)) == {"first-meeting": date(2012, 3, 8)}
    assert KIND.deadlines(folded(*inside, visited, agreed)) == {"plan-review": date(2012, 9, 1)}
    assert KIND.deadlines(folded(known, placed(), started)) == {"contact-overdue": date(2012, 6, 9)}
    assert KIND.deadlines(folded(known, placed(), started, visited)) == {"contact-overdue": date(2012, 6, 13)}
    assert KIND.deadlines(folded(known, placed(), started, visited, overdue)) == {}
    assert KIND.deadlines(folded(known, placed(), started, ended)) == {}
    assert KIND.deadlines(folded(*left, agreed)) == {}


def test_a_late_contact_is_said_once_a_lapse():
    """It names the last contact and the day the next was due; a visit entered later does not make it late at once."""
    state = folded(known, started, visited)
    [fact] = report_overdue_contact(state, now())
    for day in ("2012-06-12", "2012-06-19"):
        late = told.VisitHeld(**WHO, held_on=day, minutes=60, channel="workplace")
        fact_then = KIND.evolve(KIND.evolve(state, fact), late)
        assert KIND.deadlines(fact_then) == {"contact-overdue": date(2013, 7, 8)}

    assert (fact.last_contact_on, fact.due_on, fact.noticed_on) == (date(2012, 6, 5), date(2012, 6, 12), TODAY)
    assert report_overdue_contact(folded(known, started, ended), now()) == []


def test_whoever_was_erased_stays_forgotten():
    """Nothing is kept of an erased person, whatever is told afterwards."""
    gone_for_good = folded(*inside, assigned, agreed, ParticipantErased(**WHO, basis="wish"), visited, joined)

    assert gone_for_good.model_dump(exclude_defaults=True) == {"erased": True}


def test_a_job_that_ended_has_no_aftercare_again():
    """The end of aftercare is taken back only while the job runs."""
    over = JobEnded(**WHO, placement=PLACEMENT, last_day="2012-12-01", ended_by="both", reason="other")
    body = {"retracts": OTHER, "reason": "not-happened"}

    assert decide("retract-fact", [known, placed(), started, ended], body, original=ended, touched={})
    with pytest.raises(Refused):
        decide("retract-fact", [known, placed(), started, over, ended], body, original=ended, touched={})
