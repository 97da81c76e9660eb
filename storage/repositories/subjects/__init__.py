"""Subjects, their identifiers, and their sealed rows [3.2]."""
