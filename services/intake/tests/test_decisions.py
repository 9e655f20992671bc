"""Every decision about a case: what is told, and what is refused with which field."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_world import (
    CASE,
    FACT,
    NEW,
    OTHER,
    agreed,
    case_after,
    checked,
    day,
    decide,
    enrolled,
    erased,
    exited,
    joined,
    now,
    reentered,
    referred,
    restricted,
)
from lotse_intake.domain import commands
from lotse_intake.domain.case import Case
from lotse_shared.contracts.codes import ConsentPurpose, EligibilityResult, StatusAfter
from lotse_shared.contracts.intake import (
    CasesMerged,
    CharacteristicsCorrected,
    FirstInterviewHeld,
    FollowUpRecorded,
    PartnerLeft,
    ReferredOn,
)
from lotse_shared.deciding import Refused

ENROL = {"entry_date": "2012-03-01"}
EXIT = {"exit_date": "2012-06-01", "reason": "planned-end"}
INTERVIEW = FirstInterviewHeld(operation="mehrlin", case=CASE, partner="spi", held_on=day(2, 2))
PASSED_ON = ReferredOn(operation="mehrlin", case=CASE, partner="spi", referred_on=day(2, 2), to_partner="bbi")
ANSWERED = FollowUpRecorded(
    operation="mehrlin", case=CASE, partner="spi", reference_date=day(12), status=StatusAfter.UNEMPLOYED
)

ACCEPTED = [
    ("refer-participant", {"operation": "mehrlin", "referred_on": "2012-02-01", "referred_by": "self"}, (),
     {"type": "participant-referred.v1", "referred_on": "2012-02-01", "referred_by": "self"}),
    ("hold-first-interview", {"held_on": "2012-02-01", "minutes": 90}, (referred(),),
     {"type": "first-interview-held.v1", "held_on": "2012-02-01", "minutes": 90}),
    ("give-consent", {"purpose": "matching", "text_version": "v1", "given_on": "2012-02-01"}, (referred(),),
     {"type": "consent-given.v1", "consent": NEW, "purpose": "matching", "text_version": "v1",
      "given_on": "2012-02-01"}),
    ("refuse-consent", {"purpose": "matching", "text_version": "v1", "given_on": "2012-02-01"}, (referred(),),
     {"type": "consent-refused.v1", "consent": NEW, "purpose": "matching", "text_version": "v1",
      "refused_on": "2012-02-01"}),
    ("withdraw-consent", {"consent": NEW, "withdrawn_on": "2012-03-01"}, (referred(), agreed()),
     {"type": "consent-withdrawn.v1", "consent": NEW, "purpose": "referral", "withdrawn_on": "2012-03-01"}),
    ("refer-on", {"to_partner": "bbi", "referred_on": "2012-02-01"}, (referred(), agreed()),
     {"type": "referred-on.v1", "referred_on": "2012-02-01", "to_partner": "bbi"}),
    ("enrol-participant", {**ENROL, "gender": "female", "disability": "refused"}, (referred(),),
     {"type": "participant-enrolled.v1", "entry_date": "2012-03-01", "gender": "female", "disability": "refused"}),
    ("enrol-participant", {**ENROL, "entry_date": "2012-02-01"}, (referred(), checked(EligibilityResult.ELIGIBLE)),
     {"type": "participant-enrolled.v1", "entry_date": "2012-02-01"}),
    ("correct-characteristics", {"corrects": FACT, "corrected_on": "2012-04-01", "isced": 3},
     (referred(), enrolled()),
     {"type": "characteristics-corrected.v1", "corrects": FACT, "corrected_on": "2012-04-01", "isced": 3}),
    ("correct-characteristics",
     {"corrects": FACT, "corrected_on": "2012-04-01", "entry_date": "2012-02-20", "cleared": ["work-ban"]},
     (referred(), enrolled(), exited()),
     {"type": "characteristics-corrected.v1", "corrects": FACT, "corrected_on": "2012-04-01",
      "entry_date": "2012-02-20", "cleared": ["work-ban"]}),
    ("exit-participant", EXIT, (referred(), enrolled()),
     {"type": "participant-exited.v1", "exit_date": "2012-06-01", "reason": "planned-end"}),
    ("exit-participant", {**EXIT, "exit_date": "2012-03-01"}, (referred(), enrolled()),
     {"type": "participant-exited.v1", "exit_date": "2012-03-01", "reason": "planned-end"}),
    ("reenter-participant", {"reentry_date": "2012-06-01"}, (referred(), enrolled(), exited()),
     {"type": "participant-reentered.v1", "reentry_date": "2012-06-01"}),
    ("change-residence-status", {"residence_status": "ae-25-2", "valid_from": "2012-05-01"}, (referred(),),
     {"type": "residence-status-changed.v1", "residence_status": "ae-25-2", "valid_from": "2012-05-01"}),
    ("record-status", {"status_on": "2012-06-29", "status": "employed"}, (referred(), enrolled(), exited()),
     {"type": "status-recorded.v1", "status_on": "2012-06-29", "status": "employed"}),
    ("record-follow-up", {"status": "employed", "answered_on": "2012-12-01"}, (referred(), enrolled(), exited()),
     {"type": "follow-up-recorded.v1", "reference_date": "2012-12-01", "status": "employed",
      "answered_on": "2012-12-01"}),
    ("analyse-competence", {"analysed_on": "2012-04-01", "instrument": "kode", "occasion": "entry", "score": 400},
     (referred(), enrolled()),
     {"type": "competence-analysed.v1", "analysed_on": "2012-04-01", "instrument": "kode", "occasion": "entry",
      "score": 400}),
    ("decide-recognition", {"decided_on": "2012-04-01", "result": "yes"}, (referred(), enrolled()),
     {"type": "recognition-decided.v1", "decided_on": "2012-04-01", "result": "yes"}),
    ("give-support", {"given_on": "2012-04-01", "kind": "career-orientation"}, (referred(), enrolled()),
     {"type": "support-given.v1", "given_on": "2012-04-01", "kind": "career-orientation"}),
    ("involve-family", {"involved_on": "2012-04-01", "members": 2}, (referred(), enrolled()),
     {"type": "family-involved.v1", "involved_on": "2012-04-01", "members": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "before", "expected"), ACCEPTED)
def test_what_may_be_done_is_told(name, body, before, expected):
    """A command that the case's standing allows is told as one fact, with just what was said; bounds are inclusive."""
    [told] = decide(name, body, *before)

    given = {key: value for key, value in told.items() if value not in (None, [])}
    assert given == expected


