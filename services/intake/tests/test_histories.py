"""Whatever is done and taken back, a case's stored state is the fold of the facts that stand."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_world import REFERRED
from lotse_intake.domain import CASE
from lotse_shared.database import transaction
from lotse_shared.deciding import standing
from lotse_shared.envelope import EVENTS
from sqlalchemy import text

DAYS = st.dates(date(2012, 2, 1), date(2012, 12, 1)).map(str)
STEPS = st.one_of(
    st.tuples(st.just("enrol-participant"), st.fixed_dictionaries({"entry_date": DAYS})),
    st.tuples(st.just("exit-participant"), st.fixed_dictionaries({"exit_date": DAYS, "reason": st.just("own-wish")})),
    st.tuples(st.just("reenter-participant"), st.fixed_dictionaries({"reentry_date": DAYS})),
    st.tuples(
        st.just("correct-characteristics"),
        st.fixed_dictionaries({"corrected_on": st.just("2013-01-01"), "entry_date": DAYS}),
    ),
    st.tuples(st.just("hold-first-interview"), st.fixed_dictionaries({"held_on": DAYS})),
    st.tuples(st.just("retract-fact"), st.integers(0, 20)),
    st.tuples(st.just("retract-fact"), st.integers(0, 20)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
async def test_a_state_is_the_fold_of_what_stands(client, engine, steps):
    """Entries, exits, re-entries, corrections and retractions in any order, accepted or not: state = fold(standing)."""
    case = (await client.post("/cases/refer-participant", json=REFERRED)).json()["subject"]
    told: list[str] = []
    for name, body in steps:
        if name == "retract-fact":
            if not told:
                continue
            body = {"retracts": told[body % len(told)], "reason": "entered-by-mistake"}  # noqa: PLW2901 - by what was told
        if name == "correct-characteristics":
            if not told:
                continue
            body = {**body, "corrects": told[0]}  # noqa: PLW2901 - the same
        answer = await client.post(f"/cases/{case}/{name}", json=body)
        assert answer.status_code in (200, 409), answer.text
        told += [one["id"] for one in answer.json().get("facts", ())]

    async with transaction(engine) as connection:
        rows = await connection.execute(
            text("select id::text as id, type, value from outbox where subject = :case order by position"),
            {"case": case},
        )
        facts = [(row.id, EVENTS[row.type].from_bytes(row.value)) for row in rows]
        stored = await connection.execute(text("select state from subject where id = :case"), {"case": case})
        state = CASE.state.model_validate(stored.scalar_one())
    folded = CASE.state()
    for fact in standing(facts):
        folded = CASE.evolve(folded, fact)
    assert state == folded
    assert state.inside == (state.enrolment is not None and state.left is None)
    days = [day for day in (state.enrolment, state.first_left, state.came if state.first_left else None) if day]
    assert days == sorted(days) or state.came == state.enrolment
    assert state.left is None or state.left >= state.came
