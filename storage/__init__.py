"""The archive: tables, migrations and the statements that read them. It never holds a key."""
