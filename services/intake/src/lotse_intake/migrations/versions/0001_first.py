"""The plumbing's tables and the vault."""

from alembic import op
from lotse_shared.messaging.ddl import KNOWN, create_plumbing_v1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_plumbing_v1(op, "intake", "lotse_intake")
    op.execute("""
        create table intake.vault (
            case_id text primary key,
            wrapped_key bytea not null,
            content bytea not null,
            fingerprint bytea not null
        )""")
    op.execute("create index vault_fingerprint on intake.vault (fingerprint)")
    op.execute("alter table intake.vault enable row level security")
    op.execute("alter table intake.vault force row level security")
    # Whoever may see a case may see its person; the case's own policy decides inside the subquery.
    op.execute("""
        create policy by_case on intake.vault
        using (exists (select from intake.subject where id = case_id and kind = 'case'))""")
    # A person is written before the case, in one transaction.
    op.execute(f"create policy first_entry on intake.vault for insert with check ({KNOWN})")
    op.execute("grant select, insert, update, delete on intake.vault to lotse_intake")


def downgrade() -> None:
    raise NotImplementedError("facts are never thrown away by a migration: restore a backup instead")