INSIDE = (referred(), enrolled())
OUT = (referred(), enrolled(), exited())
BACK = (referred(), enrolled(), exited(), reentered())
REFUSED = [
    ("refer-participant", {"operation": "mehrlin", "referred_on": "2013-07-01", "referred_by": "self"}, (),
     "referred_on"),
    ("hold-first-interview", {"held_on": "2012-01-31"}, (referred(),), "held_on"),
    ("hold-first-interview", {"held_on": "2013-07-01"}, (referred(),), "held_on"),
    ("hold-first-interview", {"held_on": "2012-02-03"}, (referred(), INTERVIEW), None),
    ("give-consent", {"purpose": "referral", "text_version": "v1", "given_on": "2012-02-01"},
     (referred(), agreed()), "purpose"),
    ("refuse-consent", {"purpose": "referral", "text_version": "v1", "given_on": "2012-02-01"},
     (referred(), agreed()), "purpose"),
    ("withdraw-consent", {"consent": OTHER, "withdrawn_on": "2012-03-01"}, (referred(), agreed()), "consent"),
    ("refer-on", {"to_partner": "bbi", "referred_on": "2012-02-01"}, (referred(),), "to_partner"),
    ("refer-on", {"to_partner": "bbi", "referred_on": "2012-02-01"},
     (referred(), agreed(ConsentPurpose.MATCHING)), "to_partner"),
    ("refer-on", {"to_partner": "spi", "referred_on": "2012-02-01"}, (referred(), agreed()), "to_partner"),
    ("refer-on", {"to_partner": "bbi", "referred_on": "2012-02-03"}, (referred(), agreed(), PASSED_ON), "to_partner"),
    ("refer-on", {"to_partner": "stranger", "referred_on": "2012-02-03"}, (referred(), agreed()), "to_partner"),
    ("refer-on", {"to_partner": "bbi", "referred_on": "2012-01-31"}, (referred(), agreed()), "referred_on"),
    ("check-eligibility", {"rules": "lza", "decided_on": "2012-01-31"}, (referred(),), "decided_on"),
    ("check-eligibility", {"rules": "lza", "decided_on": "2013-07-01"}, (referred(),), "decided_on"),
    ("check-eligibility", {"rules": "wir", "decided_on": "2012-02-02"}, (referred(),), "decided_on"),
    ("enrol-participant", {"entry_date": "2013-07-01"}, (referred(),), "entry_date"),
    ("enrol-participant", {"entry_date": "2012-01-31"}, (referred(),), "entry_date"),
    ("enrol-participant", {"entry_date": "2011-09-30"}, (referred(date(2011, 9, 1)),), "entry_date"),
    ("enrol-participant", ENROL, INSIDE, None),
    ("enrol-participant", ENROL, OUT, None),
    ("enrol-participant", ENROL, (referred(), checked(EligibilityResult.NOT_ELIGIBLE)), None),
    ("enrol-participant", ENROL, (referred(), checked(EligibilityResult.MANUAL_REVIEW)), None),
    ("enrol-participant", {**ENROL, "unemployed_since": "2012-03-02"}, (referred(),), "unemployed_since"),
    ("exit-participant", EXIT, (referred(),), None),
    ("exit-participant", {**EXIT, "exit_date": "2012-02-29"}, INSIDE, "exit_date"),
    ("exit-participant", {**EXIT, "exit_date": "2013-07-01"}, INSIDE, "exit_date"),
    ("exit-participant", EXIT, OUT, None),
    ("exit-participant", {**EXIT, "exit_date": "2012-07-31"}, BACK, "exit_date"),
    ("reenter-participant", {"reentry_date": "2012-06-01"}, (referred(),), None),
    ("reenter-participant", {"reentry_date": "2012-06-01"}, INSIDE, None),
    ("reenter-participant", {"reentry_date": "2012-05-31"}, OUT, "reentry_date"),
    ("reenter-participant", {"reentry_date": "2013-07-01"}, OUT, "reentry_date"),
    ("change-residence-status",
     {"residence_status": "ae-25-2", "valid_from": "2012-05-01", "valid_until": "2012-04-30"}, (referred(),),
     "valid_until"),
    ("record-status", {"status_on": "2012-06-02", "status": "employed"}, INSIDE, None),
    ("record-status", {"status_on": "2012-06-30", "status": "employed"}, OUT, "status_on"),
    ("record-status", {"status_on": "2012-05-31", "status": "employed"}, OUT, "status_on"),
    ("record-status", {"status_on": "2012-08-02", "status": "employed"}, BACK, None),
    ("record-follow-up", {"status": "employed", "answered_on": "2012-11-30"}, OUT, "answered_on"),
    ("record-follow-up", {"status": "employed", "answered_on": "2012-12-01"}, INSIDE, None),
    ("record-follow-up", {"status": "employed", "answered_on": "2012-12-02"}, (*OUT, ANSWERED), None),
    ("analyse-competence", {"analysed_on": "2012-04-01", "instrument": "kode", "occasion": "entry", "score": 400},
     (referred(),), None),
    ("decide-recognition", {"decided_on": "2013-07-01", "result": "yes"}, INSIDE, "decided_on"),
    ("give-support", {"given_on": "2012-04-01", "kind": "career-orientation"}, (referred(),), None),
    ("give-support", {"given_on": "2012-02-29", "kind": "career-orientation"}, INSIDE, "given_on"),
    ("give-support", {"given_on": "2012-06-02", "kind": "career-orientation"}, OUT, None),
    ("involve-family", {"involved_on": "2012-04-01", "members": 2}, (referred(),), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "before", "field"), REFUSED)
