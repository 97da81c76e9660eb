"""The ledger in the database: what is derived from its entries."""
