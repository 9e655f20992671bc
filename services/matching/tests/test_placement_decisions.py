"""Given what happened, when somebody is placed or a job changes or ends, then these facts or this refusal."""

from datetime import date
from itertools import pairwise

import pytest
from lotse_matching.domain import CASE, EMPLOYER, PLACE, VACANCY
from lotse_matching.domain.employers import Employer
from lotse_matching.domain.placement_kinds import TREATMENTS, treatment
from lotse_shared.contracts.codes import Instrument, LabourMarket, PlacementKind
from lotse_shared.contracts.intake import (
    CaseAbsorbed,
    CharacteristicsCorrected,
    ParticipantErased,
    ParticipantExited,
)
from lotse_shared.contracts.matching import (
    JobChanged,
    JobEnded,
    JobLost,
    PlaceFilled,
    PlaceFreed,
    PlacementMade,
    VacancyFilled,
    VacancyFreed,
)
from lotse_shared.deciding import Refused
from matching_world import (
    ANOTHER_ID,
    CASE_ID,
    EMPLOYER_ID,
    ENTRY,
    PLACE_ID,
    VACANCY_ID,
    enrolled,
    funded_place,
    given,
    known_employer,
    now,
    open_vacancy,
    refused,
    then,
    when,
)

BODY = {"kind": "insured", "starts_on": "2012-05-01"}
AT = now(CASE_ID)
INSIDE = given(CASE, enrolled())
ABOUT = {"operation": "mehrlin", "case": CASE_ID, "partner": "spi"}


def place_into(state=INSIDE, body=BODY, **others):
    """The facts of a placement and the state of the case after it."""
    named = {"vacancy": VACANCY_ID, "place": PLACE_ID, "employer": EMPLOYER_ID}
    facts = when("make-placement", state, {**{one: named[one] for one in others}, **body}, AT, **others)
    return facts, then(CASE, state, facts)


def test_a_placement_on_the_day_of_entry():
    """Work may begin on the day of entry; what it is to the labour market comes from the table."""
    [made], _ = place_into(body={**BODY, "starts_on": "2012-03-01"})

    assert isinstance(made, PlacementMade)
    assert (made.starts_on, made.labour_market, made.insured) == (ENTRY, LabourMarket.FIRST, True)


def test_a_placement_after_the_exit():
    """Follow-up goes on after the exit: work that begins then is a placement too."""
    state = then(CASE, INSIDE, [ParticipantExited(**ABOUT, exit_date=date(2012, 4, 1), reason="planned-end")])

    [made], _ = place_into(state)

    assert made.starts_on == date(2012, 5, 1)


def test_an_absorbed_case_keeps_its_own_id():
    """A case that is read as another one stays valid: its facts are told under the id that was given."""
    state = then(CASE, INSIDE, [CaseAbsorbed(**ABOUT, into=ANOTHER_ID)])

    [made], _ = place_into(state)

    assert made.case == CASE_ID


def test_an_offer_tells_employer_and_origin():
    """Who names only the offer gets its employer and origin into the fact; the position is the lowest free one."""
    [made, filled], _ = place_into(vacancy=open_vacancy(positions=2))

    assert (made.employer, made.origin) == (EMPLOYER_ID, "other")
    assert isinstance(filled, VacancyFilled)
    assert (filled.position, filled.first_fill, filled.eligible, filled.placement) == (1, True, False, made.placement)


def test_a_merged_employer_fits_its_old_offers():
    """An offer of an absorbed employer fits the one that goes on."""
    merged = given(
        EMPLOYER,
        *when(
            "register-employer", Employer(), {"operation": "mehrlin", "registered_on": "2012-03-01"}, now(ANOTHER_ID)
        ),
    )
    merged = then(
        EMPLOYER,
        merged,
        when("merge-employers", merged, {"other": EMPLOYER_ID}, now(ANOTHER_ID), other=known_employer()),
    )

    [made, _], _ = place_into(body={**BODY, "employer": ANOTHER_ID}, vacancy=open_vacancy(), employer=merged)

    assert made.employer == ANOTHER_ID


@pytest.mark.parametrize(
    ("since", "eligible"),
    [(date(2008, 3, 1), True), (date(2008, 3, 2), False), (date(2000, 1, 1), True), (None, False)],
)
def test_the_target_group_of_dortmund(since, eligible):
    """Eligible is who had four years of benefits at entry, to the day; who is not known is not."""
    [_, filled], _ = place_into(given(CASE, enrolled(benefits_since=since)), vacancy=open_vacancy())

    assert filled.eligible is eligible


