"""The plumbing's tables, journal, units, builds, the ledger and what guards it."""

from alembic import op
from lotse_shared.messaging.ddl import create_plumbing_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_plumbing_v1(op, "reporting", "lotse_reporting")
    op.execute("""
        create table reporting.journal (
            id uuid primary key,
            source text not null,
            type text not null,
            subject text not null,
            operation text not null,
            time timestamptz not null,
            sequence bigint not null,
            partner text,
            correlation text not null,
            causation text,
            traceparent text,
            digest bytea not null,
            topic_id text not null,
            partition integer not null,
            kafka_offset bigint not null,
            known bigint not null,
            state text not null,
            value bytea not null
        )""")
    op.execute("create index journal_subject on reporting.journal (subject)")
    op.execute("""
        create index journal_waiting on reporting.journal (known, partition, kafka_offset)
        where state = 'waiting'""")
    op.execute("""
        create table reporting.unit (
            id text collate "C" primary key,
            root text collate "C" not null,
            operation text not null,
            merged boolean not null default false,
            version bigint not null default 0
        ) with (fillfactor = 60)""")
    op.execute("create index unit_family on reporting.unit (root) where merged")
    op.execute("create index unit_operation on reporting.unit (operation, id)")
    op.execute("""
        create table reporting.build (
            number integer generated always as identity primary key,
            operation text not null,
            edition text not null,
            definition jsonb not null,
            digest text not null,
            case_function integer not null,
            known_from bigint not null,
            known_until bigint,
            state text not null,
            replaces integer references reporting.build (number),
            cursor text collate "C" not null default ''
        )""")
    op.execute("create index build_operation on reporting.build (operation, known_from)")
    op.execute("""
        create table reporting.entry (
            id uuid primary key,
            build integer not null,
            indicator text not null,
            operation text not null,
            unit text not null,
            key text not null,
            partner text,
            site text,
            gender text,
            effective date not null,
            quantity numeric not null,
            event_ids uuid[] not null,
            known_from bigint not null,
            known_until bigint
        ) with (fillfactor = 90)""")
    op.execute("create index entry_indicator on reporting.entry (build, indicator, effective, id)")
    op.execute("""
        create table reporting.operation (
            id text primary key,
            programme text,
            first_day date,
            last_day date,
            partners text[] not null default '{}'
        )""")
    op.execute("""
        create table reporting.heard_from (
            publisher text primary key,
            sent_up_to timestamptz not null
        )""")
    op.execute("""
        create function reporting.guard_entry() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' then
                if exists (select from reporting.build where number = old.build and state = 'retired') then
                    return old;
                end if;
                raise exception 'entries of the ledger are never deleted';
            end if;
            if old.known_until is null and new.known_until is not null
                and (new.id, new.build, new.indicator, new.operation, new.unit, new.key, new.partner, new.site,
                     new.gender, new.effective, new.quantity, new.event_ids, new.known_from)
                    is not distinct from
                    (old.id, old.build, old.indicator, old.operation, old.unit, old.key, old.partner, old.site,
                     old.gender, old.effective, old.quantity, old.event_ids, old.known_from) then
                return new;
            end if;
            raise exception 'an entry of the ledger changes once: when an open one is closed';
        end $$""")
    op.execute("""
        create trigger guard before update or delete on reporting.entry
        for each row execute function reporting.guard_entry()""")
    op.execute("""
        create function reporting.refuse_truncation() returns trigger language plpgsql as $$
        begin raise exception 'the ledger and the journal are never emptied'; end $$""")
    for table in ("entry", "journal"):
        op.execute(f"""
            create trigger guard_all before truncate on reporting.{table}
            for each statement execute function reporting.refuse_truncation()""")
    for table, rights in {
        "journal": "select, insert, update (state)",
        "unit": "select, insert, update",
        "build": "select, insert, update",
        "entry": "select, insert, update (known_until), delete",
        "operation": "select, insert, update",
        "heard_from": "select, insert, update",
    }.items():
        op.execute(f"grant {rights} on reporting.{table} to lotse_reporting")
    op.execute("grant usage on all sequences in schema reporting to lotse_reporting")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
