"""Sums of what the ledger says, kept beside it; and the ledger in the order in which it became known."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("alter table reporting.build add column closed_up_to bigint not null default 0")
    op.execute("create index entry_known_from on reporting.entry (build, known_from)")
    op.execute("""
        create index entry_known_until on reporting.entry (build, known_until) where known_until is not null""")
    op.execute("""
        create table reporting.rollup (
            build integer not null,
            kind text not null,
            known bigint not null,
            effective date not null,
            indicator text not null,
            partner text,
            site text,
            gender text,
            quantity numeric not null
        )""")
    op.execute("create index rollup_known on reporting.rollup (build, kind, known, effective)")
    op.execute("""
        create table reporting.rollup_day (
            build integer not null,
            kind text not null,
            known bigint not null,
            effective date not null,
            indicator text not null,
            quantity numeric not null
        )""")
    op.execute("create index rollup_day_effective on reporting.rollup_day (build, kind, effective, known)")
    op.execute("""
        create table reporting.stretch (
            build integer not null,
            since bigint not null,
            until bigint not null,
            primary key (build, since)
        )""")
    op.execute("""
        create table reporting.late_posting (
            build integer not null,
            entry uuid not null,
            known bigint not null,
            opened boolean not null
        )""")
    op.execute("create index late_posting_build on reporting.late_posting (build, known)")
    for table in ("rollup", "rollup_day", "stretch", "late_posting"):
        op.execute(f"grant select, insert, delete on reporting.{table} to lotse_reporting")


def downgrade() -> None:
    op.execute("drop table reporting.late_posting, reporting.stretch, reporting.rollup_day, reporting.rollup")
    op.execute("drop index reporting.entry_known_from, reporting.entry_known_until")
    op.execute("alter table reporting.build drop column closed_up_to")
