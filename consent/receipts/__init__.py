"""Receipts of consent events and of reads: what one subject holds of the ledger, and verifies without it [5.1.6]."""
