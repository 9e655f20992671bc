"""Alembic's environment of matching."""

from lotse_matching.store import tables
from lotse_shared.database import run_migrations

run_migrations(schema="matching", metadata=tables.metadata)
