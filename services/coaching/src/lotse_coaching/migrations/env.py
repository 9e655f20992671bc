"""Alembic's environment of coaching."""

from lotse_coaching.store import tables
from lotse_shared.database import run_migrations

run_migrations(schema="coaching", metadata=tables.metadata)
