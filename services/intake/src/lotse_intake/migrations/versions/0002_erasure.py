"""Who was erased: their facts are emptied."""

from alembic import op
from lotse_shared.messaging.ddl import create_plumbing_v2

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_plumbing_v2(op, "intake", "lotse_intake")


def downgrade() -> None:
    raise NotImplementedError("what was emptied does not come back: restore a backup instead")
