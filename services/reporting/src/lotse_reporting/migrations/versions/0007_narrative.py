"""What people write in a report. Nothing is overwritten: each version stays, with the moment it was written."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        create table reporting.narrative (
            operation text not null,
            section text not null,
            known bigint not null,
            text text not null,
            written_by text not null,
            primary key (operation, section, known)
        )""")
    op.execute("grant select, insert on reporting.narrative to lotse_reporting")


def downgrade() -> None:
    op.execute("drop table reporting.narrative")
