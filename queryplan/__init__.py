"""The query plan of a guarded read: built by the schema, executed by the storage. Pure."""
