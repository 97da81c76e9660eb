"""Access records that belong to a unit of work."""
