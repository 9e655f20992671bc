"""The index by indicator and day without ids, by which nothing is ordered: a third less work for each entry."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("drop index reporting.entry_indicator")
    op.execute("create index entry_indicator on reporting.entry (build, indicator, effective)")


def downgrade() -> None:
    op.execute("drop index reporting.entry_indicator")
    op.execute("create index entry_indicator on reporting.entry (build, indicator, effective, id)")
