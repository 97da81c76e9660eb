"""Writes access entries with their ledger leaves, and counts the uses of authorisations [5.1.6]."""
