"""Rollups: whatever is posted, in whatever order, and whenever it is rolled up, a report is the sum of the ledger."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lotse_reporting import rollups, store
from lotse_reporting.case import CASE_FUNCTION
from lotse_reporting.editions import posted_to
from lotse_reporting.indicators import Candidate
from lotse_reporting.ledger import Opened, Postings
from lotse_reporting.report import By, Edition, Question, months, parts, totals
from lotse_reporting.report.sums import HOLDS
from lotse_reporting.store import snapshot
from lotse_shared.database import to_be_repeated, transaction
from lotse_shared.programme import Programme
from msgspec.json import encode
from reporting_world import number, programme
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

OPERATION = "mehrlin"
ROLLING = "last-twelve-months"
PLAIN = "young-people-trained"


def at(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1000)


INSTANTS = [
    at(2026, 1, 1), at(2026, 1, 31, 23, 59, 59) + 999, at(2026, 2, 1), at(2026, 2, 1) + 1, at(2026, 2, 14),
    at(2026, 2, 14) + 1, at(2026, 2, 20), at(2026, 2, 28, 23), at(2026, 3, 1), at(2026, 5, 31, 22), at(2026, 6, 1),
]  # fmt: skip
"""Where months meet, in one month, and after months without anything."""
DAYS = [
    date(2012, 2, 28), date(2012, 2, 29), date(2012, 3, 1), date(2012, 3, 31), date(2013, 2, 28), date(2013, 3, 1),
    date(2013, 3, 17), date(2014, 12, 31), date(2015, 1, 1),
]  # fmt: skip
PARTIES = [("spi", "altstadt", "female"), ("spi", None, "male"), ("bbi", "altstadt", None), (None, None, None)]


def definition() -> dict[str, Any]:
    """MEHRLiN, with one rolling indicator."""
    found = programme().programme.definition()
    return {**found, "indicators": [*found["indicators"], {**found["indicators"][0], "id": ROLLING, "last": "1 year"}]}


@dataclass
class Writer:
    """Posts to a build like whoever hears facts: under lock, and remembers what can be closed."""

    engine: Any
    first: int = 0
    open: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = count(self.first)

    async def post(self, opened: list[tuple[Any, ...]], closed: list[int]) -> None:
        """Open entries (indicator, knowledge time, day, party, quantity), and close some at a time not before."""
        postings = Postings()
        async with transaction(self.engine) as connection:
            builds = await posted_to(connection, [OPERATION])
            [build] = builds[OPERATION]
            for known in closed:
                able = [identity for identity, since in self.open.items() if since <= known]
                if able:
                    postings.close(able[0], known)
                    del self.open[able[0]]
            for indicator, known, day, (partner, site, gender), quantity in opened:
                identity = number(next(self.ids))
                candidate = Candidate(day, 0, (0, 0, 0), quantity, partner, site, gender, ())
                postings.open(Opened(identity, build.number, indicator, identity, "", candidate, known))
                self.open[identity] = known
            await store.post(connection, {OPERATION: postings}, builds)


@pytest.fixture
async def begun(engine, emptied):
    """Begins an empty ledger with one live build; gives its number."""

    async def begin(watermark: int) -> int:
        await emptied()
        async with transaction(engine) as connection:
            await connection.execute(
                text("insert into position (topic_id, partition, next_offset, known) values ('t', 0, 1, :known)"),
                {"known": watermark},
            )
            made = await connection.execute(
                text("""
                    insert into build (operation, edition, definition, digest, case_function, known_from, state, cursor)
                    values (:operation, 'one', cast(:definition as jsonb), '', :function, 0, 'live', '~')
                    returning number"""),
                {
                    "operation": OPERATION,
                    "definition": encode(definition()).decode(),
                    "function": CASE_FUNCTION,
                },
            )
            return int(made.scalar_one())

    return begin


def question(build: int, as_of: date, known: int | None) -> Question:
    edition = Edition(build, "one", Programme.model_validate(definition()))
    return Question(OPERATION, as_of, known, date(2026, 6, 1), edition)


async def scanned(connection: Any, asked: Question, part: str) -> dict[Any, dict[str, Decimal]]:
    """The plain sum over the ledger."""
    found: dict[Any, dict[str, Decimal]] = {}
    before = asked.edition.indicator(ROLLING).first_day(asked.as_of) - timedelta(days=1)
    for sign, until in ((1, asked.as_of), (-1, before)):
        rows = await connection.execute(
            text(f"select {part} as part, indicator, sum(quantity) as total from entry where {HOLDS} group by 1, 2"),  # noqa: S608 - constants
            {"build": asked.edition.build, "as_of": until, "known": asked.known},
        )
        for row in rows:
            if sign == 1 or row.indicator == ROLLING:
                sums = found.setdefault(row.part, {})
                sums[row.indicator] = sums.get(row.indicator, Decimal(0)) + sign * row.total
    return found


def without_zeros(found: Mapping[Any, Mapping[str, Decimal]]) -> dict[Any, dict[str, Decimal]]:
    kept = {part: {name: total for name, total in sums.items() if total} for part, sums in found.items()}
    return {part: sums for part, sums in kept.items() if sums}


PART = {
    By.GENDER: "gender",
    By.PARTNER: "partner",
    By.SITE: "site",
    By.QUARTER: """to_char(effective, 'YYYY-"Q"Q')""",
}


async def compare(engine: Any, asked: Question) -> None:
    """A report and all its breakdowns are what a scan of the same snapshot gives."""
    async with snapshot(engine) as connection:
        whole = await totals(connection, asked)
        assert without_zeros({None: whole}) == without_zeros(await scanned(connection, asked, "null::text"))
        for by in By:
            found = await parts(connection, asked, by)
            assert without_zeros(found) == without_zeros(await scanned(connection, asked, PART[by]))
            for indicator, total in whole.items():
                assert sum(sums.get(indicator, 0) for sums in found.values()) == total
        own = await parts(connection, asked, By.PARTNER, "spi")
        mine = without_zeros(await scanned(connection, asked, "case when partner = 'spi' then 'spi' else 'others' end"))
        assert without_zeros(own) == mine
        by_month = await months(connection, asked)
        plain = {PLAIN: sum((sums.get(PLAIN, Decimal(0)) for sums in by_month.values()), Decimal(0))}
        assert without_zeros({None: plain}) == without_zeros({None: {PLAIN: whole.get(PLAIN, Decimal(0))}})


ENTRIES = st.tuples(
    st.sampled_from([PLAIN, ROLLING, "start-up-advice"]),
    st.sampled_from(INSTANTS),
    st.sampled_from(DAYS),
    st.sampled_from(PARTIES),
    st.sampled_from([Decimal(1), Decimal(-1), Decimal("0.333333"), Decimal("1234.50")]),
)
STEPS = st.one_of(
    st.tuples(st.just("post"), st.lists(ENTRIES, max_size=4), st.lists(st.sampled_from(INSTANTS), max_size=2)),
    st.tuples(st.just("roll"), st.integers(1, 4), st.integers(1, 9)),
    st.tuples(st.just("close"), st.integers(1, 4), st.none()),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(STEPS, max_size=12),
    watermark=st.sampled_from(INSTANTS[2:]),
    asked=st.lists(
        st.tuples(st.sampled_from(DAYS), st.one_of(st.none(), st.sampled_from(INSTANTS), st.just(at(2027, 1, 1)))),
        min_size=1,
        max_size=3,
    ),
)
async def test_a_report_is_the_sum_of_the_ledger(engine, begun, steps, watermark, asked):
    """Opened, closed and late, before, after and while it is rolled up: at any two instants, whole and in parts."""
    build = await begun(watermark)
    writer = Writer(engine)
    for what, one, other in steps:
        if what == "post":
            await writer.post(one, other)
        elif what == "roll":
            for _ in range(other):
                await rollups.roll_up_next(engine, build, one, 3)
        else:  # rolling up breaks off between its two transactions
            await rollups.close_next(engine, build, one, 3)
    for day, known in asked:
        await compare(engine, question(build, day, known))


async def test_what_is_late_does_not_stay_on_the_list(engine, begun):
    """It is rolled up like the rest: the list that reports add one by one is empty afterwards."""
    build = await begun(INSTANTS[-1])
    writer = Writer(engine)
    early, late = ((PLAIN, known, DAYS[0], PARTIES[0], Decimal(1)) for known in (INSTANTS[4], INSTANTS[0]))
    await writer.post([early] * 3, [])
    await rollups.roll_up(engine, 2)
    await writer.post([late, early], [INSTANTS[4]])
    async with transaction(engine) as connection:
        listed = (await connection.execute(text("select count(*) from late_posting"))).scalar_one()
    await rollups.roll_up(engine, 2)

    assert listed == 3
    async with transaction(engine) as connection:
        assert (await connection.execute(text("select count(*) from late_posting"))).scalar_one() == 0
    await compare(engine, question(build, DAYS[-1], None))


async def test_writers_readers_and_the_job_at_once(engine, begun):
    """Three who post, two that roll up, and a reader: no answer ever differs from the scan of its snapshot."""
    build = await begun(INSTANTS[-1])
    random = Random(7)  # noqa: S311 - chance, not secrecy
    writing = True

    async def write(writer: Writer) -> None:
        for _ in range(25):
            opened = [
                (PLAIN, random.choice(INSTANTS), random.choice(DAYS), random.choice(PARTIES), Decimal(1))
                for _ in range(random.randint(0, 3))
            ]
            await writer.post(opened, [random.choice(INSTANTS)])

    async def roll() -> None:
        while writing:
            try:
                await rollups.roll_up(engine, random.randint(1, 9), 4)
            except DBAPIError as error:
                assert to_be_repeated(error)  # noqa: PT017 - two jobs at once

    async def read() -> int:
        done = 0
        while writing:
            await compare(engine, question(build, random.choice(DAYS), random.choice([None, *INSTANTS])))
            done += 1
        return done

    async def write_all() -> None:
        nonlocal writing
        await asyncio.gather(*(write(Writer(engine, first * 1_000_000)) for first in range(1, 4)))
        writing = False

    _, _, read_times, _ = await asyncio.gather(roll(), roll(), read(), write_all())
    await rollups.roll_up(engine, 3)
    assert read_times > 0
    for day in DAYS:
        await compare(engine, question(build, day, None))


async def test_a_build_that_was_replaced_leaves_no_rollups(engine, begun):
    """What was rolled up of a retired build goes with its entries."""
    await begun(INSTANTS[-1])
    writer = Writer(engine)
    await writer.post([(PLAIN, INSTANTS[0], DAYS[0], PARTIES[0], Decimal(1))], [])
    assert await rollups.roll_up(engine, 1) > 0
    async with transaction(engine) as connection:
        await connection.execute(text("update build set state = 'retired'"))
    assert await rollups.roll_up(engine, 1) == 0
    async with transaction(engine) as connection:
        for table in ("rollup", "rollup_day", "stretch", "late_posting"):
            left = await connection.execute(text(f"select count(*) from {table}"))  # noqa: S608 - constants
            assert left.scalar_one() == 0