def test_what_may_not_be_done_is_refused(name, body, before, field):
    """What the case's standing or the order of its dates forbids is refused: why, on which field, and the way out."""
    with pytest.raises(Refused) as refusal:
        decide(name, body, *before)

    assert refusal.value.field == field
    assert refusal.value.reason
    assert refusal.value.way_out


CORRECTIONS = [
    ({"corrected_on": "2012-04-01"}, INSIDE, enrolled(), None),
    ({"corrected_on": "2013-07-01", "isced": 3}, INSIDE, enrolled(), "corrected_on"),
    ({"corrected_on": "2012-04-01", "isced": 3}, OUT, exited(), "corrects"),
    ({"corrected_on": "2012-04-01", "entry_date": "2012-01-31"}, INSIDE, enrolled(), "entry_date"),
    ({"corrected_on": "2012-04-01", "entry_date": "2012-06-02"}, OUT, enrolled(), "entry_date"),
    ({"corrected_on": "2012-04-01", "entry_date": "2012-06-02"}, BACK, enrolled(), "entry_date"),
    ({"corrected_on": "2012-04-01", "cleared": ["shoe-size"]}, INSIDE, enrolled(), "cleared"),
]


@pytest.mark.parametrize(("body", "before", "original", "field"), CORRECTIONS)
def test_a_correction_keeps_the_record_in_order(body, before, original, field):
    """Only an enrolment is corrected, by something, and its day stays between the referral and the first exit."""
    with pytest.raises(Refused) as refusal:
        decide("correct-characteristics", {"corrects": FACT, **body}, *before, original=original)

    assert refusal.value.field == field


