"""Commands of the ledger. What outsiders run needs no settings, no database and no key file."""
