"""Alembic's environment of intake."""

from lotse_intake.store import tables
from lotse_shared.database import run_migrations

run_migrations(schema="intake", metadata=tables.metadata)