def test_corrected_characteristics_count():
    """A correction of the entry record decides about the target group; a cleared one is not known."""
    corrected = {**ABOUT, "corrects": ANOTHER_ID, "corrected_on": date(2012, 4, 1)}
    long = then(CASE, INSIDE, [CharacteristicsCorrected(**corrected, benefits_since=date(2001, 1, 1))])
    cleared = then(CASE, long, [CharacteristicsCorrected(**corrected, cleared=("benefits-since",))])

    assert place_into(long, vacancy=open_vacancy())[0][1].eligible is True
    assert place_into(cleared, vacancy=open_vacancy())[0][1].eligible is False


def test_a_refill_is_no_new_job():
    """A position that was freed is filled again first, and that fill is no first one."""
    vacancy = open_vacancy(positions=2)
    facts, state = place_into(vacancy=vacancy)
    vacancy = then(VACANCY, vacancy, facts)
    lost = when(
        "lose-job", state, {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}, AT, vacancy=vacancy
    )
    vacancy = then(VACANCY, vacancy, lost)

    [_, refill], _ = place_into(body={**BODY, "starts_on": "2012-08-01"}, vacancy=vacancy)
    [_, earlier], _ = place_into(body={**BODY, "starts_on": "2012-07-31"}, vacancy=vacancy)
    [_, wanted], _ = place_into(body={**BODY, "starts_on": "2012-08-01", "position": 2}, vacancy=vacancy)

    assert (refill.position, refill.first_fill) == (1, False)
    assert (earlier.position, earlier.first_fill) == (2, True)
    assert (wanted.position, wanted.first_fill) == (2, True)


def test_a_place_tells_its_instrument():
    """A funded place of another instrument than the kind's own gives its instrument to the placement."""
    [made, filled], _ = place_into(place=funded_place("other"))

    assert made.instrument == Instrument.OTHER
    assert isinstance(filled, PlaceFilled)
    assert filled.filled_on == date(2012, 5, 1)


def test_lza_is_normal_unless_said():
    """A start in the LZA programme is a normal case where nobody says otherwise; other work has no such case."""
    lza = given(CASE, enrolled(on=date(2015, 6, 1)))
    [made], _ = place_into(lza, {"kind": "insured-lza", "starts_on": "2015-08-17"})
    [other], _ = place_into()

    assert (made.lza_case, made.instrument) == ("normal", "lza")
    assert (other.lza_case, other.instrument) == (None, None)


@pytest.mark.parametrize(
    ("kind", "day", "market", "insured"),
    [
        ("subsidised-16e", date(2018, 12, 31), "third", True),
        ("subsidised-16e", date(2019, 1, 1), "first", True),
        ("subsidised-16i", date(2019, 1, 1), "third", True),
        ("work-opportunity", date(2012, 1, 1), "second", False),
        ("citizen-work", date(2012, 1, 1), "second", True),
        ("inclusion-firm", date(2012, 1, 1), "third", True),
        ("insured-egz", date(2012, 1, 1), "first", True),
        ("insured-lza", date(2016, 1, 1), "first", True),
        ("minijob", date(2012, 1, 1), "first", False),
        ("apprenticeship", date(2012, 1, 1), "none", True),
        ("school", date(2012, 1, 1), "none", False),
    ],
)
def test_the_table_of_kinds(kind, day, market, insured):
    """What a kind is to the labour market depends on the day the work begins."""
    found = treatment(PlacementKind(kind), day)

    assert (found.labour_market, found.insured) == (market, insured)


def test_every_kind_is_in_the_table():
    """Each kind but `unknown` has a treatment, and none has two for one day."""
    assert set(TREATMENTS) == set(PlacementKind) - {PlacementKind.UNKNOWN}
    for several in TREATMENTS.values():
        for one, following in pairwise(several):
            assert one.last_start < following.first_start


@pytest.mark.parametrize("kind", ["subsidised-16i", "insured-lza", "unknown"])
def test_what_the_law_did_not_have_is_refused(kind):
    """Work of a kind that did not exist on that day is refused."""
    assert refused("make-placement", INSIDE, {**BODY, "kind": kind}, AT).field == "kind"


ERASED = then(CASE, INSIDE, [ParticipantErased(**ABOUT, basis="retention-over")])


