"""The plumbing's tables as migrations make them. A version is frozen once it has been released."""

from typing import Protocol


class Operations(Protocol):
    """What a migration needs: run a statement. Alembic's `op` is one."""

    def execute(self, statement: str, /) -> object:
        """Run one statement."""


VISIBLE = (
    "partners && array['*', current_setting('lotse.partner', true)] or current_setting('lotse.partner', true) = '*'"
)
"""A row is seen by the partners it names, by all where it names '*', and by roles of the whole network.

An unset setting is NULL, and '' after a transaction in a pooled connection: neither may match a row, hence `known`.
"""

KNOWN = "coalesce(current_setting('lotse.partner', true), '') <> ''"
"""A connection that says for whom it works."""


def create_plumbing_v1(op: Operations, schema: str, role: str) -> None:
    """Create the plumbing's tables in a schema, and grant what `role` may do with them."""
    op.execute(f"create sequence {schema}.fact_position")
    op.execute(f"""
        create table {schema}.outbox (
            position bigint primary key default nextval('{schema}.fact_position'),
            id uuid not null unique,
            type text not null,
            subject text not null,
            touched text[] not null,
            headers jsonb not null,
            value bytea not null,
            recorded_at timestamptz not null,
            partition integer,
            kafka_offset bigint,
            appended bigint,
            sent_at timestamptz
        ) with (fillfactor = 85)""")
    op.execute(f"create index outbox_unsent on {schema}.outbox (position) where sent_at is null")
    op.execute(f"create index outbox_touched on {schema}.outbox using gin (touched)")
    op.execute(f"""
        create table {schema}.inbox (
            source text not null,
            id uuid not null,
            digest bytea not null,
            position bigint not null default nextval('{schema}.fact_position'),
            type text not null,
            subject text not null,
            value bytea not null,
            heard_at timestamptz not null default now(),
            primary key (source, id)
        )""")
    op.execute(f"create index inbox_id on {schema}.inbox (id)")
    op.execute(f"create index inbox_subject on {schema}.inbox (subject, position)")
    op.execute(f"""
        create table {schema}.position (
            topic_id text not null,
            partition integer not null,
            next_offset bigint not null,
            known bigint not null default 0,
            primary key (topic_id, partition)
        )""")
    op.execute(f"""
        create table {schema}.dead_letter (
            number bigint generated always as identity primary key,
            kind text not null,
            state text not null default 'open',
            topic_id text not null,
            partition integer not null,
            kafka_offset bigint not null,
            appended bigint not null,
            key bytea,
            headers jsonb not null,
            value bytea,
            source text,
            id text,
            type text,
            subject text,
            operation text,
            reason text not null,
            attempts integer not null default 0,
            noted_at timestamptz not null default now(),
            settled_at timestamptz,
            settled_by text,
            settled_why text,
            unique (topic_id, partition, kafka_offset)
        )""")
    op.execute(f"create index dead_letter_open on {schema}.dead_letter (subject, number) where state = 'open'")
    op.execute(f"""
        create table {schema}.subject (
            id text primary key,
            kind text not null,
            operation text not null,
            partners text[] not null,
            state jsonb not null,
            sequence bigint not null default 0
        ) with (fillfactor = 80)""")
    op.execute(f"""
        create table {schema}.command (
            partner text not null,
            key text not null,
            digest bytea not null,
            subject text not null,
            answer json not null,
            primary key (partner, key)
        )""")
    op.execute(f"create index command_subject on {schema}.command (subject)")
    op.execute(f"""
        create table {schema}.due (
            subject text not null,
            name text not null,
            kind text not null,
            operation text not null,
            due_on date not null,
            primary key (subject, name)
        )""")
    op.execute(f"create index due_operation on {schema}.due (operation, due_on)")
    op.execute(f"create table {schema}.clock (operation text primary key, now timestamptz not null)")
    protect(op, f"{schema}.subject", VISIBLE)
    protect(
        op,
        f"{schema}.command",
        "partner = current_setting('lotse.partner', true) or current_setting('lotse.partner', true) = '*'",
    )
    for table, rights in {
        "outbox": "select, insert, update",
        "inbox": "select, insert, update",
        "position": "select, insert, update",
        "dead_letter": "select, insert, update",
        "subject": "select, insert, update",
        "command": "select, insert, delete",
        "due": "select, insert, update, delete",
        "clock": "select, insert, update",
    }.items():
        op.execute(f"grant {rights} on {schema}.{table} to {role}")
    op.execute(f"grant usage on all sequences in schema {schema} to {role}")


def create_plumbing_v2(op: Operations, schema: str, role: str) -> None:
    """Who was erased, and the right to empty answers in which ids of their facts stand."""
    op.execute(f"create table {schema}.erasure (subject text primary key, done boolean not null default false)")
    op.execute(f"create index erasure_open on {schema}.erasure (subject) where not done")
    op.execute(f"grant select, insert, update on {schema}.erasure to {role}")
    op.execute(f"grant update (answer) on {schema}.command to {role}")


def protect(op: Operations, table: str, visible: str) -> None:
    """Row-level security, forced on the owner too; a connection that names no partner sees nothing."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy by_partner on {table} using ({KNOWN} and ({visible}))")
