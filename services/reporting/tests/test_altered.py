"""Whatever somebody alters in the database behind the service's back is found, and named."""

import pytest
from lotse_reporting import building, rollups, seals
from reporting_world import NOW, gathered, hear, number
from seal_world import seal, sealed_network
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

NAMES = {"one": number(1), "other": number(2), "free": number(5)}
UNIT = f"unit {number(2)} differs from its facts"
JOURNAL = "the facts known when it was sealed are not those that were known then"
NOT_HEARD = "this participant-enrolled.v1 is not what was heard"

SEAL_SAYS_THREE = """
    update reporting.journal
    set value = convert_to(replace(convert_from(value, 'UTF8'), '"result"\\:2', '"result"\\:3'), 'UTF8')
    where type = 'report-sealed.v1'"""
SEAL_DEFINES_OTHERWISE = """
    update reporting.journal
    set value = convert_to(replace(convert_from(value, 'UTF8'), '"at-least"', '"more-than"'), 'UTF8')
    where type = 'report-sealed.v1'"""
FACT_SAYS_NO = """
    update reporting.journal set value = convert_to(replace(convert_from(value, 'UTF8'), 'yes', 'no'), 'UTF8')
    where subject = :other"""
HASHES_FIT = """
    update reporting.journal set digest = sha256(convert_to(
        type || E'\\n' || subject || E'\\n'
            || to_char(time, 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US') || '+00\\:00' || E'\\n', 'UTF8') || value)
    where subject = :other or type = 'report-sealed.v1'"""
"""By somebody who knows how the hash of a fact is made."""
CONTENTS_SWAPPED = """
    update reporting.journal mine set value = other.value from reporting.journal other
    where mine.subject in (:one, :other) and other.subject in (:one, :other) and other.subject <> mine.subject"""
HASHES_SWAPPED = CONTENTS_SWAPPED.replace("value", "digest")
KNOWLEDGE_SWAPPED = CONTENTS_SWAPPED.replace("value", "known")
IDS_SWAPPED = (
    "update reporting.journal set id = :free where subject = :one",
    """update reporting.journal set id = (select event_ids[1] from reporting.entry where unit = :one limit 1)
        where subject = :other""",
    """update reporting.journal set id = (select event_ids[1] from reporting.entry where unit = :other limit 1)
        where subject = :one""",
)

FIRST_ROW = "where ctid = (select min(ctid) from reporting.{table})"
ROLLUP, ROLLUP_DAY = (FIRST_ROW.format(table=table) for table in ("rollup", "rollup_day"))
ROLLED_UP = "is not that of its entries"

