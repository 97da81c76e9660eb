"""The ledger in the database: what waits, what is integrated, and the rows that its entries commit to."""
