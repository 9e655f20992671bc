"""Releases of reports to the public. Never changed, never taken back: what is out is known."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        create table reporting.publication (
            id uuid primary key,
            operation text not null,
            number integer not null,
            as_of date not null,
            known bigint not null,
            published_at timestamptz not null,
            published_by text not null,
            document jsonb not null,
            truth jsonb not null,
            unique (operation, number)
        )""")
    op.execute("grant select, insert on reporting.publication to lotse_reporting")


def downgrade() -> None:
    raise NotImplementedError("what was published is never forgotten: restore a backup instead")
