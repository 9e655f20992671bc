"""Requests for seals, which wait until they can be final; what an ended edition held; seals found quickly."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        create table reporting.seal_request (
            seal uuid primary key,
            operation text not null,
            as_of date not null,
            known bigint,
            asked_known bigint,
            asked_at timestamptz not null,
            asked_by text not null,
            key text,
            told boolean not null default false,
            unique (operation, key)
        )""")
    op.execute("create index seal_request_waiting on reporting.seal_request (asked_at) where not told")
    op.execute("grant select, insert, update (known, told) on reporting.seal_request to lotse_reporting")
    op.execute("""
        create index journal_seals on reporting.journal (subject)
        where type in ('report-sealed.v1', 'report-submitted.v1')""")
    op.execute("alter table reporting.build add column held text")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
