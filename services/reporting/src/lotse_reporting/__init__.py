"""Reporting: the stream of facts as a ledger with two clocks, and funder reports as sums over it."""
