"""Objections by the subject of a record, and their decision [5.1.4(6)]."""
