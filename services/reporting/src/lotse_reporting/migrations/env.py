"""Alembic's environment of reporting."""

from lotse_reporting.store import tables
from lotse_shared.database import run_migrations

run_migrations(schema="reporting", metadata=tables.metadata)