@pytest.mark.parametrize(("name", "body", "before", "expected"), ACCEPTED[1:])
def test_nothing_is_done_with_data_that_may_only_be_kept(name, body, before, expected):
    """While data are restricted only the end of a consent is recorded (Art. 18(2) GDPR); nothing after erasure."""
    for last in (restricted(date(2013, 7, 1)), erased()):
        if name == "withdraw-consent" and last.type == "participant-restricted.v1":
            continue
        with pytest.raises(Refused):
            decide(name, body, *before, last)


def test_a_restriction_ends_with_its_day():
    """From the day after, data may be used again; a later restriction replaces an earlier one."""
    assert decide("hold-first-interview", {"held_on": "2012-02-02"}, referred(), restricted(date(2013, 6, 29)))
    [told] = decide(
        "restrict-participant", {"until": "2013-06-29", "basis": "lifted"}, referred(), restricted(date(2014, 1, 1))
    )
    assert told["until"] == "2013-06-29"
    with pytest.raises(Refused):
        decide("restrict-participant", {"until": "2013-06-29", "basis": "late"}, referred())


def test_erasure_waits_for_a_duty_to_keep():
    """Somebody is erased once, and not while a legal duty to keep lasts (Art. 17(3)(b) GDPR)."""
    assert decide("erase-participant", {"basis": "art-17"}, referred())[0]["type"] == "participant-erased.v1"
    for last in (restricted(date(2013, 7, 1)), erased()):
        with pytest.raises(Refused):
            decide("erase-participant", {"basis": "art-17"}, referred(), last)


@pytest.mark.parametrize("name", ["erase-participant", "restrict-participant", "refer-on"])
def test_a_guest_does_not_dispose_of_a_case(name):
    """Passing a case on, restricting and erasing it is for its own partner or the network, not for a guest."""
    body = {
        "erase-participant": {"basis": "art-17"},
        "restrict-participant": {"until": "2014-01-01", "basis": "retention"},
        "refer-on": {"to_partner": "bbi", "referred_on": "2012-02-03"},
    }[name]
    with pytest.raises(Refused) as refusal:
        decide(name, body, referred(), agreed(), partner="bbi")
    assert "spi" in refusal.value.reason


