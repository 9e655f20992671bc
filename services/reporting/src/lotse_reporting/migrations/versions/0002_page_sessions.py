"""Who is signed in to the pages. A token is kept as its hash; a ticket lets in once."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        create table reporting.page_session (
            token_hash bytea primary key,
            ticket text not null unique,
            name text not null,
            role text not null,
            partner text not null,
            expires_at timestamptz not null
        )""")
    op.execute("create index page_session_expires_at on reporting.page_session (expires_at)")
    op.execute("grant select, insert, update, delete on reporting.page_session to lotse_reporting")


def downgrade() -> None:
    op.execute("drop table reporting.page_session")
