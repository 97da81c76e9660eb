"""The database layer: tables, migrations, queries and repositories. It never holds a key."""
