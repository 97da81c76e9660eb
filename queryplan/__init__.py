"""The query plan of a guarded read: `schema` builds it, `storage` executes it. Pure."""