@pytest.mark.parametrize(
    ("state", "body", "others", "field"),
    [
        pytest.param(ERASED, {}, {}, None, id="erased"),
        pytest.param(given(CASE), {}, {}, None, id="not enrolled"),
        pytest.param(INSIDE, {"starts_on": "2012-02-29"}, {}, "starts_on", id="before the entry"),
        pytest.param(INSIDE, {"starts_on": "2026-07-01"}, {}, "starts_on", id="in the future"),
        pytest.param(INSIDE, {"contract_on": "2012-05-02"}, {}, "contract_on", id="contract after the start"),
        pytest.param(INSIDE, {"ends_on": "2012-04-30"}, {}, "ends_on", id="ends before it starts"),
        pytest.param(INSIDE, {"ends_on": "2013-04-30", "term": "permanent"}, {}, "ends_on", id="permanent with an end"),
        pytest.param(INSIDE, {"lza_case": "normal"}, {}, "lza_case", id="LZA case without LZA"),
        pytest.param(INSIDE, {"kind": "insured-egz", "instrument": "lza"}, {}, "instrument", id="other instrument"),
        pytest.param(INSIDE, {"position": 1}, {}, "position", id="position of no offer"),
        pytest.param(
            INSIDE, {"kind": "school", "employer": EMPLOYER_ID}, {"employer": known_employer()}, "kind", id="school"
        ),
        pytest.param(INSIDE, {}, {"vacancy": open_vacancy(kind="internship")}, "vacancy", id="offer of work on trial"),
        pytest.param(INSIDE, {}, {"vacancy": open_vacancy(kind="minijob")}, "vacancy", id="offer of another kind"),
        pytest.param(
            INSIDE, {"starts_on": "2012-03-05"}, {"vacancy": open_vacancy()}, "starts_on", id="before the offer"
        ),
        pytest.param(
            INSIDE,
            {},
            {"vacancy": open_vacancy().model_copy(update={"closed_on": date(2012, 4, 1)})},
            "vacancy",
            id="after the offer",
        ),
        pytest.param(INSIDE, {"position": 2}, {"vacancy": open_vacancy()}, "position", id="no such position"),
        pytest.param(
            INSIDE,
            {"employer": ANOTHER_ID},
            {"vacancy": open_vacancy(), "employer": Employer(id=ANOTHER_ID)},
            "employer",
            id="offer of another employer",
        ),
        pytest.param(
            INSIDE, {"kind": "insured-egz"}, {"place": funded_place("lza")}, "place", id="place of another instrument"
        ),
        pytest.param(
            INSIDE, {}, {"place": funded_place(on="2012-06-01")}, "starts_on", id="before the place was funded"
        ),
    ],
)
def test_placements_that_are_refused(state, body, others, field):
    """Each of these placements is refused, with the field it hangs on and a way out."""
    named = {"vacancy": VACANCY_ID, "place": PLACE_ID}
    body = {**BODY, **{one: named[one] for one in others if one in named}, **body}

    assert refused("make-placement", state, body, AT, **others).field == field


def test_the_same_placement_twice_is_refused():
    """Kind, start and employer tell a double entry; a second job of another kind is none."""
    _, state = place_into()

    assert refused("make-placement", state, BODY, AT).field == "starts_on"
    assert place_into(state, {**BODY, "kind": "minijob"})[0]


def test_what_is_taken_is_refused():
    """A held position and a held place are refused, also on days before they were freed."""
    vacancy, place = open_vacancy(), funded_place()
    facts, state = place_into(vacancy=vacancy, place=place)
    vacancy, place = then(VACANCY, vacancy, facts), then(PLACE, place, facts)
    body = {**BODY, "vacancy": VACANCY_ID}
    assert refused("make-placement", INSIDE, body, AT, vacancy=vacancy).field == "vacancy"
    assert refused("make-placement", INSIDE, {**body, "position": 1}, AT, vacancy=vacancy).field == "position"
    assert refused("make-placement", INSIDE, {**BODY, "place": PLACE_ID}, AT, place=place).field == "place"

    end = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
    freed = when("lose-job", state, end, AT, vacancy=vacancy, place=place)
    vacancy, place = then(VACANCY, vacancy, freed), then(PLACE, place, freed)
    late = {**BODY, "starts_on": "2012-07-31"}
    assert refused("make-placement", INSIDE, {**late, "vacancy": VACANCY_ID}, AT, vacancy=vacancy).field == "vacancy"
    assert refused("make-placement", INSIDE, {**late, "place": PLACE_ID}, AT, place=place).field == "starts_on"


