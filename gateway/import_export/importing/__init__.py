"""Imports: rows of a file become records."""
