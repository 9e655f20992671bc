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
    # The working role may neither change what facts say nor what entries rest on: only these two, and only so.
    op.execute("""
        create function reporting.empty_entries(units text[]) returns void language sql security definer
        set search_path = reporting, pg_temp as $$
            update reporting.entry set event_ids = '{}', key = reporting.left_of_key(key)
            where unit = any(units) and event_ids <> '{}'
        $$""")
    op.execute("""
        create function reporting.empty_facts(ids uuid[], left_over uuid[]) returns void language sql security definer
        set search_path = reporting, pg_temp as $$
            update reporting.journal set id = emptied.left_over, partner = null, correlation = '', causation = null,
                traceparent = null, value = ''
            from unnest(ids, left_over) as emptied (id, left_over)
            where journal.id = emptied.id and journal.type <> 'participant-erased.v1'
            and exists (select from reporting.unit where unit.id = journal.subject and settled is not null)
        $$""")
    for function in ("empty_entries(text[])", "empty_facts(uuid[], uuid[])"):
        op.execute(f"revoke all on function reporting.{function} from public")
        op.execute(f"grant execute on function reporting.{function} to lotse_reporting")


def downgrade() -> None:
    raise NotImplementedError("what was emptied does not come back: restore a backup instead")
