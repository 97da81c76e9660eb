"""The formats of the ledger's entries: a page for each topic, and `formats` with the list of all."""