def test_a_case_belongs_to_a_partner_that_takes_part():
    """A case is opened for a partner of the operation, neither for the network nor for one that left or never came."""
    body = {"operation": "mehrlin", "referred_on": "2012-02-01", "referred_by": "self"}
    left = (joined("spi"), PartnerLeft(operation="mehrlin", left="spi", left_on=day(1)))

    assert decide("refer-participant", body, operation=(*left, joined("spi")))
    for partner, operation in (("network", ()), ("stranger", ()), ("spi", left)):
        with pytest.raises(Refused) as refusal:
            decide("refer-participant", body, partner=partner, operation=operation)
        assert refusal.value.field == "partner"


def test_a_review_is_a_coordinators_and_only_where_the_rules_ask_for_one():
    """Where the rules end in manual review a coordinator decides; nobody decides against the rules."""
    today, open_case = date(2016, 6, 30), {"rules": "lza", "decided_on": "2016-06-01"}
    clear = {**open_case, "age": 40, "vocational_qualification": False, "unemployed_since": "2010-01-01"}

    def reviewed(body, decision, role="coordinator"):
        return decide("check-eligibility", {**body, "reviewed": decision}, referred(), role=role, today=today)

    [asked] = decide("check-eligibility", open_case, referred(), today=today)
    [decided] = reviewed(open_case, "eligible")

    assert (asked["rule_set"], asked["result"]) == ("lza@2015-01-01", "manual-review")
    assert (decided["result"], decided["reasons"]) == (
        "eligible",
        ["age-or-qualification-missing", "decided-by-a-person"],
    )
    for attempt in (
        (open_case, "eligible", "coach"),
        (clear, "not-eligible"),
        (open_case, "manual-review"),
    ):
        with pytest.raises(Refused) as refusal:
            reviewed(*attempt)
        assert refusal.value.field == "reviewed"


def test_a_merge_is_told_under_both_ids():
    """Two cases of one person are read as one: one fact for each id, in one decision."""
    told = decide("merge-cases", {"other": OTHER}, referred(), other=Case())

    assert [(one["type"], one.get("absorbed"), one.get("into")) for one in told] == [
        ("cases-merged.v1", OTHER, None),
        ("case-absorbed.v1", None, CASE),
    ]


@pytest.mark.parametrize(
    ("mine", "other", "named"),
    [
        ({}, {}, CASE),
        ({"absorbed_into": NEW}, {}, OTHER),
        ({}, {"absorbed_into": NEW}, OTHER),
        ({"absorbed_into": OTHER}, {"absorbs": (CASE,)}, OTHER),
        ({"erased": True}, {}, OTHER),
        ({}, {"erased": True}, OTHER),
    ],
)
def test_merges_never_make_a_circle(mine, other, named):
    """A case is not merged with itself, with one that is read as another, or while it is itself; nor an erased one."""
    rule = commands.rules["merge-cases"]
    with pytest.raises(Refused):
        rule.decide(Case(**mine), rule.body.model_validate({"other": named}), now(), other=Case(**other))


def test_only_what_is_merged_is_separated():
    """A separation undoes one merge and is told under both ids."""
    merged = CasesMerged(operation="mehrlin", case=CASE, partner="spi", absorbed=OTHER)

    told = decide("separate-cases", {"other": OTHER}, referred(), merged, other=Case(absorbed_into=CASE))

    assert [one["from_case"] for one in told] == [OTHER, CASE]
    for state in (Case(), Case(absorbed_into=NEW)):
        with pytest.raises(Refused):
            decide("separate-cases", {"other": OTHER}, referred(), other=state)


