"""Days are rolled up in parts as well: a broken-down report reads no month from the ledger. All is rolled up anew."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("delete from reporting.late_posting")
    op.execute("delete from reporting.rollup_day")
    op.execute("delete from reporting.rollup")
    op.execute("delete from reporting.stretch")
    op.execute("update reporting.build set closed_up_to = 0")
    op.execute("""
        alter table reporting.rollup_day
            add column partner text,
            add column site text,
            add column gender text""")


def downgrade() -> None:
    op.execute("delete from reporting.rollup_day where kind = 'parts'")
    op.execute("alter table reporting.rollup_day drop column partner, drop column site, drop column gender")
