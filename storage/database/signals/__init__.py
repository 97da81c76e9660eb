"""Signals between the processes of one database: what was committed, so that subscribers look again."""
