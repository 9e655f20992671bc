"""The plumbing's tables."""

from alembic import op
from lotse_shared.messaging.ddl import create_plumbing_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_plumbing_v1(op, "coaching", "lotse_coaching")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
