"""Receipts of what the ledger has of one subject, for itself and its delegates [5.1.6]."""