ALTERATIONS = {
    "a figure in a seal": ((SEAL_SAYS_THREE,), "this report-sealed.v1 is not what was heard"),
    "a figure in a seal, hash and all": (
        (SEAL_SAYS_THREE, HASHES_FIT),
        "the ledger leads to another report: foreign-background is sealed as 3 and leads to 2",
    ),
    "a definition in a seal, hash and all": (
        (SEAL_DEFINES_OTHERWISE, HASHES_FIT),
        "its definitions are not those of its edition",
    ),
    "a seal is gone": (
        ("delete from reporting.journal where type = 'report-sealed.v1'",),
        "this report-sealed.v1 was told, and the journal has it no more",
    ),
    "an entry's quantity": (("update reporting.entry set quantity = quantity + 1 where unit = :other",), UNIT),
    "an entry's effective date": (("update reporting.entry set effective = effective + 1 where unit = :other",), UNIT),
    "an entry's first moment": (("update reporting.entry set known_from = known_from + 1 where unit = :other",), UNIT),
    "an entry's last moment": (("update reporting.entry set known_until = known_from + 1 where unit = :other",), UNIT),
    "an entry's partner": (("update reporting.entry set partner = 'bbi' where unit = :other",), UNIT),
    "an entry is gone": (("delete from reporting.entry where unit = :other",), UNIT),
    "an entry more": (
        (
            """insert into reporting.entry
                select gen_random_uuid(), build, indicator, operation, unit, 'x', partner, site, gender, effective,
                    quantity, event_ids, known_from, known_until from reporting.entry where unit = :other""",
        ),
        UNIT,
    ),
    "what a fact says": ((FACT_SAYS_NO,), NOT_HEARD),
    "what a fact says, hash and all": ((FACT_SAYS_NO, HASHES_FIT), JOURNAL),
    "a fact says nothing any more": (
        ("update reporting.journal set value = 'nonsense' where subject = :other",),
        NOT_HEARD,
    ),
    "a fact is emptied, and its person was not erased": (
        ("update reporting.journal set value = '' where subject = :other",),
        NOT_HEARD,
    ),
    "a person's only fact is gone": (("delete from reporting.journal where subject = :other",), JOURNAL),
    "a fact before others is gone": (
        ("delete from reporting.journal where type = 'partner-joined.v1' and sequence = 2",),
        "intake told number 2 about mehrlin, and the journal has it no more",
    ),
    "a fact more": (
        (
            """insert into reporting.journal
                select :free, source, type, subject, operation, time, sequence, partner, correlation, causation,
                    traceparent, digest, topic_id, partition, kafka_offset, known, state, value
                from reporting.journal where subject = :other""",
        ),
        JOURNAL,
    ),
    "two facts have each other's content": ((CONTENTS_SWAPPED,), NOT_HEARD),
    "two facts have each other's hash": ((HASHES_SWAPPED,), NOT_HEARD),
    "two facts have each other's knowledge time": ((KNOWLEDGE_SWAPPED,), JOURNAL),
    "two facts have each other's id": (IDS_SWAPPED, UNIT),
    "a target in the definitions": (
        ("update reporting.build set definition = jsonb_set(definition, '{indicators,0,target}', '1')",),
        "its definitions are none that were applied",
    ),
    "a rolled-up sum": ((f"update reporting.rollup set quantity = quantity + 1 {ROLLUP}",), ROLLED_UP),  # noqa: S608 - constants
    "a rolled-up sum's indicator": ((f"update reporting.rollup set indicator = 'x' {ROLLUP}",), ROLLED_UP),  # noqa: S608 - constants
    "a rolled-up sum's moment": ((f"update reporting.rollup set known = known + 1 {ROLLUP}",), ROLLED_UP),  # noqa: S608 - constants
    "a rolled-up sum by partner": (
        ("update reporting.rollup set partner = 'bbi' where kind = 'partner' and partner = 'spi'",),
        "rolled up by partner is not that of its entries",
    ),
    "a rolled-up sum is gone": ((f"delete from reporting.rollup {ROLLUP}",), ROLLED_UP),  # noqa: S608 - constants
    "a rolled-up sum more": ((f"insert into reporting.rollup select * from reporting.rollup {ROLLUP}",), ROLLED_UP),  # noqa: S608 - constants
    "a day's rolled-up sum": ((f"update reporting.rollup_day set quantity = quantity + 1 {ROLLUP_DAY}",), ROLLED_UP),  # noqa: S608 - constants
    "a day's rolled-up sum is gone": ((f"delete from reporting.rollup_day {ROLLUP_DAY}",), ROLLED_UP),  # noqa: S608 - constants
    "a day's rolled-up sum more": (
        (f"insert into reporting.rollup_day select * from reporting.rollup_day {ROLLUP_DAY}",),  # noqa: S608 - constants
        ROLLED_UP,
    ),
    "a late posting more": (
        (
            """insert into reporting.late_posting select build, id, known_from, true from reporting.entry
                where unit = :one""",
        ),
        ROLLED_UP,
    ),
    "a stretch is gone": (
        ("delete from reporting.stretch where since = 0",),
        "the stretches of its rollups do not fit together",
    ),
    "a stretch is said to be open": (
        ("update reporting.build set closed_up_to = 0",),
        "the stretches of its rollups do not fit together",
    ),
}


@pytest.mark.parametrize(("alterations", "named"), ALTERATIONS.values(), ids=ALTERATIONS)
async def test_an_alteration_is_found_and_named(engine, coordinator, database, alterations, named):
    """Seals, entries, rollups, facts, definitions altered by the schema's owner, with the triggers out of the way."""
    topic = await sealed_network(engine, coordinator)
    await seal(engine, coordinator, topic)
    topic.tell(gathered(number(3), 25))
    await hear(engine, topic)
    await rollups.roll_up(engine, 1, 2)
    assert await found(engine) == []
    owner = create_async_engine(database.owner_url("reporting"))
    async with owner.begin() as connection:
        await connection.execute(text("update reporting.outbox set appended = 1"))
        for table in ("entry", "journal"):
            await connection.execute(text(f"alter table reporting.{table} disable trigger user"))
        for statement in alterations:
            names = {name: of for name, of in NAMES.items() if f":{name}" in statement}
            done = await connection.execute(text(statement), names)
            assert done.rowcount
    await owner.dispose()

    assert named in "\n".join(await found(engine))


async def found(engine) -> list[str]:
    """What `lotse verify` says."""
    return [*map(str, await building.verify(engine)), *map(str, await seals.verify(engine, NOW))]
