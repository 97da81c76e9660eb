"""The ledger's rows: entries that wait are checked and integrated, and what a restore lost is taken over."""
