"""Stretches are gathered in chapters of as many, whatever the calendar says: small builds need no rollups."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("delete from reporting.late_posting")
    op.execute("delete from reporting.rollup_day")
    op.execute("delete from reporting.rollup")
    op.execute("delete from reporting.stretch")
    op.execute("update reporting.build set closed_up_to = 0")
    op.execute("""
        alter table reporting.stretch
            add column chapter bigint not null,
            add column ends_chapter boolean not null""")


def downgrade() -> None:
    op.execute("delete from reporting.stretch")
    op.execute("alter table reporting.stretch drop column chapter, drop column ends_chapter")
