"""Coaching's tables: the plumbing's, and no others."""

from lotse_shared.messaging.tables import Tables

tables = Tables("coaching")
