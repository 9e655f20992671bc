"""The plumbing's tables and the register of Betriebsnummern, which is one for all partners of an operation."""

from alembic import op
from lotse_shared.messaging.ddl import create_plumbing_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_plumbing_v1(op, "matching", "lotse_matching")
    op.execute("""
        create table matching.employer_number (
            operation text not null,
            digest bytea not null,
            employer text not null,
            primary key (operation, digest)
        )""")
    op.execute("grant select, insert on matching.employer_number to lotse_matching")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