RETRACTIONS = [
    (INSIDE, enrolled(), None),
    (OUT, enrolled(), "the exit"),
    (OUT, exited(), None),
    (BACK, exited(), "the re-entry"),
    (BACK, reentered(), None),
    ((*BACK, exited(day(10))), reentered(), "the exit"),
    ((*BACK, exited(day(10))), exited(day(10)), None),
    (INSIDE, referred(), "the entry"),
    ((referred(),), referred(), None),
    ((*OUT, ANSWERED), exited(), "the follow-up"),
]


@pytest.mark.parametrize(("before", "original", "rests"), RETRACTIONS)
def test_entry_and_exit_are_taken_back_in_turns(before, original, rests):
    """Only the last of entry, exit and re-entry is taken back: a history without an entry before its exit is none."""
    body = {"retracts": FACT, "reason": "entered-by-mistake"}
    if rests is None:
        [told] = decide("retract-fact", body, *before, original=original)
        assert told == {
            "type": "fact-retracted.v1", "subject_id": CASE, "retracts": FACT, "reason": "entered-by-mistake"
        }  # fmt: skip
    else:
        with pytest.raises(Refused) as refusal:
            decide("retract-fact", body, *before, original=original)
        assert rests in refusal.value.reason


def test_merges_and_erasure_are_never_taken_back():
    """Merged, separated and erased stay; and nothing of somebody who was erased is touched."""
    body = {"retracts": FACT, "reason": "duplicate"}
    merged = CasesMerged(operation="mehrlin", case=CASE, partner="spi", absorbed=OTHER)
    for before, original in (((referred(), merged), merged), ((erased(),), erased()), ((erased(),), enrolled())):
        with pytest.raises(Refused):
            decide("retract-fact", body, *before, original=original)


def test_the_state_forgets_an_erased_person_whatever_comes():
    """After an erasure nothing that is told or heard brings anything back."""
    assert case_after(referred(), enrolled(), erased(), exited(), reentered(), agreed()) == Case(erased=True)


def test_a_corrected_entry_moves_only_the_entry():
    """A corrected day of entry leaves a later re-entry alone, even one on that day; alone it does nothing."""

    def corrected(on: date) -> CharacteristicsCorrected:
        return CharacteristicsCorrected(
            operation="mehrlin", case=CASE, partner="spi", corrects=FACT, corrected_on=day(9), entry_date=on
        )

    same_day = case_after(referred(), enrolled(), exited(day(3)), reentered(day(3)), corrected(day(2, 20)))
    assert (same_day.enrolment, same_day.came) == (day(2, 20), day(3))
    once = case_after(referred(), enrolled(), corrected(day(2, 20)))
    assert (once.enrolment, once.came) == (day(2, 20), day(2, 20))
    assert case_after(referred(), corrected(day(2, 20))) == case_after(referred())


@given(st.lists(st.sampled_from(["enrol", "exit", "reenter"]), max_size=8), st.data())
def test_accepted_turns_alternate_in_time(turns, data):
    """Whatever is tried, what is accepted is an entry, then exits and re-entries in turn, never going back in time."""
    facts = [referred()]
    days = [date(2012, 2, 1)]
    for turn in turns:
        on = date(2012, 1, 20).replace(month=data.draw(st.integers(1, 12)))
        name, field, fact = {
            "enrol": ("enrol-participant", "entry_date", enrolled),
            "exit": ("exit-participant", "exit_date", exited),
            "reenter": ("reenter-participant", "reentry_date", reentered),
        }[turn]
        extra = {"reason": "planned-end"} if turn == "exit" else {}
        try:
            decide(name, {field: str(on), **extra}, *facts)
        except Refused:
            continue
        facts.append(fact(on))
        days.append(on)
    kinds = [type(fact).__name__ for fact in facts[1:]]
    pattern = ["ParticipantEnrolled", *["ParticipantExited", "ParticipantReentered"] * 4]
    assert kinds == pattern[: len(kinds)]
    assert days == sorted(days)
