"""Imports: rows of a file become records, through the same actions as mutations."""
