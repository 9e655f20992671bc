"""Intake's tables: the plumbing's, and the vault in which people's names stay."""

from lotse_shared.messaging.tables import Tables
from sqlalchemy import ARRAY, Column, Index, LargeBinary, Table, Text

tables = Tables("intake")

vault = Table(
    "vault",
    tables.metadata,
    Column("case_id", Text, primary_key=True),
    Column("partners", ARRAY(Text), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
)
Index("vault_fingerprint", vault.c.fingerprint)
