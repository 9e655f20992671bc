"""The plumbing's tables and the vault."""

from alembic import op
from lotse_shared.messaging.ddl import VISIBLE, create_plumbing_v1, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_plumbing_v1(op, "intake", "lotse_intake")
    op.execute("""
        create table intake.vault (
            case_id text primary key,
            partners text[] not null,
            wrapped_key bytea not null,
            content bytea not null,
            fingerprint bytea not null
        )""")
    op.execute("create index vault_fingerprint on intake.vault (fingerprint)")
    protect(op, "intake.vault", VISIBLE)
    op.execute("grant select, insert, update, delete on intake.vault to lotse_intake")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
