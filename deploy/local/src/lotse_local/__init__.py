"""Lotse on one machine: a real Kafka and PostgreSQL, the four services, and the `lotse` command."""
