"""The audit: every table compared with the ledger, and the ledger with itself. Each contradiction has a name."""