def test_a_lost_job_frees_from_the_next_day():
    """The last day is still worked: position and place are free from the day after, and the person comes first."""
    vacancy, place = open_vacancy(), funded_place()
    facts, state = place_into(vacancy=vacancy, place=place)

    told = when(
        "lose-job",
        state,
        {"last_day": "2012-07-31", "ended_by": "employer", "reason": "probation"},
        AT,
        vacancy=then(VACANCY, vacancy, facts),
        place=then(PLACE, place, facts),
    )

    assert [type(fact) for fact in told] == [JobLost, VacancyFreed, PlaceFreed]
    assert {fact.placement for fact in told} == {facts[0].placement}
    assert [fact.freed_on for fact in told[1:]] == [date(2012, 8, 1)] * 2
    after = then(CASE, state, told)
    assert after.first_since == date(2012, 7, 31)
    assert place_into(after, {**BODY, "starts_on": "2012-09-01"})[1].first_since is None


def test_a_job_ends_as_planned():
    """The end of a term is no loss, and nobody comes first by it."""
    _, state = place_into(body={**BODY, "term": "fixed-term", "ends_on": "2013-04-30"})

    [ended] = when("end-job", state, {"last_day": "2013-04-30", "ended_by": "end-of-term", "reason": "term-over"}, AT)

    assert isinstance(ended, JobEnded)
    assert then(CASE, state, [ended]).first_since is None


LOST = {"last_day": "2012-07-31", "ended_by": "employer", "reason": "business"}
WORKING = place_into(body={**BODY, "term": "fixed-term", "ends_on": "2013-04-30"})[1]
LEFT = then(CASE, WORKING, when("lose-job", WORKING, LOST, AT))
TWO_JOBS = place_into(WORKING, {**BODY, "kind": "minijob"})[1]


@pytest.mark.parametrize(
    ("command", "state", "body", "field"),
    [
        pytest.param("lose-job", INSIDE, {}, "placement", id="no job"),
        pytest.param("lose-job", LEFT, {"placement": next(iter(LEFT.jobs))}, "placement", id="second end"),
        pytest.param("end-job", TWO_JOBS, {"reason": "other-job"}, "placement", id="several jobs"),
        pytest.param("lose-job", WORKING, {"placement": ANOTHER_ID}, "placement", id="another's job"),
        pytest.param("lose-job", WORKING, {"last_day": "2012-04-30"}, "last_day", id="before the start"),
        pytest.param("lose-job", WORKING, {"last_day": "2026-07-01"}, "last_day", id="in the future"),
        pytest.param("lose-job", WORKING, {"reason": "pension"}, "reason", id="no loss"),
        pytest.param("end-job", WORKING, {}, "reason", id="a loss"),
        pytest.param("end-job", WORKING, {"reason": "term-over"}, "reason", id="before the term is over"),
        pytest.param("lose-job", ERASED, {}, None, id="erased"),
    ],
)
def test_ends_that_are_refused(command, state, body, field):
    """Each of these ends is refused, with the field it hangs on and a way out."""
    assert refused(command, state, {**LOST, **body}, AT).field == field


def test_a_job_becomes_permanent():
    """What becomes permanent has no planned end any more; only what is different is told."""
    [changed] = when("change-job", WORKING, {"changed_on": "2012-09-01", "term": "permanent"}, AT)

    assert isinstance(changed, JobChanged)
    [job] = then(CASE, WORKING, [changed]).jobs.values()
    assert (job.term, job.ends_on) == ("permanent", None)


def test_a_new_kind_says_whether_it_is_insured():
    """A minijob that becomes a full job is insured from then on, by the table."""
    _, state = place_into(body={**BODY, "kind": "minijob"})

    [changed] = when("change-job", state, {"changed_on": "2012-09-01", "kind": "insured"}, AT)

    assert changed.insured is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"changed_on": "2012-04-01", "term": "permanent"}, "changed_on"),
        ({"changed_on": "2026-07-01", "term": "permanent"}, "changed_on"),
        ({"changed_on": "2012-06-01"}, None),
        ({"changed_on": "2012-06-01", "term": "fixed-term"}, None),
        ({"changed_on": "2012-06-01", "kind": "minijob", "insured": True}, "insured"),
    ],
)
def test_changes_that_are_refused(body, field):
    """A change must be in order, real, and not contradict itself."""
    assert refused("change-job", WORKING, body, AT).field == field


def test_a_fact_about_a_placement_taken_back_changes_nothing():
    """A change that is folded after its placement was taken back leaves the state as it is."""
    [changed] = when("change-job", WORKING, {"changed_on": "2012-09-01", "term": "permanent"}, AT)

    assert then(CASE, INSIDE, [changed]) == INSIDE


def test_kinds_that_are_not_placed_are_refused():
    """Only kinds of the table can be placed."""
    with pytest.raises(Refused):
        treatment(PlacementKind.UNKNOWN, ENTRY)
