"""Erasure: who was erased, which units are settled, and the one further change of an entry that this takes."""

from alembic import op
from lotse_shared.messaging.ddl import create_plumbing_v2

revision = "0004"
down_revision = "0003"

KEPT = """(new.id, new.build, new.indicator, new.operation, new.unit, new.partner, new.site, new.gender, new.effective,
                new.quantity, new.known_from)
                is not distinct from
                (old.id, old.build, old.indicator, old.operation, old.unit, old.partner, old.site, old.gender,
                old.effective, old.quantity, old.known_from)"""


def upgrade() -> None:
    create_plumbing_v2(op, "reporting", "lotse_reporting")
    op.execute("alter table reporting.unit add column settled bigint")
    op.execute("""
        create table reporting.given (
            build integer not null,
            unit text collate "C" not null,
            digest bytea,
            recomputed boolean not null,
            primary key (build, unit)
        )""")
    op.execute("grant select, insert, update on reporting.given to lotse_reporting")
    op.execute("""
        create function reporting.left_of_key(key text) returns text language sql immutable as $$
            select case when key = '' then '' else left(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 32) end
        $$""")
    op.execute(f"""
        create or replace function reporting.guard_entry() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                if exists (select from reporting.build where number = old.build and state = 'retired') then
                    return old;
                end if;
                raise exception 'entries of the ledger are never deleted';
            end if;
            if old.known_until is null and new.known_until is not null
                and (new.key, new.event_ids) is not distinct from (old.key, old.event_ids) and {KEPT} then
                return new;
            end if;
            if new.event_ids = '{{}}' and old.event_ids <> '{{}}' and new.key = reporting.left_of_key(old.key)
                and new.known_until is not distinct from old.known_until and {KEPT}
                and exists (select from reporting.unit where id = old.unit and settled is not null) then
                return new;
            end if;
            raise exception 'an entry of the ledger changes when an open one is closed, and when its person was erased';
        end $$""")  # noqa: S608 - constants
    op.execute("grant update (event_ids, key) on reporting.entry to lotse_reporting")
    op.execute("""
        create function reporting.guard_journal() returns trigger language plpgsql as $$
        begin
            if (new.source, new.type, new.subject, new.operation, new.time, new.sequence, new.digest, new.topic_id,
                new.partition, new.kafka_offset, new.known)
                is not distinct from
                (old.source, old.type, old.subject, old.operation, old.time, old.sequence, old.digest, old.topic_id,
                old.partition, old.kafka_offset, old.known)
                and ((new.id, new.partner, new.correlation, new.causation, new.traceparent, new.value)
                    is not distinct from
                    (old.id, old.partner, old.correlation, old.causation, old.traceparent, old.value)
                or (new.value = '' and old.value <> '' and new.correlation = '' and new.state = old.state
                    and coalesce(new.partner, new.causation, new.traceparent) is null
                    and new.type <> 'participant-erased.v1'
                    and exists (select from reporting.unit where id = old.subject and settled is not null))) then
                return new;
            end if;
            raise exception 'a fact of the journal changes when it is applied, and when its person was erased';
        end $$""")
    op.execute("""
        create trigger guard before update on reporting.journal for each row
        when (current_user = 'lotse_reporting') execute function reporting.guard_journal()""")
    op.execute("""
        grant update (id, partner, correlation, causation, traceparent, value) on reporting.journal
        to lotse_reporting""")


def downgrade() -> None:
    raise NotImplementedError("what was emptied does not come back: restore a backup instead")
