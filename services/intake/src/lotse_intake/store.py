"""Intake's tables: the plumbing's, and the vault in which people's names stay."""

from lotse_shared.messaging.tables import Tables
from sqlalchemy import Column, Index, LargeBinary, Table, Text

tables = Tables("intake")

vault = Table(
    "vault",
    tables.metadata,
    Column("case_id", Text, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
)
Index("vault_fingerprint", vault.c.fingerprint)
